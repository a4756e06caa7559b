"""Looping what is selected: a range of frames, a tube, and what is selected next."""

import numpy as np
from pytestqt.qtbot import QtBot

from app.editing.tubes import AddTube
from app.views.main_window import MainWindow
from yowo_core.annotations import FrameRange, Tube


def _tube(window: MainWindow, first: int, last: int) -> int:
    video = window.play_desk.video
    assert video is not None
    boxes = np.array([[1, 1, 20, 20], [1, 1, 20, 20]], np.float64)
    change = window.services.project.submit(
        AddTube(video.id, Tube("", np.array([first, last]), boxes))
    )
    assert change is not None
    (made,) = change.tubes
    return made


def test_a_selected_tube_is_played_over_and_over(window: MainWindow, qtbot: QtBot) -> None:
    window.tube_desk.select(_tube(window, 3, 6))
    window.actions_by_name["loop"].trigger()
    state = window.services.playback.state
    assert (state.loop, state.playing) == (FrameRange(3, 7), True)
    assert window.actions_by_name["loop"].isChecked()
    assert window.play_bar._buttons["loop"].isChecked()
    shown: list[int] = []
    window.play_desk.frame_shown.connect(shown.append)
    qtbot.waitUntil(lambda: shown.count(3) >= 2, timeout=20_000)
    assert set(shown) == {3, 4, 5, 6}
    window.actions_by_name["loop"].trigger()
    assert window.services.playback.state.loop is None
    assert not window.actions_by_name["loop"].isChecked()
    assert not window.play_bar._buttons["loop"].isChecked()


def test_a_selected_range_goes_before_the_tube(window: MainWindow) -> None:
    window.tube_desk.select(_tube(window, 3, 6))
    window.timeline.set_selected_range(FrameRange(1, 9))
    window.play_bar._buttons["loop"].click()
    assert window.services.playback.state.loop == FrameRange(1, 9)


def test_it_follows_what_is_selected_and_stays_when_nothing_is(window: MainWindow) -> None:
    first, second = _tube(window, 3, 6), _tube(window, 10, 15)
    window.tube_desk.select(first)
    window.actions_by_name["loop"].trigger()
    window.tube_desk.select(second)
    assert window.services.playback.state.loop == FrameRange(10, 16)
    window.tube_desk.select(None)
    assert window.services.playback.state.loop == FrameRange(10, 16)


def test_without_a_selection_it_says_what_to_do(window: MainWindow) -> None:
    loop = window.actions_by_name
    assert not loop["loop"].isEnabled()
    assert "Shift+drag" in loop.reason("loop")
    window.timeline.set_selected_range(FrameRange(1, 9))
    assert loop["loop"].isEnabled()
    window.timeline.set_selected_range(None)
    assert not loop["loop"].isEnabled()


def test_another_video_is_not_looped(window: MainWindow) -> None:
    window.tube_desk.select(_tube(window, 3, 6))
    window.actions_by_name["loop"].trigger()
    window.play_desk.open(None)
    assert window.services.playback.state.loop is None
    assert not window.play_bar._buttons["loop"].isChecked()
