"""Annotations as the lines of our CSV."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from math import isnan
from typing import Any

import numpy as np
from numpy.typing import NDArray

from yowo_core.annotations import AnnotationSet, Tube, Video
from yowo_core.formats.csv_table import COLUMNS
from yowo_core.formats.tube_rows import TubeRows, tube_rows
from yowo_core.tubes.spans import span_scores

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Times = Mapping[str, Floats]

_QUOTED = re.compile('[,"\r\n]')
_FORMULA = tuple("=+-@\t\r\n\uff1d\uff0b\uff0d\uff20")  # the wide ones count in some languages


@dataclass(frozen=True)
class Extras:
    """What a file held beyond our columns and keys, to be written back.

    columns: the unknown columns; cells: their cells by video, tube id, frame and action;
    sidecar: the JSON file as it was read.
    """

    columns: tuple[str, ...] = ()
    cells: Mapping[tuple[str, str, int, str], tuple[str, ...]] = field(default_factory=dict)
    sidecar: Mapping[str, Any] = field(default_factory=dict)


class CsvLines:
    """Writes tubes as lines of text, each with its line end.

    times: seconds of every frame by video; a video without them gets frame / fps, or nothing when
    fps is unknown. guarded: text that a spreadsheet would take for a formula gets a ' before it.
    """

    def __init__(self, times: Times, extras: Extras, *, guarded: bool) -> None:
        """Keep what every line needs."""
        self._times = times
        self._extras = extras
        self._guarded = guarded

    def of(self, annotations: AnnotationSet) -> Iterator[str]:
        """The header and all rows: by video, tube, frame, and within a frame by action name."""
        names = {label.id: label.name for label in annotations.labels}
        yield self._line([*COLUMNS, *self._extras.columns])
        for video in annotations.videos:
            for tube in video.tubes:
                yield from self._tube(video, tube, names)

    def _tube(self, video: Video, tube: Tube, names: Mapping[int, str]) -> Iterator[str]:
        rows = tube_rows(tube)
        places, actions, scores = _actions(tube, rows, names)
        frames = rows.frames[places]
        head = self._line([video.name, tube.id, tube.person], end=",")
        tail = self._line([tube.model, tube.review.value])
        columns = zip(
            frames.tolist(),
            self._seconds(video, frames),
            rows.boxes[places].tolist(),
            actions,
            scores,
            rows.keyframe[places].astype(np.int64).tolist(),
            rows.outside[places].astype(np.int64).tolist(),
            [rows.sources[i].value for i in places.tolist()],
            strict=True,
        )
        for frame, time, box, action, score, key, outside, source in columns:
            x1, y1, x2, y2 = box
            end = self._with_kept(tail, (video.name, tube.id, frame, action))
            yield (
                f"{head}{frame},{time},{x1!r},{y1!r},{x2!r},{y2!r},{self._cell(action)},"
                f"{score},{key},{outside},{source},{end}"
            )

    def _seconds(self, video: Video, frames: Ints) -> Sequence[str]:
        """The times of those frames as text, empty where unknown."""
        times = self._times.get(video.name)
        if times is not None:
            known = frames < len(times)
            values = np.where(known, times[np.where(known, frames, 0)], np.nan)
        elif video.fps:
            values = frames * video.fps.denominator / video.fps.numerator
        else:
            return [""] * len(frames)
        return _texts(values)

    def _with_kept(self, tail: str, key: tuple[str, str, int, str]) -> str:
        if not self._extras.columns:
            return tail
        cells = self._extras.cells.get(key, ("",) * len(self._extras.columns))
        return f"{tail[:-1]},{self._line(cells)}"

    def _line(self, cells: Sequence[str], end: str = "\n") -> str:
        return ",".join(map(self._cell, cells)) + end

    def _cell(self, text: str) -> str:
        return _cell(text, guarded=self._guarded)


def text_line(cells: Sequence[str], *, guarded: bool) -> str:
    """Texts as one line with its line end; guarded as in `CsvLines`."""
    return ",".join(_cell(cell, guarded=guarded) for cell in cells) + "\n"


def _cell(text: str, *, guarded: bool) -> str:
    """A text as a cell: quoted where it must be (RFC 4180)."""
    if guarded and text.startswith(_FORMULA):
        text = f"'{text}"
    if _QUOTED.search(text):
        return '"' + text.replace('"', '""') + '"'
    return text


def _texts(values: Floats) -> list[str]:
    """Numbers with all their digits, nothing for NaN."""
    return ["" if isnan(value) else repr(value) for value in values.tolist()]


def _actions(
    tube: Tube, rows: TubeRows, names: Mapping[int, str]
) -> tuple[Ints, list[str], list[str]]:
    """Every line's place in rows (L,), its action, '' for none, and its score as text."""
    spans = sorted(tube.spans, key=lambda span: (names[span.label], span.start))
    bare = np.ones(len(rows.frames), dtype=np.bool_)
    places, scores, actions, counts = [], [], [], []
    done: dict[str, int] = {}
    for span in spans:
        name = names[span.label]
        low, high = np.searchsorted(rows.frames, (span.start, span.stop)).tolist()
        low = max(low, done.get(name, 0))  # a frame has an action once
        if low < high:
            places.append(np.arange(low, high))
            scores.append(span_scores(tube, span, rows.frames[low:high]))
            actions.append(name)
            counts.append(high - low)
            bare[low:high] = False
            done[name] = high
    places.append(np.flatnonzero(bare))
    scores.append(np.full(len(places[-1]), np.nan))
    every = np.concatenate(places)
    order = np.argsort(every, kind="stable")
    kinds = np.repeat(np.arange(len(actions) + 1), [*counts, len(places[-1])])[order]
    words = [*actions, ""]
    return every[order], [words[k] for k in kinds.tolist()], _texts(np.concatenate(scores)[order])
