"""What lies under the mouse on the timeline, and what a drag there makes of it; no Qt."""

from dataclasses import dataclass, replace

import numpy as np

from app.domain.project import TubeSummary
from app.views.timeline_axis import TimeAxis
from app.views.timeline_scene import Scene
from app.views.timeline_spans import NO_SPAN
from yowo_core.annotations import FrameRange

GRAB = 6.0
"""How far from an end the mouse still takes hold of it, in logical pixels."""
_GRABBED_FROM = 10.0
"""A bar narrower than this has no ends to grab unless its tube is selected."""
_SLOP = 3.0


@dataclass(frozen=True, eq=False)
class Edge:
    """An end of a tube (span None) or of one of its spans that can be dragged.

    at: the boundary before which frame it lies. low, high: where it may go, both inclusive.
    """

    tube: TubeSummary
    span: int | None
    is_start: bool
    at: int
    low: int
    high: int

    def moved_to(self, at: int) -> tuple[int, int]:
        """Start and stop (half-open) of the tube or span with this end there."""
        start, stop = _extent(self.tube, self.span)
        return (at, stop) if self.is_start else (start, at)


@dataclass(frozen=True)
class EdgeDrag:
    """An end being dragged: the pixel it was grabbed at, and where it stands now."""

    edge: Edge
    grabbed: float
    at: int
    moved: bool = False

    def to(self, x: float, axis: TimeAxis, playhead: int) -> "EdgeDrag":
        """The drag with the mouse at a pixel; ends snap to the playhead."""
        if not self.moved and abs(x - self.grabbed) < _SLOP:
            return self
        edge = self.edge
        wanted = edge.at + round((x - self.grabbed) / axis.pixels)
        snap = playhead if edge.is_start else playhead + 1
        if abs(axis.x_of(wanted) - axis.x_of(snap)) <= GRAB:
            wanted = snap
        return replace(self, at=min(max(wanted, edge.low), edge.high), moved=True)


@dataclass(frozen=True)
class RangeDrag:
    """A range being selected between two frames, both inside it.

    shift: pixels from the mouse to the middle of the frame that follows it; only an end that was
    grabbed beside that frame has some.
    """

    anchor: int
    frame: int
    shift: float = 0.0
    moved: bool = False

    def to(self, x: float, axis: TimeAxis) -> "RangeDrag":
        """The drag with the mouse at a pixel."""
        frame = axis.frame_at(x + self.shift)
        return replace(self, frame=frame, moved=self.moved or frame != self.frame)

    @property
    def range(self) -> FrameRange:
        """The frames in it."""
        return FrameRange(min(self.anchor, self.frame), max(self.anchor, self.frame) + 1)


def range_grabbed(frames: FrameRange, axis: TimeAxis, x: float) -> RangeDrag | None:
    """A drag of the nearer end of a range, if one is within reach of a pixel."""
    left, right = axis.x_of(frames.start), axis.x_of(frames.stop)
    at_start = abs(left - x) <= abs(right - x)
    if abs((left if at_start else right) - x) > GRAB:
        return None
    half = axis.pixels / 2
    if at_start:
        return RangeDrag(frames.stop - 1, frames.start, left + half - x)
    return RangeDrag(frames.start, frames.stop - 1, right - half - x)


def tube_at(scene: Scene, x: float, y: float) -> TubeSummary | None:
    """The tube whose bars or ground lie under a pixel."""
    row = scene.row_at(y)
    if row is None:
        return None
    found = _tubes_on(scene, row, _frames_near(scene, x, 0.0))
    return scene.layout.tubes[found[0]] if found else None


def bar_at(scene: Scene, x: float, y: float) -> tuple[TubeSummary, int | None] | None:
    """The tube and span whose bar lies under a pixel; span None beside the spans' bars."""
    row = scene.row_at(y)
    if row is None:
        return None
    found = scene.layout.bars_in(range(row, row + 1), _frames_near(scene, x, 0.0))
    if not len(found):
        tube = tube_at(scene, x, y)
        return None if tube is None else (tube, None)
    bar = int(found[0])
    span = int(scene.layout.bars.span[bar])
    tube = scene.layout.tubes[int(scene.layout.bars.tube[bar])]
    return tube, None if span == NO_SPAN else span


def edge_at(scene: Scene, x: float, y: float) -> Edge | None:
    """The nearest end within reach of a pixel; a span's end before its tube's at the same place."""
    row = scene.row_at(y)
    if row is None:
        return None
    frames = _frames_near(scene, x, GRAB)
    edges = [
        *_span_edges(scene, row, frames),
        *_tube_edges(scene, row, frames),
    ]
    reachable = [edge for edge in edges if _within_reach(scene, edge, x)]
    return min(reachable, key=lambda e: abs(scene.axis.x_of(e.at) - x), default=None)


def _span_edges(scene: Scene, row: int, frames: FrameRange) -> list[Edge]:
    """Ends of the spans' bars in a row that move the span and not the tube."""
    bars, edges = scene.layout.bars, []
    for bar in scene.layout.bars_in(range(row, row + 1), frames).tolist():
        tube = scene.layout.tubes[int(bars.tube[bar])]
        span = int(bars.span[bar])
        if span == NO_SPAN:
            continue
        for is_start in (True, False):
            edge = _edge(scene, tube, span, is_start)
            if len(tube.spans) > 1 or edge.at != _edge(scene, tube, None, is_start).at:
                edges.append(edge)
    return edges


def _tube_edges(scene: Scene, row: int, frames: FrameRange) -> list[Edge]:
    tubes = [scene.layout.tubes[index] for index in _tubes_on(scene, row, frames)]
    return [_edge(scene, tube, None, is_start) for tube in tubes for is_start in (True, False)]


def _edge(scene: Scene, tube: TubeSummary, span: int | None, is_start: bool) -> Edge:
    start, stop = _extent(tube, span)
    low, high = (0, scene.axis.frame_count) if span is None else (tube.first, tube.last + 1)
    if is_start:
        return Edge(tube, span, True, start, min(low, start), stop - 1)
    return Edge(tube, span, False, stop, start + 1, max(high, stop))


def _within_reach(scene: Scene, edge: Edge, x: float) -> bool:
    """Whether a pixel is near enough; a third of a short bar stays free to click on it."""
    start, stop = _extent(edge.tube, edge.span)
    width = (stop - start) * scene.axis.pixels
    if width < _GRABBED_FROM and edge.tube.id not in scene.selected:
        return False
    beyond = (scene.axis.x_of(edge.at) - x) * (1 if edge.is_start else -1)
    return -min(GRAB, width / 3) <= beyond <= GRAB


def _extent(tube: TubeSummary, span: int | None) -> tuple[int, int]:
    if span is None:
        return tube.first, tube.last + 1
    return tube.spans[span].start, tube.spans[span].stop


def _tubes_on(scene: Scene, row: int, frames: FrameRange) -> list[int]:
    layout = scene.layout
    found = layout.tubes_in(range(row, row + 1), frames).tolist()
    return [n for n in found if layout.top[n] <= row < layout.top[n] + layout.rows[n]]


def _frames_near(scene: Scene, x: float, reach: float) -> FrameRange:
    axis = scene.axis
    low = (x - reach - axis.left) / axis.pixels + axis.offset
    high = (x + reach - axis.left) / axis.pixels + axis.offset
    start = max(int(np.floor(low)), 0)
    return FrameRange(start, max(int(np.floor(high)) + 1, start + 1))
