"""Painting of the lanes: grounds, bars, names, keyframes and the selected tubes' outlines."""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QImage, QPainter, QPen, QPixmap

from app.domain.names import readable_name
from app.views.timeline_lanes import Ints
from app.views.timeline_raster import raster, thick
from app.views.timeline_scene import BAR, BAR_TOP, NUMBERS, ROW, TOP, Scene
from app.views.timeline_spans import NO_LABEL
from app.views.timeline_strip import paint_range_grounds
from app.views.timeline_style import Look
from app.widgets.theme import mix, text_on, text_pixels
from yowo_core.annotations import Review

_WIDE = 7.0
"""Narrower bars than this go into the raster: no outline would fit."""
_NAMED = 34.0
_ROUNDED = 18.0
_TICKED = 300
_TICK = 8.0
_NAMES_KEPT = 4000
_BAR_TEXT = 15  # what a bar has room for


@dataclass(frozen=True, eq=False)
class _Visible:
    """Visible bars: indices into Bars, and their left and right ends in pixels."""

    index: Ints
    left: NDArray[np.float64]
    right: NDArray[np.float64]

    def only(self, keep: NDArray[np.bool_]) -> "_Visible":
        return _Visible(self.index[keep], self.left[keep], self.right[keep])


class BarPainter:
    """Paints the lanes of a scene; remembers cut names between two paints."""

    def __init__(self) -> None:
        self._font = QFont()
        self._font.setPixelSize(min(text_pixels(12), _BAR_TEXT))
        self._metrics = QFontMetricsF(self._font)
        self._cut: dict[tuple[str, int], str] = {}

    def paint(self, painter: QPainter, scene: Scene) -> None:
        """Draw everything between the ruler and the score curve, right of the numbers."""
        painter.save()
        painter.setClipRect(QRectF(NUMBERS, TOP, scene.size[0] - NUMBERS, scene.lanes_height))
        paint_range_grounds(painter, scene)
        _paint_lines(painter, scene)
        tubes = scene.layout.tubes_in(scene.rows, scene.axis.visible)
        self._paint_grounds(painter, scene, tubes)
        shown = _visible_bars(scene)
        wide = shown.right - shown.left >= _WIDE
        _paint_narrow(painter, scene, shown.only(~wide))
        self._paint_wide(painter, scene, shown.only(wide))
        self._paint_keyframes(painter, scene, tubes)
        self._paint_selected(painter, scene)
        painter.restore()

    def _paint_grounds(self, painter: QPainter, scene: Scene, tubes: Ints) -> None:
        """A faint ground under tubes whose actions leave parts of them bare."""
        layout = scene.layout
        width = (layout.stop[tubes] - layout.start[tubes]) * scene.axis.pixels
        bare = tubes[~scene.style.covered[tubes] & (width >= _WIDE)]
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(mix(scene.theme.unlabelled, scene.theme.timeline, 0.22)))
        painter.drawRects([_tube_area(scene, index) for index in bare.tolist()])

    def _paint_wide(self, painter: QPainter, scene: Scene, bars: _Visible) -> None:
        tops = BAR_TOP + TOP - scene.scroll + ROW * scene.layout.bars.row[bars.index]
        areas = [
            QRectF(left, top, right - left, BAR)
            for left, right, top in zip(
                bars.left.tolist(), bars.right.tolist(), tops.tolist(), strict=True
            )
        ]
        looks, colors = scene.style.look[bars.index], scene.style.color[bars.index]
        keys = looks * (1 << 32) + colors.astype(np.int64)
        outline = QColor(scene.theme.text)
        for key in np.unique(keys).tolist():
            alike = [areas[member] for member in np.flatnonzero(keys == key).tolist()]
            _paint_alike(painter, alike, Look(key >> 32), key, outline)
        self._paint_names(painter, scene, bars.index, areas)

    def _paint_names(
        self, painter: QPainter, scene: Scene, bars: Ints, areas: list[QRectF]
    ) -> None:
        painter.setFont(self._font)
        look, color = scene.style.look[bars].tolist(), scene.style.color[bars].tolist()
        for bar, area, how, fill in zip(bars.tolist(), areas, look, color, strict=True):
            left = max(area.left(), NUMBERS) + 5
            room = area.right() - left - 4
            if room >= _NAMED - 9 and how != Look.FAINT:
                painter.setPen(_pen_on(fill))
                text = self._fitted(_name(scene, bar), int(room))
                painter.drawText(QPointF(left, area.top() + 13), text)

    def _paint_keyframes(self, painter: QPainter, scene: Scene, tubes: Ints) -> None:
        if len(tubes) > _TICKED:
            return
        tick = _diamond(painter.device().devicePixelRatio())
        x, row = _tick_places(scene, tubes)
        lift = TOP - scene.scroll + BAR_TOP + BAR - _TICK / 2 - 1
        for left, line in zip((x - _TICK / 2).tolist(), row.tolist(), strict=True):
            painter.drawPixmap(QPointF(left, line * ROW + lift), tick)

    def _paint_selected(self, painter: QPainter, scene: Scene) -> None:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(QColor(scene.theme.text), 1.6))
        chosen = (scene.layout.index.get(tube_id) for tube_id in scene.selected)
        for index in chosen:
            if index is not None and _is_visible(scene, index):
                area = _tube_area(scene, index).adjusted(-1.5, -1.5, 1.5, 1.5)
                painter.drawRoundedRect(area, 4, 4)

    def _fitted(self, text: str, room: int) -> str:
        key = (text, room)
        if key not in self._cut:
            if len(self._cut) > _NAMES_KEPT:
                self._cut.clear()
            self._cut[key] = self._metrics.elidedText(text, Qt.TextElideMode.ElideRight, room)
        return self._cut[key]


