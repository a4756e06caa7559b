"""The list of edits as it is drawn: where the project stands, what is taken back, who and when."""

from PySide6.QtCore import QModelIndex, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QKeyEvent, QPainter
from PySide6.QtWidgets import (
    QListView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from app.itemmodels.history_model import ASIDE_ROLE, HERE_ROLE, NUMBER_ROLE, UNDONE_ROLE
from app.itemmodels.media_model import Index
from app.views.own_keys import keep_moving
from app.widgets.theme import current_theme, text_pixels

_HEIGHT = 26
_PAD = 8.0
_DOT = 8.0
_GAP = 8.0


class HistoryDelegate(QStyledItemDelegate):
    """A dot where the project stands, the edit, and on the right who made it and when."""

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        """One line, higher for larger letters."""
        return QSize(0, max(_HEIGHT, round(QFontMetricsF(option.font).height()) + 8))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Draw one edit."""
        theme, area = current_theme(), QRectF(option.rect)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._paint_ground(painter, option, area, here=bool(index.data(HERE_ROLE)))
        muted = QColor(theme.muted)
        small = QFont(option.font)
        small.setPixelSize(text_pixels(11))
        aside = str(index.data(ASIDE_ROLE))
        width = QFontMetricsF(small).horizontalAdvance(aside)
        right = area.right() - _PAD - width
        painter.setFont(small)
        painter.setPen(muted)
        middle = Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextSingleLine
        painter.drawText(QRectF(right, area.y(), width + 1, area.height()), middle, aside)
        left = area.x() + _PAD + _DOT + _GAP
        title = QRectF(left, area.y(), right - _GAP - left, area.height())
        metrics = QFontMetricsF(option.font)
        text = " ".join(str(index.data()).split())
        painter.setFont(option.font)
        painter.setPen(muted if index.data(UNDONE_ROLE) else QColor(theme.text))
        painter.drawText(
            title, middle, metrics.elidedText(text, Qt.TextElideMode.ElideRight, title.width())
        )
        painter.restore()

    def _paint_ground(
        self, painter: QPainter, option: QStyleOptionViewItem, area: QRectF, *, here: bool
    ) -> None:
        theme = current_theme()
        painter.setPen(Qt.PenStyle.NoPen)
        if here:
            painter.setBrush(QColor(theme.selection))
            painter.drawRoundedRect(area.adjusted(1, 1, -1, -1), 4, 4)
            painter.setBrush(QColor(theme.accent))
            dot = QRectF(area.x() + _PAD, area.center().y() - _DOT / 2, _DOT, _DOT)
            painter.drawEllipse(dot)
        elif option.state & QStyle.StateFlag.State_MouseOver:
            painter.setBrush(QColor(theme.button))
            painter.drawRoundedRect(area.adjusted(1, 1, -1, -1), 4, 4)
        if option.state & QStyle.StateFlag.State_HasFocus:
            painter.setPen(QColor(theme.accent))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(area.adjusted(1, 1, -1, -1), 4, 4)


class HistoryList(QListView):
    """Edits to go to: a click, or Enter on the one with the ring; chosen carries its number."""

    chosen = Signal(int)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setItemDelegate(HistoryDelegate(self))
        self.setUniformItemSizes(True)
        self.setMouseTracking(True)
        self.setSelectionMode(QListView.SelectionMode.NoSelection)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.clicked.connect(self._choose)
        keep_moving(self)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter and Space go to the edit with the ring."""
        wanted = event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space)
        if wanted and self.currentIndex().isValid():
            self._choose(self.currentIndex())
        else:
            super().keyPressEvent(event)

    def _choose(self, index: QModelIndex) -> None:
        self.chosen.emit(int(index.data(NUMBER_ROLE)))
