"""Marking frames as completely labelled by range, by tube and by frame."""

import numpy as np
from PySide6.QtCore import QPoint
from PySide6.QtWidgets import QMenu
from pytestqt.qtbot import QtBot

from app.editing.tubes import AddTube
from app.views.main_window import MainWindow
from app.views.range_bar import RangeBar
from yowo_core.annotations import FrameRange, Review, Source, Tube


def _ranges(window: MainWindow) -> tuple[FrameRange, ...]:
    (video,) = window.services.project.videos()
    return video.ranges


def _predicted(window: MainWindow, first: int, last: int) -> int:
    video = window.play_desk.video
    assert video is not None
    boxes = np.array([[1, 1, 20, 20], [1, 1, 20, 20]], np.float64)
    frames, sources = np.array([first, last], np.int64), (Source.MODEL,) * 2
    tube = Tube("", frames, boxes, sources=sources, review=Review.TO_REVIEW)
    change = window.services.project.submit(AddTube(video.id, tube))
    assert change is not None
    (made,) = change.tubes
    return made


def test_a_selected_range_is_marked_unmarked_and_undone(window: MainWindow) -> None:
    act = window.actions_by_name
    window.timeline.set_selected_range(FrameRange(5, 20))
    act["mark_labelled"].trigger()
    assert _ranges(window) == (FrameRange(5, 20),)
    window.timeline.set_selected_range(FrameRange(8, 10))
    act["unmark_labelled"].trigger()
    assert _ranges(window) == (FrameRange(5, 8), FrameRange(10, 20))
    act["undo"].trigger()
    act["undo"].trigger()
    assert _ranges(window) == ()


def test_without_a_range_the_tube_or_else_the_frame_is_meant(window: MainWindow) -> None:
    act = window.actions_by_name
    window.tube_desk.select(_predicted(window, 3, 11))
    act["mark_labelled"].trigger()
    assert _ranges(window) == (FrameRange(3, 12),)
    window.tube_desk.select(None)
    act["unmark_labelled"].trigger()
    assert _ranges(window) == (FrameRange(3, 12),)  # frame 0 was not marked
    act["mark_labelled"].trigger()
    assert _ranges(window) == (FrameRange(0, 1), FrameRange(3, 12))


def test_a_range_is_selected_by_keys(window: MainWindow, qtbot: QtBot) -> None:
    act = window.actions_by_name
    window.play_desk.go_to(7)
    qtbot.waitUntil(lambda: window.play_desk.frame == 7)
    act["range_start"].trigger()
    assert window.timeline.selected_range == FrameRange(7, 8)
    window.play_desk.go_to(15)
    qtbot.waitUntil(lambda: window.play_desk.frame == 15)
    act["range_end"].trigger()
    assert window.timeline.selected_range == FrameRange(7, 16)
    act["range_start"].trigger()
    assert window.timeline.selected_range == FrameRange(15, 16)


def test_the_bar_offers_what_makes_sense_and_stays_inside(window: MainWindow) -> None:
    (bar,) = window.timeline.viewport().findChildren(RangeBar)
    offered = {"Mark as completely labelled": bar._mark, "Unmark": bar._unmark}
    window.resize(1200, 800)
    window.show()

    def shown() -> set[str]:
        return {text for text, button in offered.items() if button.isVisible()}

    assert bar.isHidden()
    window.timeline.set_selected_range(FrameRange(0, 10))
    assert shown() == {"Mark as completely labelled"}
    bar.mark_asked.emit()
    assert shown() == {"Unmark"}
    window.timeline.set_selected_range(FrameRange(5, 30))
    assert shown() == set(offered)
    assert window.timeline.viewport().rect().contains(bar.geometry())
    bar.clear_asked.emit()
    assert bar.isHidden()
    assert window.timeline.selected_range is None


def test_the_menu_selects_the_labelled_range_under_the_mouse(window: MainWindow) -> None:
    window.timeline.set_selected_range(FrameRange(4, 9))
    window.actions_by_name["mark_labelled"].trigger()
    window.timeline.set_selected_range(None)
    window.timeline.menu_asked.emit(QPoint(0, 0), 6)
    (menu,) = [m for m in window.timeline.findChildren(QMenu) if m.isVisible()]
    (take,) = [a for a in menu.actions() if a.text().startswith("Select the labelled")]
    assert take.isVisible()
    take.trigger()
    menu.close()
    assert window.timeline.selected_range == FrameRange(4, 9)
