"""The command palette: everything the window can do, found by a few letters, started by Enter."""

from collections.abc import Sequence

from PySide6.QtCore import (
    QEvent,
    QModelIndex,
    QObject,
    QPoint,
    QPointF,
    QRectF,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import (
    QColor,
    QFont,
    QFontMetricsF,
    QKeyEvent,
    QPainter,
    QTextCharFormat,
    QTextLayout,
)
from PySide6.QtWidgets import (
    QApplication,
    QFrame,
    QLabel,
    QLineEdit,
    QListView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from app.itemmodels.commands_model import FOUND_ROLE, Command, CommandsModel, Found
from app.itemmodels.media_model import Index
from app.views.own_keys import keep_typing
from app.widgets.theme import current_theme

_WIDTH = 640
_ROWS = 12
_HEIGHT = 28
_PAD = 10.0
_GAP = 6.0
_CHIP = 18.0
_SMALL = 11
_ENDLESS = 10_000.0
_TRAVEL = (Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_PageUp, Qt.Key.Key_PageDown)
_ENTER = (Qt.Key.Key_Return, Qt.Key.Key_Enter)


class CommandsDelegate(QStyledItemDelegate):
    """Title with the typed letters marked, keys at the right, and the note before them."""

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        """One line, higher for larger letters."""
        return QSize(0, max(_HEIGHT, round(QFontMetricsF(option.font).height()) + 10))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Draw one command."""
        found: Found = index.data(FOUND_ROLE)
        area = QRectF(option.rect).adjusted(0, 1, -1, -1)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if option.state & QStyle.StateFlag.State_Selected:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(current_theme().selection))
            painter.drawRoundedRect(area, 4, 4)
        inner = area.adjusted(_PAD, 0, -_PAD, 0)
        right = self._paint_keys(painter, option.font, inner, found.command.keys)
        left = self._paint_title(painter, option.font, inner, right, found)
        if found.command.note:
            room = QRectF(left + 2 * _GAP, inner.y(), right - left - 3 * _GAP, inner.height())
            self._paint_note(painter, option.font, room, found.command)
        painter.restore()

    def _paint_keys(
        self, painter: QPainter, font: QFont, area: QRectF, keys: Sequence[str]
    ) -> float:
        """The left end of the chips."""
        theme, right = current_theme(), area.right()
        painter.setFont(_small(font))
        metrics = QFontMetricsF(painter.font())
        for key in reversed(keys):
            wide = max(metrics.horizontalAdvance(key) + 10, _CHIP)
            chip = QRectF(right - wide, area.center().y() - _CHIP / 2, wide, _CHIP)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(theme.button))
            painter.drawRoundedRect(chip, 4, 4)
            painter.setPen(QColor(theme.muted))
            painter.drawText(chip, Qt.AlignmentFlag.AlignCenter, key)
            right = chip.left() - 4
        return right

    def _paint_title(
        self, painter: QPainter, font: QFont, area: QRectF, right: float, found: Found
    ) -> float:
        """The group faint, typed letters bold; gives where the title ends."""
        theme = current_theme()
        painter.setPen(QColor(theme.text if found.command.can else theme.muted))
        layout = QTextLayout(found.command.title, font)
        layout.setFormats(_formats(found))
        layout.beginLayout()
        line = layout.createLine()
        line.setLineWidth(_ENDLESS)
        layout.endLayout()
        painter.save()
        painter.setClipRect(QRectF(area.x(), area.y(), right - _GAP - area.x(), area.height()))
        layout.draw(painter, QPointF(area.x(), area.center().y() - line.height() / 2))
        painter.restore()
        return min(area.x() + line.naturalTextWidth(), right)

    def _paint_note(self, painter: QPainter, font: QFont, room: QRectF, told: Command) -> None:
        theme = current_theme()
        painter.setFont(_small(font))
        painter.setPen(QColor(theme.muted if told.can else theme.warning))
        metrics = QFontMetricsF(painter.font())
        text = metrics.elidedText(told.note, Qt.TextElideMode.ElideRight, max(room.width(), 0))
        painter.drawText(room, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight, text)


class CommandPalette(QFrame):
    """Keyboard only if one likes: letters search, arrows move the mark, Enter starts, Esc leaves.

    chosen carries a command's name; one that cannot be done now is not chosen.
    """

    chosen = Signal(str)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent, Qt.WindowType.Popup)
        self._model = CommandsModel()
        self._line = QLineEdit(self)
        self._list = QListView(self)
        self._nothing = QLabel("Nothing is called that.", self)
        self._build()

    def open_over(
        self, window: QWidget, commands: Sequence[Command], recent: Sequence[str]
    ) -> None:
        """Appear at the top of a window with these commands, those used last first."""
        self._model.set_commands(commands, recent)
        self._line.clear()
        self._show_found()
        self.setFixedWidth(min(_WIDTH, window.width() - 40))
        top = window.mapToGlobal(QPoint((window.width() - self.width()) // 2, 60))
        self.move(top)
        self.show()
        self._line.setFocus(Qt.FocusReason.PopupFocusReason)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Arrows move the mark while the line keeps the letters; Enter starts."""
        if event.type() != QEvent.Type.KeyPress or not isinstance(event, QKeyEvent):
            return False
        key = Qt.Key(event.key())
        if key in _TRAVEL:
            QApplication.sendEvent(self._list, event)
        elif key in _ENTER:
            self._choose(self._list.currentIndex())
        else:
            return False
        return True

    def _build(self) -> None:
        self.setProperty("role", "toast")
        self._line.setPlaceholderText("What shall be done?")
        self._line.setAccessibleName("Command")
        self._line.setMaxLength(100)
        self._line.textChanged.connect(self._search)
        self._line.installEventFilter(self)
        keep_typing(self._line)
        self._list.setModel(self._model)
        self._list.setAccessibleName("Commands")
        self._list.setItemDelegate(CommandsDelegate(self._list))
        self._list.setUniformItemSizes(True)
        self._list.setEditTriggers(QListView.EditTrigger.NoEditTriggers)
        self._list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._list.clicked.connect(self._choose)
        self._nothing.setProperty("role", "muted")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(8, 8, 8, 8)
        layout.setSpacing(6)
        for widget in (self._line, self._list, self._nothing):
            layout.addWidget(widget)

    def _search(self, text: str) -> None:
        self._model.search(text)
        self._show_found()

    def _show_found(self) -> None:
        rows = self._model.rowCount()
        self._list.setCurrentIndex(self._model.index(0, 0))
        self._list.setVisible(rows > 0)
        self._nothing.setVisible(not rows)
        self._list.setFixedHeight(self._list.sizeHintForRow(0) * min(rows, _ROWS) + 2)
        layout = self.layout()
        if layout is not None:
            layout.activate()
            self.setFixedHeight(layout.sizeHint().height())

    def _choose(self, index: QModelIndex) -> None:
        found = index.data(FOUND_ROLE)
        if isinstance(found, Found) and found.command.can:
            self.hide()
            self.chosen.emit(found.command.name)


def _small(font: QFont) -> QFont:
    small = QFont(font)
    small.setPixelSize(_SMALL)
    return small


def _formats(found: Found) -> list[QTextLayout.FormatRange]:
    group = QTextCharFormat()
    group.setForeground(QColor(current_theme().muted))
    typed = QTextCharFormat()
    typed.setForeground(QColor(current_theme().text))
    typed.setFontWeight(QFont.Weight.Bold)
    ranges = [(0, len(found.command.group) + 1, group)]
    ranges += [(place, 1, typed) for place in found.places]
    return [_range(*parts) for parts in ranges]


def _range(start: int, length: int, look: QTextCharFormat) -> QTextLayout.FormatRange:
    made = QTextLayout.FormatRange()
    made.start, made.length, made.format = start, length, look
    return made
