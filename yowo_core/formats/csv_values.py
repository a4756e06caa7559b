"""The cells of our CSV as values: a row with an impossible one is named and left out."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

from yowo_core.annotations import Review, Source
from yowo_core.formats.csv_table import Cells
from yowo_core.formats.problems import Problem

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

SIDES = ("x1", "y1", "x2", "y2")
LAST_FRAME = 9_999_999  # four days at 30 frames a second; more is a slip, and would fill memory

_FLAGS = {"0": 0, "1": 1, "false": 0, "true": 1, "False": 0, "True": 1, "FALSE": 0, "TRUE": 1}


@dataclass(frozen=True, eq=False)
class Rows:
    """Good rows as columns of one length N, in file order.

    line: (N,) where each row begins. frame: (N,); boxes: (N, 4); time, score: (N,), NaN where
    empty. keyframe: (N,) 1, 0, or -1 where the file does not say; outside: (N,) 0 or 1.
    source, review: (N,) positions in Source and Review. kept: cells of unknown columns.
    """

    line: Ints
    frame: Ints
    time: Floats
    boxes: Floats
    score: Floats
    keyframe: Ints
    outside: Ints
    source: Ints
    review: Ints
    video: list[str]
    tube: list[str]
    person: list[str]
    action: list[str]
    model: list[str]
    kept: list[tuple[str, ...]]

    def __len__(self) -> int:
        return len(self.line)

    def only(self, keep: Bools) -> "Rows":
        """The rows for which keep (N,) is true, in the same order."""
        if keep.all():
            return self
        chosen = np.flatnonzero(keep).tolist()
        parts: dict[str, Any] = {}
        for name, part in ((f.name, getattr(self, f.name)) for f in fields(self)):
            whole = isinstance(part, np.ndarray)
            parts[name] = part[keep] if whole else [part[i] for i in chosen]
        return Rows(**parts)


def read_rows(cells: Cells, problems: list[Problem]) -> Rows:
    """The rows without fault; the others are added to the problems, each with its first fault."""
    check = _Check(cells)
    video = cells.column("video")
    check.refuse(np.array([not v for v in video], np.bool_), lambda _: "the video has no name")
    others = [cells.column(name) for name in cells.unknown]
    rows = Rows(
        line=np.array(cells.lines, np.int64),
        frame=check.frames(),
        boxes=check.boxes(),
        time=check.numbers("time", empty=True),
        score=check.scores(),
        keyframe=check.words("keyframe", {"": -1, **_FLAGS}),
        outside=check.words("outside", {"": 0, **_FLAGS}),
        source=check.words("source", _positions(Source, Source.IMPORT)),
        review=check.words("review", _positions(Review, Review.ACCEPTED)),
        video=video,
        tube=cells.column("tube_id"),
        person=cells.column("person_id"),
        action=cells.column("action"),
        model=cells.column("model"),
        kept=list(zip(*others, strict=True)) if others else [()] * len(video),
    )
    good = np.ones(len(rows), dtype=np.bool_)
    good[list(check.faults)] = False
    problems += [Problem(cells.lines[i], f"{m}; row left out.") for i, m in check.faults.items()]
    return rows.only(good)


def _positions(words: type[Source | Review], default: str) -> dict[str, int]:
    names = [word.value for word in words]
    return {"": names.index(default), **{name: i for i, name in enumerate(names)}}


class _Check:
    """Reads columns of numbers and words and remembers the first fault of every row."""

    def __init__(self, cells: Cells) -> None:
        self.faults: dict[int, str] = {}
        self._cells = cells

    def refuse(self, bad: Bools, message: Callable[[int], str]) -> None:
        for row in np.flatnonzero(bad).tolist():
            self.faults.setdefault(row, message(row))

    def numbers(self, name: str, *, empty: bool = False) -> Floats:
        """(N,) finite numbers; NaN for a refused cell, and for an empty one where that is fine."""
        texts = self._cells.column(name)
        values = _parsed(texts)
        bad = ~np.isfinite(values)
        if empty:
            bad &= np.array([t != "" for t in texts], np.bool_)
        self.refuse(bad, lambda row: f"{name} is {texts[row]!r}, not a number")
        values[~np.isfinite(values)] = np.nan
        return values

    def frames(self) -> Ints:
        texts = self._cells.column("frame")
        values = _parsed(texts)
        whole = (values >= 0) & (values <= LAST_FRAME) & (values == np.floor(values))
        self.refuse(
            ~whole,
            lambda row: f"frame is {texts[row]!r}, not a whole number from 0 to {LAST_FRAME}",
        )
        return np.where(whole, values, 0).astype(np.int64)

    def boxes(self) -> Floats:
        boxes = np.stack([self.numbers(name) for name in SIDES], axis=1)
        for low, high in ((0, 2), (1, 3)):
            self._refuse_turned(boxes, low, high)
        return boxes

    def _refuse_turned(self, boxes: Floats, low: int, high: int) -> None:
        self.refuse(
            ~(boxes[:, low] < boxes[:, high]),
            lambda row: (
                f"{SIDES[high]} {boxes[row, high]:g} is not larger than "
                f"{SIDES[low]} {boxes[row, low]:g}"
            ),
        )

    def scores(self) -> Floats:
        values = self.numbers("score", empty=True)
        bad = (values < 0) | (values > 1)
        self.refuse(bad, lambda row: f"score is {values[row]:g}, not between 0 and 1")
        return values

    def words(self, name: str, meaning: Mapping[str, int]) -> Ints:
        """(N,) what each word means; a word that means nothing is refused."""
        texts = self._cells.column(name)
        strange = set(texts) - set(meaning)
        if strange:
            known = ", ".join(word for word in meaning if word)
            bad = np.array([t in strange for t in texts], np.bool_)
            self.refuse(bad, lambda row: f"{name} is {texts[row]!r}, not one of {known}")
        return np.array([meaning.get(t, 0) for t in texts], np.int64)


def _parsed(texts: Sequence[str]) -> Floats:
    """(N,) the numbers in the cells, NaN for what is none; Python's 1_000 is none."""
    try:
        if "_" not in "".join(texts):
            return np.array(list(map(float, texts)), np.float64)
    except ValueError:
        pass
    return np.array([_number(text) for text in texts], np.float64)


def _number(text: str) -> float:
    try:
        return float("nan" if "_" in text else text)
    except ValueError:
        return float("nan")
