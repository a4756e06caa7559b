"""Every key can be changed: recorded, moved from another action, taken away, restored."""

import pytest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QApplication,
    QComboBox,
    QLabel,
    QLineEdit,
    QListView,
    QMainWindow,
    QPushButton,
)
from pytestqt.qtbot import QtBot

from app.domain.keymap import Keymap
from app.itemmodels.commands_model import FOUND_ROLE
from app.services.keymaps import load_profile
from app.views.key_editor import KeyEditor
from app.views.key_recorder import KeyRecorder, told_key
from app.views.window_actions import WindowActions, scopes

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")

LEFT = Qt.MouseButton.LeftButton
NO, SHIFT, CTRL = (
    Qt.KeyboardModifier.NoModifier,
    Qt.KeyboardModifier.ShiftModifier,
    Qt.KeyboardModifier.ControlModifier,
)


@pytest.fixture
def editor(qtbot: QtBot) -> KeyEditor:
    window = QMainWindow()
    qtbot.addWidget(window)
    actions = WindowActions(window, Keymap(load_profile("default"), scopes()), {})
    made = KeyEditor(actions)
    qtbot.addWidget(made)
    made.show()
    qtbot.waitExposed(made)
    return made


@pytest.fixture
def told(editor: KeyEditor) -> list[Keymap]:
    heard: list[Keymap] = []
    editor.changed.connect(heard.append)
    return heard


def _choose(editor: KeyEditor, text: str) -> None:
    line = editor.findChildren(QLineEdit)[0]
    line.clear()
    QTest.keyClicks(line, text)


def _press(editor: KeyEditor, key: Qt.Key, modifiers: Qt.KeyboardModifier = NO) -> None:
    recorder = editor.findChildren(KeyRecorder)[0]
    QTest.mouseClick(recorder, LEFT)
    assert recorder.waiting
    recorder.setFocus()
    QTest.keyClick(recorder, key, modifiers)


def _button(editor: KeyEditor, text: str) -> QPushButton:
    (found,) = [b for b in editor.findChildren(QPushButton) if b.text() == text]
    return found


def _chips(editor: KeyEditor) -> list[str]:
    buttons = editor.findChildren(QPushButton)
    return [str(b.property("key")) for b in buttons if b.property("key") and b.isVisible()]


def _note(editor: KeyEditor) -> str:
    lists = editor.findChildren(QListView)
    (shown,) = [v for v in lists if v.accessibleName() == "Actions and their keys"]
    return str(shown.currentIndex().data(FOUND_ROLE).command.note)


def test_a_free_key_is_one_more_at_once(editor: KeyEditor, told: list[Keymap]) -> None:
    _choose(editor, "play / pause")
    assert editor.current == "play"
    assert _chips(editor) == ["Space"]
    _press(editor, Qt.Key.Key_P)
    assert [keymap.own for keymap in told] == [{"play": ("Space", "P")}]
    assert _chips(editor) == ["Space", "P"]
    assert (editor.current, _note(editor)) == ("play", "changed")


def test_a_taken_key_is_said_and_moves_only_when_wanted(
    editor: KeyEditor, told: list[Keymap]
) -> None:
    _choose(editor, "play / pause")
    _press(editor, Qt.Key.Key_G)
    said = [label.text() for label in editor.findChildren(QLabel) if label.isVisible()]
    assert "G is the key of \u201cPlay: Go to frame\u2026\u201d." in said
    assert told == []
    QTest.mouseClick(_button(editor, "Leave it there"), LEFT)
    assert told == []
    assert not _button(editor, "Move it here").isVisible()
    _press(editor, Qt.Key.Key_G)
    QTest.mouseClick(_button(editor, "Move it here"), LEFT)
    assert told[-1].keys("play") == ("Space", "G")
    assert told[-1].keys("go_to") == ()


def test_a_key_that_opens_a_menu_is_refused(editor: KeyEditor, told: list[Keymap]) -> None:
    _choose(editor, "play / pause")
    _press(editor, Qt.Key.Key_P, Qt.KeyboardModifier.AltModifier)
    said = [label.text() for label in editor.findChildren(QLabel) if label.isVisible()]
    assert "Alt+P opens the menu Project." in said
    assert not _button(editor, "Move it here").isVisible()
    assert told == []


