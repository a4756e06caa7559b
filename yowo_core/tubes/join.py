"""Tubes put together, cut apart and exchanged by a person, as pure functions.

bridge is the longest gap, in frames, over which an actor is taken to have been there: a shorter
one is interpolated, in a longer one the actor is outside.
"""

from dataclasses import replace

import numpy as np

from yowo_core.annotations import ActionSpan, Source, Tube
from yowo_core.errors import DataError
from yowo_core.tubes.actions import fitted, with_action
from yowo_core.tubes.edit import kept, pinned, with_box, with_extent
from yowo_core.tubes.interpolate import box_at


def split(tube: Tube, frame: int) -> tuple[Tube, Tube]:
    """The tube before that frame, and from it on; actions that run across are in both.

    DataError unless a frame of the tube lies before it and one not.
    """
    head, tail = _before(tube, frame), _from(tube, frame)
    if head is None or tail is None:
        raise DataError(
            f"A tube that runs from frame {tube.start} to {tube.stop - 1} cannot be split at frame "
            f"{frame}: choose one after its first."
        )
    return head, tail


def merged(tube: Tube, other: Tube, bridge: int) -> Tube:
    """The first tube with the other's boxes where it has none, and the actions of both.

    Runs of one action that overlap, or are no further apart than bridge, become one.
    """
    parts = [_before(other, tube.start), tube, _from(other, tube.stop)]
    found = [part for part in parts if part is not None]
    whole = found[0]
    for part in found[1:]:
        whole = _chained(whole, part, bridge)
    whole = _shaped_like(tube, whole)
    for span in other.spans:
        near = [s for s in tube.spans if s.label == span.label and _gap(s, span) <= bridge]
        if near:
            start = min(s.start for s in (span, *near))
            stop = max(s.stop for s in (span, *near))
            whole = with_action(whole, span.label, start, stop)
        else:
            spans = sorted((*whole.spans, span), key=lambda s: (s.start, s.stop, s.label))
            whole = replace(whole, spans=tuple(spans))
    return whole


def swapped(first: Tube, second: Tube, frame: int, bridge: int) -> tuple[Tube, Tube]:
    """Both tubes with what they are from that frame on, boxes and actions, exchanged.

    DataError when there is nothing to exchange, or nothing would be left of one.
    """
    tails = _from(first, frame), _from(second, frame)
    heads = _before(first, frame), _before(second, frame)
    if tails == (None, None):
        raise DataError(f"Neither tube goes on at frame {frame}: there is nothing to swap.")
    if heads == (None, None):
        raise DataError(f"Both tubes begin at frame {frame} or later: choose a frame after that.")
    return (
        _being(_linked(heads[0], tails[1], bridge), first),
        _being(_linked(heads[1], tails[0], bridge), second),
    )


def between(tube: Tube, frame: int) -> tuple[int, int]:
    """The frames, both inclusive, of the boxes set by a person around a frame, else the ends."""
    mine = [f for f, s in zip(tube.frames.tolist(), tube.sources, strict=True) if s is Source.HUMAN]
    first = max((f for f in mine if f <= frame), default=tube.start)
    return first, min((f for f in mine if f > frame), default=tube.stop - 1)


def interpolated(tube: Tube, first: int, last: int) -> Tube:
    """The tube with a straight line from its box in frame first to that in frame last.

    What was stored between them goes, and the actor is visible all along. DataError when the
    tube has no two such frames, or nothing lies between them.
    """
    first, last = max(first, tube.start), min(last, tube.stop - 1)
    inner = (tube.frames > first) & (tube.frames < last)
    hidden = tube.outside[(tube.frames <= last) & (tube.frames >= first)]
    if first >= last or not (inner.any() or hidden.any()):
        raise DataError(f"The tube is a straight line from frame {first} to {last} already.")
    ends = pinned(pinned(tube, first), last)
    line = kept(ends, (ends.frames <= first) | (ends.frames >= last))
    seen = line.outside & ~((line.frames == first) | (line.frames == last))
    return replace(line, outside=seen)


def held(tube: Tube, frame: int, last: int) -> Tube:
    """The tube with its box of one frame in all frames up to last, which may lie after its end.

    DataError when it has no box in that frame, or last is not after it.
    """
    found = box_at(tube, frame)
    if found is None or last <= frame:
        raise DataError(f"The tube has no box in frame {frame} that could be copied on.")
    rest = kept(tube, (tube.frames <= frame) | (tube.frames > last) | (tube.frames == tube.start))
    longer = with_box(with_box(rest, frame, found[0]), last, found[0])
    spans = fitted(tube.spans, (tube.start, tube.stop), (longer.start, longer.stop))
    return replace(longer, spans=spans)


def _gap(first: ActionSpan, second: ActionSpan) -> int:
    """Frames between two runs of an action; negative when they overlap."""
    return max(first.start, second.start) - min(first.stop, second.stop)


def _before(tube: Tube, frame: int) -> Tube | None:
    return with_extent(tube, tube.start, min(frame, tube.stop) - 1) if tube.start < frame else None


def _from(tube: Tube, frame: int) -> Tube | None:
    return with_extent(tube, max(frame, tube.start), tube.stop - 1) if frame < tube.stop else None


def _linked(head: Tube | None, tail: Tube | None, bridge: int) -> Tube:
    """The one after the other, or the one there is; DataError when there is neither."""
    if head is None or tail is None:
        one = head if tail is None else tail
        if one is None:
            raise DataError("Nothing would be left of one of the tubes; merge them instead.")
        return one
    return merged(head, tail, bridge)


def _chained(head: Tube, tail: Tube, bridge: int) -> Tube:
    """The boxes of both, with the actor outside in a long gap."""
    if tail.start - head.stop > bridge:
        gone = pinned(with_box(head, head.stop, head.boxes[-1]), head.stop)
        outside = gone.outside.copy()
        outside[-1] = True
        sources = (*gone.sources[:-1], Source.INTERPOLATION)
        head = replace(gone, outside=outside, sources=sources)
    return replace(
        head,
        frames=np.concatenate([head.frames, tail.frames]),
        boxes=np.concatenate([head.boxes, tail.boxes]),
        sources=(*head.sources, *tail.sources),
        keyframe=np.concatenate([head.keyframe, tail.keyframe]),
        outside=np.concatenate([head.outside, tail.outside]),
    )


def _shaped_like(tube: Tube, shape: Tube) -> Tube:
    """The tube with the boxes of another."""
    return replace(
        tube,
        frames=shape.frames,
        boxes=shape.boxes,
        sources=shape.sources,
        keyframe=shape.keyframe,
        outside=shape.outside,
    )


def _being(tube: Tube, actor: Tube) -> Tube:
    """The tube as that of another actor."""
    return replace(tube, id=actor.id, person=actor.person, model=actor.model, review=actor.review)
