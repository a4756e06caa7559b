"""The list of labels as it is drawn, and its line for another name."""

from PySide6.QtCore import QModelIndex, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QKeyEvent, QMouseEvent, QPainter
from PySide6.QtWidgets import (
    QLineEdit,
    QListView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from app.domain.names import readable_name
from app.domain.wording import short_number
from app.itemmodels.labels_model import COUNT_ROLE, KEY_ROLE, LABEL_ROLE
from app.itemmodels.media_model import Index
from app.views.own_keys import keep_moving, keep_typing
from app.widgets.theme import current_theme, text_pixels
from yowo_core.annotations import Label

_HEIGHT = 26
_PAD = 4.0
_DOT = 10.0
_GAP = 8.0
_KEY = 20.0
_KEY_PAD = 5.0


class LabelsDelegate(QStyledItemDelegate):
    """Dot, elided name, count, key; the editor covers the name only."""

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        """One line, higher for larger letters."""
        return QSize(0, max(_HEIGHT, round(QFontMetricsF(option.font).height()) + 8))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Draw one label."""
        label: Label = index.data(LABEL_ROLE)
        area = QRectF(option.rect).adjusted(0, 1, -1, -1)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        _paint_ground(painter, option, area)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(label.color))
        top = area.center().y() - _DOT / 2
        painter.drawRoundedRect(QRectF(area.x() + _PAD, top, _DOT, _DOT), 2.5, 2.5)
        right = self._paint_key(painter, option.font, area, index.data(KEY_ROLE))
        count: int | None = index.data(COUNT_ROLE)
        if count is not None:
            right = self._paint_count(painter, option.font, area, right, count)
        left = area.x() + _PAD + _DOT + _GAP
        name = QRectF(left, area.y(), right - _GAP - left, area.height())
        metrics = QFontMetricsF(option.font)
        text = metrics.elidedText(
            readable_name(label.name), Qt.TextElideMode.ElideRight, name.width()
        )
        painter.setFont(option.font)
        painter.setPen(QColor(current_theme().text))
        painter.drawText(name, Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextSingleLine, text)
        painter.restore()

    def createEditor(
        self, parent: QWidget, option: QStyleOptionViewItem, index: Index
    ) -> QLineEdit:
        """A line whose letters and Enter start nothing in the window."""
        editor = QLineEdit(parent)
        editor.setAccessibleName(f"New name for {index.data()}")
        keep_typing(editor)
        return editor

    def updateEditorGeometry(
        self, editor: QWidget, option: QStyleOptionViewItem, index: Index
    ) -> None:
        """From the dot to the right end, so that a long name has room."""
        editor.setGeometry(option.rect.adjusted(round(_PAD + _DOT + 2), 0, 0, 0))

    def _paint_key(self, painter: QPainter, font: QFont, area: QRectF, key: str) -> float:
        """The left end of the key's chip; its place is kept free where there is no key."""
        chip = _chip(area, font, key)
        if key:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(current_theme().button))
            painter.drawRoundedRect(chip, 4, 4)
            painter.setPen(QColor(current_theme().muted))
            painter.setFont(_small(font))
            painter.drawText(chip, Qt.AlignmentFlag.AlignCenter, key)
        return chip.x()

    def _paint_count(
        self, painter: QPainter, font: QFont, area: QRectF, right: float, count: int
    ) -> float:
        text, small = short_number(count), _small(font)
        width = QFontMetricsF(small).horizontalAdvance(text)
        place = QRectF(right - _GAP - width, area.y(), width + 1, area.height())
        painter.setFont(small)
        painter.setPen(QColor(current_theme().muted))
        painter.drawText(place, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight, text)
        return place.x()


class LabelsList(QListView):
    """Labels to rename by double click or F2.

    chosen carries the id of a label: a click on its key does what the key does, and so do Enter
    and Space. A click on the name does nothing, or each renaming would begin with an edit.
    """

    chosen = Signal(int)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setItemDelegate(LabelsDelegate(self))
        self.setUniformItemSizes(True)
        self.setMouseTracking(True)
        self.setSelectionMode(QListView.SelectionMode.NoSelection)
        self.setEditTriggers(
            QListView.EditTrigger.DoubleClicked | QListView.EditTrigger.EditKeyPressed
        )
        self.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setMinimumHeight(_HEIGHT)
        keep_moving(self)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """A click on the key chooses the label."""
        super().mouseReleaseEvent(event)
        index = self._keyed(event)
        if event.button() == Qt.MouseButton.LeftButton and index.isValid():
            self._choose(index)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Open the line for another name, but not over the key, where it is two clicks."""
        if not self._keyed(event).isValid():
            super().mouseDoubleClickEvent(event)

    def _keyed(self, event: QMouseEvent) -> QModelIndex:
        """The label whose key is there, an invalid index elsewhere."""
        index = self.indexAt(event.position().toPoint())
        area = QRectF(self.visualRect(index))
        key = index.data(KEY_ROLE)
        on_key = bool(key) and _chip(area, self.font(), key).contains(event.position())
        return index if on_key else QModelIndex()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter and Space choose the label with the ring, F2 renames it.

        The Enter that ends a renaming arrives here too and chooses nothing.
        """
        index = self.currentIndex()
        wanted = event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space)
        if wanted and index.isValid() and self.state() is not self.State.EditingState:
            self._choose(index)
        else:
            super().keyPressEvent(event)

    def _choose(self, index: QModelIndex) -> None:
        self.chosen.emit(index.data(LABEL_ROLE).id)


def _chip(area: QRectF, font: QFont, key: str) -> QRectF:
    wide = max(_KEY, QFontMetricsF(_small(font)).horizontalAdvance(key) + 2 * _KEY_PAD)
    return QRectF(area.right() - _PAD - wide, area.center().y() - 9, wide, 18)


def _small(font: QFont) -> QFont:
    small = QFont(font)
    small.setPixelSize(text_pixels(11))
    return small


def _paint_ground(painter: QPainter, option: QStyleOptionViewItem, area: QRectF) -> None:
    theme = current_theme()
    hovered = bool(option.state & QStyle.StateFlag.State_MouseOver)
    focused = bool(option.state & QStyle.StateFlag.State_HasFocus)
    painter.setPen(QColor(theme.accent) if focused else Qt.PenStyle.NoPen)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    if option.state & QStyle.StateFlag.State_Selected:
        painter.setBrush(QColor(theme.selection))
    elif hovered:
        painter.setBrush(QColor(theme.button))
    painter.drawRoundedRect(area, 4, 4)
