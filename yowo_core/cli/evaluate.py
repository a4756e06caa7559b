"""yowo evaluate: compare detections with the truth."""

import json
import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from yowo_core.cli.frames import parse_frames
from yowo_core.evaluate.frame_map import FrameMap, frame_map
from yowo_core.formats import yowo_csv


def evaluate(
    truth: Annotated[Path, typer.Option(help="Labels as YOWO Studio's CSV.")],
    detections: Annotated[Path, typer.Option(help="Detections in the same format.")],
    frames: Annotated[str, typer.Option(help="Only frames A:B, B not included.")] = "",
    iou: Annotated[float, typer.Option(help="Overlap from which a box is right.")] = 0.5,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Frame-mAP: mean average precision of boxes in single frames, in percent."""
    console = Console(stderr=True, markup=False, highlight=False, soft_wrap=True)
    sets = []
    for path in (truth, detections):
        read = yowo_csv.read(path)
        for problem in read.problems:
            console.print(f"{path}:{problem}")
        sets.append(read.annotations)
    result = frame_map(sets[0], sets[1], iou, parse_frames(frames))
    if as_json:
        sys.stdout.write(json.dumps(_as_json(result)) + "\n")
        return
    table = Table(title=f"frame-mAP@{iou:g}: {100 * result.map:.2f} %")
    for column in ("action", "AP %", "truths", "detections", "recall %"):
        table.add_column(column, justify="left" if column == "action" else "right")
    for name, found in result.per_class.items():
        figures = [found.ap, found.recall]
        shown = ["-" if f is None else f"{100 * f:.2f}" for f in figures]
        table.add_row(name, shown[0], str(found.truths), str(found.detections), shown[1])
    Console(markup=False, highlight=False).print(table)
    for name in result.missing:
        console.print(f"No detections for {name}: its boxes count as missed.")


def _as_json(result: FrameMap) -> dict[str, object]:
    return {
        "frame_map": round(100 * result.map, 4),
        "iou": result.iou,
        "per_class": {
            name: {
                "ap": None if found.ap is None else round(100 * found.ap, 4),
                "truths": found.truths,
                "detections": found.detections,
                "recall": None if found.recall is None else round(100 * found.recall, 4),
            }
            for name, found in result.per_class.items()
        },
        "videos_without_detections": list(result.missing),
    }
