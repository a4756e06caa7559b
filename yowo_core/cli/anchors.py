"""yowo anchors: anchor boxes from the data set's own boxes."""

import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, cast, get_args

import typer
from rich.console import Console
from rich.table import Table

from yowo_core.data.anchors import AnchorFinder, AnchorSet, Distance
from yowo_core.data.box_sizes import BoxSizes, labelled_sizes, learnt_sizes
from yowo_core.data.manifest import read_manifest
from yowo_core.errors import ConfigError
from yowo_core.formats import yowo_csv


def anchors(
    labels: Annotated[Path, typer.Argument(help="Labels as YOWO Studio's CSV, or a run folder.")],
    count: Annotated[str, typer.Option(help="How many anchors, or auto.")] = "auto",
    size: Annotated[int, typer.Option(help="Side of the network's input in pixels.")] = 224,
    distance: Annotated[
        str, typer.Option(help="iou, or euclidean as the paper's inertia is written.")
    ] = "iou",
    seed: Annotated[int, typer.Option(help="Of the random starts.")] = 0,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Find anchor boxes by k-means on the labels' own boxes."""
    console = Console(stderr=True, markup=False, highlight=False, soft_wrap=True)
    wanted = _wanted(count)
    if size < 1:
        raise ConfigError(f"An input of {size} pixels is none.")
    if distance not in get_args(Distance):
        raise ConfigError(f"No distance is called {distance!r}; known: iou, euclidean.")
    boxes = _boxes(labels, size, console)
    for notice in boxes.notices:
        console.print(notice)
    if boxes.skipped:
        console.print(f"{boxes.skipped} boxes are left out: thinner than a pixel, or size unknown.")
    finder = AnchorFinder(boxes.sizes, cast("Distance", distance), seed)
    if wanted is None:
        best, compared = finder.chosen()
    else:
        compared = finder.all_up_to(wanted)
        best = compared[-1]
    if as_json:
        told = _as_json(boxes, best, compared)
        sys.stdout.write(json.dumps({"size": size, "distance": distance, **told}) + "\n")
    else:
        _print(best, compared, f"{len(boxes.sizes)} boxes in an input of {size} pixels")


def _wanted(count: str) -> int | None:
    """A number, or None for auto."""
    if count == "auto":
        return None
    if not count.isdecimal() or int(count) < 1:
        raise ConfigError(f"--count is a number from 1 on, or auto, not {count!r}.")
    return int(count)


def _boxes(labels: Path, size: int, console: Console) -> BoxSizes:
    if labels.is_dir():
        return learnt_sizes(*read_manifest(labels), size)
    read = yowo_csv.read(labels)
    for problem in read.problems:
        console.print(f"{labels}:{problem}")
    return labelled_sizes(read.annotations, size)


def _as_json(boxes: BoxSizes, best: AnchorSet, compared: list[AnchorSet]) -> dict[str, object]:
    return {
        "boxes": len(boxes.sizes),
        "skipped": boxes.skipped,
        **asdict(best),
        "compared": [
            {"count": len(s.anchors), "inertia": s.inertia, "mean_iou": s.mean_iou}
            for s in compared
        ],
    }


def _print(best: AnchorSet, compared: list[AnchorSet], title: str) -> None:
    console = Console(markup=False, highlight=False)
    table = Table("anchors", "inertia", "mean IoU", "", title=title)
    for found in compared:
        mark = "taken" if found is best else ""
        table.add_row(
            str(len(found.anchors)), f"{found.inertia:.1f}", f"{found.mean_iou:.3f}", mark
        )
    console.print(table)
    sides = Table("width", "height", title="anchors in pixels")
    for width, height in best.anchors:
        sides.add_row(f"{width:.1f}", f"{height:.1f}")
    console.print(sides)
