"""The key sheet: every action once, all its keys, and a field that finds it."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QLineEdit, QPushButton
from pytestqt.qtbot import QtBot

from app.views.keys_dialog import KeysDialog

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")

ENTRIES = [
    ("Playback", "Play or pause", "Space"),
    ("Playback", "One frame back", "Left"),
    ("Playback", "One frame back", "D"),
    ("Review", "Previous tube", ","),
    ("Review", "Find an action", "/"),
    ("Program", "Doctor", ""),
]


@pytest.fixture
def dialog(qtbot: QtBot) -> KeysDialog:
    made = KeysDialog(ENTRIES)
    qtbot.addWidget(made)
    made.show()
    qtbot.waitExposed(made)
    return made


def _texts(dialog: KeysDialog) -> list[str]:
    return [label.text() for label in dialog.findChildren(QLabel) if label.isVisible()]


def test_an_action_stands_once_with_all_its_keys(dialog: KeysDialog) -> None:
    shown = _texts(dialog)
    assert shown.count("One frame back") == 1
    assert {"PLAYBACK", "REVIEW", "PROGRAM", "Left", "D", ",", "/", "no key"} <= set(shown)


def test_typing_leaves_what_matches_in_name_group_or_key(dialog: KeysDialog) -> None:
    line = dialog.findChildren(QLineEdit)[0]
    QTest.keyClicks(line, "BACK")
    assert set(_texts(dialog)) == {
        "PLAYBACK",
        "Play or pause",
        "Space",
        "One frame back",
        "Left",
        "D",
    }
    line.clear()
    QTest.keyClicks(line, "space")
    assert _texts(dialog) == ["PLAYBACK", "Play or pause", "Space"]
    line.clear()
    QTest.keyClicks(line, "no such")
    assert _texts(dialog) == ["No action or key is called that."]
    line.clear()
    assert "One frame back" in _texts(dialog)


def test_close_and_escape_close_it(dialog: KeysDialog) -> None:
    QTest.mouseClick(dialog.findChildren(QPushButton)[0], Qt.MouseButton.LeftButton)
    assert not dialog.isVisible()
    dialog.show()
    QTest.keyClick(dialog, Qt.Key.Key_Escape)
    assert not dialog.isVisible()


def test_an_empty_sheet_is_no_error(qtbot: QtBot) -> None:
    dialog = KeysDialog([])
    qtbot.addWidget(dialog)
    dialog.show()
    QTest.keyClicks(dialog.findChildren(QLineEdit)[0], "x")
    assert _texts(dialog) == ["No action or key is called that."]
