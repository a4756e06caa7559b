"""An export from the window, and the way from what was left out back to the tube."""

from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QLineEdit, QPushButton, QTableView
from pytestqt.qtbot import QtBot

from app.editing.labels import AddLabel
from app.editing.media import AddVideos
from app.editing.tubes import AddTube
from app.services.media_files import look_at
from app.views.export_dialog import ExportDialog
from app.views.main_window import MainWindow
from benchmarks.barcode_clip import ClipForm, write_clip
from yowo_core.annotations import ActionSpan, Tube

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")
LEFT = Qt.MouseButton.LeftButton
WAIT = 30_000


@pytest.fixture
def second(window: MainWindow, tmp_path: Path) -> int:
    """A second video of 90 frames beside the open one, with a tube between two seconds."""
    project = window.services.project
    form = ClipForm(options={"g": "12", "preset": "ultrafast"})
    clip = write_clip(tmp_path / "second, big.mp4", range(90), form, Fraction(1, 30))
    project.submit(AddVideos((look_at(clip),)))
    project.submit(AddLabel("walk"))
    video, walk = project.videos()[-1].id, project.labels()[-1].id
    boxes = np.tile([1.0, 1, 20, 20], (2, 1))
    made = Tube("", np.array([35, 50]), boxes, spans=(ActionSpan(walk, 35, 51),))
    change = project.submit(AddTube(video, made))
    assert change is not None
    return next(iter(change.tubes))


def press(dialog: ExportDialog, text: str) -> None:
    button = next(b for b in dialog.findChildren(QPushButton) if b.text() == text)
    QTest.mouseClick(button, LEFT)


def test_a_lost_tube_is_named_and_shown(
    window: MainWindow, second: int, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    dialogs: list[ExportDialog] = []

    def stay(dialog: ExportDialog) -> int:
        dialogs.append(dialog)
        dialog.show()
        return 0

    monkeypatch.setattr(ExportDialog, "exec", stay)
    window.actions_by_name["export"].trigger()
    (dialog,) = dialogs
    press(dialog, "AVA")
    line = next(e for e in dialog.findChildren(QLineEdit) if e.accessibleName() == "File to write")
    line.setText(str(tmp_path / "out.csv"))
    press(dialog, "Export")
    said = "Written: out.csv and out.pbtxt"
    labels = dialog.findChildren(QLabel)
    qtbot.waitUntil(lambda: any(said in label.text() for label in labels), timeout=WAIT)
    assert any("1 tube is seen at no whole second." in label.text() for label in labels)
    assert any("is called second_ big in the file" in label.text() for label in labels)
    table = dialog.losses.findChildren(QTableView)[0]
    centre = table.visualRect(table.model().index(0, 0)).center()
    QTest.mouseClick(table.viewport(), LEFT, pos=centre)
    qtbot.waitUntil(lambda: window.play_desk.frame == 35, timeout=WAIT)
    assert window.play_desk.video is not None
    assert window.play_desk.video.name == "second, big.mp4"
    assert [tube.id for tube in window.tube_desk.selected] == [second]
    dialog.close()
