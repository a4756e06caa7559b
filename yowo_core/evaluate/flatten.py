"""Annotations as flat columns: one row a visible box and action, stored or interpolated."""

from collections.abc import Iterable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from yowo_core.annotations import Tube, Video
from yowo_core.errors import DataError
from yowo_core.evaluate.frame_ap import FlatBoxes
from yowo_core.tubes.interpolate import dense
from yowo_core.tubes.spans import span_scores

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

FRAME_BITS = 32  # frame_key = video number << FRAME_BITS | frame


def visible(tube: Tube) -> tuple[Ints, Floats]:
    """Every frame in which the actor is seen (F,) and the box there (F, 4)."""
    whole = len(tube.frames) == tube.stop - tube.start
    if whole and not tube.outside.any():
        return tube.frames, tube.boxes
    filled = dense(tube)
    return filled.frames, filled.boxes


def flat_boxes(videos: Iterable[tuple[int, Video]], codes: Mapping[int, int]) -> FlatBoxes:
    """The boxes of numbered videos with each of their actions, in the order of the tubes.

    codes maps label ids to the numbers to be written as label. A box without a score gets 1.0: it
    is people's work.
    """
    rows = _Rows()
    for number, video in videos:
        for tube in video.tubes:
            rows.add(number << FRAME_BITS, tube, codes)
    return rows.joined()


class _Rows:
    """Collects stretches of boxes that share tube and action."""

    def __init__(self) -> None:
        self._keys: list[Ints] = []
        self._boxes: list[Floats] = []
        self._scores: list[Floats] = []
        self._labels: list[int] = []

    def add(self, base: int, tube: Tube, codes: Mapping[int, int]) -> None:
        frames, boxes = visible(tube)
        for span in tube.spans:
            low, high = np.searchsorted(frames, (span.start, span.stop))
            if low < high:
                inside = frames[low:high]
                self._keys.append(inside + base)
                self._boxes.append(boxes[low:high])
                self._scores.append(span_scores(tube, span, inside))
                self._labels.append(_code(codes, tube, span.label))

    def joined(self) -> FlatBoxes:
        if not self._keys:
            return FlatBoxes.none()
        lengths = [len(keys) for keys in self._keys]
        scores = np.concatenate(self._scores)
        return FlatBoxes(
            np.concatenate(self._keys),
            np.concatenate(self._boxes),
            np.repeat(np.array(self._labels, np.int64), lengths),
            np.where(np.isnan(scores), 1.0, scores),
            np.repeat(np.arange(len(lengths)), lengths),
        )


def _code(codes: Mapping[int, int], tube: Tube, label: int) -> int:
    if label not in codes:
        raise DataError(
            f"Tube {tube.id!r} has an action with the label id {label}, without a name."
        )
    return codes[label]


def annotated_frames(tubes: Sequence[Tube]) -> Ints:
    """The frames in which anyone is seen, with an action or without: ascending, no repeats."""
    if not tubes:
        return np.zeros(0, np.int64)
    return np.unique(np.concatenate([visible(tube)[0] for tube in tubes]))
