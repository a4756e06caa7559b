"""Tubes as arrays in which what is visible is found by bisection, however many there are."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from app.domain.project import TubeSummary
from app.views.timeline_lanes import Ints, pack_lanes, stack_rows
from yowo_core.annotations import FrameRange, Review

NO_SPAN = -1
NO_LABEL = -1


@dataclass(frozen=True, eq=False)
class Bars:
    """What is drawn as bars, sorted by row, then start; in one row no two overlap.

    All (B,) int64. tube: index into Layout.tubes. span: index into the tube's spans, NO_SPAN for
    the one bar of a tube without any. label: NO_LABEL for that bar.
    """

    row: Ints
    start: Ints
    stop: Ints
    tube: Ints
    span: Ints
    label: Ints

    def __len__(self) -> int:
        return len(self.row)


@dataclass(frozen=True, eq=False)
class Layout:
    """Tubes sorted by lane, then start, with the rows they take.

    lane, start, stop, top, rows: (T,) int64; a tube covers the rows top .. top + rows - 1.
    lane_top: (L + 1,) int64, the first row of every lane and, last, the number of rows.
    keyframes: (K,) int64 of all confirmed tubes, one tube's after the other; those of tube t are
    keyframes[keyframe_begin[t] : keyframe_begin[t + 1]].
    """

    tubes: tuple[TubeSummary, ...]
    lane: Ints
    start: Ints
    stop: Ints
    top: Ints
    rows: Ints
    lane_top: Ints
    bars: Bars
    keyframes: Ints
    keyframe_begin: Ints

    @property
    def row_count(self) -> int:
        """How many rows all lanes take."""
        return int(self.lane_top[-1])

    @cached_property
    def index(self) -> Mapping[int, int]:
        """Where every tube stands in tubes, by its id."""
        return {tube.id: index for index, tube in enumerate(self.tubes)}

    def keyframes_of(self, tubes: Ints) -> tuple[Ints, Ints]:
        """The keyframes of some tubes and, for each, the tube's index: (K,) and (K,)."""
        begin = self.keyframe_begin[tubes]
        count = self.keyframe_begin[tubes + 1] - begin
        within = np.arange(int(count.sum())) - np.repeat(np.cumsum(count) - count, count)
        return self.keyframes[np.repeat(begin, count) + within], np.repeat(tubes, count)

    def bars_in(self, rows: range, frames: FrameRange) -> Ints:
        """Indices of the bars of those rows that reach into those frames."""
        return _within(self.bars.row, self.bars.start, self.bars.stop, rows, frames)

    def tubes_in(self, rows: range, frames: FrameRange) -> Ints:
        """Indices of the tubes of those rows' lanes that reach into those frames."""
        if not self.tubes or not rows:
            return np.zeros(0, dtype=np.int64)
        first = int(np.searchsorted(self.lane_top, rows.start, "right")) - 1
        last = int(np.searchsorted(self.lane_top, rows.stop - 1, "right")) - 1
        return _within(self.lane, self.start, self.stop, range(first, last + 1), frames)


def build_layout(tubes: Sequence[TubeSummary], gap: int, before: "Layout | None" = None) -> Layout:
    """Give every tube a lane, and its spans rows inside it.

    gap: frames kept free between two tubes of a lane. before: the layout until now, whose lanes
    are kept as far as they still fit.
    """
    start = np.array([tube.first for tube in tubes], dtype=np.int64)
    stop = np.array([tube.last + 1 for tube in tubes], dtype=np.int64)
    lanes = pack_lanes(*_reach(tubes), gap, *_kept(tubes, before))
    order = np.lexsort((start, lanes))
    tubes = tuple(tubes[index] for index in order.tolist())
    lanes, start, stop = lanes[order], start[order], stop[order]
    stacked = [_rows_of(tube) for tube in tubes]
    rows = np.array([max(span_rows, default=0) + 1 for span_rows in stacked], dtype=np.int64)
    lane_top = _tops(lanes, rows)
    top = lane_top[lanes] if tubes else np.zeros(0, dtype=np.int64)
    bars = _bars(tubes, top, stacked)
    return Layout(tubes, lanes, start, stop, top, rows, lane_top, bars, *_keyframes(tubes))


