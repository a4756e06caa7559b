"""The list of videos as a user meets it: clicks, keys, drops, thousands of rows."""

from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, QRectF, Qt, QUrl
from PySide6.QtGui import QColor, QDragEnterEvent, QDropEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit, QMenu, QPushButton
from pytestqt.qtbot import QtBot

from app.domain.media import MediaRow, MediaTrouble
from app.domain.project import VideoRecord
from app.itemmodels.media_model import MediaModel, facts_line, problem_line
from app.views.media_list import MediaDelegate, MediaList
from app.views.media_panel import MediaPanel

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")


def _video(number: int, name: str = "", problem: str = "") -> VideoRecord:
    name = name or f"clip-{number}.mp4"
    path = Path("/clips") / name
    return VideoRecord(
        number, f"{number:032x}", name, path, 768, 432, 1394, Fraction(10), "", (), problem
    )


def _lost(number: int) -> MediaRow:
    video = _video(number, problem="gone")
    return MediaRow(video, "file missing", trouble=MediaTrouble.MISSING, link="Locate\u2026")


@pytest.fixture
def panel(qtbot: QtBot) -> MediaPanel:
    made = MediaPanel()
    qtbot.addWidget(made)
    made.resize(260, 480)
    made.show()
    qtbot.waitExposed(made)
    return made


def _list(panel: MediaPanel) -> MediaList:
    return panel.findChildren(MediaList)[0]


def _row_area(panel: MediaPanel, row: int) -> QRectF:
    listing = _list(panel)
    return QRectF(listing.visualRect(listing.model().index(row, 0)))


def _ground(panel: MediaPanel, row: int) -> QColor:
    spot = _row_area(panel, row).topRight().toPoint() + QPoint(-12, 8)
    picture = _list(panel).viewport().grab().toImage()
    return picture.pixelColor(spot * picture.devicePixelRatio())


def _click(panel: MediaPanel, where: QPointF, button: Qt.MouseButton) -> None:
    QTest.mouseClick(_list(panel).viewport(), button, pos=where.toPoint())


def _menu(panel: MediaPanel, row: int) -> QMenu:
    _list(panel).customContextMenuRequested.emit(_row_area(panel, row).center().toPoint())
    return panel.findChildren(QMenu)[-1]


def _pick(menu: QMenu, text: str) -> None:
    action = next(a for a in menu.actions() if a.text() == text)
    QTest.mouseClick(menu, Qt.MouseButton.LeftButton, pos=menu.actionGeometry(action).center())


def test_the_second_line_tells_what_matters() -> None:
    row = MediaRow(_video(1), analysed=True)
    assert facts_line(row) == "02:19 · 768\u00d7432 · 10 fps · analysed"
    assert facts_line(replace(row, status="variable frame rate", analysed=False)) == (
        "02:19 · 768\u00d7432 · variable frame rate"
    )
    running = MediaRow(_video(1), "analysing 38 % · 3.1\u00d7 real time", 0.38)
    assert facts_line(running) == "02:19 · analysing 38 % · 3.1\u00d7 real time"
    assert facts_line(MediaRow(_video(1), progress=0.385)) == "02:19 · analysing 38 %"
    unknown = replace(_video(1), frame_count=0, width=0, fps=Fraction(0))
    assert facts_line(MediaRow(unknown)) == ""


def test_a_problem_is_told_without_repeating_the_path() -> None:
    lost = _video(4, "till.avi", "/clips/till.avi is not there; show where it is now.")
    assert problem_line(MediaRow(lost)) == "is not there; show where it is now."
    assert problem_line(MediaRow(lost, "file missing")) == "file missing"


def test_a_click_chooses_and_locate_asks_for_the_file(panel: MediaPanel) -> None:
    panel.set_videos([MediaRow(_video(7)), _lost(8)])
    chosen: list[int] = []
    located: list[int] = []
    panel.video_chosen.connect(chosen.append)
    panel.locate_asked.connect(located.append)
    _click(panel, _row_area(panel, 0).center(), Qt.MouseButton.LeftButton)
    delegate = _list(panel).itemDelegate()
    assert isinstance(delegate, MediaDelegate)
    row = _lost(8)
    link = delegate.link_area(_row_area(panel, 1), _list(panel).font(), row)
    _click(panel, link.center(), Qt.MouseButton.LeftButton)
    assert (chosen, located) == ([7], [8])
    _click(panel, _row_area(panel, 1).topLeft() + QPointF(14, 10), Qt.MouseButton.LeftButton)
    _click(panel, _row_area(panel, 0).center(), Qt.MouseButton.RightButton)
    assert (chosen, located) == ([7, 8], [8])


def test_the_current_video_is_highlighted(panel: MediaPanel) -> None:
    panel.set_videos([MediaRow(_video(1)), MediaRow(_video(2))])
    grounds = [_ground(panel, 0), _ground(panel, 1)]
    panel.set_current(2)
    QApplication.processEvents()
    assert _ground(panel, 0) == grounds[0]
    assert _ground(panel, 1) != grounds[1]


def test_arrows_move_the_ring_and_enter_chooses(panel: MediaPanel) -> None:
    panel.set_videos([MediaRow(_video(n)) for n in (1, 2, 3)])
    chosen: list[int] = []
    panel.video_chosen.connect(chosen.append)
    panel.set_current(1)
    listing = _list(panel)
    listing.setFocus()
    QTest.keyClick(listing, Qt.Key.Key_Down)
    QTest.keyClick(listing, Qt.Key.Key_Down)
    assert chosen == []
    QTest.keyClick(listing, Qt.Key.Key_Return)
    assert chosen == [3]


