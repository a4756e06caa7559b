"""Average precision of boxes in single frames, on flat arrays.

All-point interpolation: the rectangle rule over the precision envelope (Everingham et al., The
PASCAL Visual Object Classes Challenge, 2010 onwards). Float boxes, half-open; every truth counts.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from yowo_core.boxes import area

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

_CHUNK = 1_000_000  # pairs compared at a time, so that memory stays bounded


@dataclass(frozen=True, eq=False)
class FlatBoxes:
    """Labelled boxes of many frames as columns of the same length N.

    frame_key: (N,) int64, equal for boxes of the same frame of the same video. boxes: (N, 4) x1,
    y1, x2, y2 in pixels. label: (N,) int64. score: (N,); of no meaning for ground truth. run:
    (N,) int64, equal for boxes of one action of one tube; None where tubes do not matter.
    """

    frame_key: Ints
    boxes: Floats
    label: Ints
    score: Floats
    run: Ints | None = None

    def __len__(self) -> int:
        return len(self.frame_key)

    def only(self, keep: Bools) -> "FlatBoxes":
        """The boxes for which keep (N,) is true, in the same order."""
        run = None if self.run is None else self.run[keep]
        return FlatBoxes(
            self.frame_key[keep], self.boxes[keep], self.label[keep], self.score[keep], run
        )

    @staticmethod
    def none() -> "FlatBoxes":
        """No boxes at all."""
        empty = np.zeros(0, np.int64)
        return FlatBoxes(empty, np.zeros((0, 4)), empty, np.zeros(0))


@dataclass(frozen=True)
class ClassResult:
    """How one class was found.

    ap: area under its curve in 0..1, None without a truth. recall and precision: those of all
    detections together, None where they would divide by 0. true_positives: detections that found
    a truth.
    """

    ap: float | None
    truths: int
    detections: int
    true_positives: int

    @property
    def recall(self) -> float | None:
        """Share of the truths that were found by any detection."""
        return self.true_positives / self.truths if self.truths else None

    @property
    def precision(self) -> float | None:
        """Share of the detections that found a truth."""
        return self.true_positives / self.detections if self.detections else None


@dataclass(frozen=True)
class FrameAp:
    """Frame-mAP: the mean AP over the classes with a truth, None when none has; per label id."""

    map: float | None
    per_class: dict[int, ClassResult]


def average_precision(hits: Bools, truths: int) -> float:
    """Area under the precision envelope by the rectangle rule, in 0..1.

    hits: (D,) whether each detection found a truth, best score first; truths: how many there are,
    at least 1.
    """
    found = np.cumsum(hits)
    precision = found / np.arange(1, len(hits) + 1)
    envelope = np.maximum.accumulate(precision[::-1])[::-1]
    # recall grows by 1 / truths at every hit and nowhere else
    return float(envelope[hits].sum() / truths)


ApRule = Callable[[Bools, int], float]


def trapezoid_precision(hits: Bools, truths: int) -> float:
    """Area under the precision envelope by the trapezoid rule, in 0..1: YOWOv3's own.

    The envelope starts at recall 0 with precision 1 and is closed at recall 1 with precision 0,
    which adds the triangle behind the last recall.
    """
    found = np.cumsum(hits)
    recall = np.concatenate([[0.0], found / truths, [1.0]])
    precision = np.concatenate([[1.0], found / np.arange(1, len(hits) + 1), [0.0]])
    envelope = np.maximum.accumulate(precision[::-1])[::-1]
    return float(np.trapezoid(envelope, recall))


def frame_ap(
    truth: FlatBoxes,
    detections: FlatBoxes,
    iou: float = 0.5,
    rule: ApRule = average_precision,
    *,
    in_order: bool = False,
) -> FrameAp:
    """AP of every class that occurs, at one IoU threshold, by a rule from hits to AP.

    The best score chooses first, equal scores in the order given; a detection can only find the
    truth of its frame and class that it overlaps most, at least by iou, and every truth is found
    once. in_order: not the best score chooses first in a frame but the one given first, as in one
    official evaluator.
    """
    ranked = np.argsort(-detections.score, kind="stable")
    choosing = np.arange(len(detections)) if in_order else ranked
    found = np.zeros(len(detections), np.bool_)
    found[choosing] = _true_positives(truth, detections, choosing, iou)
    hits = found[ranked]
    ranked_labels = detections.label[ranked]
    per_class = {
        int(label): _class_result(
            int((truth.label == label).sum()), hits[ranked_labels == label], rule
        )
        for label in np.unique(np.concatenate([truth.label, detections.label]))
    }
    known = [r.ap for r in per_class.values() if r.ap is not None]
    return FrameAp(sum(known) / len(known) if known else None, per_class)


def _class_result(truths: int, hits: Bools, rule: ApRule) -> ClassResult:
    ap = rule(hits, truths) if truths else None
    return ClassResult(ap, truths, len(hits), int(hits.sum()))


def _true_positives(truth: FlatBoxes, detections: FlatBoxes, ranked: Ints, iou: float) -> Bools:
    """(D,) in ranked order: whether the detection is the first to find its truth."""
    best, overlap = _best_truths(truth, detections)
    chosen = best[ranked]
    claims = np.flatnonzero((chosen >= 0) & (overlap[ranked] >= iou))
    _, first = np.unique(chosen[claims], return_index=True)
    hits = np.zeros(len(ranked), dtype=np.bool_)
    hits[claims[first]] = True
    return hits


def _best_truths(truth: FlatBoxes, detections: FlatBoxes) -> tuple[Ints, Floats]:
    """For each detection the truth of its frame and class with the largest IoU, and that IoU.

    (D,) indices, -1 where the frame holds none of that class, and (D,) overlaps.
    """
    truth_groups, groups = _group_codes(truth, detections)
    order = np.argsort(truth_groups, kind="stable")
    low = np.searchsorted(truth_groups[order], groups, side="left")
    count = np.searchsorted(truth_groups[order], groups, side="right") - low
    best = np.full(len(groups), -1, np.int64)
    overlap = np.zeros(len(groups))
    busy = np.flatnonzero(count)
    chunks = np.flatnonzero(np.diff(np.cumsum(count[busy]) // _CHUNK)) + 1
    for part in np.split(busy, chunks) if len(busy) else ():
        starts = np.cumsum(count[part]) - count[part]
        rows = np.repeat(np.arange(len(part)), count[part])
        truths = order[np.arange(len(rows)) - starts[rows] + low[part][rows]]
        pairs = _paired_iou(truth.boxes[truths], detections.boxes[part[rows]])
        largest = np.maximum.reduceat(pairs, starts)
        top = np.flatnonzero(pairs == largest[rows])
        _, first = np.unique(rows[top], return_index=True)
        best[part], overlap[part] = truths[top[first]], largest
    return best, overlap


def _group_codes(truth: FlatBoxes, detections: FlatBoxes) -> tuple[Ints, Ints]:
    """A number for every pair of frame and label: (T,) of the truth, (D,) of the detections."""
    frames = np.concatenate([truth.frame_key, detections.frame_key])
    labels = np.concatenate([truth.label, detections.label])
    _, frame_codes = np.unique(frames, return_inverse=True)
    names, label_codes = np.unique(labels, return_inverse=True)
    codes = frame_codes.astype(np.int64) * max(len(names), 1) + label_codes
    return codes[: len(truth)], codes[len(truth) :]


def _paired_iou(first: Floats, second: Floats) -> Floats:
    """IoU of the boxes in the same row: (N, 4), (N, 4) -> (N,)."""
    low = np.maximum(first[:, :2], second[:, :2])
    high = np.minimum(first[:, 2:], second[:, 2:])
    inter = area(np.concatenate([low, high], axis=1))
    union = area(first) + area(second) - inter
    return np.asarray(np.divide(inter, union, out=np.zeros_like(inter), where=union > 0))