def shown_tubes(tubes: Mapping[int, TubeSummary], rejected: bool) -> tuple[TubeSummary, ...]:
    """The tubes to lay out by number, with or without the rejected ones."""
    shown = (tube for tube in tubes.values() if rejected or tube.review is not Review.REJECTED)
    return tuple(sorted(shown, key=lambda tube: tube.number))


def _reach(tubes: Sequence[TubeSummary]) -> tuple[Ints, Ints]:
    """Where every tube with all its spans starts and stops, should a span stick out of it."""
    start = [min([tube.first, *(span.start for span in tube.spans)]) for tube in tubes]
    stop = [max([tube.last + 1, *(span.stop for span in tube.spans)]) for tube in tubes]
    return np.array(start, dtype=np.int64), np.array(stop, dtype=np.int64)


def _kept(tubes: Sequence[TubeSummary], before: Layout | None) -> tuple[Ints, NDArray[np.bool_]]:
    """Every tube's lane until now (-1: none), and whether its frames have changed since."""
    if before is None:
        return np.full(len(tubes), -1, dtype=np.int64), np.zeros(len(tubes), dtype=np.bool_)
    known = {
        tube.id: (lane, tube.first, tube.last)
        for tube, lane in zip(before.tubes, before.lane.tolist(), strict=True)
    }
    now = [(known.get(tube.id, (-1, 0, 0)), tube) for tube in tubes]
    lanes = np.array([was[0] for was, _ in now], dtype=np.int64)
    changed = np.array([was[1:] != (t.first, t.last) for was, t in now], dtype=np.bool_)
    return lanes, changed


@lru_cache(maxsize=1 << 15)  # by identity: an edit brings new values of the tubes it touches
def _rows_of(tube: TubeSummary) -> list[int]:
    if len(tube.spans) < 2:
        return [0] * len(tube.spans)
    return stack_rows([(span.start, span.stop) for span in tube.spans])


def _tops(lanes: Ints, rows: Ints) -> Ints:
    """The first row of every lane, each as high as its highest tube; last the number of rows."""
    heights = np.zeros(int(lanes.max()) + 1 if len(lanes) else 0, dtype=np.int64)
    np.maximum.at(heights, lanes, rows)
    return np.concatenate([[0], np.cumsum(heights)]).astype(np.int64)


def _keyframes(tubes: Sequence[TubeSummary]) -> tuple[Ints, Ints]:
    nothing = np.zeros(0, dtype=np.int64)
    frames = [tube.keyframes if tube.confirmed else nothing for tube in tubes]
    begin = np.cumsum([0, *(len(part) for part in frames)], dtype=np.int64)
    return np.concatenate([nothing, *frames]), begin


def _bars(tubes: Sequence[TubeSummary], top: Ints, stacked: list[list[int]]) -> Bars:
    """One bar a span, and one for every tube without spans."""
    rows = (
        _bars_of(tube, index, first, span_rows)
        for index, (tube, first, span_rows) in enumerate(
            zip(tubes, top.tolist(), stacked, strict=True)
        )
    )
    flat = np.array(list(chain.from_iterable(rows)), dtype=np.int64).reshape(-1, 6)
    flat = flat[np.lexsort((flat[:, 1], flat[:, 0]))]
    return Bars(*np.ascontiguousarray(flat.T))


def _bars_of(
    tube: TubeSummary, index: int, top: int, rows: list[int]
) -> list[tuple[int, int, int, int, int, int]]:
    if not tube.spans:
        return [(top, tube.first, tube.last + 1, index, NO_SPAN, NO_LABEL)]
    return [
        (top + row, span.start, span.stop, index, number, span.label)
        for number, (span, row) in enumerate(zip(tube.spans, rows, strict=True))
    ]


def _within(lines: Ints, start: Ints, stop: Ints, wanted: range, frames: FrameRange) -> Ints:
    """Indices of items on wanted lines that reach into frames; sorted by line, then start."""
    edges = np.searchsorted(lines, np.arange(wanted.start, wanted.stop + 1))
    found = [
        np.arange(
            low + np.searchsorted(stop[low:high], frames.start, "right"),
            low + np.searchsorted(start[low:high], frames.stop, "left"),
        )
        for low, high in zip(edges[:-1].tolist(), edges[1:].tolist(), strict=True)
    ]
    return np.concatenate(found).astype(np.int64) if found else np.zeros(0, dtype=np.int64)
