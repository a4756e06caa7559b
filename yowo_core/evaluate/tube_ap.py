"""Average precision of tubes: boxes over time, compared in space and time (video-mAP)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from yowo_core.evaluate.frame_ap import average_precision
from yowo_core.tubes.viterbi import overlaps

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class FlatTube:
    """A tube of one action in a video: frames (F,) ascending, boxes (F, 4), how sure it is."""

    video: int
    frames: Ints
    boxes: Floats
    score: float = 1.0


@dataclass(frozen=True)
class TubeRule:
    """How tubes are compared.

    inclusive: boxes end on their last pixel. extent: the overlap in time is that of the spans
    from the first frame to the last, as in the official evaluators, else of the frames with a
    box. single: whether an overlap of a single frame counts. fudge is added to the number of
    truths when recall is computed.
    """

    inclusive: bool = False
    extent: bool = False
    single: bool = True
    fudge: float = 0.0


OFFICIAL = TubeRule(inclusive=True, extent=True, single=False, fudge=1e-5)
"""What YOWO, YOWO-Plus and YOWOv2 measure their video-mAP with."""


def tube_iou(first: FlatTube, second: FlatTube, rule: TubeRule) -> float:
    """Mean overlap of the boxes in common frames times the overlap in time, 0..1."""
    common, one, two = np.intersect1d(
        first.frames, second.frames, assume_unique=True, return_indices=True
    )
    if len(common) < (1 if rule.single else 2):
        return 0.0
    if rule.extent:
        start = max(first.frames[0], second.frames[0])
        stop = min(first.frames[-1], second.frames[-1])
        whole = max(first.frames[-1], second.frames[-1]) - min(first.frames[0], second.frames[0])
        in_time = (stop - start + 1) / (whole + 1)
    else:
        in_time = len(common) / (len(first.frames) + len(second.frames) - len(common))
    in_space = overlaps(first.boxes[one], second.boxes[two], inclusive=rule.inclusive)
    return float(in_space.mean() * in_time)


def tube_ap(
    truth: Sequence[FlatTube], found: Sequence[FlatTube], iou: float, rule: TubeRule
) -> float | None:
    """AP of one class in 0..1, None without a truth.

    The best score chooses first, of equal scores the one given first; each takes the truth of its
    video that it overlaps most among those that are left.
    """
    if not truth:
        return None
    waiting: dict[int, list[FlatTube]] = {}
    for tube in truth:
        waiting.setdefault(tube.video, []).append(tube)
    ranked = sorted(found, key=lambda tube: -tube.score)
    hits = np.array([_takes(tube, waiting, iou, rule) for tube in ranked], np.bool_)
    plain = average_precision(hits, len(truth))
    return plain * len(truth) / (len(truth) + rule.fudge)


def _takes(
    tube: FlatTube, waiting: Mapping[int, list[FlatTube]], iou: float, rule: TubeRule
) -> bool:
    candidates = waiting.get(tube.video, [])
    shares = [tube_iou(tube, truth, rule) for truth in candidates]
    if not shares or max(shares) < iou:
        return False
    candidates.pop(int(np.argmax(shares)))
    return True


def without_doubles(tubes: Sequence[FlatTube], iou: float, rule: TubeRule) -> list[FlatTube]:
    """Non-maximum suppression of whole tubes: the best score stays, what overlaps it more goes."""
    kept: list[FlatTube] = []
    for tube in sorted(tubes, key=lambda t: -t.score):
        if all(tube_iou(tube, other, rule) <= iou for other in kept):
            kept.append(tube)
    return kept
