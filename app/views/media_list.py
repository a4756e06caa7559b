"""The list of videos as it is drawn: name, facts, the analysis as a thin bar, what is wrong."""

from PySide6.QtCore import QEvent, QModelIndex, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QFont,
    QFontMetricsF,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
)
from PySide6.QtWidgets import QListView, QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from app.domain.media import MediaRow
from app.domain.wording import DOT, shown_name
from app.itemmodels.media_model import ROW_ROLE, Index, facts, problem_line
from app.views.own_keys import keep_moving
from app.widgets.theme import current_theme, text_pixels

_PAD = 8.0
_BAR = 3.0
_SMALL = 11
_TIE = " \u2014 "


class MediaDelegate(QStyledItemDelegate):
    """Draws one video in two lines; opened is the id of the video that the canvas shows."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.opened: int | None = None

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        """The same height for every row, with or without a bar."""
        name, small = _metrics(option.font)
        return QSize(0, round(name.height() + small.height() + _BAR + 2 * _PAD + 3))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Ground, name, second line, bar."""
        row: MediaRow = index.data(ROW_ROLE)
        area = QRectF(option.rect).adjusted(1, 1, -1, -1)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._paint_ground(painter, option, area, row)
        inner = area.adjusted(_PAD, _PAD - 2, -_PAD, -_PAD + 2)
        name, small = _metrics(option.font)
        self._paint_name(painter, option, inner, row)
        line = QRectF(inner.x(), inner.y() + name.height() + 1, inner.width(), small.height())
        painter.setFont(_small(option.font))
        if row.link:
            _paint_linked(painter, line, row, small)
        else:
            _paint_facts(painter, line, row, small)
        if not row.video.problem:
            _paint_bar(painter, inner, row)
        painter.restore()

    def link_area(self, option_rect: QRectF, font: QFont, row: MediaRow) -> QRectF:
        """Where a row's link stands, a little larger than its letters."""
        name, small = _metrics(font)
        inner = option_rect.adjusted(1 + _PAD, _PAD - 1, -1 - _PAD, 0)
        text = _linked_text(row, small, inner.width())
        left = inner.x() + small.horizontalAdvance(text + _TIE)
        width = small.horizontalAdvance(row.link)
        return QRectF(left - 3, inner.y() + name.height() - 2, width + 6, small.height() + 6)

    def _paint_ground(
        self, painter: QPainter, option: QStyleOptionViewItem, area: QRectF, row: MediaRow
    ) -> None:
        theme = current_theme()
        hovered = bool(option.state & QStyle.StateFlag.State_MouseOver)
        focused = bool(option.state & QStyle.StateFlag.State_HasFocus)
        painter.setPen(QColor(theme.accent) if focused else Qt.PenStyle.NoPen)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        if row.video.id == self.opened:
            painter.setBrush(QColor(theme.selection))
        elif hovered:
            painter.setBrush(QColor(theme.button))
        painter.drawRoundedRect(area, 5, 5)

    def _paint_name(
        self, painter: QPainter, option: QStyleOptionViewItem, inner: QRectF, row: MediaRow
    ) -> None:
        metrics = QFontMetricsF(option.font)
        text = metrics.elidedText(
            shown_name(row.video.name), Qt.TextElideMode.ElideMiddle, inner.width()
        )
        painter.setFont(option.font)
        painter.setPen(QColor(current_theme().text))
        painter.drawText(inner, Qt.AlignmentFlag.AlignTop | Qt.TextFlag.TextSingleLine, text)


