"""The list of edits reads only what is looked at, however many there are."""

from PySide6.QtCore import QModelIndex, Qt
from PySide6.QtTest import QAbstractItemModelTester
from pytestqt.qtbot import QtBot

from app.domain.history import EditRecord, HistoryState
from app.itemmodels.history_model import HERE_ROLE, NUMBER_ROLE, UNDONE_ROLE, HistoryModel

MANY = 100_000


class Edits:
    """Edits by number, and how often and how many were asked for."""

    def __init__(self) -> None:
        self.asked: list[int] = []
        self.word = "Edit"

    def __call__(self, low: int, high: int) -> list[EditRecord]:
        self.asked.append(high - low + 1)
        at = "2020-02-03T04:05:06.000+00:00"
        return [EditRecord(n, f"{self.word} {n}", "Ada", at) for n in range(max(low, 1), high + 1)]


def model(state: HistoryState) -> tuple[HistoryModel, Edits]:
    edits = Edits()
    made = HistoryModel(edits)
    made.reset(state)
    QAbstractItemModelTester(made, QAbstractItemModelTester.FailureReportingMode.Fatal, made)
    edits.asked.clear()
    return made, edits


def cell(model: HistoryModel, row: int, role: int = Qt.ItemDataRole.DisplayRole) -> object:
    return model.index(row, 0, QModelIndex()).data(role)


def test_a_hundred_thousand_edits_are_read_where_they_are_looked_at(qtbot: QtBot) -> None:
    found, edits = model(HistoryState(first=1, last=MANY, position=MANY - 2))
    assert found.rowCount() == MANY + 1
    assert cell(found, 0) == "Beginning"
    assert edits.asked == []
    assert [cell(found, row) for row in (MANY, 50_000, 50_001)] == [
        f"Edit {MANY}",
        "Edit 50000",
        "Edit 50001",
    ]
    assert edits.asked == [200, 200]
    assert cell(found, MANY, UNDONE_ROLE) is True
    assert cell(found, MANY - 2, HERE_ROLE) is True
    assert found.row_here() == MANY - 2
    for row in range(0, MANY, 200):
        cell(found, row + 1)
    assert len(found._pages) == 20
    assert str(cell(found, 7, Qt.ItemDataRole.ToolTipRole)).startswith("Edit 7, Ada, 2020-02-03")


def test_it_follows_edits_undo_and_a_new_branch(qtbot: QtBot) -> None:
    found, edits = model(HistoryState(first=1, last=3, position=3))
    assert cell(found, 3) == "Edit 3"
    found.set_state(HistoryState(first=1, last=3, position=1))
    assert [cell(found, row, UNDONE_ROLE) for row in range(4)] == [False, False, True, True]
    edits.word = "Other"
    found.set_state(HistoryState(first=1, last=2, position=2))
    assert found.rowCount() == 3
    assert cell(found, 2) == "Other 2"
    found.set_state(HistoryState(first=1, last=4, position=4))
    assert [cell(found, row, NUMBER_ROLE) for row in range(5)] == [0, 1, 2, 3, 4]
    found.set_state(HistoryState())
    assert found.rowCount() == 1
    assert found.row_here() == 0


def test_it_shows_what_was_found(qtbot: QtBot) -> None:
    found, _edits = model(HistoryState(first=1, last=9, position=5))
    found.set_found([EditRecord(n, f"hit {n}", "Ben", "") for n in (2, 5, 8)])
    assert [cell(found, row) for row in range(found.rowCount())] == ["hit 2", "hit 5", "hit 8"]
    assert found.row_here() == 1
    assert cell(found, 2, UNDONE_ROLE) is True
    found.set_found(None)
    assert found.rowCount() == 10
