"""The key sheet: every action with its keys, by group, with a field to find one."""

from collections.abc import Iterable

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QScrollArea,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from app.views.dialog_frame import DialogFrame, plain_button
from app.views.elided_label import ElidedLabel

_COLUMNS = 2
Entry = tuple[str, str, str]


class KeysDialog(DialogFrame):
    """entries: group, action, key; an action with several keys comes once for each of them.

    change_asked comes after the dialog was closed for it.
    """

    change_asked = Signal()

    def __init__(self, entries: Iterable[Entry], parent: QWidget | None = None) -> None:
        super().__init__("Keys", parent, width=760)
        self._find = QLineEdit(self)
        self._find.setPlaceholderText("Find an action or a key")
        self._find.setClearButtonEnabled(True)
        self._groups = [_Group(name, actions, self) for name, actions in _grouped(entries).items()]
        self._nothing = QLabel("No action or key is called that.", self)
        self._nothing.setProperty("role", "muted")
        self._nothing.hide()
        self._find.textChanged.connect(self._show_matches)
        close = plain_button("Close", self)
        close.clicked.connect(self.accept)
        self.body.addWidget(self._find)
        self.body.addWidget(self._nothing)
        self.body.addWidget(self._sheet(), 1)
        change = plain_button("Change keys\u2026", self)
        change.clicked.connect(self._change)
        self.add_buttons((change,), (close,))

    def _change(self) -> None:
        self.accept()
        self.change_asked.emit()

    def _sheet(self) -> QScrollArea:
        content = QWidget(self)
        columns = QHBoxLayout(content)
        columns.setContentsMargins(0, 0, 10, 0)
        columns.setSpacing(32)
        for groups in _balanced(self._groups):
            column = QVBoxLayout()
            column.setSpacing(14)
            for group in groups:
                column.addWidget(group)
            column.addStretch(1)
            columns.addLayout(column, 1)
        return _Sheet(content, self)

    def _show_matches(self, text: str) -> None:
        wanted = text.strip().casefold()
        found = [group.show_matches(wanted) for group in self._groups]
        self._nothing.setVisible(not any(found))


class _Sheet(QScrollArea):
    def __init__(self, content: QWidget, parent: QWidget) -> None:
        super().__init__(parent)
        self._content = content
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setWidget(content)
        self.viewport().setAutoFillBackground(False)
        content.setAutoFillBackground(False)

    def sizeHint(self) -> QSize:
        """All of it: the dialog is cut at the screen's height, not here."""
        return self._content.sizeHint() + QSize(12, 4)


class _Group(QWidget):
    """A heading and its actions, each with its keys on the right."""

    def __init__(self, name: str, actions: dict[str, list[str]], parent: QWidget) -> None:
        super().__init__(parent)
        self._lines: list[tuple[str, QWidget]] = []
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        heading = QLabel(name.upper(), self)
        heading.setProperty("role", "section")
        column.addWidget(heading)
        for action, keys in actions.items():
            line = _line(action, keys, self)
            column.addWidget(line)
            self._lines.append(("\n".join((name, action, *keys)).casefold(), line))

    @property
    def height_in_lines(self) -> int:
        """How much of a column it takes."""
        return len(self._lines) + 2

    def show_matches(self, wanted: str) -> bool:
        """Show the actions that have the text in group, name or key; whether there are any."""
        any_found = False
        for found_by, line in self._lines:
            line.setVisible(wanted in found_by)
            any_found = any_found or wanted in found_by
        self.setVisible(any_found)
        return any_found


def _grouped(entries: Iterable[Entry]) -> dict[str, dict[str, list[str]]]:
    groups: dict[str, dict[str, list[str]]] = {}
    for group, action, key in entries:
        keys = groups.setdefault(group, {}).setdefault(action, [])
        if key and key not in keys:
            keys.append(key)
    return groups


def _balanced(groups: list[_Group]) -> list[list[_Group]]:
    """The groups in their order over the columns, each about equally long."""
    total = sum(group.height_in_lines for group in groups)
    columns: list[list[_Group]] = [[] for _ in range(_COLUMNS)]
    above = 0
    for group in groups:
        middle = above + group.height_in_lines / 2
        columns[min(int(middle * _COLUMNS / total), _COLUMNS - 1)].append(group)
        above += group.height_in_lines
    return columns


def _line(action: str, keys: list[str], parent: QWidget) -> QWidget:
    line = QWidget(parent)
    row = QHBoxLayout(line)
    row.setContentsMargins(0, 0, 0, 0)
    row.setSpacing(4)
    row.addWidget(ElidedLabel(action, line), 1)
    for key in keys:
        chip = QLabel(key, line)
        chip.setProperty("role", "key")
        chip.setTextFormat(Qt.TextFormat.PlainText)
        chip.setFixedHeight(18)
        row.addWidget(chip)
    if not keys:
        none = QLabel("no key", line)
        none.setProperty("role", "muted")
        row.addWidget(none)
    return line
