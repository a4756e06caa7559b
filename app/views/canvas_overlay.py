"""All boxes, plates and handles over the picture, painted by one item in screen pixels."""

from dataclasses import dataclass, field

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPen, QTransform
from PySide6.QtWidgets import QGraphicsItem, QStyleOptionGraphicsItem, QWidget

from app.domain.live import LiveAction
from app.tools.hit_test import handles_of
from app.views.canvas_plates import Area, place_plate, visible
from app.views.canvas_style import Box, BoxStyle, LiveStyle
from app.widgets.theme import text_pixels

_PAD = 6.0
_PLATE = 19.0  # at least; higher for larger letters
_ROW = 17.0
_WIDEST = 320.0
_HANDLE = 8.0
_CORNER = 12.0
_BAR = 3.0
_NUMBER = 42.0
_EDGE = QColor("#111318")  # opaque: a line that lets the picture through costs twenty times more
_GROUND = QColor(10, 12, 16, 190)


@dataclass
class OverlayScene:
    """What the overlay shows; the canvas changes it and asks for a repaint."""

    boxes: tuple[BoxStyle, ...] = ()
    live: tuple[LiveStyle, ...] = ()
    selected: int | None = None
    marked: frozenset[int | None] = frozenset()
    ghost: Box | None = None
    ghost_of: int | None = None
    visible: bool = True
    live_strength: float = 1.0  # opacity of live boxes: less when they are of an earlier picture
    picture: QRectF = field(default_factory=QRectF)


