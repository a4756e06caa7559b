"""Painting around the lanes: ruler, labelled ranges, tube numbers and score curve."""

import numpy as np
from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QImage, QPainter

from app.views.timeline_curve import curve_columns, curve_picture
from app.views.timeline_scene import CURVE, NUMBERS, ROW, RULER, TOP, Scene
from app.views.timeline_strip import paint_ranges
from app.views.timeline_ticks import Tick, ticks
from app.widgets.theme import mix, text_pixels

_SMALL = 11


class FramePainter:
    """Paints what surrounds the lanes of a scene."""

    def __init__(self) -> None:
        self._font = QFont()
        self._font.setPixelSize(min(text_pixels(_SMALL), 15))
        self._metrics = QFontMetricsF(self._font)

    def paint(self, painter: QPainter, scene: Scene) -> None:
        """Draw it all; the lanes' own area is left alone."""
        painter.save()
        painter.setFont(self._font)
        self._paint_ruler(painter, scene, ticks(scene.axis))
        paint_ranges(painter, scene)
        self._paint_numbers(painter, scene)
        if len(scene.curve):
            self._paint_curve(painter, scene)
        painter.restore()

    def _paint_ruler(self, painter: QPainter, scene: Scene, marks: tuple[Tick, ...]) -> None:
        painter.setClipRect(QRectF(NUMBERS - 1, 0, scene.size[0] - NUMBERS + 1, RULER))
        muted, faint = QColor(scene.theme.muted), QColor(scene.theme.border)
        end = 0.0
        for mark in marks:
            free = bool(mark.text) and mark.x + 4 >= end
            painter.setPen(muted if free else faint)
            painter.drawLine(QPointF(mark.x, RULER - (8 if free else 4)), QPointF(mark.x, RULER))
            width = self._metrics.horizontalAdvance(mark.text)
            if free and mark.x + 4 + width <= scene.size[0]:
                painter.drawText(QPointF(mark.x + 4, RULER - 8), mark.text)
                end = mark.x + 4 + width + 10
        painter.setClipping(False)

    def _paint_numbers(self, painter: QPainter, scene: Scene) -> None:
        painter.setClipRect(QRectF(0, TOP, NUMBERS, scene.lanes_height))
        tubes = scene.layout.tubes_in(scene.rows, scene.axis.visible)
        lanes = scene.layout.lane[tubes]
        for lane in np.unique(lanes).tolist():
            members = [scene.layout.tubes[i] for i in tubes[lanes == lane].tolist()]
            chosen = next((tube for tube in members if tube.id in scene.selected), None)
            painter.setPen(QColor(scene.theme.text if chosen else scene.theme.muted))
            text = f"#{(chosen or members[0]).number}"
            y = scene.y_of(int(scene.layout.lane_top[lane]))
            painter.drawText(QPointF(10, y + 16), text)
            more, after = f"+{len(members) - 1}", 15 + self._metrics.horizontalAdvance(text)
            if len(members) > 1 and after + self._metrics.horizontalAdvance(more) < NUMBERS:
                painter.setPen(QColor(mix(scene.theme.muted, scene.theme.timeline, 0.65)))
                painter.drawText(QPointF(after, y + 16), more)
        painter.setClipping(False)

    def _paint_curve(self, painter: QPainter, scene: Scene) -> None:
        width, height = scene.size
        top = height - CURVE
        painter.setPen(QColor(scene.theme.line))
        painter.drawLine(0, top, width, top)
        painter.setPen(QColor(scene.theme.muted))
        painter.drawText(QPointF(10, top + CURVE / 2 + 4), "score")
        values = curve_columns(scene.curve, scene.axis)
        colors = scene.theme.timeline, mix(scene.theme.curve, scene.theme.timeline, 0.2)
        drawn = curve_picture(values, CURVE - 12, (*colors, scene.theme.curve))
        rows, columns = drawn.shape
        image = QImage(drawn.data, columns, rows, 4 * columns, QImage.Format.Format_RGB32)
        painter.drawImage(NUMBERS, top + 6, image)


def lane_number_at(scene: Scene, x: float, y: float) -> int | None:
    """The id of the tube whose number stands at that place in the column of numbers."""
    row = scene.row_at(y)
    if row is None or x >= NUMBERS:
        return None
    lane = int(np.searchsorted(scene.layout.lane_top, row, "right")) - 1
    top = int(scene.layout.lane_top[lane])
    members = [
        scene.layout.tubes[i]
        for i in scene.layout.tubes_in(range(top, top + 1), scene.axis.visible).tolist()
    ]
    chosen = next((tube for tube in members if tube.id in scene.selected), None)
    shown = chosen or (members[0] if members else None)
    return None if shown is None or (y - scene.y_of(top)) >= ROW else shown.id
