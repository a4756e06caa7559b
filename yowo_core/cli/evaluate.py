"""yowo evaluate: compare detections with the truth."""

import json
import sys
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from yowo_core.annotations import AnnotationSet
from yowo_core.cli.frames import parse_frames
from yowo_core.errors import ConfigError
from yowo_core.evaluate.ava import IOU, ava_map, ava_rule, unnamed
from yowo_core.evaluate.figures import Figures, ava_figures, figures
from yowo_core.evaluate.protocols import FRAME_IOU, protocol
from yowo_core.formats import ava_table
from yowo_core.formats.labels import read_labels


def evaluate(
    truth: Annotated[
        Path, typer.Option(help="Labels: YOWO Studio's CSV, AVA's, or a published .pkl.")
    ],
    detections: Annotated[
        list[Path], typer.Option(help="Detections in the same format; may be given several times.")
    ],
    frames: Annotated[str, typer.Option(help="Only frames A:B, B not included.")] = "",
    iou: Annotated[
        list[float] | None, typer.Option(help="Overlap from which a box is right.")
    ] = None,
    protocol_name: Annotated[
        str,
        typer.Option(
            "--protocol",
            help="Count as an official evaluator: yowo, yowo-all-classes, yowov2, yowov3, "
            "multisports; for AVA activitynet, yowov3 or mmaction2.",
        ),
    ] = "",
    label_map: Annotated[
        Path | None, typer.Option(help="AVA: the actions that count, as .pbtxt or .json.")
    ] = None,
    excluded: Annotated[
        Path | None, typer.Option(help="AVA: video and second a row that do not count.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Frame-mAP, video-mAP, and whether people are found and called right, in percent."""
    thresholds = tuple(iou or FRAME_IOU)
    if ava_table.is_ava(truth):
        if frames:
            raise ConfigError("--frames is not for AVA's files: they count seconds.")
        found = _of_ava(truth, detections, (protocol_name, label_map, excluded), iou or [IOU])
    elif label_map or excluded:
        raise ConfigError("--label-map and --excluded are for AVA's files; the truth is none.")
    else:
        real, problems = _read(truth)
        how = protocol(protocol_name)
        found = {}
        for path in detections:
            boxes, more = _read(path)
            result = figures(real, boxes, how, parse_frames(frames), thresholds)
            found[str(path)] = (result, (*problems, *more, *result.ignored))
    if as_json:
        told = {name: _as_json(*each) for name, each in found.items()}
        sys.stdout.write(json.dumps(told if len(told) > 1 else next(iter(told.values()))) + "\n")
        return
    _print(found)


Found = dict[str, tuple[Figures, tuple[str, ...]]]


def _read(path: Path) -> tuple[AnnotationSet, tuple[str, ...]]:
    read = read_labels(path)
    return read.annotations, tuple(f"{path}:{problem}" for problem in read.problems)


def _of_ava(
    truth: Path,
    detections: list[Path],
    how: tuple[str, Path | None, Path | None],
    iou: list[float],
) -> Found:
    """AVA's own evaluation, which is all that its files allow."""
    rule, label_map, excluded = ava_rule(how[0]), how[1], how[2]
    real = ava_table.read_table(truth, scored=False)
    names = (
        ava_table.read_label_map(label_map)
        if label_map
        else {int(action): str(action) for action in sorted(set(real.actions.tolist()))}
    )
    left_out = ava_table.read_excluded(excluded) if excluded else frozenset()
    found: Found = {}
    for path in detections:
        boxes = ava_table.read_table(path, scored=True)
        problems = [f"{truth}:{p}" for p in real.problems]
        problems += [f"{path}:{p}" for p in boxes.problems]
        strange = unnamed(real, names) | unnamed(boxes, names)
        problems += [f"action {a}: not in the label map" for a in sorted(strange)]
        at = {t: ava_map(real, boxes, names, rule, left_out, t) for t in iou}
        result = ava_figures(at, tuple(problems))
        found[str(path)] = (result, result.ignored)
    return found


def _percent(value: float | None) -> float | None:
    return None if value is None else round(100 * value, 4)


def _as_json(found: Figures, ignored: tuple[str, ...]) -> dict[str, Any]:
    """Figures in percent under the names that scripts rely on."""
    video = found.video
    maps = {f"{t:g}": _percent(v) for t, v in video.map.items()} if video else {}
    if video:
        maps["0.5:0.95"] = _percent(video.averaged)
    localised = found.localised
    return {
        "frame_map": {f"{t:g}": _percent(v) for t, v in found.frame_map.items()},
        "video_map": maps,
        "per_class": {name: _class_json(found, name) for name in _names(found)},
        "localisation_recall": _percent(localised.recall) if localised else None,
        "classification_accuracy": _percent(localised.accuracy) if localised else None,
        "ignored": list(ignored),
    }


def _names(found: Figures) -> list[str]:
    return list(next(iter(found.frames.values())))


def _class_json(found: Figures, name: str) -> dict[str, Any]:
    first = next(iter(found.frames.values()))[name]
    video = found.video.per_class if found.video else {}
    return {
        "frame_ap": {f"{t:g}": _percent(each[name].ap) for t, each in found.frames.items()},
        "video_ap": {f"{t:g}": _percent(each.get(name)) for t, each in video.items()},
        "truths": first.truths,
        "detections": first.detections,
        "recall": _percent(first.recall),
    }


def _print(found: Found) -> None:
    console = Console(markup=False, highlight=False)
    several = len(found) > 1
    table = Table()
    for column in ("", *(Path(name).name for name in found)):
        table.add_column(column, justify="right" if column else "left")
    columns = [dict(_lines(figures_of_one)) for figures_of_one, _ in found.values()]
    for name in dict.fromkeys(name for each in columns for name in each):
        table.add_row(name, *(each.get(name, "-") for each in columns))
    console.print(table)
    told = Console(stderr=True, markup=False, highlight=False, soft_wrap=True)
    for name, (_, ignored) in found.items():
        for line in ignored:
            told.print(f"{name}: {line}" if several else line)


def _lines(found: Figures) -> list[tuple[str, str]]:
    """Rows of the table: the means first, then each class."""
    lines = [(f"frame-mAP@{t:g}", _shown(v)) for t, v in found.frame_map.items()]
    if found.video:
        lines += [(f"video-mAP@{t:g}", _shown(v)) for t, v in found.video.map.items()]
        lines.append(("video-mAP@0.5:0.95", _shown(found.video.averaged)))
    if found.localised:
        lines.append(("people localised", _shown(found.localised.recall)))
        lines.append(("of those called right", _shown(found.localised.accuracy)))
    iou, classes = next(iter(found.frames.items()))
    lines += [(f"AP@{iou:g} {name}", _shown(each.ap)) for name, each in classes.items()]
    return lines


def _shown(value: float | None) -> str:
    return "-" if value is None else f"{100 * value:.2f}"