def test_the_buttons_ask_for_files_and_folders(panel: MediaPanel) -> None:
    asked: list[str] = []
    panel.add_videos_asked.connect(lambda: asked.append("videos"))
    panel.add_folder_asked.connect(lambda: asked.append("folder"))
    for button in panel.findChildren(QPushButton):
        QTest.mouseClick(button, Qt.MouseButton.LeftButton)
    assert asked == ["videos", "folder"]


def test_the_menu_offers_what_fits_the_video(panel: MediaPanel) -> None:
    rows = [
        MediaRow(_video(1)),
        MediaRow(_video(2), "", 0.5),
        MediaRow(_video(3), analysed=True),
        _lost(4),
    ]
    panel.set_videos(rows)
    heard: list[tuple[str, int]] = []
    panel.analyse_asked.connect(lambda video: heard.append(("analyse", video)))
    panel.cancel_analysis_asked.connect(lambda video: heard.append(("cancel", video)))
    panel.remove_asked.connect(lambda video: heard.append(("remove", video)))
    panel.locate_asked.connect(lambda video: heard.append(("locate", video)))
    _pick(_menu(panel, 0), "Analyse")
    _pick(_menu(panel, 1), "Cancel analysis")
    _pick(_menu(panel, 2), "Analyse again")
    broken = _menu(panel, 3)
    assert not next(a for a in broken.actions() if a.text() == "Analyse").isEnabled()
    _pick(broken, "Locate the file\u2026")
    _pick(_menu(panel, 0), "Remove from the project")
    expected = [("analyse", 1), ("cancel", 2), ("analyse", 3), ("locate", 4), ("remove", 1)]
    assert heard == expected


def _dragged(urls: list[QUrl]) -> QMimeData:
    data = QMimeData()
    data.setUrls(urls)
    return data


def test_dropped_files_and_folders_are_handed_over(panel: MediaPanel, tmp_path: Path) -> None:
    heard: list[list[Path]] = []
    panel.dropped.connect(heard.append)
    file = tmp_path / "größe é.mp4"
    data = _dragged([QUrl.fromLocalFile(str(file)), QUrl.fromLocalFile(str(tmp_path))])
    copy, left, none = (
        Qt.DropAction.CopyAction,
        Qt.MouseButton.LeftButton,
        Qt.KeyboardModifier.NoModifier,
    )
    enter = QDragEnterEvent(QPoint(40, 90), copy, data, left, none)
    QApplication.sendEvent(panel, enter)
    assert enter.isAccepted()
    assert _list(panel).dropping
    QApplication.sendEvent(panel, QDropEvent(QPointF(40, 90), copy, data, left, none))
    assert heard == [[file, tmp_path]]
    assert not _list(panel).dropping


def test_a_web_address_is_not_welcome(panel: MediaPanel) -> None:
    data = _dragged([QUrl("https://example.org/a.mp4")])
    enter = QDragEnterEvent(
        QPoint(40, 90),
        Qt.DropAction.CopyAction,
        data,
        Qt.MouseButton.LeftButton,
        Qt.KeyboardModifier.NoModifier,
    )
    QApplication.sendEvent(panel, enter)
    assert not enter.isAccepted()


def test_the_empty_list_says_what_to_do(panel: MediaPanel) -> None:
    assert _list(panel).hint == "Drop videos here"
    panel.set_videos([MediaRow(_video(n)) for n in range(20)])
    line = panel.findChildren(QLineEdit)[0]
    QTest.keyClicks(line, "no such")
    assert _list(panel).model().rowCount() == 0
    assert "no such" in _list(panel).hint


def test_a_video_among_thousands_is_found_by_typing(panel: MediaPanel) -> None:
    panel.set_videos([MediaRow(_video(n, f"clip_{n:05d}.mp4")) for n in range(5000)])
    chosen: list[int] = []
    panel.video_chosen.connect(chosen.append)
    line = panel.findChildren(QLineEdit)[0]
    assert line.isVisible()
    QTest.keyClicks(line, "P_04321")
    assert _list(panel).model().rowCount() == 1
    _click(panel, _row_area(panel, 0).center(), Qt.MouseButton.LeftButton)
    assert chosen == [4321]


def test_news_of_one_video_touch_one_row(qtbot: QtBot) -> None:
    model = MediaModel()
    rows = [MediaRow(_video(n)) for n in range(5000)]
    model.set_rows(rows)
    changed: list[int] = []
    resets: list[int] = []
    model.dataChanged.connect(lambda first, last: changed.extend((first.row(), last.row())))
    model.modelReset.connect(lambda: resets.append(1))
    model.update_row(replace(rows[17], progress=0.1))
    model.update_row(MediaRow(_video(99999)))
    rows[18] = replace(rows[18], analysed=True)
    rows[17] = replace(rows[17], progress=0.1)
    model.set_rows(rows)
    assert changed == [17, 17, 18, 18]
    assert not resets


def test_the_list_keeps_its_place_when_rows_change(panel: MediaPanel) -> None:
    rows = [MediaRow(_video(n)) for n in range(300)]
    panel.set_videos(rows)
    panel.set_current(200)
    QApplication.processEvents()
    place = _list(panel).verticalScrollBar().value()
    assert place > 0
    panel.set_videos(rows[:-1])
    QApplication.processEvents()
    assert _list(panel).verticalScrollBar().value() == place
