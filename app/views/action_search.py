"""A small window in which an action is found, or a new label made, by typing."""

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QModelIndex, QObject, QPoint, QSortFilterProxyModel, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QApplication, QFrame, QLineEdit, QListView, QVBoxLayout, QWidget

from app.domain.names import plain_tip, readable_name
from app.domain.wording import one_line
from app.itemmodels.labels_model import LABEL_ROLE, LabelsModel
from app.views.key_button import KeyButton
from app.views.labels_list import LabelsDelegate
from app.views.own_keys import keep_typing
from yowo_core.annotations import Label

_WIDTH = 260
_ROWS = 9
_TRAVEL = (Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_PageUp, Qt.Key.Key_PageDown)
_ENTER = (Qt.Key.Key_Return, Qt.Key.Key_Enter)


class ActionSearch(QFrame):
    """Enter takes the marked label, Ctrl+Enter makes a new one of what was typed.

    chosen carries the id of a label, typed the name of one that does not exist yet.
    """

    chosen = Signal(int)
    typed = Signal(str)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent, Qt.WindowType.Popup)
        self._model = LabelsModel()
        self._found = QSortFilterProxyModel(self)
        self._found.setSourceModel(self._model)
        self._found.setFilterCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        self._line = QLineEdit(self)
        self._list = QListView(self)
        self._create = KeyButton("", "Ctrl+Enter", "", self)
        self._layout = QVBoxLayout(self)
        self._build()

    def open_below(self, widget: QWidget, labels: Sequence[Label]) -> None:
        """Appear under a widget, or over it where the screen ends, with all these labels."""
        self._model.set_labels(labels)
        self._line.clear()
        self._search("")
        self.setFixedWidth(max(widget.width(), _WIDTH))
        self.move(self._place(widget))
        self.show()
        self._line.setFocus(Qt.FocusReason.PopupFocusReason)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Arrows move the mark while the line keeps the letters; Enter takes it."""
        if event.type() != QEvent.Type.KeyPress or not isinstance(event, QKeyEvent):
            return False
        key = Qt.Key(event.key())
        if key in _TRAVEL:
            QApplication.sendEvent(self._list, event)
        elif key in _ENTER and event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self._make()
        elif key in _ENTER:
            self._take()
        else:
            return False
        return True

    def _build(self) -> None:
        self.setProperty("role", "toast")
        self._line.setPlaceholderText("Find an action or type a new one")
        self._line.setAccessibleName("Action")
        self._line.setMaxLength(200)
        self._line.textChanged.connect(self._search)
        self._line.installEventFilter(self)
        keep_typing(self._line)
        self._list.setModel(self._found)
        self._list.setItemDelegate(LabelsDelegate(self._list))
        self._list.setUniformItemSizes(True)
        self._list.setEditTriggers(QListView.EditTrigger.NoEditTriggers)
        self._list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._list.clicked.connect(self._choose)
        self._create.spread = True
        self._create.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._create.clicked.connect(self._make)
        self._layout.setContentsMargins(6, 6, 6, 6)
        self._layout.setSpacing(4)
        for widget in (self._line, self._list, self._create):
            self._layout.addWidget(widget)

    def _search(self, text: str) -> None:
        name = one_line(text)
        self._found.setFilterFixedString(name)
        exact = self._model.named(name)
        place = self._found.index(0, 0)
        if exact is not None:
            row = self._model.labels.index(exact)
            place = self._found.mapFromSource(self._model.index(row))
        self._list.setCurrentIndex(place)
        said = readable_name(name).replace("&", "&&")
        self._create.setText(f"New label \u201c{said}\u201d")
        self._create.setToolTip(plain_tip(name))
        self._create.setVisible(bool(name) and exact is None)
        self._list.setVisible(self._found.rowCount() > 0)
        self._list.setFixedHeight(self._list_height())
        self._layout.activate()
        self.setFixedHeight(self._layout.sizeHint().height())

    def _take(self) -> None:
        index = self._list.currentIndex()
        if index.isValid():
            self._choose(index)
        else:
            self._make()

    def _choose(self, index: QModelIndex) -> None:
        label: Label = index.data(LABEL_ROLE)
        self.hide()
        self.chosen.emit(label.id)

    def _make(self) -> None:
        name = one_line(self._line.text())
        if not name:
            return
        known = self._model.named(name)
        self.hide()
        if known is not None:
            self.chosen.emit(known.id)
        else:
            self.typed.emit(name)

    def _list_height(self) -> int:
        rows = min(self._found.rowCount(), _ROWS)
        return max(self._list.sizeHintForRow(0), 0) * rows + 2

    def _place(self, widget: QWidget) -> QPoint:
        below = widget.mapToGlobal(QPoint(0, widget.height() + 2))
        screen = widget.screen().availableGeometry()
        if below.y() + self.height() > screen.bottom():
            below.setY(max(widget.mapToGlobal(QPoint(0, 0)).y() - self.height() - 2, screen.top()))
        below.setX(max(min(below.x(), screen.right() - self.width()), screen.left()))
        return below
