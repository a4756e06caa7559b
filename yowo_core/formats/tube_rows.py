"""A tube as the rows that our CSV holds of it: every visible frame and every stored box."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from yowo_core.annotations import Source, Tube
from yowo_core.tubes.interpolate import dense


@dataclass(frozen=True, eq=False)
class TubeRows:
    """Boxes of a tube: the stored ones, hidden ones included, and the interpolated ones.

    frames: (R,) ascending; boxes: (R, 4); sources: R; keyframe, outside: (R,) bool.
    """

    frames: NDArray[np.int64]
    boxes: NDArray[np.float64]
    sources: tuple[Source, ...]
    keyframe: NDArray[np.bool_]
    outside: NDArray[np.bool_]


def tube_rows(tube: Tube) -> TubeRows:
    """All rows of a tube."""
    if len(tube.frames) == tube.stop - tube.start:
        return TubeRows(tube.frames, tube.boxes, tube.sources, tube.keyframe, tube.outside)
    filled = dense(tube)
    frames = np.union1d(filled.frames, tube.frames)
    boxes = np.zeros((len(frames), 4))
    boxes[np.searchsorted(frames, filled.frames)] = filled.boxes
    stored = np.searchsorted(frames, tube.frames)
    boxes[stored] = tube.boxes
    keyframe = np.zeros(len(frames), dtype=np.bool_)
    keyframe[stored] = tube.keyframe
    outside = np.zeros(len(frames), dtype=np.bool_)
    outside[stored] = tube.outside
    sources = [Source.INTERPOLATION] * len(frames)
    for place, source in zip(stored.tolist(), tube.sources, strict=True):
        sources[place] = source
    return TubeRows(frames, boxes, tuple(sources), keyframe, outside)
