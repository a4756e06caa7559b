"""Files as the makers of the known weights wrap them, written from the lists of their keys."""

import argparse
import json
import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor

from tests.yowo_core.weights.crafted import module_tree, pickled, write_zip
from yowo_core.errors import CheckpointError
from yowo_core.weights.darknet import NETWORKS, floats_of
from yowo_core.weights.read import read_tensors

pytestmark = pytest.mark.shared
Entry = tuple[str, list[int], str]


def _described(shared: Path, name: str) -> list[Entry]:
    entries: list[Entry] = json.loads((shared / "fixtures" / f"{name}.json").read_text())
    return entries


def _state(entries: list[Entry]) -> dict[str, Tensor]:
    """Zeros that share one number a tensor, so that the files stay small; told apart by it."""
    return {
        name: torch.full((1,), float(i % 1000)).to(getattr(torch, kind)).expand(shape)
        if shape
        else torch.tensor(i % 1000).to(getattr(torch, kind))
        for i, (name, shape, kind) in enumerate(entries)
    }


def _narrow(entries: list[Entry]) -> list[Entry]:
    """Each axis at most 8 wide: names, order and wrapping are what is tried here."""
    return [(name, [min(n, 8) for n in shape], kind) for name, shape, kind in entries]


def _assert_read(path: Path, entries: list[Entry], prefix: str = "") -> None:
    file = read_tensors(path)
    assert file.prefix == prefix
    told = [(k, list(v.shape), v.dtype) for k, v in file.tensors.info().items()]
    assert told == [(k.removeprefix(prefix), shape, kind) for k, shape, kind in entries]
    for i, name in enumerate(file.tensors):
        assert (file.tensors[name] == i % 1000).all()


def _optimiser(state: dict[str, Tensor]) -> dict[str, Any]:
    inner = {i: {"exp_avg": v.clone()} for i, v in enumerate(state.values())}
    return {"state": inner, "param_groups": [{"lr": 1e-4, "params": list(inner)}]}


@pytest.mark.parametrize(
    "name",
    [
        "backbones/k400_resnext_101",
        "backbones/hmdb51_resnext_101",
        "backbones/k600_shufflenetv2_2.0x",
    ],
)
@pytest.mark.parametrize("new", [True, False], ids=["zip", "legacy"])
def test_kinetics_backbones(shared: Path, tmp_path: Path, name: str, new: bool) -> None:
    entries = _narrow(_described(shared, name))
    state = _state(entries)
    whole = {"epoch": 50, "arch": "resnext-101", "state_dict": state}
    whole |= {"optimizer": _optimiser(state), "best_prec1": 0.6}
    path = tmp_path / "x_RGB_16_best.pth"
    torch.save(whole, path, _use_new_zipfile_serialization=new)
    _assert_read(path, entries, "module.")
    file = read_tensors(path)
    assert (file.place, file.facts["arch"], file.facts["epoch"]) == (
        "state_dict",
        "resnext-101",
        50,
    )
    assert list(file.left_out) == ["optimizer"]


@pytest.mark.parametrize("name", ["yowo_resnext101_ucf24", "yowo_shufflenetv2_2x_ucf24"])
def test_official_yowo(shared: Path, tmp_path: Path, name: str) -> None:
    entries = [
        (f"module.{k}", shape, kind)
        for k, shape, kind in _narrow(_described(shared, f"manifests/{name}"))
    ]
    state = _state(entries)
    whole = {"epoch": 5, "state_dict": state, "optimizer": _optimiser(state), "score": 0.8}
    torch.save(whole, tmp_path / "yowo_ucf24_16f_best.pth")
    _assert_read(tmp_path / "yowo_ucf24_16f_best.pth", entries, "module.")


@pytest.mark.parametrize("name", ["yowoplus_ucf24", "yowonano_ava80", "yowov2_nano_ucf24"])
def test_a_model_with_a_pickled_namespace(shared: Path, tmp_path: Path, name: str) -> None:
    entries = _narrow(_described(shared, f"manifests/{name}"))
    args = argparse.Namespace(dataset="ucf24", version="yowo_v2_nano", len_clip=16, cuda=True)
    torch.save({"model": _state(entries), "epoch": 4, "args": args}, tmp_path / "yowo.pth")
    _assert_read(tmp_path / "yowo.pth", entries)
    file = read_tensors(tmp_path / "yowo.pth")
    assert (file.place, file.facts["args.version"]) == ("model", "yowo_v2_nano")


@pytest.mark.parametrize(
    "name",
    [
        "manifests/yowov3_T_ucf24",
        "manifests/yowov3_L_ava80",
        "backbones/i3d_rgb_imagenet",
        "backbones/v8_n",
        "backbones/yolov2_coco_pytorch",
    ],
)
@pytest.mark.parametrize("new", [True, False], ids=["zip", "legacy"])
def test_bare_files(shared: Path, tmp_path: Path, name: str, new: bool) -> None:
    entries = _described(shared, name)
    path = tmp_path / "bare.pth"
    state = {k: v.contiguous() for k, v in _state(_narrow(entries)).items()}
    torch.save(state, path, _use_new_zipfile_serialization=new)
    _assert_read(path, _narrow(entries))
    assert read_tensors(path).place == "bare"


