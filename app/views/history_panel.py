"""The panel of the history: every edit to go back to, and the checkpoints of the project."""

from collections.abc import Sequence
from datetime import datetime

from PySide6.QtCore import Qt, QTimer, Signal, SignalInstance
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QTabWidget,
    QVBoxLayout,
    QWidget,
)

from app.domain.history import EditRecord, HistoryState
from app.domain.safekeeping import Checkpoint
from app.domain.wording import counted
from app.itemmodels.history_model import Fetch, HistoryModel
from app.views.dialog_frame import plain_button
from app.views.history_list import HistoryList
from app.views.own_keys import keep_typing
from app.views.sure_button import SureButton

MOST_FOUND = 1000
_CHECKPOINT = Qt.ItemDataRole.UserRole


class HistoryPanel(QWidget):
    """Shows a HistoryState and Checkpoint values; fetch gives edits by their numbers.

    go_asked carries the number of the edit that is to be the newest; search_asked a text, "" for
    all. restore_asked and delete_asked carry a Checkpoint.
    """

    go_asked = Signal(int)
    search_asked = Signal(str)
    checkpoint_asked = Signal()
    restore_asked = Signal(object)
    delete_asked = Signal(object)

    def __init__(self, fetch: Fetch, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = HistoryModel(fetch)
        self._find = QLineEdit(self)
        self._list = HistoryList(self)
        self._count = QLabel(self)
        self._checkpoints = QListWidget(self)
        self._none = QLabel("No checkpoint yet.", self)
        self._restore = SureButton("Restore", "Really restore?", self)
        self._delete = SureButton("Delete", "Really delete?", self)
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.timeout.connect(self._show_here)
        self._build()

    def reset(self, state: HistoryState) -> None:
        """Show another project's history."""
        self._find.clear()
        self._model.reset(state)
        self._say(state)

    def set_state(self, state: HistoryState) -> None:
        """Show where the history stands now."""
        self._model.set_state(state)
        self._say(state)

    def set_found(self, found: Sequence[EditRecord] | None) -> None:
        """Show only these edits; None for all again."""
        self._model.set_found(found)
        if found is not None:
            more = "the newest " if len(found) >= MOST_FOUND else ""
            self._count.setText(f"{more}{counted(len(found), 'edit')} found")
        self._show_here()

    def set_checkpoints(self, found: Sequence[Checkpoint]) -> None:
        """List these checkpoints."""
        self._checkpoints.clear()
        for checkpoint in found:
            at = datetime.fromisoformat(checkpoint.at).astimezone().strftime("%Y-%m-%d %H:%M")
            item = QListWidgetItem(f"{at}   {checkpoint.name}")
            item.setToolTip(str(checkpoint.path))
            item.setData(_CHECKPOINT, checkpoint)
            self._checkpoints.addItem(item)
        self._checkpoints.setVisible(bool(found))
        self._none.setVisible(not found)
        self._follow()

    def _build(self) -> None:
        tabs = QTabWidget(self)
        tabs.setDocumentMode(True)
        tabs.addTab(self._edits(), "Edits")
        tabs.addTab(self._copies(), "Checkpoints")
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(tabs)

    def _edits(self) -> QWidget:
        self._list.setModel(self._model)
        self._list.setAccessibleName("Edits")
        self._list.chosen.connect(self.go_asked)
        self._find.setPlaceholderText("Find an edit")
        self._find.setAccessibleName("Find an edit")
        self._find.setClearButtonEnabled(True)
        self._find.textChanged.connect(self.search_asked)
        keep_typing(self._find)
        self._count.setProperty("role", "muted")
        page = QWidget(self)
        column = QVBoxLayout(page)
        column.setContentsMargins(8, 8, 8, 8)
        for widget in (self._find, self._list, self._count):
            column.addWidget(widget)
        return page

    def _copies(self) -> QWidget:
        make = plain_button("Make a checkpoint…", self)
        make.clicked.connect(self.checkpoint_asked)
        self._restore.confirmed.connect(lambda: self._ask(self.restore_asked))
        self._delete.confirmed.connect(lambda: self._ask(self.delete_asked))
        self._checkpoints.setAccessibleName("Checkpoints")
        self._checkpoints.itemSelectionChanged.connect(self._follow)
        self._none.setProperty("role", "muted")
        note = QLabel(
            "A checkpoint is a copy of the whole project, kept beside it. Restoring one makes a "
            "checkpoint of what is there now first. Automatic ones are made once a day; the "
            "newest seven stay.",
            self,
        )
        note.setWordWrap(True)
        note.setProperty("role", "muted")
        row = QHBoxLayout()
        for button in (self._restore, self._delete):
            row.addWidget(button)
        row.addStretch(1)
        page = QWidget(self)
        column = QVBoxLayout(page)
        column.setContentsMargins(8, 8, 8, 8)
        column.addWidget(make)
        column.addLayout(row)  # above the list: messages come up over the lower corner
        column.addWidget(self._none)
        column.addWidget(self._checkpoints, 1)
        column.addStretch(0)
        column.addWidget(note)
        self._follow()
        return page

    def _ask(self, signal: SignalInstance) -> None:
        item = self._checkpoints.currentItem()
        if item is not None:
            signal.emit(item.data(_CHECKPOINT))

    def _follow(self) -> None:
        chosen = bool(self._checkpoints.selectedItems())
        for button in (self._restore, self._delete):
            button.setEnabled(chosen)

    def _say(self, state: HistoryState) -> None:
        edits = state.last - state.first + 1 if state.last else 0
        undone = state.last - state.position
        told = counted(edits, "edit") if edits else "No edit yet"
        self._count.setText(f"{told}, {undone} taken back" if undone else told)
        self._soon.start(0)  # once the list knows its new length

    def _show_here(self) -> None:
        row = self._model.row_here()
        if row >= 0:
            self._list.scrollTo(self._model.index(row))
