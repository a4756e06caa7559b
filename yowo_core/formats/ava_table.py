"""Reads AVA's tables as columns: truth, detections, excluded time stamps, label maps.

The dialect's facts are in docs/formats/ava.md. The eighth column is a person in a truth and a
score in detections.
"""

import csv
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from yowo_core.errors import FormatError
from yowo_core.formats.problems import Problem

_FIELD = re.compile(r"^\s*(name|id|label_id)\s*:\s*(.+?)\s*$")
_MOST = 10_000_000  # rows


@dataclass(frozen=True, eq=False)
class AvaTable:
    """Rows as columns: video and second (N,), boxes (N, 4) as shares of the picture's sides,
    action ids (N,), scores (N,) that are 1 in a truth. empty: frames said to hold nobody."""

    videos: tuple[str, ...]
    seconds: NDArray[np.int64]
    boxes: NDArray[np.float64]
    actions: NDArray[np.int64]
    scores: NDArray[np.float64]
    empty: frozenset[tuple[str, int]] = frozenset()
    problems: tuple[Problem, ...] = ()


def read_table(path: Path, *, scored: bool) -> AvaTable:
    """Every row that can be used; others are named with their line. FormatError without any."""
    problems: list[Problem] = []
    empty: set[tuple[str, int]] = set()
    rows = []
    for line, cells in _lines(path):
        try:
            if len(cells) == 2:
                empty.add((cells[0], _second(cells[1])))
            elif parsed := _row(cells, scored=scored):
                rows.append(parsed)
        except ValueError as error:
            problems.append(Problem(line, f"{','.join(cells)[:120]!r} is no row of AVA: {error}."))
    if not rows:
        told = f" The first reason: {problems[0]}" if problems else ""
        raise FormatError(
            f"{path} holds no row of AVA: video, second, x1, y1, x2, y2, action.{told}"
        )
    names, seconds, boxes, actions, scores = zip(*rows, strict=True)
    return AvaTable(
        tuple(names),
        np.array(seconds, np.int64),
        np.array(boxes, np.float64),
        np.array(actions, np.int64),
        np.array(scores, np.float64),
        frozenset(empty),
        tuple(problems),
    )


def is_ava(path: Path) -> bool:
    """Whether the first row of a file looks like AVA's: no header, seconds, boxes within 0..1."""
    try:
        first = next((cells for _, cells in _lines(path)), [])
        return len(first) in (7, 8) and _row(first, scored=False) is not None
    except (FormatError, ValueError):
        return False


def read_excluded(path: Path) -> frozenset[tuple[str, int]]:
    """Frames that are left out of an evaluation, video and second a row."""
    found = set()
    for line, cells in _lines(path):
        try:
            found.add((cells[0], _second(cells[1])))
        except (ValueError, IndexError) as error:
            raise FormatError(f"{path}, line {line}: video and second are needed.") from error
    return frozenset(found)


def read_label_map(path: Path) -> dict[int, str]:
    """Names by action id, from either spelling of the pbtxt or from JSON pairs of id and name."""
    text = _text(path)
    if path.suffix.lower() == ".json":
        try:
            return {int(number): str(name) for number, name in json.loads(text)}
        except (ValueError, TypeError) as error:
            raise FormatError(f"{path} holds no list of id and name ({error}).") from error
    names: dict[int, str] = {}
    name = ""
    for line in text.splitlines():
        if match := _FIELD.match(line):
            if match[1] == "name":
                name = match[2].strip('"')
            elif match[2].isdigit():
                names[int(match[2])] = name
    if not names:
        raise FormatError(f"{path} is no label map: it has no name with an id or label_id.")
    return names


def _row(
    cells: list[str], *, scored: bool
) -> tuple[str, int, tuple[float, ...], int, float] | None:
    """None for a box without an action, which some files have."""
    if len(cells) not in (7, 8):
        raise ValueError(f"{len(cells)} columns instead of 7 or 8")
    if not cells[6].strip():
        return None
    box = tuple(float(cell) for cell in cells[2:6])
    if not all(-0.01 <= v <= 1.01 for v in box) or box[0] >= box[2] or box[1] >= box[3]:
        raise ValueError("the box is not inside 0..1 with x1 < x2 and y1 < y2")
    score = float(cells[7]) if scored and len(cells) == 8 else 1.0
    if not 0 <= score <= 1:
        raise ValueError(f"the score {score} is not in 0..1")
    return cells[0], _second(cells[1]), box, int(cells[6]), score


def _second(cell: str) -> int:
    value = float(cell)
    if value != int(value) or value < 0:
        raise ValueError(f"{cell!r} is no whole second")
    return int(value)


def _lines(path: Path) -> Iterator[tuple[int, list[str]]]:
    for line, cells in enumerate(csv.reader(_text(path).splitlines()), start=1):
        if line > _MOST:
            raise FormatError(f"{path} has more than {_MOST:,} rows. Split it.")
        if cells:
            yield line, cells


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise FormatError(f"{path} is no UTF-8 text. Save it as UTF-8.") from error
    except OSError as error:
        raise FormatError(f"{path} cannot be read ({error.strerror}). Check the path.") from error
