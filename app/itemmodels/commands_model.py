"""What can be done, as a list that is searched: what fits best, or was used last, comes first."""

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QAbstractListModel, QModelIndex, Qt

from app.domain.fuzzy import fit
from app.itemmodels.media_model import Index

FOUND_ROLE = Qt.ItemDataRole.UserRole + 1
"""Gives the Found itself."""
_PARENT = QModelIndex()
_KEY_SCORE = 1000.0


@dataclass(frozen=True)
class Command:
    """Something that can be done: its name, group, text and keys, and a note on it.

    Where it cannot be done now (can is False) the note says why.
    """

    name: str
    group: str
    text: str
    keys: tuple[str, ...] = ()
    note: str = ""
    can: bool = True

    @property
    def title(self) -> str:
        """Group and text."""
        return f"{self.group}: {self.text}"


@dataclass(frozen=True)
class Found:
    """A command and the letters of its title that were typed."""

    command: Command
    places: tuple[int, ...] = ()


class CommandsModel(QAbstractListModel):
    """Commands that fit what was typed."""

    def __init__(self) -> None:
        super().__init__()
        self._commands: tuple[Command, ...] = ()
        self._recent: tuple[str, ...] = ()
        self._found: list[Found] = []

    def set_commands(self, commands: Sequence[Command], recent: Sequence[str]) -> None:
        """Take these over; recent: names of those used last, the newest first."""
        self._commands, self._recent = tuple(commands), tuple(recent)
        self.search("")

    def search(self, typed: str) -> None:
        """List what fits, the best first, of equals the one used last."""
        ranked: list[tuple[float, int, int, Found]] = []
        for place, command in enumerate(self._commands):
            fits = _by_key(typed, command) or fit(typed, command.title)
            if fits is not None:
                score = fits[0] if typed.strip() else 0.0
                ranked.append((-score, self._age(command), place, Found(command, fits[1])))
        self.beginResetModel()
        self._found = [found for *_, found in sorted(ranked, key=lambda entry: entry[:3])]
        self.endResetModel()

    def place(self, name: str) -> int:
        """The row of a command, 0 when it is not listed."""
        return next((n for n, f in enumerate(self._found) if f.command.name == name), 0)

    def rowCount(self, parent: Index = _PARENT) -> int:
        """How many fit."""
        return 0 if parent.isValid() else len(self._found)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """Text, why it cannot be done, what a screen reader says, and the Found itself."""
        if not index.isValid():
            return None
        found = self._found[index.row()]
        command = found.command
        told = ", ".join(t for t in (command.title, " ".join(command.keys), command.note) if t)
        values: dict[int, object] = {
            Qt.ItemDataRole.DisplayRole: command.title,
            Qt.ItemDataRole.ToolTipRole: command.note,
            Qt.ItemDataRole.AccessibleTextRole: told,
            FOUND_ROLE: found,
        }
        return values.get(role)

    def _age(self, command: Command) -> int:
        names = self._recent
        return names.index(command.name) if command.name in names else len(names)


def _by_key(typed: str, command: Command) -> tuple[float, tuple[int, ...]] | None:
    """A key that was typed in letters, such as ctrl+z, finds what it starts, and finds it first."""
    wanted = typed.strip().casefold()
    return (_KEY_SCORE, ()) if wanted in [key.casefold() for key in command.keys] else None
