"""What an actor does and when, edited by a person: pure functions from tube to tube.

Spans of one label do not overlap, they may touch; all stay sorted by start.
"""

from collections.abc import Iterable
from dataclasses import replace

from yowo_core.annotations import ActionSpan, Tube
from yowo_core.errors import DataError


def with_action(tube: Tube, label: int, start: int, stop: int) -> Tube:
    """The tube with that action from frame start to before stop, as far as the tube goes.

    Spans of the same label that overlap the new one become part of it. DataError when no frame
    of the tube is meant.
    """
    start, stop = _inside(tube, start, stop)
    return _with_spans(tube, _absorbed(tube.spans, ActionSpan(label, start, stop)))


def without_action(
    tube: Tube, label: int, start: int | None = None, stop: int | None = None
) -> Tube:
    """The tube without that action from frame start to before stop, everywhere by default."""
    start = tube.start if start is None else start
    stop = tube.stop if stop is None else stop
    left: list[ActionSpan] = []
    for span in tube.spans:
        if span.label != label or span.stop <= start or span.start >= stop:
            left.append(span)
            continue
        left += [_recut(span, span.start, start)] if span.start < start else []
        left += [_recut(span, stop, span.stop)] if span.stop > stop else []
    return _with_spans(tube, left)


def toggled_action(tube: Tube, label: int, frame: int) -> Tube:
    """The tube with that action switched from this frame on.

    If it runs here it ends here, or goes if it starts here; else it starts here and runs until
    the tube ends or the action's next span begins. DataError for a frame outside the tube.
    """
    if not tube.start <= frame < tube.stop:
        raise DataError(
            f"Frame {frame} is outside the tube, which runs from {tube.start} to {tube.stop - 1}."
        )
    running = [s for s in tube.spans if s.label == label and frame in s]
    if running:
        return without_action(tube, label, frame, max(s.stop for s in running))
    later = [s.start for s in tube.spans if s.label == label and s.start > frame]
    return with_action(tube, label, frame, min(later, default=tube.stop))


def toggled_action_whole(tube: Tube, label: int) -> Tube:
    """The tube with that action in all its frames, or in none if it ran in all of them."""
    ran = sum(s.stop - s.start for s in tube.spans if s.label == label)
    cleared = without_action(tube, label)
    whole = tube.stop - tube.start
    return cleared if ran >= whole else with_action(cleared, label, tube.start, tube.stop)


def with_span(tube: Tube, index: int, start: int, stop: int) -> Tube:
    """The tube with its index-th span running from frame start to before stop instead.

    The span is cut to the tube and takes in spans of its label that it then overlaps. DataError
    for a span that does not exist or would be empty.
    """
    if not 0 <= index < len(tube.spans):
        raise DataError(f"The tube has no action number {index}; it has {len(tube.spans)}.")
    start, stop = _inside(tube, start, stop)
    rest = [*tube.spans[:index], *tube.spans[index + 1 :]]
    return _with_spans(tube, _absorbed(rest, _recut(tube.spans[index], start, stop)))


def relabelled(tube: Tube, label: int, into: int) -> Tube:
    """The tube with one label's spans given to another, with whose spans they may join."""
    spans = [span for span in tube.spans if span.label != label]
    for span in tube.spans:
        if span.label == label:
            spans = _absorbed(spans, replace(span, label=into))
    return _with_spans(tube, spans)


def fitted(
    spans: Iterable[ActionSpan], old: tuple[int, int], new: tuple[int, int]
) -> tuple[ActionSpan, ...]:
    """The spans of a tube whose frames went from [old) to [new): cut, or following its ends."""
    fits: list[ActionSpan] = []
    for span in spans:
        start = new[0] if span.start <= old[0] else max(span.start, new[0])
        stop = new[1] if span.stop >= old[1] else min(span.stop, new[1])
        fits += [_recut(span, start, stop)] if start < stop else []
    return _sorted(fits)


def _inside(tube: Tube, start: int, stop: int) -> tuple[int, int]:
    """The part of frames [start, stop) that the tube has; DataError when there is none."""
    low, high = max(start, tube.start), min(stop, tube.stop)
    if low >= high:
        raise DataError(
            f"Frames {start} to {stop - 1} are none of the tube's, which runs from {tube.start} "
            f"to {tube.stop - 1}."
        )
    return low, high


def _absorbed(spans: Iterable[ActionSpan], span: ActionSpan) -> list[ActionSpan]:
    """The spans and the new one, grown over those of its label that it overlaps."""
    rest: list[ActionSpan] = []
    for other in _sorted(spans):
        if other.label == span.label and other.start < span.stop and span.start < other.stop:
            low, high = min(span.start, other.start), max(span.stop, other.stop)
            span = _recut(span, low, high)
        else:
            rest.append(other)
    return [*rest, span]


def _recut(span: ActionSpan, start: int, stop: int) -> ActionSpan:
    """The span with other limits; scores a frame stay only where they are known for all of it."""
    if (start, stop) == (span.start, span.stop):
        return span
    known = len(span.scores) == span.stop - span.start
    if not known or start < span.start or stop > span.stop:
        return replace(span, start=start, stop=stop, scores=())
    scores = span.scores[start - span.start : stop - span.start]
    return replace(span, start=start, stop=stop, scores=scores, score=sum(scores) / len(scores))


def _with_spans(tube: Tube, spans: Iterable[ActionSpan]) -> Tube:
    return replace(tube, spans=_sorted(spans))


def _sorted(spans: Iterable[ActionSpan]) -> tuple[ActionSpan, ...]:
    return tuple(sorted(spans, key=lambda s: (s.start, s.stop, s.label)))
