"""Makes docs/models.md of what is counted, measured, compared: python -m benchmarks.model_table

Costs come from `benchmarks.model_costs`, time and memory from `benchmarks.model_measure`; golden
files and the papers' tables are compared here unless known. With --only-page nothing is computed.
"""

import argparse
from collections.abc import Iterable
from dataclasses import replace
from itertools import groupby
from pathlib import Path
from typing import Any

from benchmarks import model_costs
from benchmarks.model_measure import TINY, keep, results
from tests.parity.golden import FIXTURES, compare, read_manifest, recipe
from yowo_core.models.configs.base import DetectorConfig
from yowo_core.models.configs.variant import Variant
from yowo_core.models.configs.yowov3_figures import (
    AVA_CLASSES,
    MISPRINT,
    TABLE_1_AVA,
    TABLE_1_UCF24,
    Cell,
)
from yowo_core.models.costs import cost_of, layers_of, total
from yowo_core.models.known_costs import known_costs
from yowo_core.models.official.families import recognise
from yowo_core.models.variants import VARIANTS, variant

PAGE = Path(__file__).resolve().parents[1] / "docs" / "models.md"
OFFICIAL_MS = {
    "yowo-resnext101": 561,
    "yowo-plus": 509,
    "yowo-nano": 134,
    "yowov2-nano": 91,
    "yowov2-tiny": 97,
    "yowov2-medium": 146,
    "yowov2-large": 466,
    "yowov3-tiny": 104,
    "yowov3-medium": 152,
    "yowov3-large": 396,
}
"""Milliseconds a clip of the official networks, eager on two threads, in one run of their own."""

TOP = """# Models

Every network that can be built by name, and what is known of it. This page is made by
`python -m benchmarks.model_table`; a test fails when it is not what that makes.

- **M** is parameters in millions, **G** is 10^9 operations for one clip of the network's own input
  and its plan's classes. Operations are counted as the papers do: a multiply-add of a convolution
  or linear layer is one, a normalised value four, a value of a softmax three, all else none.
  `yowo models --json` has the other convention too: two a multiply-add, products of matrices
  included. Behind a paper's figure stands by how much ours is above it.
- Nothing is run for that: shapes are enough (`yowo_core/models/costs.py`). `yowo models NAME`
  lists a network's layers, at any `--size` and `--length`.

## What a network is fed

Preprocessing belongs to the configuration, so a model file carries it. Networks of YOWOv3 by name
are those that we train: the key frame may stand anywhere in the clip
([0003](adr/0003-key-frame-anywhere-in-the-clip.md)), pictures are made smaller by averaging, and
untrained boxes have sides of 2.5 strides ([0004](adr/0004-head-prior.md)). An official YOWOv3
file keeps its own input: the clip ends with its key frame, pictures are resized as Pillow's
bicubic filter does, and its fusion is normalised with the eps of the official evaluation, 1e-5
instead of 1e-3. Networks of the other families are fed as the official ones.

The width of YOWOv3's head is not in its paper. With 64, 128, 192, 256, 256 channels for YOLOv8 n,
s, m, l, x beside the light 3D networks, and 256 for all of them beside ResNet-101, ResNeXt-101 and
I3D, its table 1 comes out; so these are the widths of the grid. A name with `-coupled` has one
fusion a level for boxes and classes together.
"""


def page(kept: dict[str, Any]) -> str:
    """The whole page, from what `keep` has and from the counted costs."""
    parts = [TOP, _measured(kept), _goldens(kept), _against_papers(kept), _networks()]
    return "\n".join(parts)


def _table(head: Iterable[str], rows: Iterable[Iterable[object]]) -> str:
    columns = list(head)
    lines = [columns, ["---"] * len(columns), *rows]
    return "".join("| " + " | ".join(str(cell) for cell in line) + " |\n" for line in lines)


def _percent(ours: float, paper: float) -> str:
    return f"{round(100 * (ours / paper - 1), 1) + 0.0:+.1f} %"


