"""Every kind of public backbone file becomes a backbone of ours, and goes into networks."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from tests.yowo_core.models.importing.described import entries, namespace, write_holes, write_torch
from tests.yowo_core.weights.crafted import module_tree, pickled, write_zip
from yowo_core.errors import ConfigError
from yowo_core.models.branch_card import Backbone, read_branch_card
from yowo_core.models.importing.importer import Import, Wishes, examined, planned, write
from yowo_core.models.importing.yolov8_names import yowov3_places
from yowo_core.weights.read import read_tensors

pytestmark = pytest.mark.shared


def _of_clips(state: dict[str, Any]) -> object:
    optimiser: dict[str, Any] = {"state": {}, "param_groups": []}
    return {"epoch": 9, "arch": "net", "state_dict": state, "optimizer": optimiser}


def _bare(state: dict[str, Any]) -> object:
    return state


def _free(state: dict[str, Any]) -> object:
    return {"model": state, "mAP": 0.2, "epoch": 9, "args": namespace(version="yolo_free")}


Case = tuple[Callable[[dict[str, Any]], object], Backbone, str, str, int]
KNOWN: dict[str, Case] = {
    "k400_resnet_18": (
        _of_clips,
        Backbone("3d", "resnet18", shortcut="A"),
        "Kinetics-400",
        "MIT",
        2,
    ),
    "k400_resnext_101": (_of_clips, Backbone("3d", "resnext101"), "Kinetics-400", "MIT", 2),
    "hmdb51_resnext_101": (_of_clips, Backbone("3d", "resnext101"), "HMDB-51", "MIT", 2),
    "k600_shufflenet_1.5x_G3": (
        _of_clips,
        Backbone("3d", "shufflenet", width=1.5),
        "Kinetics-600",
        "MIT",
        2,
    ),
    "k600_shufflenetv2_2.0x": (
        _of_clips,
        Backbone("3d", "shufflenetv2", width=2.0),
        "Kinetics-600",
        "MIT",
        2,
    ),
    "k600_mobilenetv2_0.45x": (
        _of_clips,
        Backbone("3d", "mobilenetv2", width=0.45),
        "Kinetics-600",
        "MIT",
        2,
    ),
    "i3d_rgb_imagenet": (_bare, Backbone("3d", "i3d"), "Kinetics-400", "Apache-2.0", 2),
    "v8_n": (_bare, Backbone("2d", "yolov8", "n"), "COCO", "AGPL-3.0", 85),
    "yolo_free_nano_coco": (_free, Backbone("2d", "freeyolo", "nano"), "COCO", "Apache-2.0", 18),
    "yolo_free_large_coco": (_free, Backbone("2d", "freeyolo", "large"), "COCO", "Apache-2.0", 18),
    "yolov2_coco_pytorch": (_bare, Backbone("2d", "yolov2", biased=True), "COCO", "no licence", 0),
}


def _plan(path: Path) -> Import:
    return planned(examined(path), Wishes())


@pytest.mark.parametrize("name", KNOWN)
def test_public_files_are_recognised(shared: Path, tmp_path: Path, name: str) -> None:
    wrap, backbone, data_set, licence, dropped = KNOWN[name]
    rows = entries(shared, f"backbones/{name}")
    plan = _plan(write_holes(tmp_path / "x.pth", rows, wrap))
    assert plan.found.subject == backbone
    assert plan.found.data_set.name == data_set
    assert licence in plan.found.licence
    taken = {part.key for part in plan.found.parts.values()}
    assert len(rows) - len(taken) == dropped
    left = {name for item in plan.found.left_out for name in item.names}
    assert len(left & {key.removeprefix("module.") for key, _, _ in rows}) == dropped


def _all_published() -> list[str]:
    folder = Path(__file__).resolve().parents[5] / "shared" / "fixtures" / "backbones"
    names = [path.stem for path in sorted(folder.glob("*.json"))] if folder.is_dir() else []
    return [n for n in names if not n.startswith(("darknet", "yolov8_to", "yolov3", *KNOWN))]


@pytest.mark.slow
@pytest.mark.parametrize("name", _all_published())
def test_all_other_public_files_are_recognised(shared: Path, tmp_path: Path, name: str) -> None:
    rows = entries(shared, f"backbones/{name}")
    plan = _plan(write_holes(tmp_path / "x.pth", rows))
    assert isinstance(plan.found.subject, Backbone)
    assert plan.found.subject.branch == ("3d" if name.startswith(("k400", "k600")) else "2d")


@pytest.mark.parametrize("classes", [400, 600])
@pytest.mark.parametrize("counters", [True, False])
def test_kinetics_files_with_either_classifier_and_without_counters(
    shared: Path, tmp_path: Path, classes: int, counters: bool
) -> None:
    rows = [
        (key, (classes, *shape[1:]) if ".fc." in key else shape, kind)
        for key, shape, kind in entries(shared, "backbones/k600_resnet_18")
        if counters or not key.endswith("num_batches_tracked")
    ]
    plan = _plan(write_holes(tmp_path / "x.pth", rows, _of_clips))
    assert plan.found.subject == Backbone("3d", "resnet18", shortcut="A")
    assert plan.found.data_set.name == f"Kinetics-{classes}"
    assert any("would start fresh" in note for note in plan.found.notes)


def _darknet(path: Path, minor: int, size: int) -> Path:
    path.write_bytes(np.array([0, minor, 0, 7, 0], "<i4").tobytes())
    os.truncate(path, size)
    return path


def test_yolov2_of_darknet(tmp_path: Path) -> None:
    plan = _plan(_darknet(tmp_path / "yolov2.weights", 1, 203_934_260))
    assert plan.found.subject == Backbone("2d", "yolov2")
    assert "predict.weight" in plan.found.parts
    assert plan.found.licence == "declared public domain"
    assert any("zeros" in note for note in plan.found.notes)
    assert plan.found.left_out == ()


def test_yolov3_is_a_whole_model_of_things(shared: Path, tmp_path: Path) -> None:
    rows = entries(shared, "backbones/yolov3_coco_pytorch")
    theirs = _plan(write_holes(tmp_path / "yolov3.pth", rows))
    darknets = _plan(_darknet(tmp_path / "yolov3.weights", 2, 248_007_048))
    for plan, licence in ((theirs, "no licence stated"), (darknets, "public domain")):
        assert plan.found.name == "yolov3"
        assert plan.found.data_set.name == "COCO"
        assert plan.names is not None
        assert plan.names.names[:2] == ("person", "bicycle")
        assert licence in plan.found.licence
        assert plan.found.left_out == ()


def test_yolov8_of_ultralytics_is_cut_in_halves(shared: Path, tmp_path: Path) -> None:
    rows = entries(shared, "backbones/yolov8n")
    state = {
        key: torch.arange(int(np.prod(shape))).to(getattr(torch, kind)).reshape(shape) * 0 + place
        for place, (key, shape, kind) in enumerate(rows)
    }
    first = "model.2.cv1.conv.weight"
    middle = len(state[first]) // 2
    state[first][middle:] = -1
    storages: dict[str, bytes] = {}
    whole: dict[str, Any] = {"epoch": -1, "ema": None, "version": "8.0.100"}
    whole["model"] = module_tree({k: v.numpy() for k, v in state.items()}, storages)
    plan = _plan(write_zip(tmp_path / "v8.pt", pickled(whole), storages))
    assert plan.found.subject == Backbone("2d", "yolov8", "n")
    assert sum(len(item.names) for item in plan.found.left_out) == 85
    write(plan, tmp_path / "b.safetensors")
    assert read_branch_card(tmp_path / "b.safetensors").backbone == plan.found.subject
    ours = read_tensors(tmp_path / "b.safetensors").tensors
    keys = [key for key, _, _ in rows]
    assert (ours["stage2.1.keep.conv.weight"] == keys.index(first)).all()
    assert (ours["stage2.1.refine.conv.weight"] == -1).all()
    norm = keys.index("model.21.cv1.bn.running_var")
    for half in ("keep", "refine"):
        assert (ours[f"bottom_up5.{half}.norm.running_var"] == norm).all()
        assert ours[f"bottom_up5.{half}.norm.num_batches_tracked"] == norm + 1
    assert (
        ours["stage3.1.steps.1.convs.0.conv.weight"] == keys.index("model.4.m.1.cv1.conv.weight")
    ).all()
    assert (ours["stage5.2.squeeze.conv.weight"] == keys.index("model.9.cv1.conv.weight")).all()
    assert ours.info()["stage1.conv.weight"].dtype == "float32"


def test_names_of_yolov8_are_those_described(shared: Path) -> None:
    """Both lists stand in the fixtures: what one becomes is exactly the other without its head."""
    theirs = entries(shared, "backbones/yolov8m")
    renamed = {place.name for key, _, _ in theirs for place in yowov3_places(key)}
    kept = {key for key, _, _ in entries(shared, "backbones/v8_m") if not key.startswith("head.")}
    assert renamed == kept
    assert len(kept) == 438


def test_a_backbone_has_no_classes(shared: Path, tmp_path: Path) -> None:
    path = write_torch(tmp_path / "x.pth", entries(shared, "backbones/k600_shufflenetv2_0.25x"))
    with pytest.raises(ConfigError, match=r"is a backbone .* Leave out --labels"):
        planned(examined(path), Wishes(new_head=3))
