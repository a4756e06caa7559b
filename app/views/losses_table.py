"""The list of what an export could not hold: searched, copied, saved, led from to the tube."""

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import (
    QApplication,
    QFileDialog,
    QHBoxLayout,
    QHeaderView,
    QLineEdit,
    QVBoxLayout,
    QWidget,
)

from app.domain.export import LossRow
from app.itemmodels.table_model import Cell
from app.views.dialog_frame import plain_button
from app.views.figures import Figures

_HEADINGS = ("why", "tube", "video", "time", "missing")
_VIDEO = 2
_MOST = 9


class LossesTable(QWidget):
    """Rows with a line to search them by; hidden while there are none.

    chosen carries the row that was chosen; save_asked the shown rows and a path.
    """

    chosen = Signal(object)  # LossRow
    save_asked = Signal(object, object)  # tuple[LossRow, ...], str

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._rows: tuple[LossRow, ...] = ()
        self._shown: tuple[LossRow, ...] = ()
        self._suggested = "left-out.csv"
        self._search = QLineEdit(self)
        self._table = Figures(_HEADINGS, self, numbers_from=3, most=_MOST)
        self._build()
        self.hide()

    def set_rows(self, rows: Sequence[LossRow], suggested: str) -> None:
        """Show these rows; suggested is the path that saving begins with."""
        self._rows, self._suggested = tuple(rows), suggested
        self._search.clear()
        self._filter("")
        self.setVisible(bool(rows))

    def _build(self) -> None:
        self._search.setPlaceholderText("Search what was left out")
        self._search.setAccessibleName("Search what was left out")
        self._search.setClearButtonEnabled(True)
        self._search.textChanged.connect(self._filter)
        self._table.setAccessibleName("What was left out")
        self._table.setSelectionMode(Figures.SelectionMode.SingleSelection)
        self._table.setSelectionBehavior(Figures.SelectionBehavior.SelectRows)
        self._table.chosen_changed.connect(self._choose)
        stretch = QHeaderView.ResizeMode.Stretch  # long names share the room with the reasons
        self._table.horizontalHeader().setSectionResizeMode(_VIDEO, stretch)
        copy, save = plain_button("Copy list", self), plain_button("Save list\u2026", self)
        for button in (copy, save):
            button.setAutoDefault(False)
        copy.clicked.connect(self._copy)
        save.clicked.connect(self._save)
        line = QHBoxLayout()
        for widget in (self._search, copy, save):
            line.addWidget(widget)
        stack = QVBoxLayout(self)
        stack.setContentsMargins(0, 0, 0, 0)
        stack.addLayout(line)
        stack.addWidget(self._table, 1)

    def _filter(self, text: str) -> None:
        words = text.casefold().split()
        fits = (all(word in row.line.casefold() for word in words) for row in self._rows)
        self._shown = tuple(row for row, fit in zip(self._rows, fits, strict=True) if fit)
        self._table.set_rows([_cells(row) for row in self._shown])

    def _choose(self) -> None:
        place = self._table.currentIndex().row()
        if 0 <= place < len(self._shown):
            self.chosen.emit(self._shown[place])

    def _copy(self) -> None:
        QApplication.clipboard().setText("\n".join(row.line for row in self._shown))

    def _save(self) -> None:
        chosen, _ = QFileDialog.getSaveFileName(self, "Save list", self._suggested, "CSV (*.csv)")
        if chosen:
            self.save_asked.emit(self._shown, chosen)


def _cells(row: LossRow) -> tuple[Cell, ...]:
    tone = "bad" if row.missing == "all" else "warning"
    return (
        Cell(row.reason),
        Cell(row.tube),
        Cell(row.video, "muted"),
        Cell(row.time, "muted"),
        Cell(row.missing, tone),
    )
