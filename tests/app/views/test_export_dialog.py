"""Asking for an export, and being told what the format could not hold."""

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QApplication,
    QLabel,
    QLineEdit,
    QProgressBar,
    QPushButton,
    QSpinBox,
    QTableView,
)
from pytestqt.qtbot import QtBot

from app.domain.export import (
    ExportFormat,
    ExportPlan,
    ExportReport,
    LossRow,
    TubeName,
    loss_row,
)
from app.views.export_dialog import ExportDialog
from app.views.tick_box import TickBox
from yowo_core.annotations import FrameRange
from yowo_core.formats.losses import Loss, Why

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


def test_a_file_that_is_there_is_asked_for(dialog: ExportDialog, tmp_path: Path) -> None:
    plans: list[ExportPlan] = []
    dialog.export_asked.connect(plans.append)
    (tmp_path / "old.csv").write_text("")
    (tmp_path / "old.json").write_text("")
    _type_path(dialog, str(tmp_path / "old.csv"))
    QTest.mouseClick(_button(dialog, "Export"), LEFT)
    assert plans == []
    assert "old.csv and old.json are there already. Replace them?" in _texts(dialog)
    _type_path(dialog, str(tmp_path / "new.csv"))  # another file: nothing to ask any more
    assert not any("Replace" in text for text in _texts(dialog))
    QTest.mouseClick(_button(dialog, "Export"), LEFT)
    _type_path(dialog, str(tmp_path / "old.csv"))
    QTest.mouseClick(_button(dialog, "Export"), LEFT)
    QTest.mouseClick(_button(dialog, "Replace"), LEFT)
    assert plans == [
        ExportPlan(ExportFormat.CSV, tmp_path / "new.csv"),
        ExportPlan(ExportFormat.CSV, tmp_path / "old.csv", replace=True),
    ]


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


def _lost(tube: str, why: Why, action: str = "", whole: bool = False) -> Loss:
    reach = FrameRange(12, 19)
    return Loss("kitchen, big.mp4", tube, why, reach, 1.2, 1.9, action, whole=whole)


NAMES = {"u1": TubeName(17, 3, 5)}
LOSSES = (_lost("u1", Why.BETWEEN, "wave"), _lost("u2", Why.NO_ACTION, whole=True))


def _report(dialog: ExportDialog, folder: Path) -> None:
    dialog.show_working()
    files = (folder / "a.csv", folder / "a.pbtxt")
    report = ExportReport(files, 128, ("Times of x are counted.",), LOSSES)
    dialog.show_report(report, [loss_row(loss, NAMES) for loss in LOSSES])


def test_the_report_tells_what_was_lost(dialog: ExportDialog, tmp_path: Path) -> None:
    _report(dialog, tmp_path)
    assert not dialog.findChildren(QProgressBar)[0].isVisible()
    assert f"Written: a.csv and a.pbtxt in {tmp_path}" in _texts(dialog)
    assert (
        "Of 128 tubes 1 is not in the file, 1 is there only in part:\n"
        "1 tube has no action.\n1 action is done at no whole second.\nTimes of x are counted."
    ) in _texts(dialog)
    QTest.mouseClick(_button(dialog, "Close"), LEFT)
    assert not dialog.isVisible()


def test_the_list_is_searched_copied_and_leads_to_the_tube(
    dialog: ExportDialog, tmp_path: Path
) -> None:
    _report(dialog, tmp_path)
    table = dialog.losses.findChildren(QTableView)[0]
    assert table.model().rowCount() == 2
    search = dialog.losses.findChildren(QLineEdit)[0]
    QTest.keyClicks(search, "wave second")
    assert table.model().rowCount() == 1
    QTest.mouseClick(_button(dialog, "Copy list"), LEFT)
    line = "kitchen, big.mp4 #17, 1.20\u20131.90 s: wave: done at no whole second (a part missing)"
    assert QApplication.clipboard().text() == line
    chosen: list[LossRow] = []
    dialog.losses.chosen.connect(chosen.append)
    QTest.mouseClick(
        table.viewport(), LEFT, pos=table.visualRect(table.model().index(0, 0)).center()
    )
    assert [(row.name, row.frame) for row in chosen] == [(TubeName(17, 3, 5), 12)]
    search.clear()
    assert table.model().rowCount() == 2


def test_the_list_is_saved(
    dialog: ExportDialog, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _report(dialog, tmp_path)
    offered: list[str] = []

    def choose(_parent: object, _title: str, suggested: str, _kinds: str) -> tuple[str, str]:
        offered.append(suggested)
        return str(tmp_path / "list.csv"), ""

    monkeypatch.setattr("app.views.losses_table.QFileDialog.getSaveFileName", choose)
    asked: list[tuple[object, ...]] = []
    dialog.losses.save_asked.connect(lambda *given: asked.append(given))
    QTest.mouseClick(_button(dialog, "Save list\u2026"), LEFT)
    assert offered == [str(tmp_path / "a left out.csv")]
    assert asked == [(tuple(loss_row(loss, NAMES) for loss in LOSSES), str(tmp_path / "list.csv"))]
    dialog.say_saved("list.csv")
    assert "The list is in list.csv." in _texts(dialog)
    dialog.say_trouble("list.csv cannot be written.")
    assert "list.csv cannot be written." in _texts(dialog)


def test_a_failure_is_told_and_can_be_tried_again(dialog: ExportDialog) -> None:
    dialog.show_report(ExportReport((Path("/x/a.csv"),), 1, ("lost",)))
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
