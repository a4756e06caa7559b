"""Every setting has its effect at once, without a button to confirm it."""

from collections.abc import Iterator
from pathlib import Path
from typing import TypeVar

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QComboBox,
    QLabel,
    QLineEdit,
    QPushButton,
    QSpinBox,
    QTabWidget,
    QWidget,
)
from pytestqt.qtbot import QtBot

from app.application import Options, make_window
from app.editing.labels import AddLabel
from app.services.inference import LiveInference
from app.settings import load
from app.views.key_recorder import KeyRecorder
from app.views.main_window import MainWindow
from app.views.settings_dialog import KEYS_PAGE, SettingsDialog
from app.views.settings_pages import size_text
from app.widgets.theme import current_theme
from yowo_core.video.proxy import SUFFIX

W = TypeVar("W", bound=QWidget)
pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")


@pytest.fixture
def started() -> list[tuple[object, ...]]:
    """With what the live model was started."""
    return []


@pytest.fixture
def window(
    qtbot: QtBot,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    started: list[tuple[object, ...]],
) -> Iterator[MainWindow]:
    """The window with an empty project and caches of its own."""
    monkeypatch.setenv("YOWO_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("YOWO_SETTINGS", str(tmp_path / "settings.json"))
    monkeypatch.setenv("YOWO_CACHE", str(tmp_path / "cache"))
    (tmp_path / "cache" / "onnx").mkdir(parents=True)
    (tmp_path / "cache" / "onnx" / "a.onnx").write_bytes(bytes(3 * 1024 * 1024))
    monkeypatch.setattr(LiveInference, "start", lambda _self, *args: started.append(args))
    monkeypatch.setattr(LiveInference, "enabled", property(lambda _self: bool(started)))
    made = make_window(Options())
    qtbot.addWidget(made)
    assert made.services.project.create(tmp_path / "a.yowo")
    yield made
    made.close()


@pytest.fixture
def dialog(window: MainWindow, qtbot: QtBot) -> SettingsDialog:
    made = SettingsDialog(window.services, window.actions_by_name, 0, window)
    made.show()
    qtbot.waitExposed(made)
    return made


def _named(dialog: SettingsDialog, kind: type[W], name: str) -> W:
    (found,) = [w for w in dialog.findChildren(kind) if w.accessibleName() == name]
    return found


def test_the_theme_changes_at_once(
    window: MainWindow, dialog: SettingsDialog, tmp_path: Path
) -> None:
    box = _named(dialog, QComboBox, "Theme")
    for name in ("light", "dark"):
        box.setCurrentIndex(box.findData(name))
        box.activated.emit(box.currentIndex())
        assert current_theme().name == name
        assert load(tmp_path / "settings.json").settings.theme == name


def test_edits_bear_the_name_that_was_typed(
    window: MainWindow, dialog: SettingsDialog, tmp_path: Path
) -> None:
    line = _named(dialog, QLineEdit, "Author")
    QTest.keyClicks(line, " Ada  Lovelace ")
    assert load(tmp_path / "settings.json").settings.author == "Ada Lovelace"
    project = window.services.project
    assert project.submit(AddLabel("walk")) is not None
    assert project.author == "Ada Lovelace"
    line.clear()
    assert project.author not in ("", "Ada Lovelace")


def test_another_engine_is_started_once(
    window: MainWindow, dialog: SettingsDialog, started: list[tuple[object, ...]]
) -> None:
    window.learn_desk.switch_live(on=True)
    before = len(started)
    box = _named(dialog, QComboBox, "Engine and device")
    box.setCurrentIndex(3)
    box.activated.emit(3)
    now = window.services.settings.now
    assert (now.live_backend, now.live_device) == ("torch", "cpu")
    assert [args[1:3] for args in started[before:]] == [("torch", "cpu")]
    bar = [b for b in window.top_bar.findChildren(QComboBox) if "Engine" in b.accessibleName()]
    assert bar[0].currentText() == "PyTorch \u00b7 CPU"


def test_the_size_of_the_frame_cache_is_kept(
    window: MainWindow, dialog: SettingsDialog, tmp_path: Path
) -> None:
    spin = _named(dialog, QSpinBox, "Pictures in memory")
    assert spin.value() == 512
    spin.setFocus()
    QTest.keyClick(spin, Qt.Key.Key_Up)
    assert window.services.settings.now.frame_cache_mb == 640
    assert load(tmp_path / "settings.json").settings.frame_cache_mb == 640
    assert any("in use now" in label.text() for label in dialog.findChildren(QLabel))


def test_a_cache_on_the_disk_is_measured_and_emptied(
    dialog: SettingsDialog, qtbot: QtBot, tmp_path: Path
) -> None:
    def shown() -> list[str]:
        return [label.text() for label in dialog.findChildren(QLabel)]

    qtbot.waitUntil(lambda: "3.0 MB" in shown())
    graphs = _named(dialog, QPushButton, "Empty: Models made ready for ONNX Runtime")
    indexes = _named(dialog, QPushButton, "Empty: Indexes of videos")
    assert not indexes.isEnabled()
    assert indexes.toolTip() == "There is nothing in it."
    graphs.click()
    qtbot.waitUntil(lambda: "3.0 MB" not in shown())
    assert list((tmp_path / "cache" / "onnx").iterdir()) == []


def test_another_key_is_everywhere_at_once(
    window: MainWindow, dialog: SettingsDialog, tmp_path: Path
) -> None:
    dialog.findChildren(QTabWidget)[0].setCurrentIndex(KEYS_PAGE)
    line = _named(dialog, QLineEdit, "Find an action or a key")
    actions = window.actions_by_name
    for text, key in (("play / pause", Qt.Key.Key_P), ("next tube to rev", Qt.Key.Key_Q)):
        line.clear()
        QTest.keyClicks(line, text)
        (old,) = [
            b for b in dialog.findChildren(QPushButton) if b.property("key") and b.isVisible()
        ]
        QTest.mouseClick(old, Qt.MouseButton.LeftButton)
        recorder = dialog.findChildren(KeyRecorder)[0]
        QTest.mouseClick(recorder, Qt.MouseButton.LeftButton)
        recorder.setFocus()
        QTest.keyClick(recorder, key)
    assert actions["play"].shortcut().toString() == "P"
    assert ("Play", "Play / pause", "P") in actions.key_sheet()
    assert actions.hint("undo") == "There is nothing to undo."
    assert window.tube._buttons["next"]._key == "Q"
    assert load(tmp_path / "settings.json").settings.keys == {"play": ("P",), "next": ("Q",)}


def test_working_copies_are_measured_and_deleted(
    window: MainWindow, dialog: SettingsDialog, qtbot: QtBot
) -> None:
    folder = window.services.proxies.folder
    folder.mkdir(parents=True)
    copy = folder / f"a{SUFFIX}"
    copy.write_bytes(bytes(2 * 1024 * 1024))
    again = SettingsDialog(window.services, window.actions_by_name, 2, window)
    button = _named(again, QPushButton, "Empty: Working copies of videos")
    qtbot.waitUntil(button.isEnabled)
    assert "2.0 MB" in [label.text() for label in again.findChildren(QLabel)]
    button.click()
    qtbot.waitUntil(lambda: not copy.exists())
    qtbot.waitUntil(lambda: "2.0 MB" not in [x.text() for x in again.findChildren(QLabel)])
    assert dialog.isVisible()


@pytest.mark.parametrize(
    ("size", "text"),
    [
        (0, "0 kB"),
        (1, "1 kB"),
        (5 * 1024**2, "5.0 MB"),
        (1536 * 1024**2, "1.5 GB"),
        (200 * 1024**2, "200 MB"),
    ],
)
def test_sizes_in_words(size: int, text: str) -> None:
    assert size_text(size) == text
