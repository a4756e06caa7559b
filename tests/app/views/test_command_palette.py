"""The palette finds what can be done, says why something cannot, and needs no mouse."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QLineEdit, QListView, QWidget
from pytestqt.qtbot import QtBot

from app.itemmodels.commands_model import Command
from app.views.command_palette import CommandPalette

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")

COMMANDS = [
    Command("export", "Project", "Export\u2026", ("Ctrl+E",)),
    Command("play", "Play", "Play / pause", ("Space",)),
    Command("delete", "Tube", "Delete tube", ("Del",), "Select a tube first.", can=False),
    Command("delete_on", "Tube", "Delete from here on", ("Shift+Del",)),
]


@pytest.fixture
def window(qtbot: QtBot) -> QWidget:
    made = QWidget()
    qtbot.addWidget(made)
    made.resize(800, 600)
    made.show()
    qtbot.waitExposed(made)
    return made


@pytest.fixture
def palette(window: QWidget) -> CommandPalette:
    made = CommandPalette(window)
    made.open_over(window, COMMANDS, ("play",))
    return made


def _line(palette: CommandPalette) -> QLineEdit:
    return palette.findChildren(QLineEdit)[0]


def _titles(palette: CommandPalette) -> list[str]:
    model = palette.findChildren(QListView)[0].model()
    return [str(model.index(row, 0).data()) for row in range(model.rowCount())]


def test_what_was_used_last_comes_first(palette: CommandPalette) -> None:
    assert _titles(palette)[:2] == ["Play: Play / pause", "Project: Export\u2026"]
    assert len(_titles(palette)) == len(COMMANDS)


def test_letters_find_and_enter_starts(palette: CommandPalette) -> None:
    chosen: list[str] = []
    palette.chosen.connect(chosen.append)
    QTest.keyClicks(_line(palette), "expo")
    assert _titles(palette) == ["Project: Export\u2026"]
    QTest.keyClick(_line(palette), Qt.Key.Key_Return)
    assert chosen == ["export"]
    assert not palette.isVisible()


def test_a_key_in_letters_finds_what_it_starts(palette: CommandPalette) -> None:
    QTest.keyClicks(_line(palette), "shift+del")
    assert _titles(palette) == ["Tube: Delete from here on"]


def test_what_cannot_be_done_says_why_and_is_not_started(palette: CommandPalette) -> None:
    chosen: list[str] = []
    palette.chosen.connect(chosen.append)
    QTest.keyClicks(_line(palette), "delete tube")
    listing = palette.findChildren(QListView)[0]
    told = listing.currentIndex().data(Qt.ItemDataRole.AccessibleTextRole)
    assert told == "Tube: Delete tube, Del, Select a tube first."
    QTest.keyClick(_line(palette), Qt.Key.Key_Return)
    assert chosen == []
    assert palette.isVisible()


def test_arrows_move_the_mark_while_letters_go_to_the_line(palette: CommandPalette) -> None:
    chosen: list[str] = []
    palette.chosen.connect(chosen.append)
    QTest.keyClicks(_line(palette), "del")
    assert _titles(palette)[0] == "Tube: Delete tube"
    QTest.keyClick(_line(palette), Qt.Key.Key_Down)
    QTest.keyClick(_line(palette), Qt.Key.Key_Return)
    assert chosen == ["delete_on"]


def test_nothing_found_is_said_and_it_begins_anew(palette: CommandPalette, window: QWidget) -> None:
    QTest.keyClicks(_line(palette), "zzz")
    (told,) = [label for label in palette.findChildren(QLabel) if label.isVisible()]
    assert told.text() == "Nothing is called that."
    QTest.keyClick(_line(palette), Qt.Key.Key_Return)
    assert palette.isVisible()
    palette.hide()
    palette.open_over(window, COMMANDS, ())
    assert _line(palette).text() == ""
    assert len(_titles(palette)) == len(COMMANDS)


def test_esc_leaves(palette: CommandPalette) -> None:
    QTest.keyClick(_line(palette), Qt.Key.Key_Escape)
    assert not palette.isVisible()
