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
from app.itemmodels.media_model import MediaModel, facts_line, problem_line, tooltip
from app.services.media_intake import IntakeState
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


def _copied(number: int, progress: float | None, link: str) -> MediaRow:
    video = replace(_video(number), needs_proxy="Its frames cannot be reached singly.")
    return MediaRow(video, "s", progress, trouble=MediaTrouble.COPY, link=link)


def test_the_link_of_a_row_asks_for_what_it_says(panel: MediaPanel) -> None:
    changed = MediaRow(_video(1), "changed", trouble=MediaTrouble.CHANGED, link="Details")
    rows = [_copied(3, 0.5, "Cancel"), _copied(4, None, "Make it"), changed, _lost(2)]
    panel.set_videos(rows)
    heard: list[tuple[str, int]] = []
    panel.cancel_copy_asked.connect(lambda video: heard.append(("cancel", video)))
    panel.copy_asked.connect(lambda video: heard.append(("make", video)))
    panel.details_asked.connect(lambda video: heard.append(("details", video)))
    panel.locate_asked.connect(lambda video: heard.append(("locate", video)))
    delegate = _list(panel).itemDelegate()
    assert isinstance(delegate, MediaDelegate)
    for place, row in enumerate(rows):
        link = delegate.link_area(_row_area(panel, place), _list(panel).font(), row)
        _click(panel, link.center(), Qt.MouseButton.LeftButton)
    assert heard == [("cancel", 3), ("make", 4), ("details", 1), ("locate", 2)]


def test_the_menu_speaks_of_working_copies(panel: MediaPanel) -> None:
    done = MediaRow(replace(_video(5), needs_proxy="Slow."))
    panel.set_videos([_copied(3, 0.5, "Cancel"), _copied(4, None, "Make it"), done])
    heard: list[tuple[str, int]] = []
    panel.cancel_copy_asked.connect(lambda video: heard.append(("cancel", video)))
    panel.copy_asked.connect(lambda video: heard.append(("make", video)))
    panel.remove_copy_asked.connect(lambda video: heard.append(("remove", video)))
    panel.remove_copies_asked.connect(lambda: heard.append(("all", 0)))
    panel.copies_bytes = lambda: 1_234_000_000
    _pick(_menu(panel, 0), "Cancel its working copy")
    _pick(_menu(panel, 1), "Make its working copy")
    _pick(_menu(panel, 2), "Remove its working copy")
    _pick(_menu(panel, 2), "Remove all working copies (1.2 GB)")
    assert heard == [("cancel", 3), ("make", 4), ("remove", 5), ("all", 0)]
    panel.copies_bytes = lambda: 0
    assert not [a for a in _menu(panel, 2).actions() if a.text().startswith("Remove all")]


def test_files_that_are_looked_at_are_shown_and_can_be_stopped(panel: MediaPanel) -> None:
    stops: list[bool] = []
    panel.stop_asked.connect(lambda: stops.append(True))
    panel.show_intake(IntakeState())
    assert "Looking for files" in panel._intake.says
    assert _list(panel).hint == "Videos appear here when they have been looked at"
    panel.show_intake(IntakeState(33, 100, "line\nbreak.mp4", 0.5))
    assert panel._intake.says == "34 of 100: 50 % line\u21b5break.mp4"
    panel.show_intake(IntakeState(0, 1, "long.mp4", 0.25))
    assert panel._intake.says == "Reading long.mp4 25 %"
    QTest.mouseClick(panel._intake.findChildren(QPushButton)[0], Qt.MouseButton.LeftButton)
    assert stops == [True]
    panel.show_intake(None)
    assert panel._intake.says == ""


def test_a_tooltip_tells_all_that_is_known() -> None:
    video = replace(
        _video(1, "a\nb.mp4"),
        size=12_345_678,
        sample_aspect=Fraction(4, 3),
        uneven=True,
        notice="28 of 50 frames decode.",
        needs_proxy="Slow.",
    )
    assert tooltip(MediaRow(video)).split("\n") == [
        "a\u21b5b.mp4",
        "/clips/a\u21b5b.mp4",
        "768\u00d7432 pixels, each 1.333 times as wide as high, 12 MB",
        "1394 frames, 02:19, 10 fps on average, variable",
        "28 of 50 frames decode.",
        "Slow.",
    ]
    bare = replace(_video(2), width=0, height=0, frame_count=0)
    assert tooltip(MediaRow(bare)) == "clip-2.mp4\n/clips/clip-2.mp4"
