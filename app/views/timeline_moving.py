"""Painting of what moves on the timeline: playhead, selected range, and the ghost of a drag."""

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QPainter, QPen, QPolygonF

from app.views.timeline_mouse import Edge, EdgeDrag
from app.views.timeline_scene import BAR, BAR_TOP, NUMBERS, ROW, RULER, TOP, Scene
from app.views.timeline_tooltip import describe_frame, describe_range
from app.widgets.theme import pen_color, text_pixels
from yowo_core.annotations import FrameRange

_CELL_FROM = 6.0
_GRIP = 5.0


def paint_range(painter: QPainter, scene: Scene, frames: FrameRange, *, note: bool) -> None:
    """A veil over a range of frames with ends to take hold of; note says how long it is."""
    left, right = scene.axis.x_of(frames.start), scene.axis.x_of(frames.stop)
    painter.fillRect(
        QRectF(left, RULER, right - left, scene.size[1]), pen_color(scene.theme.accent, 0.18)
    )
    accent = QColor(scene.theme.accent)
    painter.fillRect(QRectF(left, RULER - 4, right - left, 4), accent)
    painter.setPen(QPen(accent, 1.5))
    for x, inward in ((left, 1), (right, -1)):
        painter.drawLine(QPointF(x, RULER - 4), QPointF(x, scene.size[1]))
        grip = QRectF(min(x, x + inward * _GRIP), RULER - 12, _GRIP, 12)
        painter.fillRect(grip, accent)
    if note:
        _paint_note(painter, scene, (left + right) / 2, describe_range(frames, scene.axis))


def paint_ghost(painter: QPainter, scene: Scene, drag: EdgeDrag) -> None:
    """The tube or span as it would be on release, with the frame its end would come to."""
    place = _ghost_place(scene, drag.edge)
    if place is None:
        return
    start, stop = drag.edge.moved_to(drag.at)
    left, right = scene.axis.x_of(start), scene.axis.x_of(stop)
    painter.setBrush(pen_color(scene.theme.accent, 0.35))
    painter.setPen(QPen(QColor(scene.theme.text), 1.5))
    painter.drawRect(QRectF(left, place[0], right - left, place[1]))
    x = scene.axis.x_of(drag.at)
    painter.drawLine(QPointF(x, RULER), QPointF(x, scene.size[1]))
    frame = start if drag.edge.is_start else stop - 1
    _paint_note(painter, scene, x, describe_frame(frame, scene.axis))


def paint_playhead(painter: QPainter, scene: Scene, frame: int) -> None:
    """A line through the current frame; where frames are wide, the frame's cell as well."""
    axis, color = scene.axis, QColor(scene.theme.playhead)
    left, height = axis.x_of(frame), scene.size[1]
    if axis.pixels >= _CELL_FROM:
        cell = QRectF(left, TOP, axis.pixels, height - TOP)
        painter.fillRect(cell, pen_color(scene.theme.playhead, 0.16))
    x = left + axis.pixels / 2
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(color, 1.6))
    painter.drawLine(QPointF(x, RULER - 6), QPointF(x, height))
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(color)
    head = [QPointF(x - 5, RULER - 11), QPointF(x + 5, RULER - 11), QPointF(x, RULER - 3)]
    painter.drawPolygon(QPolygonF(head))


def _ghost_place(scene: Scene, edge: Edge) -> tuple[float, float] | None:
    """Top and height of the bar that is being dragged, if it is still there."""
    layout = scene.layout
    index = layout.index.get(edge.tube.id)
    if index is None:
        return None
    top = scene.y_of(int(layout.top[index])) + BAR_TOP
    if edge.span is None:
        return top, (int(layout.rows[index]) - 1) * ROW + BAR
    bars = layout.bars
    rows = bars.row[(bars.tube == index) & (bars.span == edge.span)]
    return (scene.y_of(int(rows[0])) + BAR_TOP, BAR) if len(rows) else None


def _paint_note(painter: QPainter, scene: Scene, x: float, text: str) -> None:
    font = QFont(painter.font())
    font.setPixelSize(min(text_pixels(11), 15))
    painter.setFont(font)
    width = painter.fontMetrics().horizontalAdvance(text) + 12
    left = min(max(x - width / 2, NUMBERS), scene.size[0] - width)
    area = QRectF(left, 2, width, RULER - 5)
    painter.fillRect(area, QColor(scene.theme.accent))
    painter.setPen(QColor(scene.theme.on_accent))
    painter.drawText(area, Qt.AlignmentFlag.AlignCenter, text)
