"""Tubes as arrays in which what is visible is found by bisection, however many there are."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from operator import attrgetter

import numpy as np
from numpy.typing import NDArray

from app.domain.project import TubeSummary
from app.views.timeline_lanes import Ints, pack_lanes
from app.views.timeline_spans import LABEL, ROW, SCORE, SPAN, START, STOP, Table, span_table, ticks
from yowo_core.annotations import FrameRange, Review


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
    best: (T,) float64, the highest score of a tube's spans, NaN where none has one.
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
    best: NDArray[np.float64]
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
    if not tubes:
        return _EMPTY
    start = np.array([tube.first for tube in tubes], dtype=np.int64)
    stop = np.array([tube.last + 1 for tube in tubes], dtype=np.int64)
    tables = [span_table(tube) for tube in tubes]
    counts = np.array([len(table) for table in tables])
    spans, begin = np.concatenate(tables), np.cumsum(counts) - counts
    reach = (  # should a span stick out of its tube
        np.minimum(start, np.minimum.reduceat(spans[:, START], begin).astype(np.int64)),
        np.maximum(stop, np.maximum.reduceat(spans[:, STOP], begin).astype(np.int64)),
    )
    lanes = pack_lanes(*reach, gap, *_kept(tubes, start, stop, before))
    order = np.lexsort((start, lanes))
    tubes = tuple(tubes[index] for index in order.tolist())
    lanes, start, stop = lanes[order], start[order], stop[order]
    rows = np.maximum.reduceat(spans[:, ROW], begin).astype(np.int64)[order] + 1
    lane_top = _tops(lanes, rows)
    top = lane_top[lanes]
    bars = _bars(spans, np.repeat(np.argsort(order), counts), top)
    best = np.fmax.reduceat(spans[:, SCORE], begin)[order]
    return Layout(tubes, lanes, start, stop, top, rows, lane_top, bars, best, *_keyframes(tubes))


def in_place(layout: Layout, tubes: Sequence[TubeSummary]) -> Layout | None:
    """The layout with new values of tubes that stay where they are; None when one does not.

    So it is with most decisions on predictions: the bars stay and are only drawn otherwise.
    """
    if not tubes:
        return layout
    every = list(layout.tubes)
    for tube in tubes:
        place = layout.index.get(tube.id)
        if place is None or not _alike(every[place], tube):
            return None
        every[place] = tube
    frames, begin = _keyframes(every)
    fresh = replace(layout, tubes=tuple(every), keyframes=frames, keyframe_begin=begin)
    vars(fresh)["index"] = layout.index  # it would be the same
    return fresh


def _alike(tube: TubeSummary, other: TubeSummary) -> bool:
    """Whether two values of a tube take the same place and have the same bars."""
    return (tube.first, tube.last, tube.spans) == (other.first, other.last, other.spans)


def shown_tubes(tubes: Mapping[int, TubeSummary], rejected: bool) -> tuple[TubeSummary, ...]:
    """The tubes to lay out by number, with or without the rejected ones."""
    shown = (tube for tube in tubes.values() if rejected or tube.review is not Review.REJECTED)
    return tuple(sorted(shown, key=attrgetter("number")))


def _kept(
    tubes: Sequence[TubeSummary], start: Ints, stop: Ints, before: Layout | None
) -> tuple[Ints, NDArray[np.bool_]]:
    """Every tube's lane until now (-1: none), and whether its frames have changed since."""
    nothing = np.full(len(tubes), -1, dtype=np.int64), np.zeros(len(tubes), dtype=np.bool_)
    if before is None or not before.tubes:
        return nothing
    ids = np.array([tube.id for tube in tubes], dtype=np.int64)
    known = np.array([tube.id for tube in before.tubes], dtype=np.int64)
    order = np.argsort(known)
    place = order[np.minimum(np.searchsorted(known, ids, sorter=order), len(known) - 1)]
    there = known[place] == ids
    changed = there & ((before.start[place] != start) | (before.stop[place] != stop))
    return np.where(there, before.lane[place], -1), changed


def _tops(lanes: Ints, rows: Ints) -> Ints:
    """The first row of every lane, each as high as its highest tube; last the number of rows."""
    heights = np.zeros(int(lanes.max()) + 1 if len(lanes) else 0, dtype=np.int64)
    np.maximum.at(heights, lanes, rows)
    return np.concatenate([[0], np.cumsum(heights)]).astype(np.int64)


def _keyframes(tubes: Sequence[TubeSummary]) -> tuple[Ints, Ints]:
    frames = [ticks(tube) for tube in tubes]
    begin = np.cumsum([0, *map(len, frames)], dtype=np.int64)
    return np.concatenate(frames), begin


def _bars(spans: Table, tube: Ints, top: Ints) -> Bars:
    """One bar a line of the tubes' tables; tube: (B,) the index of each line's tube."""
    row = top[tube] + spans[:, ROW].astype(np.int64)
    order = np.lexsort((spans[:, START], row))
    start, stop, number, label = (
        spans[order, column].astype(np.int64) for column in (START, STOP, SPAN, LABEL)
    )
    return Bars(row[order], start, stop, tube[order], number, label)


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


_NONE: Ints = np.zeros(0, dtype=np.int64)
_EMPTY = Layout(
    (),
    *(_NONE,) * 5,
    lane_top=np.zeros(1, dtype=np.int64),
    bars=Bars(*(_NONE,) * 6),
    best=np.zeros(0),
    keyframes=_NONE,
    keyframe_begin=np.zeros(1, dtype=np.int64),
)
