"""Official whole models in their makers' wrappings become models of ours."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from tests.parity.golden import compare, read_manifest, recipe
from tests.yowo_core.models.importing.described import (
    Entry,
    entries,
    namespace,
    write_holes,
    write_torch,
)
from yowo_core.models.configs.base import DetectorConfig
from yowo_core.models.importing.importer import Import, Wishes, examined, planned, write
from yowo_core.models.importing.report import as_object
from yowo_core.models.official.families import our_state
from yowo_core.models.weights import load_model

pytestmark = pytest.mark.shared
OPTIMISER: dict[str, Any] = {"state": {}, "param_groups": [{"lr": 1e-4}]}


def _plan(path: Path, wishes: Wishes | None = None) -> Import:
    return planned(examined(path), wishes or Wishes())


def _config(plan: Import) -> DetectorConfig:
    assert isinstance(plan.found.subject, DetectorConfig)
    return plan.found.subject


def _why(plan: Import) -> dict[str, str]:
    return {name: item.why for item in plan.found.left_out for name in item.names}


def test_a_bare_yowov3_keeps_every_number(shared: Path, tmp_path: Path) -> None:
    rows = entries(shared, "manifests/yowov3_T_ucf24")
    strays: list[Entry] = [
        ("net2D.total_ops", (1,), "float64"),
        ("net3D.x.total_params", (1,), "float64"),
    ]
    path = write_torch(tmp_path / "ema_epoch_7.pth", [*rows, *strays])
    plan = _plan(path)
    assert plan.found.name == "yowov3-tiny"
    assert "none stated" in plan.found.licence
    assert "counts of operations" in _why(plan)["net2D.total_ops"]
    assert "constants" in _why(plan)["detection_head.dfl.conv.weight"]
    assert any("averaged weights" in note for note in plan.found.notes)
    assert write(plan, tmp_path / "t.safetensors") == ()
    model, card = load_model(tmp_path / "t.safetensors")
    assert (card.labels[0], card.labels[-1]) == ("Basketball", "WalkingWithDog")
    assert card.facts["imported"]["file"] == "ema_epoch_7.pth"
    assert len(card.facts["imported"]["sha256"]) == 64
    places = our_state({key: place for place, (key, _, _) in enumerate(rows)}, card.config)
    state = model.state_dict()
    assert state.keys() == places.keys()
    for name, place in places.items():
        assert (state[name] == place).all(), name


WRAPPED: dict[str, tuple[str, Callable[[dict[str, Any]], object], str, int]] = {
    "yowo_resnext101_ucf24": (
        "module.",
        lambda state: {"epoch": 5, "state_dict": state, "optimizer": OPTIMISER, "score": 0.8},
        "yowo-resnext101",
        16,
    ),
    "yowo_resnet18_ucf24": (
        "module.",
        lambda state: {"epoch": 5, "state_dict": state, "optimizer": OPTIMISER, "score": 0.8},
        "yowo-resnet18",
        16,
    ),
    "yowoplus_ava80": (
        "",
        lambda state: {"model": state, "args": namespace(dataset="ava_v2.2", len_clip=32)},
        "yowo-plus-32",
        32,
    ),
    "yowonano_jhmdb21": (
        "",
        lambda state: {"model": state, "epoch": 4, "args": namespace(cuda=True)},
        "yowo-nano",
        16,
    ),
    "yowov2_nano_ucf24": (
        "",
        lambda state: {"model": state, "args": namespace(version="yowo_v2_nano", len_clip=16)},
        "yowov2-nano",
        16,
    ),
}
CLASSES = {"ucf24": ("UCF101-24", "Diving"), "jhmdb21": ("J-HMDB-21", "jump")}
CLASSES |= {"ava80": ("ava_v2.2", "get up")}


@pytest.mark.parametrize("name", WRAPPED)
def test_wrapped_models_are_recognised(shared: Path, tmp_path: Path, name: str) -> None:
    prefix, wrap, variant, length = WRAPPED[name]
    rows = [(prefix + k, s, t) for k, s, t in entries(shared, f"manifests/{name}")]
    path = write_holes(tmp_path / "best.pth", rows, wrap)
    plan = _plan(path)
    assert (plan.found.name, _config(plan).input.length) == (variant, length)
    told = as_object(plan)
    data_set, sixth = CLASSES[name.rpartition("_")[2]]
    assert (told["data_set"]["name"], told["labels"][5]) == (data_set, sixth)
    assert told["what"] == "model"
    assert told["prefix"] == prefix
    if "optimizer" in str(wrap({})):
        assert "optimiser's state" in _why(plan)["optimizer"]
    if name.startswith("yowo_"):
        assert told["licence"] == "CC BY-NC 4.0: no commercial use"


def test_a_variant_for_the_same_data_set_goes_first(shared: Path, tmp_path: Path) -> None:
    rows = entries(shared, "manifests/yowo_resnext101_ava80")
    plan = _plan(write_holes(tmp_path / "yowo.pth", rows))
    assert (plan.found.name, _config(plan).input.length) == ("yowo-resnext101-ava", 32)
    assert str(plan.found.data_set) == "AVA v2.2 (a guess: it has 80 classes as well)"


@pytest.mark.slow
@pytest.mark.parametrize("name", WRAPPED)
def test_wrapped_models_come_back(shared: Path, tmp_path: Path, name: str) -> None:
    prefix, wrap, _, _ = WRAPPED[name]
    rows = [(prefix + k, s, t) for k, s, t in entries(shared, f"manifests/{name}")]
    path = write_holes(tmp_path / "best.pth", rows, wrap)
    write(_plan(path), tmp_path / "ours.safetensors")
    os.unlink(path)  # noqa: PTH108  # what is loaded must not need it
    model, card = load_model(tmp_path / "ours.safetensors")
    assert len(card.labels) == card.config.num_classes
    assert not any(value.any() for value in model.state_dict().values())


def test_no_counters_are_no_fault(shared: Path, tmp_path: Path) -> None:
    rows = entries(shared, "manifests/yowov3_T_ucf24")
    bare = [row for row in rows if not row[0].endswith("num_batches_tracked")]
    plan = _plan(write_torch(tmp_path / "t.pth", bare))
    write(plan, tmp_path / "t.safetensors")
    state = load_model(tmp_path / "t.safetensors")[0].state_dict()
    counters = [v for k, v in state.items() if k.endswith("num_batches_tracked")]
    assert counters
    assert not any(counters)


def test_imported_weights_give_the_official_numbers(
    shared: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The network that compares golden files is here the one that was imported and loaded."""
    fixtures = shared / "fixtures"
    golden = fixtures / "goldens" / "yowov3_T_ucf24_ckptpath_eps1e-5.npz"
    meta, _ = recipe().load_golden(golden)
    manifest = read_manifest(fixtures / "manifests" / f"{meta['manifest']}.json")
    weights = recipe().fill(manifest, meta["rules"])
    torch.save({k: torch.from_numpy(np.array(v)) for k, v in weights.items()}, tmp_path / "t.pth")
    write(_plan(tmp_path / "t.pth"), tmp_path / "t.safetensors")
    loaded = load_model(tmp_path / "t.safetensors")[0]
    monkeypatch.setattr("tests.parity.golden.network_of", lambda _: loaded)
    monkeypatch.setattr(loaded, "load_state_dict", lambda _: None)
    errors = compare(golden, fixtures / "manifests")
    assert errors
    assert [e for e in errors if not e.fine] == []
