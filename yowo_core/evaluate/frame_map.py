"""Frame-mAP of detections against ground truth, video by video and class by name."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import PurePosixPath

import numpy as np
from numpy.typing import NDArray

from yowo_core.annotations import AnnotationSet, FrameRange, Label, Review, Video
from yowo_core.errors import DataError
from yowo_core.evaluate.flatten import FRAME_BITS, annotated_frames, flat_boxes
from yowo_core.evaluate.frame_ap import ClassResult, FlatBoxes, FrameAp, average_precision, frame_ap

__all__ = [
    "ClassResult",
    "FlatBoxes",
    "FrameAp",
    "FrameMap",
    "average_precision",
    "frame_ap",
    "frame_map",
]


@dataclass(frozen=True)
class FrameMap:
    """Frame-mAP at one IoU threshold, and what did not take part.

    map: mean AP over the classes with a truth, 0..1. per_class: by label name, the classes that
    only detections name included, with an AP of None. missing: videos of the truth for which
    there was no detection. unknown: videos of the detections that the truth does not name.
    """

    map: float
    iou: float
    per_class: dict[str, ClassResult]
    missing: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()


def frame_map(
    truth: AnnotationSet,
    detections: AnnotationSet,
    iou: float = 0.5,
    frames: FrameRange | None = None,
) -> FrameMap:
    """Mean over the classes of the all-point average precision of boxes in single frames.

    A frame counts when everything in it is known: it lies in a labelled range of the truth, and
    in frames when that is given. For a video without labelled ranges all of frames counts, or,
    without frames, every frame in which the truth has a box. Boxes in other frames are left out
    on both sides. Rejected tubes are no truth; detections count whatever a person said of them,
    and as 1.0 when they have no score. DataError when no truth is left or iou is not in 0..1.
    """
    if not 0 < iou <= 1:
        raise DataError(f"The IoU threshold {iou} does not lie between 0 and 1.")
    names = _codes_by_name((*truth.labels, *detections.labels))
    known = [_without_rejected(video) for video in truth.videos]
    paired, unknown = _pair(known, detections.videos)
    labels = [_codes(part.labels, names) for part in (truth, detections)]
    real = flat_boxes(enumerate(known), labels[0])
    found = flat_boxes(paired, labels[1])
    result = frame_ap(
        real.only(_counted(real, known, frames)), found.only(_counted(found, known, frames)), iou
    )
    if result.map is None:
        where = f" in frames {frames.start} to {frames.stop - 1}" if frames else ""
        raise DataError(f"The truth holds no box with an action{where}: there is nothing to find.")
    per_class = {name: result.per_class[n] for name, n in names.items() if n in result.per_class}
    seen = {number for number, _ in paired}
    missing = tuple(v.name for n, v in enumerate(known) if n not in seen)
    return FrameMap(result.map, iou, per_class, missing, unknown)


def _codes_by_name(labels: Sequence[Label]) -> dict[str, int]:
    return {name: code for code, name in enumerate(dict.fromkeys(x.name for x in labels))}


def _codes(labels: Sequence[Label], names: dict[str, int]) -> dict[int, int]:
    return {label.id: names[label.name] for label in labels}


def _without_rejected(video: Video) -> Video:
    return replace(video, tubes=tuple(t for t in video.tubes if t.review is not Review.REJECTED))


def _pair(
    truth: Sequence[Video], detected: Sequence[Video]
) -> tuple[list[tuple[int, Video]], tuple[str, ...]]:
    """Detected videos with the number of their truth, and the names of those without one.

    Names are compared whole, then without folders where that name is there only once.
    """
    whole = {video.name: number for number, video in enumerate(truth)}
    counts = Counter(_file_name(video) for video in truth)
    short = {_file_name(v): n for n, v in enumerate(truth) if counts[_file_name(v)] == 1}
    paired, unknown = [], []
    for video in detected:
        number = whole.get(video.name, short.get(_file_name(video)))
        if number is None:
            unknown.append(video.name)
        else:
            paired.append((number, video))
    return paired, tuple(unknown)


def _file_name(video: Video) -> str:
    return PurePosixPath(video.name.replace("\\", "/")).name


def _counted(
    boxes: FlatBoxes, truth: Sequence[Video], frames: FrameRange | None
) -> NDArray[np.bool_]:
    """(N,) whether each box lies in a frame that counts."""
    keep = np.zeros(len(boxes), dtype=np.bool_)
    if not len(boxes):
        return keep
    numbers = boxes.frame_key >> FRAME_BITS
    order = np.argsort(numbers, kind="stable")
    for mine in np.split(order, np.flatnonzero(np.diff(numbers[order])) + 1):
        local = boxes.frame_key[mine] & ((1 << FRAME_BITS) - 1)
        keep[mine] = _known(truth[numbers[mine[0]]], local, frames)
    return keep


def _known(video: Video, local: NDArray[np.int64], frames: FrameRange | None) -> NDArray[np.bool_]:
    """(N,) whether all that happens in those frames of the video is known and asked for."""
    asked = np.ones(len(local), dtype=np.bool_)
    if frames is not None:
        asked = (local >= frames.start) & (local < frames.stop)
    if video.ranges:
        inside = [(local >= r.start) & (local < r.stop) for r in video.ranges]
        return np.asarray(asked & np.any(inside, axis=0))
    if frames is None:
        return np.isin(local, annotated_frames(video.tubes))
    return asked
