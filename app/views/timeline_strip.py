"""Where labelled ranges stand: a strip under the ruler, and a faint ground behind the lanes."""

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRectF
from PySide6.QtGui import QColor, QPainter

from app.views.timeline_axis import TimeAxis
from app.views.timeline_scene import NUMBERS, RULER, STRIP, TOP, Scene
from app.widgets.theme import mix

Pixels = NDArray[np.float64]

_GROUND = 0.1


def paint_ranges(painter: QPainter, scene: Scene) -> None:
    """Labelled ranges as a strip under the ruler, on a groove."""
    painter.setClipRect(QRectF(NUMBERS, RULER, scene.size[0] - NUMBERS, STRIP))
    painter.fillRect(QRectF(NUMBERS, RULER, scene.size[0], STRIP - 2), QColor(scene.theme.line))
    _fill(painter, scene, RULER, STRIP - 2, scene.theme.known)
    painter.setClipping(False)


def paint_range_grounds(painter: QPainter, scene: Scene) -> None:
    """Labelled ranges as a faint ground behind the lanes."""
    color = mix(scene.theme.known, scene.theme.timeline, _GROUND)
    _fill(painter, scene, TOP, scene.lanes_height, color)


def stretches(edges: NDArray[np.int64], axis: TimeAxis) -> tuple[Pixels, Pixels]:
    """Left and right pixels (S,) of what is visible of ranges, ascending (R, 2) start and stop.

    Those nearer to each other than a pixel are one stretch, so that there are never more of them
    than half the width.
    """
    shown = axis.visible
    first = int(np.searchsorted(edges[:, 1], shown.start, "right"))
    edges = edges[first : int(np.searchsorted(edges[:, 0], shown.stop, "left"))]
    left = axis.left + (np.maximum(edges[:, 0], shown.start) - axis.offset) * axis.pixels
    right = axis.left + (np.minimum(edges[:, 1], shown.stop) - axis.offset) * axis.pixels
    apart = left[1:] - right[:-1] >= 1.0
    begins = np.concatenate([[True], apart])[: len(left)]
    ends = np.concatenate([apart, [True]])[: len(left)]
    return left[begins], right[ends]


def _fill(painter: QPainter, scene: Scene, top: float, height: float, color: str) -> None:
    fill = QColor(color)
    lefts, rights = stretches(scene.edges, scene.axis)
    for left, right in zip(lefts.tolist(), rights.tolist(), strict=True):
        painter.fillRect(QRectF(left, top, max(right - left, 1.0), height), fill)
