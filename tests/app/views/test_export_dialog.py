"""Asking for an export, and being told what the format could not hold."""

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QLineEdit, QProgressBar, QPushButton, QSpinBox
from pytestqt.qtbot import QtBot

from app.domain.export import ExportFormat, ExportPlan, ExportReport
from app.views.export_dialog import ExportDialog
from app.views.tick_box import TickBox

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")

LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def dialog(qtbot: QtBot, tmp_path: Path) -> ExportDialog:
    made = ExportDialog(128, 14, tmp_path / "kitchen.line")
    qtbot.addWidget(made)
    made.show()
    qtbot.waitExposed(made)
    return made


def _button(dialog: ExportDialog, text: str) -> QPushButton:
    return next(b for b in dialog.findChildren(QPushButton) if b.text() == text)


def _texts(dialog: ExportDialog) -> list[str]:
    return [label.text() for label in dialog.findChildren(QLabel) if label.isVisible()]


def test_csv_is_the_default_and_the_guard_is_off(dialog: ExportDialog, tmp_path: Path) -> None:
    plans: list[ExportPlan] = []
    dialog.export_asked.connect(plans.append)
    assert "128 confirmed tubes in 14 videos will be written." in _texts(dialog)
    QTest.mouseClick(_button(dialog, "Export"), LEFT)
    QTest.mouseClick(dialog.findChildren(TickBox)[0], LEFT)
    QTest.mouseClick(_button(dialog, "Export"), LEFT)
    path = tmp_path / "kitchen.line.csv"
    assert plans == [
        ExportPlan(ExportFormat.CSV, path),
        ExportPlan(ExportFormat.CSV, path, for_spreadsheets=True),
    ]


def test_ava_has_an_offset_instead_of_the_guard(dialog: ExportDialog, tmp_path: Path) -> None:
    plans: list[ExportPlan] = []
    dialog.export_asked.connect(plans.append)
    offset, guard = dialog.findChildren(QSpinBox)[0], dialog.findChildren(TickBox)[0]
    QTest.mouseClick(guard, LEFT)
    assert not offset.isVisible()
    QTest.mouseClick(_button(dialog, "AVA"), LEFT)
    assert offset.isVisible()
    assert not guard.isVisible()
    offset.selectAll()
    QTest.keyClicks(offset, "902\t")
    QTest.mouseClick(_button(dialog, "Export"), LEFT)
    assert plans == [ExportPlan(ExportFormat.AVA, tmp_path / "kitchen.line.csv", 902)]


def _type_path(dialog: ExportDialog, path: str) -> None:
    line = next(e for e in dialog.findChildren(QLineEdit) if e.accessibleName())
    line.selectAll()
    QTest.keyClicks(line, path)


def test_a_name_without_a_suffix_gets_one(dialog: ExportDialog, tmp_path: Path) -> None:
    _type_path(dialog, str(tmp_path / "labels"))
    assert dialog.plan().path == tmp_path / "labels.csv"


def test_a_file_that_is_there_is_named(dialog: ExportDialog, tmp_path: Path) -> None:
    (tmp_path / "old.csv").write_text("")
    _type_path(dialog, str(tmp_path / "old.csv"))
    assert any("old.csv is there already and will be replaced." in t for t in _texts(dialog))
    assert _button(dialog, "Export").isEnabled()


def test_a_folder_that_is_not_there_is_named(dialog: ExportDialog, tmp_path: Path) -> None:
    _type_path(dialog, str(tmp_path / "no" / "a.csv"))
    reason = f"There is no folder {tmp_path / 'no'}. Choose another one."
    assert reason in _texts(dialog)
    assert not _button(dialog, "Export").isEnabled()
    assert _button(dialog, "Export").toolTip() == reason
    _type_path(dialog, "~nobody-has-this-home/a.csv")
    assert any("There is no folder ~nobody-has-this-home" in text for text in _texts(dialog))
    for folder in ("/", str(tmp_path), f"{tmp_path}/"):
        _type_path(dialog, folder)
        assert f"{folder} is a folder. Name a file in it." in _texts(dialog)
    _type_path(dialog, " ")
    assert "Name a file to write." in _texts(dialog)


def test_nothing_confirmed_cannot_be_exported(qtbot: QtBot, tmp_path: Path) -> None:
    dialog = ExportDialog(0, 0, tmp_path / "a")
    qtbot.addWidget(dialog)
    dialog.show()
    assert "No tube is confirmed yet. Accept or draw one first." in _texts(dialog)
    assert not _button(dialog, "Export").isEnabled()


def test_the_report_tells_what_was_lost(dialog: ExportDialog, tmp_path: Path) -> None:
    dialog.show_working()
    bar = dialog.findChildren(QProgressBar)[0]
    assert bar.isVisible()
    assert not _button(dialog, "Export").isEnabled()
    files = (tmp_path / "a.csv", tmp_path / "a.pbtxt")
    lost = ("3 boxes without an action were left out.", "2 tubes are seen at no whole second.")
    dialog.show_report(ExportReport(files, lost))
    assert not bar.isVisible()
    assert f"Written: a.csv and a.pbtxt in {tmp_path}" in _texts(dialog)
    assert "\n".join(lost) in _texts(dialog)
    QTest.mouseClick(_button(dialog, "Close"), LEFT)
    assert not dialog.isVisible()


def test_a_failure_is_told_and_can_be_tried_again(dialog: ExportDialog) -> None:
    dialog.show_report(ExportReport((Path("/x/a.csv"),), ("lost",)))
    dialog.show_working()
    dialog.show_failure("/x/a.csv cannot be written: the disk is full.")
    assert "/x/a.csv cannot be written: the disk is full." in _texts(dialog)
    assert "lost" not in _texts(dialog)
    assert _button(dialog, "Export").isEnabled()


def test_a_tick_can_be_seen(dialog: ExportDialog) -> None:
    box = dialog.findChildren(TickBox)[0]
    empty = box.grab().toImage()
    QTest.mouseClick(box, LEFT)
    assert box.isChecked()
    assert box.grab().toImage() != empty
    QTest.keyClick(box, Qt.Key.Key_Space)
    assert not box.isChecked()
