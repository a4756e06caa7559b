"""What is said of a model file while and after it is added."""

from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFormLayout, QLabel, QProgressBar, QVBoxLayout, QWidget

from app.domain.model_files import FilePhase, ModelFileState
from app.domain.names import breakable, readable_name

_SAID: Final = ("what", "data set", "left out", "licence", "note")
"""Rows of the import's report that are not in the list of models already."""
_NO_BAR: Final = (FilePhase.ADDED, FilePhase.KNOWN, FilePhase.FAILED)


class ModelReport(QWidget):
    """A sentence, a bar while it lasts, and the import's words; hidden while there is nothing."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._sentence, self._bar = QLabel(self), QProgressBar(self)
        self._sentence.setWordWrap(True)
        self._sentence.setTextFormat(Qt.TextFormat.PlainText)
        self._bar.setRange(0, 0)
        self._bar.setTextVisible(False)
        self._bar.setFixedHeight(6)
        self._rows = QWidget(self)
        self._form = QFormLayout(self._rows)
        self._form.setContentsMargins(0, 0, 0, 0)
        stack = QVBoxLayout(self)
        stack.setContentsMargins(0, 0, 0, 0)
        for widget in (self._sentence, self._bar, self._rows):
            stack.addWidget(widget)
        self.set_state(None)

    def set_state(self, state: ModelFileState | None) -> None:
        """Show how adding a file stands."""
        self.setVisible(state is not None)
        rows = [] if state is None else [row for row in state.rows if row[0] in _SAID]
        self._set_rows(rows)
        if state is None:
            return
        self._bar.setVisible(state.phase not in _NO_BAR)
        role = {FilePhase.FAILED: "problem", FilePhase.ADDED: "good"}.get(state.phase, "muted")
        self._sentence.setProperty("role", role)
        self._sentence.style().polish(self._sentence)
        self._sentence.setText(breakable(told(state)))

    def _set_rows(self, rows: Sequence[tuple[str, str]]) -> None:
        while self._form.rowCount():
            self._form.removeRow(0)
        self._rows.setVisible(bool(rows))
        for word, text in rows:
            heading, said = QLabel(word, self._rows), QLabel(breakable(text), self._rows)
            heading.setProperty("role", "muted")
            said.setWordWrap(True)
            said.setTextFormat(Qt.TextFormat.PlainText)
            said.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            self._form.addRow(heading, said)


def told(state: ModelFileState) -> str:
    """How it stands, as a sentence."""
    file = readable_name(state.file.name)
    name = readable_name(state.model.name) if state.model is not None else file
    return {
        FilePhase.READING: f"Reading {file}\u2026",
        FilePhase.ADDED: f"{name} is added.",
        FilePhase.KNOWN: f"{file} is a model of this project already: {name}.",
        FilePhase.FAILED: f"{file} was not added. {state.message}",
    }[state.phase]
