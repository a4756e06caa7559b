"""Parameters and operations: worked by hand, as the papers print them, as their tool counts."""

import csv
from pathlib import Path

import pytest
import torch
from torch import Tensor, nn

from tests.parity.golden import FIXTURES, read_manifest
from yowo_core.models.configs.yowov3_figures import AVA_CLASSES, MISPRINT, TABLE_1_AVA, Cell
from yowo_core.models.costs import _counted, cost_of, layers_of, resized, total
from yowo_core.models.known_costs import Cost, known_costs, write_costs
from yowo_core.models.official.families import recognise
from yowo_core.models.variants import VARIANTS, variant

QUICK = ("yowov3-tiny", "yowov3-tiny-coupled", "yowov2-nano", "yowo-3d", "yowo-nano")
"""Counting every network takes minutes: the others run with -m slow."""


class _Small(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(3, 4, 3, 2, 1, bias=False)
        self.norm = nn.BatchNorm2d(4)
        self.linear = nn.Linear(16, 5)
        self.spare = nn.Linear(2, 2)

    def forward(self, x: Tensor) -> Tensor:
        found: Tensor = self.norm(self.conv(x)).relu().flatten(2)
        mixed = torch.bmm(torch.bmm(found, found.transpose(1, 2)).softmax(-1), found)
        out: Tensor = self.linear(mixed)
        return out


def test_layers_cost_what_is_worked_by_hand() -> None:
    with torch.device("meta"), torch.no_grad():
        layers = _counted(_Small().eval(), torch.empty(1, 3, 8, 8))
    found = {layer.name: layer for layer in layers}
    # 4 maps of 4 x 4, each value of 3 x 3 x 3 products
    conv = found["conv"]
    assert (conv.kind, conv.shape) == ("Conv2d", (1, 4, 4, 4))
    assert (conv.parameters, conv.operations, conv.flops) == (108, 64 * 27, 2 * 64 * 27)
    assert (found["norm"].parameters, found["norm"].operations, found["norm"].flops) == (8, 256, 0)
    assert (found["linear"].parameters, found["linear"].operations) == (85, 4 * 16 * 5)
    # two products of 4 x 16 x 4 and 4 x 4 x 16 in the network itself, a softmax of 4 x 4
    assert (found[""].operations, found[""].flops) == (48, 2 * 2 * 256)
    assert (found["spare"].parameters, found["spare"].operations, found["spare"].shape) == (
        6,
        0,
        (),
    )
    assert total(layers) == Cost(207, 1728 + 256 + 48 + 320, 3456 + 1024 + 640)
    assert total(layers, "conv") == Cost(108, 1728, 3456)


def test_a_longer_clip_and_a_larger_picture_cost_more() -> None:
    plan = variant("yowov3-tiny").plan
    small, own = cost_of(resized(plan, 160, 8)), cost_of(plan)
    assert small.parameters == own.parameters
    assert small.operations < 0.5 * own.operations
    assert resized(plan) == plan


def test_every_layer_that_runs_has_a_shape() -> None:
    layers = layers_of(resized(variant("yowov3-tiny").plan, 64, 8))
    assert len(layers) > 400
    assert all(layer.shape for layer in layers)
    assert {layer.kind for layer in layers} >= {"Conv3d", "Conv2d", "SiLU", "ChannelAttention"}


def test_known_costs_are_true() -> None:
    known = known_costs()
    assert {name: cost_of(variant(name).plan) for name in QUICK} == {n: known[n] for n in QUICK}


@pytest.mark.slow
@pytest.mark.parametrize("name", [v.name for v in VARIANTS])
def test_every_known_cost_is_true(name: str) -> None:
    assert cost_of(variant(name).plan) == known_costs()[name]


def test_costs_survive_their_file(tmp_path: Path) -> None:
    costs = {"a": Cost(1, 2, 3), "b": Cost(4, 5, 6)}
    write_costs(costs, tmp_path / "costs.json")
    assert known_costs(tmp_path / "costs.json") == costs


def _misses(ours: Cost, operations: float, parameters: float) -> bool:
    """Whether a printed cell is not ours with two digits; it may be rounded down."""
    near = abs(ours.operations / 1e9 - operations) <= 0.0075
    return not (near and abs(ours.parameters / 1e6 - parameters) <= 0.0075)


def test_table_1_of_yowov3_is_ours_on_ucf24() -> None:
    cells = [v for v in VARIANTS if v.paper == "YOWOv3, table 1"]
    assert len(cells) == 20
    known = known_costs()
    figures = [(v.name, v.operations or 0.0, v.parameters or 0.0) for v in cells]
    assert [name for name, g, m in figures if _misses(known[name], g, m)] == []


@pytest.mark.parametrize(
    "cell",
    [
        pytest.param(cell, marks=() if cell[0] == "n" else pytest.mark.slow, id="-".join(cell[:2]))
        for cell in TABLE_1_AVA
    ],
)
def test_table_1_of_yowov3_is_ours_on_ava_but_for_a_misprint(cell: Cell) -> None:
    size, temporal, width = cell
    times = f"-{width}x" if temporal == "shufflenetv2" else ""
    ours = cost_of(variant(f"yowov3-{size}-{temporal}{times}").config(AVA_CLASSES))
    assert _misses(ours, *TABLE_1_AVA[cell]) == (cell == MISPRINT)


def test_rows_of_yowov2_are_ours_but_for_medium_at_32_frames() -> None:
    known = known_costs()
    rows = [v for v in VARIANTS if v.plan.family == "yowov2"]
    assert len(rows) == 8
    apart = {
        v.name: known[v.name].operations / 1e9 - (v.operations or 0.0)
        for v in rows
        if abs(known[v.name].operations / 1e9 - (v.operations or 0.0)) > 0.1
    }
    assert apart == {"yowov2-medium-32": pytest.approx(0.96, abs=0.01)}
    assert all(
        v.parameters == pytest.approx(known[v.name].parameters / 1e6, abs=0.05) for v in rows
    )


def _peers() -> list[object]:
    path = FIXTURES / "peers_cost.csv"
    if not path.is_file():
        return []
    quick = ("yowov3_T_ucf24", "yowov2_tiny_ava80_K32", "yowo_resnet18_ucf24", "yowonano_jhmdb21")
    with path.open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    manifests = {p.stem for p in (FIXTURES / "manifests").glob("*.json")}
    return [
        pytest.param(row, id=row["model"], marks=() if row["model"] in quick else pytest.mark.slow)
        for row in rows
        if row["model"].removesuffix("_K32") in manifests
    ]


@pytest.mark.shared
@pytest.mark.parametrize("peer", _peers())
def test_the_official_networks_cost_the_same(shared: Path, peer: dict[str, str]) -> None:
    name = peer["model"]
    path = shared / "fixtures" / "manifests" / f"{name.removesuffix('_K32')}.json"
    shapes = {key: tuple(shape) for key, shape, _ in read_manifest(path)}
    config = recognise(shapes)
    assert config is not None
    cost = cost_of(resized(config, 224, 32 if name.endswith("_K32") else 16))
    assert cost.parameters / 1e6 == pytest.approx(float(peer["params_M"]), abs=6e-4)
    assert cost.operations / 1e9 == pytest.approx(float(peer["gmacs_by_thop"]), abs=2e-3)
    # theirs has the 0.00013 of YOWOv3's decoding too, and three digits
    assert cost.flops / 1e9 == pytest.approx(float(peer["gflops_by_flopcounter"]), abs=7e-4)