def _visible_bars(scene: Scene) -> _Visible:
    axis, bars = scene.axis, scene.layout.bars
    index = scene.layout.bars_in(scene.rows, axis.visible)
    left = axis.left + (bars.start[index] - axis.offset) * axis.pixels
    right = axis.left + (bars.stop[index] - axis.offset) * axis.pixels
    low, high = axis.left - 20, axis.left + axis.width + 20
    return _Visible(index, np.maximum(left, low), np.minimum(right, high))


def _paint_lines(painter: QPainter, scene: Scene) -> None:
    """A line under every lane."""
    painter.setPen(QColor(scene.theme.line))
    for row in scene.layout.lane_top[1:].tolist():
        y = scene.y_of(row) - 1
        if TOP <= y < TOP + scene.lanes_height:
            painter.drawLine(NUMBERS, y, scene.size[0], y)


def _paint_narrow(painter: QPainter, scene: Scene, bars: _Visible) -> None:
    if not len(bars.index):
        return
    left = np.floor(bars.left - NUMBERS).astype(np.int64)
    right = np.ceil(bars.right - NUMBERS).astype(np.int64)
    rows, width = scene.rows, max(scene.size[0] - NUMBERS, 1)
    row = scene.layout.bars.row[bars.index] - rows.start
    picture = raster(row, (left, right), scene.style.color[bars.index], (len(rows), width))
    tall = thick(picture, ROW, BAR_TOP, BAR)
    image = QImage(
        tall.data, width, tall.shape[0], 4 * width, QImage.Format.Format_ARGB32_Premultiplied
    )
    painter.drawImage(NUMBERS, scene.y_of(rows.start), image)


def _paint_alike(
    painter: QPainter, areas: list[QRectF], look: Look, color: int, outline: QColor
) -> None:
    """Bars of one look and colour; on short ones round corners would cost much and show little."""
    fill = QColor(color & 0xFFFFFF)
    painter.setBrush(fill)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.drawRects([area for area in areas if area.width() < _ROUNDED])
    if look is Look.PREDICTED:
        painter.setPen(_dashes(fill, outline))
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    for area in areas:
        if area.width() >= _ROUNDED:
            painter.drawRoundedRect(area.adjusted(0.5, 0.5, -0.5, -0.5), 3, 3)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)


def _dashes(fill: QColor, toward: QColor) -> QPen:
    pen = QPen(QColor(mix(toward.name(), fill.name(), 0.45)), 1)
    pen.setDashPattern([4, 3])
    return pen


@lru_cache(maxsize=1024)
def _pen_on(fill: int) -> QColor:
    return QColor(text_on(f"#{fill & 0xFFFFFF:06x}"))


def _name(scene: Scene, bar: int) -> str:
    """What a bar is called: its action, after its number where the lane holds several tubes."""
    bars, layout = scene.layout.bars, scene.layout
    index = int(bars.tube[bar])
    tube, label = layout.tubes[index], scene.labels.get(int(bars.label[bar]))
    name = "no action" if label is None else readable_name(label.name)
    if int(bars.label[bar]) != NO_LABEL and label is None:
        name = "unknown action"
    if tube.review is Review.UNSURE:
        name += " ?"
    return f"#{tube.number} {name}" if _needs_number(scene, bar, index) else name


def _needs_number(scene: Scene, bar: int, index: int) -> bool:
    """Whether this is a tube's first bar, and other tubes stand in the same lane."""
    bars, lane = scene.layout.bars, scene.layout.lane
    if bar > 0 and bars.tube[bar - 1] == index and bars.row[bar - 1] == bars.row[bar]:
        return False
    if bars.row[bar] != scene.layout.top[index]:
        return False
    near = lane[max(index - 1, 0) : index + 2]
    return bool((near == lane[index]).sum() > 1)


def _tube_area(scene: Scene, index: int) -> QRectF:
    layout, axis = scene.layout, scene.axis
    left = max(axis.x_of(int(layout.start[index])), axis.left - 20)
    right = min(axis.x_of(int(layout.stop[index])), axis.left + axis.width + 20)
    top = scene.y_of(int(layout.top[index])) + BAR_TOP
    return QRectF(left, top, right - left, (int(layout.rows[index]) - 1) * ROW + BAR)


def _tick_places(scene: Scene, tubes: Ints) -> tuple[NDArray[np.floating], Ints]:
    """Pixels and rows of keyframes; of those that fall into one mark's width, the first."""
    axis, shown = scene.axis, scene.axis.visible
    frames, tube = scene.layout.keyframes_of(tubes)
    seen = (frames >= shown.start) & (frames < shown.stop)
    frames, tube = frames[seen], tube[seen]
    slot = (frames * (axis.pixels / (_TICK + 2))).astype(np.int64) + (tube << 32)
    first = np.ones(len(slot), dtype=np.bool_)
    first[1:] = slot[1:] != slot[:-1]
    x = axis.left + (frames[first] + 0.5 - axis.offset) * axis.pixels
    return x, scene.layout.top[tube[first]]


def _is_visible(scene: Scene, index: int) -> bool:
    layout, shown = scene.layout, scene.axis.visible
    return bool(layout.start[index] < shown.stop and shown.start < layout.stop[index])


def _diamond(ratio: float) -> QPixmap:
    side = round(_TICK * ratio)
    pixmap = QPixmap(side, side)
    pixmap.setDevicePixelRatio(ratio)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(QColor(0, 0, 0, 150), 1))
    painter.setBrush(QColor("#ffffff"))
    half = _TICK / 2
    corners = ((half, 0.5), (_TICK - 0.5, half), (half, _TICK - 0.5), (0.5, half))
    painter.drawPolygon([QPointF(x, y) for x, y in corners])
    painter.end()
    return pixmap
