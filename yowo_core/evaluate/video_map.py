"""Video-mAP: detections linked into tubes of one action, compared with the truth's tubes."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import groupby

import numpy as np
from numpy.typing import NDArray

from yowo_core.evaluate.comparison import Comparison
from yowo_core.evaluate.flatten import FRAME_BITS
from yowo_core.evaluate.frame_ap import FlatBoxes
from yowo_core.evaluate.protocols import Protocol
from yowo_core.evaluate.tube_ap import (
    OFFICIAL,
    FlatTube,
    TubeRule,
    tube_ap,
    without_doubles,
)
from yowo_core.tubes.class_tubes import FrameActors, class_tubes
from yowo_core.tubes.viterbi import ClassBoxes, ViterbiConfig, best_paths

Ints = NDArray[np.int64]

DOUBLES = 0.3
"""Overlap in space and time from which the worse of two tubes of a class goes."""
AVERAGED = tuple(round(0.5 + 0.05 * i, 2) for i in range(10))


@dataclass(frozen=True)
class VideoMap:
    """Video-mAP by IoU threshold in 0..1; per_class at the same thresholds, None without truth."""

    map: dict[float, float]
    per_class: dict[float, dict[str, float | None]]
    averaged: float


def video_map(
    compared: Comparison, thresholds: tuple[float, ...], how: Protocol
) -> VideoMap | None:
    """Video-mAP at thresholds and its mean over 0.5:0.95; None where the truth has no tubes."""
    rule = OFFICIAL if how.link == "viterbi" else TubeRule()
    truth = truth_tubes(compared)
    if not any(truth.values()):
        return None
    found = found_tubes(compared, how, rule)
    every = sorted({*thresholds, *AVERAGED})
    per_class = {iou: _class_aps(compared, (truth, found), iou, (how, rule)) for iou in every}
    means = {iou: _mean(aps, how, compared.known) for iou, aps in per_class.items()}
    return VideoMap(
        {iou: means[iou] for iou in thresholds},
        {iou: per_class[iou] for iou in thresholds},
        float(np.mean([means[iou] for iou in AVERAGED])),
    )


def _class_aps(
    compared: Comparison,
    tubes: tuple[dict[int, list[FlatTube]], dict[int, list[FlatTube]]],
    iou: float,
    how: tuple[Protocol, TubeRule],
) -> dict[str, float | None]:
    aps: dict[str, float | None] = {}
    for label in range(compared.known):
        ap = tube_ap(tubes[0].get(label, []), tubes[1].get(label, []), iou, how[1])
        if ap is not None and how[0].digits is not None:
            ap = round(100 * ap, how[0].digits) / 100
        aps[compared.classes[label]] = ap
    return aps


def _mean(aps: dict[str, float | None], how: Protocol, known: int) -> float:
    values = [ap for ap in aps.values() if ap is not None]
    return sum(values) / (known if how.all_classes else len(values))


def truth_tubes(compared: Comparison) -> dict[int, list[FlatTube]]:
    """Every action of every tube of the truth, by class; only frames that count."""
    truth = compared.truth
    found: dict[int, list[FlatTube]] = {}
    if truth.run is None:
        return found
    order = np.lexsort((truth.frame_key, truth.run))
    for part in np.split(order, np.flatnonzero(np.diff(truth.run[order])) + 1):
        video, frames = _place(truth.frame_key[part])
        tube = FlatTube(video, frames, truth.boxes[part])
        found.setdefault(int(truth.label[part[0]]), []).append(tube)
    return found


def found_tubes(compared: Comparison, how: Protocol, rule: TubeRule) -> dict[int, list[FlatTube]]:
    """The detections linked into tubes, by class."""
    found: dict[int, list[FlatTube]] = {}
    boxes = compared.detections
    numbers = boxes.frame_key >> FRAME_BITS
    for number in np.unique(numbers):
        mine = actors_of(boxes.only(numbers == number), len(compared.classes))
        if how.link == "viterbi":
            linked = list(_viterbi_tubes(mine, compared.frame_count(int(number)), how, rule))
        else:
            parts = class_tubes(mine)
            linked = [(t.label, FlatTube(0, t.frames, t.boxes, t.score)) for t in parts]
        for label, tube in linked:
            if label < compared.known:
                found.setdefault(label, []).append(replace(tube, video=int(number)))
    return found


def _viterbi_tubes(
    actors: FrameActors, count: int, how: Protocol, rule: TubeRule
) -> Iterator[tuple[int, FlatTube]]:
    """YOWO's tubes: paths through the whole video, the worse of two alike dropped."""
    frames = np.arange(count)
    rows, labels = np.nonzero(np.ones_like(actors.scores) if how.every_class else actors.scores)
    found = ClassBoxes(actors.frames[rows], actors.boxes[rows], labels, actors.scores[rows, labels])
    for label, paths in groupby(best_paths(found, count, ViterbiConfig()), lambda p: p.label):
        tubes = [FlatTube(0, frames, path.boxes, path.score) for path in paths]
        for tube in without_doubles(tubes, DOUBLES, rule):
            yield label, tube


def actors_of(boxes: FlatBoxes, classes: int) -> FrameActors:
    """Boxes of one video with a score for every class, from rows of one class each."""
    frames = boxes.frame_key & ((1 << FRAME_BITS) - 1)
    order = np.lexsort((*boxes.boxes.T[::-1], frames))
    rows = np.column_stack((frames[order], boxes.boxes[order]))
    fresh = np.concatenate([[True], (np.diff(rows, axis=0) != 0).any(1)])
    actor = np.cumsum(fresh) - 1
    scores = np.zeros((int(fresh.sum()), classes))
    np.maximum.at(scores, (actor, boxes.label[order]), boxes.score[order])
    first = order[fresh]
    return FrameActors(frames[first], boxes.boxes[first], scores)


def _place(keys: Ints) -> tuple[int, Ints]:
    return int(keys[0] >> FRAME_BITS), keys & ((1 << FRAME_BITS) - 1)
