"""What our CSV cannot hold: an action is told by the rows of its tube, so it needs a box."""

from collections.abc import Iterator, Mapping

import numpy as np
from numpy.typing import NDArray

from yowo_core.annotations import AnnotationSet, FrameRange, Tube, Video
from yowo_core.formats.losses import Loss, Why
from yowo_core.formats.tube_rows import tube_rows

Times = Mapping[str, NDArray[np.float64]]


def csv_losses(annotations: AnnotationSet, times: Times) -> Iterator[Loss]:
    """Actions that have no row, and those that are cut to their tube's rows.

    times: seconds of every frame by video name; else frame / fps, else unknown.
    """
    names = {label.id: label.name for label in annotations.labels}
    for video in annotations.videos:
        for tube in video.tubes:
            for label, why, reach in _lost(tube):
                start, stop = (_second(video, times, f) for f in (reach.start, reach.stop))
                yield Loss(video.name, tube.id, why, reach, start, stop, names[label])


def _lost(tube: Tube) -> Iterator[tuple[int, Why, FrameRange]]:
    inside = all(tube.start <= s.start and s.stop <= tube.stop for s in tube.spans)
    if inside and not tube.outside.any():
        return  # every frame has its row
    frames = tube_rows(tube).frames
    for span in tube.spans:
        low, high = np.searchsorted(frames, (span.start, span.stop)).tolist()
        if low == high:
            yield span.label, Why.NO_BOX, FrameRange(span.start, span.stop)
            continue
        if span.start < frames[low]:
            yield span.label, Why.CUT, FrameRange(span.start, int(frames[low]))
        if frames[high - 1] + 1 < span.stop:
            yield span.label, Why.CUT, FrameRange(int(frames[high - 1]) + 1, span.stop)


def _second(video: Video, times: Times, frame: int) -> float:
    known = times.get(video.name)
    if known is not None and frame < len(known):
        return float(known[frame])
    return float(frame / video.fps) if video.fps else float("nan")
