"""YOWOv3's networks by name: every size of YOLOv8 with every 3D network, as the paper measured."""

from pathlib import Path

import pytest

from tests.parity.golden import FIXTURES, read_manifest
from yowo_core.backbones.temporal.names import TEMPORAL
from yowo_core.models.configs.yowov3 import VARIANTS, YOWOv3Config
from yowo_core.models.configs.yowov3_figures import TABLE_1_AVA, TABLE_1_UCF24
from yowo_core.models.official.families import recognise
from yowo_core.models.variants import variant

ROWS = {v.name: v for v in VARIANTS}


def _plan(name: str) -> YOWOv3Config:
    plan = variant(name).plan
    assert isinstance(plan, YOWOv3Config)
    return plan


def test_every_pair_of_networks_has_a_name_for_each_head() -> None:
    assert len(ROWS) == len(VARIANTS)
    networks = sum(len(choice.widths) for choice in TEMPORAL.values())
    assert len(VARIANTS) == 2 * (3 + 5 * networks)
    assert sum(name.endswith("-coupled") for name in ROWS) == len(VARIANTS) / 2


@pytest.mark.parametrize(
    ("name", "parts"),
    [
        ("yowov3-tiny", ("n", "shufflenetv2", 2.0, 64)),
        ("yowov3-medium", ("m", "shufflenetv2", 2.0, 192)),
        ("yowov3-large", ("m", "i3d", 1.0, 256)),
        ("yowov3-l-mobilenetv2-0.45x", ("l", "mobilenetv2", 0.45, 256)),
        ("yowov3-s-resnext101", ("s", "resnext101", 1.0, 256)),
        ("yowov3-s-resnet50", ("s", "resnet50", 1.0, 128)),
    ],
)
def test_a_name_says_what_is_inside(name: str, parts: tuple[str, str, float, int]) -> None:
    plan = _plan(name)
    assert (plan.spatial, plan.temporal, plan.temporal_width, plan.width) == parts
    coupled = _plan(f"{name}-coupled")
    assert (plan.head, coupled.head) == ("decoupled", "coupled")


def test_rows_of_table_1_carry_its_figures() -> None:
    printed = [v for v in VARIANTS if v.paper == "YOWOv3, table 1"]
    assert len(printed) == len(TABLE_1_UCF24) == len(TABLE_1_AVA) == 20
    large = variant("yowov3-x-i3d")
    assert (large.operations, large.parameters) == (50.0, 99.24)
    assert variant("yowov3-x-i3d-coupled").operations is None


def test_ours_are_fed_as_we_train_them() -> None:
    assert {(v.plan.input.key, v.plan.input.resize) for v in VARIANTS} == {("anywhere", "area")}


def _manifests() -> list[str]:
    files = sorted((FIXTURES / "manifests").glob("yowov3_*.json")) if FIXTURES.is_dir() else []
    return [f.stem for f in files]


@pytest.mark.shared
def test_official_checkpoints_are_networks_of_the_grid(shared: Path) -> None:
    known = {(p.spatial, p.temporal, p.temporal_width, p.width, p.head) for p in _plans()}
    missing = []
    for name in _manifests():
        manifest = read_manifest(shared / "fixtures" / "manifests" / f"{name}.json")
        found = recognise({key: tuple(shape) for key, shape, _ in manifest})
        assert isinstance(found, YOWOv3Config)
        place = (found.spatial, found.temporal, found.temporal_width, found.width, found.head)
        if place not in known:
            missing.append(name)
    assert missing == []


def _plans() -> list[YOWOv3Config]:
    return [_plan(name) for name in ROWS]
