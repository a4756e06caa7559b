"""Truth and detections of the same videos side by side, ready for every metric."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import PurePosixPath

import numpy as np
from numpy.typing import NDArray

from yowo_core.annotations import AnnotationSet, FrameRange, Label, Review, Video
from yowo_core.errors import DataError
from yowo_core.evaluate.flatten import FRAME_BITS, annotated_frames, flat_boxes
from yowo_core.evaluate.frame_ap import FlatBoxes


@dataclass(frozen=True, eq=False)
class Comparison:
    """What is compared. truth and detections hold only boxes in frames that count.

    A box's label is the place of its class in classes; the first known of them are those that
    the truth declares. videos: those of the truth, without rejected tubes; a box's frame_key has
    the place of its video above FRAME_BITS. missing: videos of the truth without any detection.
    unknown: videos of the detections that the truth does not name.
    """

    truth: FlatBoxes
    detections: FlatBoxes
    classes: tuple[str, ...]
    known: int
    videos: tuple[Video, ...]
    missing: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()

    def frame_count(self, video: int) -> int:
        """How many frames a video has, as far as is known: up to the last box at least."""
        told = self.videos[video].frame_count
        last = [self._last(part, video) + 1 for part in (self.truth, self.detections)]
        return max(told, *last)

    def _last(self, boxes: FlatBoxes, video: int) -> int:
        mine = boxes.frame_key[boxes.frame_key >> FRAME_BITS == video]
        return int(mine.max() & ((1 << FRAME_BITS) - 1)) if len(mine) else -1


def compare(
    truth: AnnotationSet,
    detections: AnnotationSet,
    frames: FrameRange | None = None,
    *,
    every_frame: bool = False,
) -> Comparison:
    """Pair videos and classes by name and keep the frames in which everything is known.

    A frame counts when it lies in a labelled range of the truth, and in frames when that is
    given. For a video without labelled ranges all of frames counts, or, without frames, every
    frame in which the truth has a box; with every_frame all do, as for official evaluators, which
    take a frame without a truth for an empty one. Rejected tubes are no truth; detections count
    whatever a person said of them, and as 1.0 when they have no score. DataError when no truth is
    left.
    """
    names = _codes_by_name((*truth.labels, *detections.labels))
    videos = [_without_rejected(video) for video in truth.videos]
    paired, unknown = _pair(videos, detections.videos)
    real = flat_boxes(enumerate(videos), _codes(truth.labels, names))
    found = flat_boxes(paired, _codes(detections.labels, names))
    if every_frame:
        real, found = (part.only(_asked(part.frame_key, frames)) for part in (real, found))
    else:
        real, found = (part.only(_counted(part, videos, frames)) for part in (real, found))
    if not len(real):
        where = f" in frames {frames.start} to {frames.stop - 1}" if frames else ""
        raise DataError(f"The truth holds no box with an action{where}: there is nothing to find.")
    seen = {number for number, _ in paired}
    missing = tuple(v.name for n, v in enumerate(videos) if n not in seen)
    known = len(_codes_by_name(truth.labels))
    return Comparison(real, found, tuple(names), known, tuple(videos), missing, unknown)


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


def _asked(keys: NDArray[np.int64], frames: FrameRange | None) -> NDArray[np.bool_]:
    """(N,) whether those frames, of any video, are asked for."""
    if frames is None:
        return np.ones(len(keys), dtype=np.bool_)
    local = keys & ((1 << FRAME_BITS) - 1)
    return np.asarray((local >= frames.start) & (local < frames.stop))


def _known(video: Video, local: NDArray[np.int64], frames: FrameRange | None) -> NDArray[np.bool_]:
    """(N,) whether all that happens in those frames of the video is known and asked for."""
    asked = _asked(local, frames)
    if video.ranges:
        inside = [(local >= r.start) & (local < r.stop) for r in video.ranges]
        return np.asarray(asked & np.any(inside, axis=0))
    if frames is None:
        return np.isin(local, annotated_frames(video.tubes))
    return asked
