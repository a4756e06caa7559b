"""The highest score of any prediction in every frame, and a picture of it."""

from collections.abc import Iterable, Sequence
from operator import itemgetter

import numpy as np
from numpy.typing import NDArray

from app.domain.project import TubeSummary
from app.views.timeline_axis import TimeAxis
from app.views.timeline_layout import Layout
from yowo_core.annotations import Review

Curve = NDArray[np.float32]


def score_curve(tubes: Iterable[TubeSummary], frame_count: int) -> Curve:
    """(frame_count,) scores in 0..1, 0 where nothing was predicted; empty without any score.

    A span gives its scores frame by frame, stretched over its length where it has fewer, or its
    mean score. Rejected tubes do not count.
    """
    curve = np.zeros(frame_count, dtype=np.float32)
    spans = [
        span
        for tube in tubes
        if tube.review is not Review.REJECTED
        for span in tube.spans
        if span.score is not None
    ]
    level = [(s.score or 0.0, s.start, s.stop) for s in spans if len(s.scores) < 2]
    level.sort(key=itemgetter(0))  # the highest comes last and stays
    for score, start, stop in level:
        curve[max(start, 0) : max(stop, 0)] = score
    for span in [s for s in spans if len(s.scores) > 1]:
        part = curve[max(span.start, 0) : span.stop]
        if len(part):
            np.maximum(part, _stretched(span.scores, len(part)), out=part)
    return curve if spans else curve[:0]


def patched_curve(curve: Curve, layout: Layout, touched: Sequence[TubeSummary]) -> Curve:
    """The curve after an edit: worked out anew only where the touched tubes are or were.

    layout: all tubes after the edit. touched: the edit's tubes, before it and after it.
    """
    spans = [span for tube in touched for span in tube.spans if span.score is not None]
    if not spans:
        return curve
    low, high = max(min(s.start for s in spans), 0), max(s.stop for s in spans)
    bars = layout.bars
    there = np.unique(bars.tube[(bars.start < high) & (bars.stop > low)])
    fresh = score_curve([layout.tubes[place] for place in there.tolist()], len(curve))
    patched = curve.copy()
    patched[low:high] = fresh[low:high] if len(fresh) else 0.0
    return patched if patched.any() else curve[:0]


def curve_columns(curve: Curve, axis: TimeAxis) -> Curve:
    """(W,) the curve's highest value in every pixel column of the axis, 0 beyond the video."""
    edges = (np.arange(int(axis.width) + 1) / axis.pixels + axis.offset).astype(np.int64)
    starts = np.minimum(edges[:-1], len(curve) - 1)
    seen = curve[: max(int(edges[-1]), int(starts[-1]) + 1)]
    columns = np.maximum.reduceat(seen, starts)
    columns[edges[:-1] >= len(curve)] = 0.0
    return columns


def curve_picture(columns: Curve, height: int, colors: tuple[str, str, str]) -> NDArray[np.uint32]:
    """(height, W) 0xffrrggbb: the curve as a line over a tinted ground.

    colors: of what is above the curve, below it, and of the curve. Painted by numpy because an
    antialiased line through so many points takes Qt twenty milliseconds.
    """
    level = np.round((1 - np.clip(columns, 0, 1)) * (height - 1)).astype(np.int64)
    before = np.concatenate([level[:1], level[:-1]])
    row = np.arange(height)[:, None]
    above, below, line = (np.uint32(0xFF000000 | int(color[1:], 16)) for color in colors)
    picture = np.where(row > level, below, above)
    on_line = (row >= np.minimum(level, before)) & (row <= np.maximum(level, before))
    return np.ascontiguousarray(np.where(on_line, line, picture))


def _stretched(scores: Sequence[float], length: int) -> Curve:
    known = np.asarray(scores, dtype=np.float32)
    if len(known) == length:
        return known
    places = np.linspace(0, len(known) - 1, length)
    return np.interp(places, np.arange(len(known)), known).astype(np.float32)