def test_keys_of_two_places_do_not_meet(editor: KeyEditor, told: list[Keymap]) -> None:
    _choose(editor, "larger picture")
    assert editor.current == "zoom_in"
    _press(editor, Qt.Key.Key_Minus, CTRL)
    assert told[-1].keys("zoom_in") == ("+", "=", "Ctrl+-")
    _choose(editor, "less time")
    _press(editor, Qt.Key.Key_Minus, CTRL)
    assert told[-1].keys("time_in") == ("+", "=", "Ctrl+-")


def test_a_key_is_taken_away_and_restored(editor: KeyEditor, told: list[Keymap]) -> None:
    _choose(editor, "one frame on")
    buttons = editor.findChildren(QPushButton)
    (chip,) = [b for b in buttons if b.property("key") == "F" and b.isVisible()]
    QTest.mouseClick(chip, LEFT)
    assert told[-1].keys("on") == ("Right",)
    QTest.mouseClick(_button(editor, "Restore these keys"), LEFT)
    assert told[-1].own == {}
    assert not _button(editor, "Restore these keys").isEnabled()


def test_all_keys_are_restored(editor: KeyEditor, told: list[Keymap]) -> None:
    for name, key in (("one frame on", Qt.Key.Key_F5), ("export", Qt.Key.Key_F6)):
        _choose(editor, name)
        _press(editor, key)
    assert set(told[-1].own) == {"on", "export"}
    QTest.mouseClick(_button(editor, "Restore all keys"), LEFT)
    assert told[-1].own == {}


def test_another_profile_is_chosen(editor: KeyEditor, told: list[Keymap]) -> None:
    box = editor.findChildren(QComboBox)[0]
    QTest.keyClick(box, Qt.Key.Key_Down)
    box.activated.emit(box.currentIndex())
    assert told[-1].profile.name == "cvat"
    assert told[-1].keys("go_to") == ("`", "G")


def test_keys_are_found_by_what_they_are(editor: KeyEditor) -> None:
    _choose(editor, "ctrl+shift+z")
    assert editor.current == "redo"


def test_tab_gives_up_and_goes_on(editor: KeyEditor, told: list[Keymap]) -> None:
    _choose(editor, "play / pause")
    editor.activateWindow()
    _press(editor, Qt.Key.Key_Tab)
    recorder = editor.findChildren(KeyRecorder)[0]
    assert not recorder.waiting
    assert QApplication.focusWidget() is not recorder
    assert told == []


def _event(
    key: int, modifiers: Qt.KeyboardModifier = NO, scan: int = 0, text: str = ""
) -> QKeyEvent:
    return QKeyEvent(QEvent.Type.KeyPress, key, modifiers, scan, 0, 0, text)


@pytest.mark.parametrize(
    ("event", "text"),
    [
        (_event(Qt.Key.Key_F7), "F7"),
        (_event(Qt.Key.Key_Escape), "Esc"),
        (_event(Qt.Key.Key_Z, CTRL | SHIFT), "Ctrl+Shift+Z"),
        (_event(Qt.Key.Key_Shift, SHIFT), ""),
        (_event(Qt.Key.Key_AltGr), ""),
        (_event(Qt.Key.Key_Question, SHIFT, 61, "?"), "?"),
        (_event(Qt.Key.Key_Exclam, SHIFT, 10, "!"), "Shift+1"),
        (_event(Qt.Key.Key_1, SHIFT), "Shift+1"),
        (_event(Qt.Key.Key_5, Qt.KeyboardModifier.KeypadModifier), "5"),
    ],
)
def test_a_key_is_told_as_it_is_kept(event: QKeyEvent, text: str) -> None:
    assert told_key(event) == text


@pytest.mark.skipif(__import__("sys").platform != "linux", reason="numbers of X11")
def test_a_letter_of_another_writing_is_the_one_at_its_place() -> None:
    assert told_key(_event(ord("\u042f"), CTRL, 52, "\u044f")) == "Ctrl+Z"
