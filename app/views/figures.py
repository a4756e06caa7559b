"""A quiet table of figures: names on the left, numbers on the right, tones from the scheme."""

from collections.abc import Sequence

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QColor, QPalette
from PySide6.QtWidgets import (
    QHeaderView,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QWidget,
)

from app.itemmodels.media_model import Index
from app.itemmodels.table_model import TONE_ROLE, Cell, TableModel
from app.widgets.theme import current_theme

_ROW = 24


class _Tones(QStyledItemDelegate):
    """Colours a cell's text by its tone, selected or not."""

    def initStyleOption(self, option: QStyleOptionViewItem, index: Index) -> None:
        super().initStyleOption(option, index)
        tone = index.data(TONE_ROLE)
        if tone:
            color = QColor(getattr(current_theme(), tone))
            option.palette.setColor(QPalette.ColorRole.Text, color)
            option.palette.setColor(QPalette.ColorRole.HighlightedText, color)


class Figures(QTableView):
    """Cells below headings; the first column takes the room that the others leave.

    It asks for the height of its rows, up to most of them, and scrolls beyond. chosen_changed
    tells that another row is the current one, where rows can be chosen.
    """

    chosen_changed = Signal()

    def __init__(
        self, headings: Sequence[str], parent: QWidget, *, numbers_from: int = 1, most: int = 8
    ) -> None:
        super().__init__(parent)
        self._most = most
        self._cells = TableModel(headings, numbers_from)
        self.setModel(self._cells)
        self.setItemDelegate(_Tones(self))
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        self.setSelectionMode(QTableView.SelectionMode.NoSelection)
        self.setEditTriggers(QTableView.EditTrigger.NoEditTriggers)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setVerticalScrollMode(QTableView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.verticalHeader().hide()
        self.verticalHeader().setDefaultSectionSize(_ROW)
        header = self.horizontalHeader()
        header.setHighlightSections(False)
        header.setMinimumSectionSize(30)
        header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)

    def set_rows(self, rows: Sequence[Sequence[Cell]]) -> None:
        """Show these rows, each with one cell a heading."""
        self._cells.set_rows(rows)
        self.updateGeometry()

    def currentChanged(self, current: Index, previous: Index) -> None:
        """Tell of another row."""
        super().currentChanged(current, previous)
        self.chosen_changed.emit()

    def sizeHint(self) -> QSize:
        """Headings and rows, up to most of them."""
        rows = min(max(self._cells.rowCount(), 1), self._most)
        return QSize(240, self.horizontalHeader().sizeHint().height() + rows * _ROW + 4)

    def minimumSizeHint(self) -> QSize:
        """Headings and three rows, or fewer where there are fewer."""
        rows = min(max(self._cells.rowCount(), 1), 3)
        return QSize(160, self.horizontalHeader().sizeHint().height() + rows * _ROW + 4)
