"""A table of short texts for a view: what a list of figures needs and nothing more."""

from collections.abc import Sequence
from typing import NamedTuple

from PySide6.QtCore import QAbstractTableModel, QModelIndex, Qt

from app.domain.names import plain_tip
from app.itemmodels.media_model import Index

TONE_ROLE = Qt.ItemDataRole.UserRole + 1
"""Gives the tone of a cell: "", "muted", "good", "warning" or "bad"."""

_PARENT = QModelIndex()
_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter


class Cell(NamedTuple):
    """A text; tone names a colour of the scheme, "" the plain one; tip says what is cut off."""

    text: str
    tone: str = ""
    tip: str = ""


class TableModel(QAbstractTableModel):
    """Cells under headings; the first columns hold names, those from numbers_from on figures."""

    def __init__(self, headings: Sequence[str], numbers_from: int) -> None:
        super().__init__()
        self._headings = tuple(headings)
        self._numbers_from = numbers_from
        self._rows: list[Sequence[Cell]] = []

    def set_rows(self, rows: Sequence[Sequence[Cell]]) -> None:
        """Show these rows, each with one cell a heading."""
        if list(rows) == self._rows:
            return
        self.beginResetModel()
        self._rows = list(rows)
        self.endResetModel()

    def rowCount(self, parent: Index = _PARENT) -> int:
        """How many rows there are."""
        return 0 if parent.isValid() else len(self._rows)

    def columnCount(self, parent: Index = _PARENT) -> int:
        """How many headings there are."""
        return 0 if parent.isValid() else len(self._headings)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """Text, tooltip, side and tone of a cell."""
        if not index.isValid():
            return None
        cell = self._rows[index.row()][index.column()]
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return cell.text
            case Qt.ItemDataRole.ToolTipRole:
                return plain_tip(cell.tip or cell.text)
            case Qt.ItemDataRole.TextAlignmentRole:
                return self._side(index.column())
            case role if role == TONE_ROLE:
                return cell.tone
        return None

    def headerData(
        self,
        section: int,
        orientation: Qt.Orientation,
        role: int = Qt.ItemDataRole.DisplayRole,
    ) -> object:
        """The headings, on the side of their columns."""
        if orientation != Qt.Orientation.Horizontal:
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return self._headings[section]
        return self._side(section) if role == Qt.ItemDataRole.TextAlignmentRole else None

    def _side(self, column: int) -> Qt.AlignmentFlag:
        return _LEFT if column < self._numbers_from else _RIGHT