class OverlayItem(QGraphicsItem):
    """Paints an OverlayScene; lines and text keep their size at every zoom."""

    def __init__(self, scene: OverlayScene) -> None:
        super().__init__()
        self._scene = scene
        self._extent = QRectF(scene.picture)
        self._font = QFont()
        self._font.setPixelSize(text_pixels(12))
        self._font.setWeight(QFont.Weight.DemiBold)
        self._metrics = QFontMetricsF(self._font)
        self._plate = max(_PLATE, round(self._metrics.height()) + 4)
        self._row = max(_ROW, round(self._metrics.height()) + 2)
        self._base = (self._plate + self._metrics.ascent() - self._metrics.descent()) / 2
        self._elided: dict[tuple[str, int], tuple[str, float]] = {}

    def boundingRect(self) -> QRectF:
        """The picture: nothing is painted outside it but the frames of boxes at its edge."""
        return self._extent.adjusted(-20, -20, 20, 20)

    def update_geometry(self) -> None:
        """Tell Qt that the picture's size may have changed."""
        if self._extent != self._scene.picture:
            self.prepareGeometryChange()
            self._extent = QRectF(self._scene.picture)

    def paint(
        self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None
    ) -> None:
        """Live boxes first, tubes over them, the selected one and the ghost on top."""
        to_view = painter.worldTransform()
        painter.resetTransform()
        painter.setFont(self._font)
        view = QRectF(widget.rect()) if widget is not None else QRectF(painter.viewport())
        bounds = _area(
            to_view.mapRect(self._scene.picture).intersected(view).adjusted(1, 1, -1, -1)
        )
        if self._scene.visible:
            self._paint_all(painter, to_view, bounds)
        if self._scene.ghost is not None:
            self._paint_ghost(painter, to_view, bounds)
        painter.setWorldTransform(to_view)

    def _paint_all(self, painter: QPainter, to_view: QTransform, bounds: Area) -> None:
        taken: list[Area] = []
        chosen = [box for box in self._scene.boxes if box.tube_id == self._scene.selected]
        others = [box for box in self._scene.boxes if box.tube_id != self._scene.selected]
        painter.setOpacity(self._scene.live_strength)
        for live in self._scene.live:
            self._paint_live_frame(painter, to_view.mapRect(QRectF(*_sides(live.box))), live)
        painter.setOpacity(1.0)
        for box in (*others, *chosen):
            self._paint_frame(painter, to_view, box)
        for box in (*chosen, *others):
            area = _area(to_view.mapRect(QRectF(*_sides(box.box))))
            dragged = self._scene.ghost is not None and box.tube_id == self._scene.ghost_of
            if visible(area, bounds) and not dragged:
                taken.append(self._paint_plate(painter, area, box, bounds, taken))
        painter.setOpacity(self._scene.live_strength)
        for live in self._scene.live:
            area = _area(to_view.mapRect(QRectF(*_sides(live.box))))
            if live.rows and visible(area, bounds):
                taken.append(self._paint_rows(painter, area, live, bounds, taken))
        painter.setOpacity(1.0)
        if chosen and self._scene.ghost is None:
            self._paint_handles(painter, to_view, chosen[0].box)
        for box in others:
            if box.tube_id in self._scene.marked:
                self._paint_corners(painter, to_view.mapRect(QRectF(*_sides(box.box))))

    def _paint_frame(self, painter: QPainter, to_view: QTransform, box: BoxStyle) -> None:
        area = to_view.mapRect(QRectF(*_sides(box.box)))
        dragged = self._scene.ghost is not None and self._scene.ghost_of == box.tube_id
        painter.setBrush(Qt.BrushStyle.NoBrush)
        if not box.dashed and not dragged:
            painter.setPen(QPen(_EDGE, 4))
            painter.drawRect(area)
        painter.setPen(_pen(box.color, 2, dashed=box.dashed or dragged))
        painter.drawRect(area)

    def _paint_handles(self, painter: QPainter, to_view: QTransform, box: Box) -> None:
        unit = 1 / to_view.m11(), 1 / to_view.m22()
        painter.setPen(QPen(_EDGE, 1))
        painter.setBrush(QColor("#ffffff"))
        half = QPointF(_HANDLE / 2, _HANDLE / 2)
        grips = (to_view.map(QPointF(*h.position(box))) for h in handles_of(box, unit))
        painter.drawRects([QRectF(at - half, at + half) for at in grips])

    def _paint_corners(self, painter: QPainter, area: QRectF) -> None:
        """White corners without the handles' squares: selected, one of several."""
        arm = min(_CORNER, area.width() / 2, area.height() / 2)
        painter.setPen(QPen(QColor("#ffffff"), 3))
        for x, way_x in ((area.left(), arm), (area.right(), -arm)):
            for y, way_y in ((area.top(), arm), (area.bottom(), -arm)):
                painter.drawLine(QPointF(x, y), QPointF(x + way_x, y))
                painter.drawLine(QPointF(x, y), QPointF(x, y + way_y))

    def _paint_plate(
        self, painter: QPainter, area: Area, box: BoxStyle, bounds: Area, taken: list[Area]
    ) -> Area:
        text, width = self._fitted(box.caption, bounds)
        place = place_plate(area, (width + 2 * _PAD, self._plate), bounds, taken)
        rect = _rect(place)
        painter.fillRect(rect, QColor(box.color))
        painter.setPen(QColor(box.text_color))
        painter.drawText(QPointF(rect.x() + _PAD, rect.y() + self._base), text)
        return place

    def _paint_live_frame(self, painter: QPainter, area: QRectF, live: LiveStyle) -> None:
        pen = QPen(QColor(live.color), 1.5)
        pen.setDashPattern([7, 2.5, 1.5, 2.5])
        painter.setPen(pen)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRect(area)

    def _paint_rows(
        self, painter: QPainter, area: Area, live: LiveStyle, bounds: Area, taken: list[Area]
    ) -> Area:
        texts = [self._fitted(row.name, bounds, _WIDEST / 2) for row in live.rows]
        width = max(width for _, width in texts) + _NUMBER + 2 * _PAD
        place = place_plate(area, (width, self._row * len(texts) + 2), bounds, taken)
        painter.fillRect(_rect(place), _GROUND)
        for line, (row, (text, _)) in enumerate(zip(live.rows, texts, strict=True)):
            top = place[1] + line * self._row
            room = QRectF(place[0] + _PAD, top, width - 2 * _PAD, self._row)
            self._paint_row(painter, room, row, text)
        return place

    def _paint_row(self, painter: QPainter, room: QRectF, row: LiveAction, text: str) -> None:
        painter.setPen(QColor("#ffffff"))
        painter.drawText(QPointF(room.left(), room.bottom() - 5), text)
        number = f"{row.score:.2f}"
        width = self._metrics.horizontalAdvance(number)
        painter.drawText(QPointF(room.right() - width, room.bottom() - 5), number)
        bar = QRectF(room.left(), room.bottom() - _BAR, room.width(), _BAR)
        painter.fillRect(bar, QColor(255, 255, 255, 50))
        bar.setWidth(room.width() * min(max(row.score, 0.0), 1.0))
        painter.fillRect(bar, QColor(row.color))

    def _paint_ghost(self, painter: QPainter, to_view: QTransform, bounds: Area) -> None:
        box = self._scene.ghost
        if box is None:
            return
        area = to_view.mapRect(QRectF(*_sides(box)))
        color = next(
            (b.color for b in self._scene.boxes if b.tube_id == self._scene.ghost_of), "#ffffff"
        )
        painter.setBrush(QColor(255, 255, 255, 24))
        painter.setPen(QPen(_EDGE, 4))
        painter.drawRect(area)
        painter.setPen(QPen(QColor(color), 2))
        painter.drawRect(area)
        if self._scene.ghost_of is not None:
            self._paint_handles(painter, to_view, box)
        size = f"{box[2] - box[0]:.0f} \N{MULTIPLICATION SIGN} {box[3] - box[1]:.0f}"
        text, width = self._fitted(size, bounds)
        place = place_plate(_area(area), (width + 2 * _PAD, self._plate), bounds, ())
        painter.fillRect(_rect(place), _GROUND)
        painter.setPen(QColor("#ffffff"))
        painter.drawText(QPointF(place[0] + _PAD, place[1] + self._base), text)

    def _fitted(self, text: str, bounds: Area, widest: float = _WIDEST) -> tuple[str, float]:
        """The text cut to what there is room for, and its width."""
        room = int(max(min(widest, bounds[2] - bounds[0] - 2 * _PAD), 20))
        key = (text, room)
        if key not in self._elided:
            if len(self._elided) > 2000:
                self._elided.clear()
            cut = self._metrics.elidedText(text, Qt.TextElideMode.ElideMiddle, room)
            self._elided[key] = (cut, self._metrics.horizontalAdvance(cut))
        return self._elided[key]


def _pen(color: str, width: float, dashed: bool) -> QPen:
    pen = QPen(QColor(color), width)
    if dashed:
        pen.setDashPattern([3, 2.5])
    return pen


def _sides(box: Box) -> tuple[float, float, float, float]:
    return box[0], box[1], box[2] - box[0], box[3] - box[1]


def _area(rect: QRectF) -> Area:
    return rect.left(), rect.top(), rect.right(), rect.bottom()


def _rect(area: Area) -> QRectF:
    return QRectF(area[0], area[1], area[2] - area[0], area[3] - area[1])