def _measured(kept: dict[str, Any]) -> str:
    known = kept.get("measured", {})
    official = OFFICIAL_MS[TINY]
    rows = []
    for name in (v.name for v in VARIANTS if v.name in known):
        own = known[name]
        theirs = f"{OFFICIAL_MS[name] / official:.2f}" if name in OFFICIAL_MS else ""
        ratio = f"{own['ms'] / own['tiny_ms']:.2f}"
        rows.append((name, own["build_s"], own["ms"], ratio, theirs, own["peak_mb"]))
    text = """## Time and memory

Each in a process of its own on two shared cores without a GPU: two threads, eager PyTorch in
float32, one clip of the network's own input, without decoding (`python -m
benchmarks.model_measure --urgent`). *Build* is seconds until the network stands with fresh
weights, *ms* the quickest of four runs, *peak* the megabytes of the whole process, of which
PyTorch alone takes about 220. YOWOv3-Tiny took turns with each network: *of Tiny* is the ratio of
the two, *official* the same ratio of the official networks, from one run of theirs on the same
kind of machine (their YOWOv3-T took 104 ms). Of YOWOv3's grid some networks stand for the rest:
the time of the others is not measured.

"""
    head = ("network", "build, s", "ms a clip", "of Tiny", "official", "peak, MB")
    return text + _table(head, rows)


def _goldens(kept: dict[str, Any]) -> str:
    rows = [
        (f"`{file}`", found["variant"], f"{found['raw']:.1e}", _pixels(found["pixels"]))
        for file, found in sorted(kept.get("goldens", {}).items())
    ]
    text = """## Equal to the official networks

A golden file has what an official network gives for weights and a clip that can be made again.
With the same weights ours differs by no more than this; 1e-4 is allowed for raw outputs, whose
standard deviation is 1, and 5e-3 pixels for boxes (`python -m tests.parity`).

"""
    return text + _table(("golden file", "network", "raw outputs", "boxes, pixels"), rows)


def _pixels(error: float | None) -> str:
    return "not in the file" if error is None else f"{error:.1e}"


def _against_papers(kept: dict[str, Any]) -> str:
    return f"""## Against the papers' tables

**YOWOv3, table 1**: 40 cells. Ours are within rounding of all but one: that of AVA for YOLOv8n with
I3D repeats that of ResNet-101 and is a misprint. UCF101-24 has 24 classes, AVA 80.

{_table(_CELLS, _table_1(kept))}
**YOWOv2, README**: rows at 16 and 32 frames agree to 0.1 but medium at 32 frames, where it says
12.7 and the network it describes takes 13.7; see the family's table below.

**YOWO, table 5**: operations of the 3D network alone. The paper does not say how it counted:
*apart* is from multiply-adds alone, the last column counts normalising too, as everywhere else
here, and the differences go both ways.

{_table(_PARTS, _table_5(kept))}"""


_PARTS = ("network", "paper, G", "multiply-adds, G", "apart", "with normalising, G")
_CELLS = ("network", "data set", "M", "paper", "G", "paper", "")


def _table_1(kept: dict[str, Any]) -> Iterable[tuple[object, ...]]:
    known, ava = known_costs(), kept.get("ava", {})
    for cell, (operations, parameters) in TABLE_1_UCF24.items():
        own, name = known[_cell_name(cell)], _cell_name(cell)
        yield (name, "UCF101-24", *_pair(own.parameters, own.operations, parameters, operations))
    for cell, (operations, parameters) in TABLE_1_AVA.items():
        name = _cell_name(cell)
        if name in ava:
            figures = (ava[name]["parameters"], ava[name]["operations"], parameters, operations)
            row = _pair(*figures)
            yield (name, "AVA", *row[:-1], "misprint" if cell == MISPRINT else row[-1])


def _pair(
    own_parameters: int, own_operations: int, parameters: float, operations: float
) -> tuple[str, ...]:
    ours = (own_parameters / 1e6, own_operations / 1e9)
    near = all(abs(a - b) < 0.0075 for a, b in zip(ours, (parameters, operations), strict=True))
    return (
        f"{ours[0]:.3f}",
        f"{parameters:.2f}",
        f"{ours[1]:.3f}",
        f"{operations:.2f}",
        "" if near else "apart",
    )