class MediaList(QListView):
    """Videos to choose from by click or Enter; arrows only move the ring.

    chosen carries the id of the video, link_asked its row. hint is shown while there is nothing;
    dropping draws the frame that says a drop is welcome.
    """

    chosen = Signal(int)
    link_asked = Signal(object)  # MediaRow

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.hint = ""
        self.dropping = False
        self._delegate = MediaDelegate(self)
        self.setItemDelegate(self._delegate)
        self.setUniformItemSizes(True)
        self.setMouseTracking(True)
        self.setSelectionMode(QListView.SelectionMode.NoSelection)
        self.setEditTriggers(QListView.EditTrigger.NoEditTriggers)
        self.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setMinimumHeight(96)
        keep_moving(self)

    def set_opened(self, video_id: int | None) -> None:
        """Mark the video that the canvas shows."""
        self._delegate.opened = video_id
        self.viewport().update()

    def set_dropping(self, dropping: bool) -> None:
        """Show or hide the frame of a welcome drop."""
        self.dropping = dropping
        self.viewport().update()

    def minimumSizeHint(self) -> QSize:
        """A list may become narrow; its texts are elided."""
        return QSize(120, 96)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """A click on a row's link asks for that, anywhere else it chooses the video."""
        super().mouseReleaseEvent(event)
        index = self.indexAt(event.position().toPoint())
        if event.button() == Qt.MouseButton.LeftButton and index.isValid():
            row: MediaRow = index.data(ROW_ROLE)
            if self._on_link(event.position(), index):
                self.link_asked.emit(row)
            else:
                self.chosen.emit(row.video.id)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """A hand over a link."""
        super().mouseMoveEvent(event)
        index = self.indexAt(event.position().toPoint())
        if index.isValid() and self._on_link(event.position(), index):
            self.viewport().setCursor(Qt.CursorShape.PointingHandCursor)
        else:
            self.viewport().unsetCursor()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter and Space choose the video with the ring."""
        index = self.currentIndex()
        wanted = (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space)
        if event.key() in wanted and index.isValid():
            self.chosen.emit(index.data(ROW_ROLE).video.id)
        else:
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        """The rows, or the hint when there are none; the frame of a drop above both."""
        super().paintEvent(event)
        empty = self.model().rowCount() == 0
        if empty or self.dropping:
            painter = QPainter(self.viewport())
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            self._paint_frame(painter, empty)
            painter.end()

    def changeEvent(self, event: QEvent) -> None:
        """Another font or scheme means other heights."""
        super().changeEvent(event)
        if event.type() in (QEvent.Type.FontChange, QEvent.Type.StyleChange):
            self.scheduleDelayedItemsLayout()

    def _on_link(self, position: QPointF, index: QModelIndex) -> bool:
        row: MediaRow = index.data(ROW_ROLE)
        area = QRectF(self.visualRect(index))
        return bool(row.link) and self._delegate.link_area(area, self.font(), row).contains(
            position
        )

    def _paint_frame(self, painter: QPainter, empty: bool) -> None:
        theme = current_theme()
        area = QRectF(self.viewport().rect()).adjusted(3, 3, -3, -3)
        pen = QPen(QColor(theme.accent if self.dropping else theme.border), 1.5)
        pen.setStyle(Qt.PenStyle.DashLine)
        painter.setPen(pen)
        painter.drawRoundedRect(area, 6, 6)
        if empty:
            painter.setPen(QColor(theme.muted))
            flags = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap
            painter.drawText(area.adjusted(8, 8, -8, -8), flags, self.hint)


def _small(font: QFont) -> QFont:
    small = QFont(font)
    small.setPixelSize(text_pixels(_SMALL))
    return small


def _metrics(font: QFont) -> tuple[QFontMetricsF, QFontMetricsF]:
    return QFontMetricsF(font), QFontMetricsF(_small(font))


def _linked_text(row: MediaRow, small: QFontMetricsF, width: float) -> str:
    room = width - small.horizontalAdvance(_TIE + row.link)
    return small.elidedText(problem_line(row), Qt.TextElideMode.ElideRight, room)


def _paint_linked(painter: QPainter, line: QRectF, row: MediaRow, small: QFontMetricsF) -> None:
    text = _linked_text(row, small, line.width()) + _TIE
    theme, going_on = current_theme(), row.progress is not None
    painter.setPen(QColor(theme.muted if going_on else theme.warning))
    painter.drawText(line, Qt.TextFlag.TextSingleLine, text)
    font = painter.font()
    font.setUnderline(True)
    painter.setFont(font)
    link = line.adjusted(small.horizontalAdvance(text), 0, 0, 0)
    painter.drawText(link, Qt.TextFlag.TextSingleLine, row.link)


def _paint_facts(painter: QPainter, line: QRectF, row: MediaRow, small: QFontMetricsF) -> None:
    text = small.elidedText(
        _fitting(row, small, line.width()), Qt.TextElideMode.ElideRight, line.width()
    )
    painter.setPen(QColor(current_theme().muted))
    painter.drawText(line, Qt.TextFlag.TextSingleLine, text)


def _fitting(row: MediaRow, small: QFontMetricsF, width: float) -> str:
    """The facts, without the lesser ones in the middle when there is no room for all."""
    parts = facts(row)
    joined = f" {DOT} ".join(parts)
    while small.horizontalAdvance(joined) > width and len(parts) > 1:
        del parts[1 if len(parts) > 2 else 0]
        joined = f" {DOT} ".join(parts)
    return joined


def _paint_bar(painter: QPainter, inner: QRectF, row: MediaRow) -> None:
    theme = current_theme()
    share = row.progress if row.progress is not None else float(row.analysed)
    if row.progress is None and not row.analysed:
        return
    groove = QRectF(inner.x(), inner.bottom() - _BAR, inner.width(), _BAR)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(theme.border))
    painter.drawRoundedRect(groove, _BAR / 2, _BAR / 2)
    groove.setWidth(groove.width() * min(max(share, 0.0), 1.0))
    painter.setBrush(QColor(theme.accent if row.progress is not None else theme.good))
    painter.drawRoundedRect(groove, _BAR / 2, _BAR / 2)
