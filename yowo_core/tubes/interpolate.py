"""Where an actor is between stored boxes: linear interpolation along a tube."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from yowo_core.annotations import Source, Tube


class Dense(NamedTuple):
    """A box for every visible frame of a tube.

    frames: (F,) int64 ascending; boxes: (F, 4) float64 x1, y1, x2, y2 in pixels; sources: who
    made each box, INTERPOLATION where none was stored. Frames in which the actor is outside the
    picture are left out, so frames may have gaps; F may be 0.
    """

    frames: NDArray[np.int64]
    boxes: NDArray[np.float64]
    sources: tuple[Source, ...]


def box_at(tube: Tube, frame: int) -> tuple[NDArray[np.float64], bool] | None:
    """The actor's box (4,) in that frame and whether it is stored rather than interpolated.

    None before the first and after the last stored box, and while the actor is outside.
    """
    if not tube.start <= frame < tube.stop:
        return None
    found = dense(tube, frame, frame + 1)
    if not len(found.frames):
        return None
    return found.boxes[0], bool(np.any(tube.frames == frame))


def dense(tube: Tube, start: int | None = None, stop: int | None = None) -> Dense:
    """The tube's boxes in all frames from start to before stop, its whole length by default."""
    first = tube.start if start is None else max(start, tube.start)
    last = tube.stop if stop is None else min(stop, tube.stop)
    frames = np.arange(first, max(first, last), dtype=np.int64)
    before = np.searchsorted(tube.frames, frames, side="right") - 1
    visible = ~tube.outside[before]
    frames, before = frames[visible], before[visible]
    stored = tube.frames[before] == frames
    sources = tuple(
        tube.sources[i] if here else Source.INTERPOLATION
        for i, here in zip(before.tolist(), stored.tolist(), strict=True)
    )
    return Dense(frames, _between(tube, frames, before), sources)


def _between(
    tube: Tube, frames: NDArray[np.int64], before: NDArray[np.intp]
) -> NDArray[np.float64]:
    """Boxes (F, 4) at frames (F,), each on the line from stored box before[i] to the next."""
    after = np.minimum(before + 1, len(tube.frames) - 1)
    gap = np.maximum(tube.frames[after] - tube.frames[before], 1)
    share = ((frames - tube.frames[before]) / gap)[:, None]
    step = tube.boxes[after] - tube.boxes[before]
    return np.asarray(tube.boxes[before] + share * step, dtype=np.float64)
