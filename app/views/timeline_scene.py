"""What the timeline shows, as one value that painting and the mouse both read."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from app.views.timeline_axis import TimeAxis
from app.views.timeline_layout import Layout
from app.views.timeline_style import Style
from app.widgets.palettes import Theme
from yowo_core.annotations import FrameRange, Label

ROW = 24
"""Height of a row in logical pixels."""
BAR_TOP = 3
BAR = 18
RULER = 24
STRIP = 9
"""Height of the strip of labelled ranges under the ruler."""
TOP = RULER + STRIP
NUMBERS = 66
"""Width of the column of tube numbers."""
CURVE = 44
"""Height of the score curve at the bottom."""


@dataclass(frozen=True, eq=False)
class Scene:
    """Everything that is painted but the playhead and what is being dragged.

    scroll: pixels that the lanes are scrolled down. size: of the widget in logical pixels.
    curve: (frame_count,) float32 highest score of any prediction, or empty. edges: (R, 2) start
    and stop of the ranges, ascending.
    """

    axis: TimeAxis
    layout: Layout
    style: Style
    theme: Theme
    labels: Mapping[int, Label]
    ranges: tuple[FrameRange, ...]
    selected: frozenset[int]
    curve: NDArray[np.float32]
    scroll: int
    size: tuple[int, int]
    edges: NDArray[np.int64]

    @property
    def lanes_height(self) -> int:
        """Pixels in y between the strip of ranges and the score curve."""
        return max(self.size[1] - TOP - (CURVE if len(self.curve) else 0), 0)

    @property
    def rows(self) -> range:
        """The rows of which at least a part is visible."""
        first = self.scroll // ROW
        last = (self.scroll + self.lanes_height - 1) // ROW
        return range(first, min(last + 1, self.layout.row_count))

    def y_of(self, row: int) -> int:
        """Where a row begins in the widget."""
        return TOP + row * ROW - self.scroll

    def row_at(self, y: float) -> int | None:
        """The row under a pixel; None outside the lanes."""
        if not TOP <= y < TOP + self.lanes_height:
            return None
        row = int((y - TOP + self.scroll) // ROW)
        return row if row < self.layout.row_count else None
