"""How large a data set's boxes are in a network's input; free of torch."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from yowo_core.annotations import AnnotationSet, FrameRange, Video
from yowo_core.data.manifest import Manifest, frame_labels
from yowo_core.data.transforms import Crop, cropped_boxes

Sizes = NDArray[np.float64]
"""Widths and heights (N, 2) in pixels."""


@dataclass(frozen=True, eq=False)
class BoxSizes:
    """Sizes (N, 2) in input pixels; how many boxes were left out, and why in sentences."""

    sizes: Sizes
    skipped: int
    notices: tuple[str, ...] = ()


def labelled_sizes(annotations: AnnotationSet, size: int) -> BoxSizes:
    """All confirmed boxes in the labelled ranges, frame by frame, for square inputs of size pixels.

    A video without ranges counts whole. Boxes are cut to the picture; those that are then thinner
    than a pixel of the input are skipped, as training does. So are boxes of videos whose picture's
    size the labels do not tell.
    """
    parts, notices = [], []
    for video in annotations.videos:
        if video.width and video.height:
            parts.append(_scaled(video, video.ranges, (video.width, video.height), size))
        else:
            parts.append(BoxSizes(np.zeros((0, 2)), len(_boxes(video, video.ranges))))
            notices.append(
                f"{video.name} is left out: the labels do not tell its width and height."
            )
    return _joined(parts, tuple(notices))


def learnt_sizes(manifest: Manifest, annotations: AnnotationSet, size: int) -> BoxSizes:
    """The boxes of a run folder in the frames to learn from; see `labelled_sizes`."""
    parts = []
    for file in manifest.videos:
        ranges = tuple(
            s.frames for s in manifest.segments if s.video == file.name and not s.held_out
        )
        if ranges:
            video = annotations.video(file.name)
            parts.append(_scaled(video, ranges, (file.width, file.height), size))
    return _joined(parts, ())


def _scaled(
    video: Video, ranges: tuple[FrameRange, ...], picture: tuple[int, int], size: int
) -> BoxSizes:
    boxes = _boxes(video, ranges)
    kept, _ = cropped_boxes(boxes / np.array(picture * 2), Crop(), size)
    return BoxSizes(kept[:, 2:] - kept[:, :2], len(boxes) - len(kept))


def _boxes(video: Video, ranges: tuple[FrameRange, ...]) -> NDArray[np.float64]:
    """Boxes (N, 4) of the frames in any of the ranges, of all frames when there is none."""
    labels = frame_labels(video, (), ())
    if not ranges:
        return labels.boxes
    inside = [(labels.frames >= r.start) & (labels.frames < r.stop) for r in ranges]
    return np.asarray(labels.boxes[np.any(inside, 0)])


def _joined(parts: list[BoxSizes], notices: tuple[str, ...]) -> BoxSizes:
    sizes = np.concatenate([np.zeros((0, 2)), *(part.sizes for part in parts)])
    return BoxSizes(sizes, sum(part.skipped for part in parts), notices)
