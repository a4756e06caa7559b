"""The edits of a project for a list view, read where they are looked at: there may be 100,000."""

from collections import OrderedDict
from collections.abc import Callable, Sequence
from datetime import datetime

from PySide6.QtCore import QAbstractListModel, QModelIndex, Qt

from app.domain.history import EditRecord, HistoryState
from app.itemmodels.media_model import Index

NUMBER_ROLE = Qt.ItemDataRole.UserRole + 1
"""Gives the number of the edit to go to; that before the first for the project's beginning."""
ASIDE_ROLE = Qt.ItemDataRole.UserRole + 2
"""Gives who made the edit and when, in short."""
UNDONE_ROLE = Qt.ItemDataRole.UserRole + 3
"""Whether the edit is taken back."""
HERE_ROLE = Qt.ItemDataRole.UserRole + 4
"""Whether the project stands there now."""

BEGINNING = "Beginning"
_PARENT = QModelIndex()
_PAGE = 200
_PAGES = 20
Fetch = Callable[[int, int], list[EditRecord]]


class HistoryModel(QAbstractListModel):
    """The beginning, then every edit, the oldest first; or, filtered, those that were found."""

    def __init__(self, fetch: Fetch) -> None:
        super().__init__()
        self._fetch = fetch
        self._state = HistoryState()
        self._pages: OrderedDict[int, dict[int, EditRecord]] = OrderedDict()
        self._found: list[EditRecord] | None = None

    def set_state(self, state: HistoryState) -> None:
        """Show where the history stands now."""
        before, self._state = self._state, state
        self._forget(min(before.position, state.position))
        if self._found is None and (before.first, before.last) != (state.first, state.last):
            self._state = before
            self._resize(state)
        self._say_changed()

    def reset(self, state: HistoryState) -> None:
        """Show another project's history."""
        self.beginResetModel()
        self._state, self._found = state, None
        self._pages.clear()
        self.endResetModel()

    def set_found(self, found: Sequence[EditRecord] | None) -> None:
        """Show only these edits; None for all again."""
        self.beginResetModel()
        self._found = None if found is None else list(found)
        self.endResetModel()

    def row_here(self) -> int:
        """The row at which the project stands, -1 when it is not among those shown."""
        if self._found is None:
            return self._state.position - self._state.first + 1 if self._state.last else 0
        rows = (r for r, e in enumerate(self._found) if e.number == self._state.position)
        return next(rows, -1)

    def rowCount(self, parent: Index = _PARENT) -> int:
        """How many edits are listed, with the beginning."""
        if parent.isValid():
            return 0
        return _rows(self._state) if self._found is None else len(self._found)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """Title, tooltip, number, who and when, and on which side of now it is."""
        if not index.isValid():
            return None
        number, edit = self._at(index.row())
        title = edit.title if edit is not None else BEGINNING
        if role in (Qt.ItemDataRole.ToolTipRole, Qt.ItemDataRole.AccessibleTextRole):
            return self._told(number, edit)
        values: dict[int, object] = {
            Qt.ItemDataRole.DisplayRole: title,
            NUMBER_ROLE: number,
            ASIDE_ROLE: _aside(edit) if edit is not None else "",
            UNDONE_ROLE: number > self._state.position,
            HERE_ROLE: number == self._state.position,
        }
        return values.get(role)

    def _at(self, row: int) -> tuple[int, EditRecord | None]:
        """Number and edit of a row; no edit for the beginning."""
        if self._found is not None:
            return self._found[row].number, self._found[row]
        number = self._state.first + row - 1 if self._state.last else 0
        return number, self._edit(number) if row else None

    def _edit(self, number: int) -> EditRecord:
        page = number // _PAGE
        if page not in self._pages:
            low = page * _PAGE
            read = self._fetch(low, low + _PAGE - 1)
            self._pages[page] = {edit.number: edit for edit in read}
            while len(self._pages) > _PAGES:
                self._pages.popitem(last=False)
        self._pages.move_to_end(page)
        return self._pages[page].get(number) or EditRecord(number, "", "", "")

    def _forget(self, above: int) -> None:
        """Edits with larger numbers may be others now, and a joined one has another title."""
        for page in [p for p in self._pages if (p + 1) * _PAGE > above]:
            del self._pages[page]

    def _resize(self, state: HistoryState) -> None:
        before, after = _rows(self._state), _rows(state)
        if self._state.first != state.first:
            self.reset(state)
        elif after > before:
            self.beginInsertRows(_PARENT, before, after - 1)
            self._state = state
            self.endInsertRows()
        else:
            self.beginRemoveRows(_PARENT, after, before - 1)
            self._state = state
            self.endRemoveRows()

    def _say_changed(self) -> None:
        rows = self.rowCount()
        if rows:
            self.dataChanged.emit(self.index(0), self.index(rows - 1))

    def _told(self, number: int, edit: EditRecord | None) -> str:
        where = "the project is here" if number == self._state.position else ""
        taken = "taken back" if number > self._state.position else ""
        facts = (BEGINNING,) if edit is None else (edit.title, edit.author, _moment(edit.at))
        return ", ".join(fact for fact in (*facts, where or taken) if fact)


def _rows(state: HistoryState) -> int:
    return state.last - state.first + 2 if state.last else 1


def _aside(edit: EditRecord) -> str:
    return f"{edit.author} · {_moment(edit.at)}" if edit.at else ""


def _moment(at: str) -> str:
    """The time on this machine's clock, with the date unless it is today's."""
    try:
        local = datetime.fromisoformat(at).astimezone()
    except ValueError:
        return at
    today = local.date() == datetime.now().astimezone().date()
    return local.strftime("%H:%M:%S" if today else "%Y-%m-%d %H:%M")