def _cell_name(cell: Cell) -> str:
    size, temporal, width = cell
    return f"yowov3-{size}-{temporal}" + (f"-{width}x" if temporal == "shufflenetv2" else "")


def _table_5(kept: dict[str, Any]) -> Iterable[tuple[object, ...]]:
    for row in VARIANTS:
        own = kept.get("temporal", {}).get(row.name)
        if own and row.temporal_operations:
            products = own["flops"] / 2e9
            apart = _percent(products, row.temporal_operations)
            counted = f"{own['operations'] / 1e9:.2f}"
            yield (row.name, row.temporal_operations, f"{products:.2f}", apart, counted)


def _networks() -> str:
    parts = ["## Every network\n"]
    for (family, licence), group in groupby(VARIANTS, lambda v: (v.plan.family, v.weights_licence)):
        parts.append(f"### {family}\n\nLicence of the official weights: {licence}.\n")
        head = ("name", "what", "from", "M", "paper", "G", "paper")
        parts.append(_table(head, (_network(v) for v in group)))
    return "\n".join(parts)


def _network(row: Variant) -> tuple[str, ...]:
    own = known_costs().get(row.name)
    assert own is not None, f"python -m benchmarks.model_costs has not counted {row.name}"
    parameters, operations = own.parameters / 1e6, own.operations / 1e9
    return (
        f"`{row.name}`",
        row.title,
        row.paper,
        f"{parameters:.3f}",
        _beside(parameters, row.parameters),
        f"{operations:.3f}",
        _beside(operations, row.operations),
    )


def _beside(ours: float, paper: float | None) -> str:
    return "" if paper is None else f"{round(paper, 2):g} ({_percent(ours, paper)})"


def _compute() -> None:
    """Whatever the page needs and nobody has computed yet."""
    kept = results()
    for name in map(_cell_name, TABLE_1_AVA):
        if name not in kept.get("ava", {}):
            cost = cost_of(variant(name).config(AVA_CLASSES))
            keep("ava", {name: vars(cost)})
    for row in VARIANTS:
        if row.temporal_operations and row.name not in kept.get("temporal", {}):
            keep("temporal", {row.name: vars(total(layers_of(row.plan), "temporal."))})
    for golden in sorted((FIXTURES / "goldens").glob("*.npz")):
        if not golden.stem.startswith("loss_") and golden.stem not in kept.get("goldens", {}):
            print(golden.stem, flush=True)
            keep("goldens", {golden.stem: _golden(golden)})


def _golden(golden: Path) -> dict[str, Any]:
    meta, _ = recipe().load_golden(golden)
    manifest = read_manifest(FIXTURES / "manifests" / f"{meta['manifest']}.json")
    config = recognise({key: tuple(shape) for key, shape, _ in manifest})
    assert config is not None, f"no family knows {meta['manifest']}"
    errors = compare(golden, FIXTURES / "manifests")
    raw = [e.largest for e in errors if e.allowed < 1e-3]
    pixels = [e.largest for e in errors if e.allowed >= 1e-3]
    return {
        "variant": _name(config),
        "raw": max(raw),
        "pixels": max(pixels) if pixels else None,
    }


FREE = ("input", "fusion_eps", "head_prior")
"""What may differ between an official file's configuration and the plan of its network."""


def _name(config: DetectorConfig) -> str:
    """The first network by name that has the shape of a configuration."""
    for row in VARIANTS:
        if type(row.plan) is type(config):
            plan: Any = row.plan
            same = {field: getattr(config, field) for field in FREE if hasattr(config, field)}
            if replace(plan, **same) == config:
                return row.name
    raise AssertionError(f"no name for {config}")


def main() -> None:
    """See the module."""
    parser = argparse.ArgumentParser(description="Make docs/models.md.")
    parser.add_argument("--only-page", action="store_true", help="compute nothing")
    if not parser.parse_args().only_page:
        model_costs.count(again=False)
        _compute()
    PAGE.write_text(page(results()), encoding="utf-8")


if __name__ == "__main__":
    main()