def test_free_yolo_with_its_optimiser(shared: Path, tmp_path: Path) -> None:
    entries = _narrow(_described(shared, "backbones/yolo_free_nano_coco"))
    state = _state(entries)
    whole = {"model": state, "mAP": 0.2, "optimizer": _optimiser(state), "epoch": 9}
    torch.save(whole | {"args": argparse.Namespace(version="yolo_free_nano")}, tmp_path / "f.pth")
    _assert_read(tmp_path / "f.pth", entries)


# --- Ultralytics: the tree of modules by hand, in its real shapes ---------------------------------


@pytest.mark.parametrize("place", ["model", "ema"])
def test_ultralytics_yolov8n_whole(shared: Path, tmp_path: Path, place: str) -> None:
    entries = _described(shared, "backbones/yolov8n")
    storages: dict[str, bytes] = {}
    whole: dict[str, Any] = {"epoch": -1, "best_fitness": None, "model": None, "ema": None}
    arrays = {name: np.full(shape, i % 1000, kind) for i, (name, shape, kind) in enumerate(entries)}
    whole |= {place: module_tree(arrays, storages), "updates": None, "optimizer": None}
    whole |= {"train_args": {"data": "coco.yaml"}, "version": "8.0.100"}
    path = write_zip(tmp_path / "yolov8n.pt", pickled(whole), storages)
    _assert_read(path, entries)
    file = read_tensors(path)
    assert file.place == place
    counters = sum(k.endswith("num_batches_tracked") for k in file.tensors)
    running = sum(v.size for k, v in file.tensors.items() if ".running_" in k)
    assert file.tensors.parameters() - counters - running == 3_157_200


# --- darknet --------------------------------------------------------------------------------------


@pytest.mark.parametrize("network", ["yolov2", "yolov3"])
def test_our_layers_of_darknet_are_those_described(shared: Path, network: str) -> None:
    text = (shared / "fixtures" / "backbones" / f"darknet_{network}_weights.json").read_text()
    described = json.loads(text)
    ours = [
        (b.layer, b.normalised, b.outputs, b.inputs, b.kernel, b.floats())
        for b in NETWORKS[network]
    ]
    theirs = []
    for block in described["blocks"]:
        out, inputs, kernel, _ = dict(block["arrays"])["conv.weight"]
        theirs.append((block["layer"], block["has_bn"], out, inputs, kernel, block["floats"]))
    assert ours == theirs
    assert floats_of(network) == described["total_floats"]


@pytest.mark.parametrize(
    ("network", "minor", "header", "size"),
    [
        ("yolov2", 1, 16, 203_934_260),
        ("yolov3", 2, 20, 248_007_048),
        ("yolov3", 2, 16, 248_007_044),
        ("yolov2", 2, 20, 203_934_264),
    ],
)
def test_darknet_files_by_their_size(
    shared: Path, tmp_path: Path, network: str, minor: int, header: int, size: int
) -> None:
    path = tmp_path / "x.weights"
    _write_darknet(path, minor, size)
    described = json.loads(
        (shared / "fixtures" / "backbones" / f"darknet_{network}_weights.json").read_text()
    )
    for block in (described["blocks"][1], described["blocks"][-1]):
        with path.open("r+b") as file:
            file.seek(header + 4 * block["start"])
            file.write(np.arange(block["floats"], dtype="<f4").tobytes())
    read = read_tensors(path)
    assert read.container == "darknet"
    assert read.facts == {"network": network, "version": f"0.{minor}", "seen": 32013312}
    for block in (described["blocks"][1], described["blocks"][-1]):
        _assert_block(read.tensors, block)


def _write_darknet(path: Path, minor: int, size: int) -> None:
    """A file with holes: all zeros but the header."""
    header = np.array([0, minor, 0, 32013312, 0], "<i4").tobytes()
    path.write_bytes(header)
    os.truncate(path, size)


def _assert_block(tensors: Any, block: dict[str, Any]) -> None:
    """Counting numbers from 0: each array of the block begins where the one before ended."""
    at = 0
    for name, shape in block["arrays"]:
        part, leaf = name.split(".")
        array = tensors[f"models.{block['layer']}.{part}{block['conv']}.{leaf}"]
        assert list(array.shape) == shape
        assert (array.ravel()[0], array.ravel()[-1]) == (at, at + array.size - 1)
        at += array.size


@pytest.mark.parametrize("size", [100, 203_934_259, 203_934_000, 248_007_040])
def test_darknet_files_of_another_size(tmp_path: Path, size: int) -> None:
    path = tmp_path / "x.weights"
    _write_darknet(path, 2, size)
    with pytest.raises(CheckpointError, match=r"instead of 50,983,561 \(yolov2\) or 62,001,757"):
        read_tensors(path)
