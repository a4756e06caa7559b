"""What a person does to a tube's boxes, as pure functions from tube to tube."""

from dataclasses import replace
from itertools import pairwise

import numpy as np
from numpy.typing import ArrayLike, NDArray

from yowo_core.annotations import Source, Tube
from yowo_core.errors import DataError
from yowo_core.tubes.actions import fitted
from yowo_core.tubes.interpolate import box_at


def with_box(tube: Tube, frame: int, box: ArrayLike) -> Tube:
    """The tube with a person's keyframe (x1, y1, x2, y2 in pixels) in that frame.

    A frame before the start or after the end extends the tube, and the actions that began or
    ended there with it. DataError for a negative frame or a box without area.
    """
    if frame < 0:
        raise DataError(f"Frame {frame} lies before the video; frames count from 0.")
    return _fitted(tube, _put(tube, frame, _checked(box), Source.HUMAN))


def without_keyframe(tube: Tube, frame: int) -> Tube:
    """The tube without the stored box of that frame; interpolation takes its place.

    Without its first or last box the tube begins or ends at the next one. DataError when there
    is no stored box, or no other.
    """
    keep = tube.frames != frame
    if keep.all():
        raise DataError(f"Frame {frame} holds no keyframe to be removed.")
    if not keep.any():
        raise DataError("A tube's only box cannot be removed; delete the tube instead.")
    return _fitted(tube, kept(tube, keep))


def keyframe_here(tube: Tube, frame: int) -> Tube:
    """The tube with a keyframe where its box already is: nothing moves, but the shape is pinned.

    A stored box keeps its source, an interpolated one becomes a person's. DataError where the
    tube has no visible box.
    """
    found = box_at(tube, frame)
    if found is None:
        raise DataError(
            f"There is no box to keep in frame {frame}; the tube runs from {tube.start} "
            f"to {tube.stop - 1} and is not visible there."
        )
    box, stored = found
    source = tube.sources[int(np.searchsorted(tube.frames, frame))] if stored else Source.HUMAN
    return _put(tube, frame, box, source)


def thinned(tube: Tube, tolerance_px: float) -> Tube:
    """The fewest boxes whose linear interpolation stays within tolerance of those left out.

    Douglas-Peucker over time with the largest corner error in pixels as the distance (Douglas
    and Peucker 1973). Boxes that a person set, the ends, and boxes at which the actor leaves or
    comes back stay. What remains are keyframes and keep their sources.
    """
    keep = _anchors(tube)
    corners = np.flatnonzero(keep).tolist()
    spans = list(pairwise(corners))
    while spans:
        first, last = spans.pop()
        worst, error = _worst(tube, first, last)
        if error > tolerance_px:
            keep[worst] = True
            spans += [(first, worst), (worst, last)]
    return replace(kept(tube, keep), keyframe=np.ones(int(keep.sum()), dtype=np.bool_))


def with_extent(tube: Tube, first: int, last: int) -> Tube:
    """The tube from frame first to last, both inclusive.

    A new end gets a keyframe: the interpolated box when the tube is cut, the nearest box held
    when it grows. Actions are cut, or follow an end that they reached. DataError for an empty
    extent or one that shares no frame with the tube.
    """
    if not 0 <= first <= last:
        raise DataError(f"A tube cannot run from frame {first} to frame {last}.")
    if last < tube.start or first >= tube.stop:
        raise DataError(
            f"Frames {first} to {last} share none with the tube's {tube.start} to {tube.stop - 1}."
        )
    result = tube
    for old, new in ((tube.start, first), (tube.stop - 1, last)):
        result = result if new == old else pinned(result, new)
    inside = (result.frames >= first) & (result.frames <= last)
    return _fitted(tube, kept(result, inside))


def _checked(box: ArrayLike) -> NDArray[np.float64]:
    """The box as (4,) float64; DataError unless it has four finite corners and an area."""
    corners = np.asarray(box, dtype=np.float64)
    whole = corners.shape == (4,) and bool(np.isfinite(corners).all())
    if not whole or not (corners[2] > corners[0] and corners[3] > corners[1]):
        raise DataError(f"{corners.tolist()} is no box: x1 < x2 and y1 < y2 in pixels are needed.")
    return corners


def _put(
    tube: Tube, frame: int, box: NDArray[np.float64], source: Source, outside: bool = False
) -> Tube:
    """The tube with one stored keyframe set or replaced; its spans are left as they are."""
    rest = kept(tube, tube.frames != frame) if tube.frames.tolist() != [frame] else None
    if rest is None:
        flag = np.array([outside])
        return replace(
            tube, boxes=box[None], sources=(source,), keyframe=np.array([True]), outside=flag
        )
    at = int(np.searchsorted(rest.frames, frame))
    return replace(
        rest,
        frames=np.insert(rest.frames, at, frame),
        boxes=np.insert(rest.boxes, at, box, axis=0),
        sources=(*rest.sources[:at], source, *rest.sources[at:]),
        keyframe=np.insert(rest.keyframe, at, True),
        outside=np.insert(rest.outside, at, outside),
    )


def pinned(tube: Tube, frame: int) -> Tube:
    """The tube with a keyframe in that frame at the stored, interpolated or nearest box."""
    at = int(np.clip(np.searchsorted(tube.frames, frame, side="right") - 1, 0, None))
    if tube.frames[at] == frame:
        return _put(tube, frame, tube.boxes[at], tube.sources[at], bool(tube.outside[at]))
    hidden = bool(tube.outside[at]) and frame > tube.start
    found = box_at(tube, frame)
    box = tube.boxes[at] if found is None else found[0]
    return _put(tube, frame, box, Source.INTERPOLATION, hidden)


def kept(tube: Tube, keep: NDArray[np.bool_]) -> Tube:
    """The tube with only those stored boxes; keep: (F,) bool with at least one True."""
    return replace(
        tube,
        frames=tube.frames[keep],
        boxes=tube.boxes[keep],
        sources=tuple(tube.sources[i] for i in np.flatnonzero(keep)),
        keyframe=tube.keyframe[keep],
        outside=tube.outside[keep],
    )


def _fitted(old: Tube, new: Tube) -> Tube:
    """The new tube with the old one's actions cut or stretched to its extent."""
    return replace(new, spans=fitted(old.spans, (old.start, old.stop), (new.start, new.stop)))


def _anchors(tube: Tube) -> NDArray[np.bool_]:
    """(F,) bool: the boxes that thinning may not take away."""
    keep = np.array([source is Source.HUMAN for source in tube.sources], dtype=np.bool_)
    keep |= tube.outside
    keep[1:] |= tube.outside[:-1]
    keep[[0, -1]] = True
    return keep


def _worst(tube: Tube, first: int, last: int) -> tuple[int, float]:
    """The stored box between two others that lies farthest from their line, and how far in px."""
    if last - first < 2:
        return first, 0.0
    share = (tube.frames[first:last] - tube.frames[first]) / (
        tube.frames[last] - tube.frames[first]
    )
    line = tube.boxes[first] + share[:, None] * (tube.boxes[last] - tube.boxes[first])
    errors = np.abs(tube.boxes[first:last] - line).max(axis=1)
    worst = int(errors.argmax())
    return first + worst, float(errors[worst])
