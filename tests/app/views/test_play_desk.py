"""A file that takes long to read: what is seen and possible meanwhile."""

import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from app.domain.project import Change
from app.services.media_intake import IntakeState
from app.views.main_window import MainWindow
from yowo_core.video import VideoReader, open_video


class SlowOpening:
    """Stands still at 43 % of a file until it is let go."""

    def __init__(self) -> None:
        self.go_on = threading.Event()

    def open_video(
        self, path: Path, cache_bytes: int, *, progress: Callable[[float], None], **_others: object
    ) -> VideoReader:
        while not self.go_on.wait(0.01):
            progress(0.43)
        return open_video(path, cache_bytes)


@pytest.fixture
def slow(
    window: MainWindow, monkeypatch: pytest.MonkeyPatch, qtbot: QtBot
) -> Iterator[SlowOpening]:
    """The window with its video chosen again, which is being read."""
    opening = SlowOpening()
    monkeypatch.setattr("app.services.decode_thread.open_video", opening.open_video)
    window.play_desk.open(window.play_desk.video)
    qtbot.waitUntil(lambda: "43" in window.play_bar._reading.text(), timeout=20_000)
    yield opening
    opening.go_on.set()


def test_its_first_picture_is_there_and_how_far_it_is(
    window: MainWindow, slow: SlowOpening
) -> None:
    assert window.canvas.picture_size == (320, 192)
    assert window.canvas.state_text == ""
    assert window.timeline._state.says == "Reading clip.mp4… 43%"
    said = window.play_bar._reading.text()
    assert said == "Reading the file… 43% · about 30 frames, 0:00:01"


def test_nothing_can_be_drawn_on_a_picture_whose_frame_is_not_known(
    window: MainWindow, slow: SlowOpening
) -> None:
    assert not window.canvas._has_picture
    assert not window.actions_by_name["on"].isEnabled()
    assert "still being read" in window.actions_by_name.reason("on")


def test_play_can_be_asked_for_and_begins_when_the_file_was_read(
    window: MainWindow, slow: SlowOpening, qtbot: QtBot
) -> None:
    assert window.play_bar._buttons["play"].isEnabled()
    window.play_bar._buttons["play"].click()
    assert window.services.playback.state.waiting
    slow.go_on.set()
    qtbot.waitUntil(lambda: window.play_desk.frame > 3, timeout=20_000)
    assert window.play_bar._reading.isHidden()
    assert window.actions_by_name["on"].isEnabled()


def test_another_change_of_the_media_does_not_begin_the_reading_anew(
    window: MainWindow, slow: SlowOpening, qtbot: QtBot
) -> None:
    video = window.play_desk.video
    assert video is not None
    serial = window.services.source._opening
    window.play_desk.take_in(Change(videos=frozenset({video.id}), media=True))
    assert window.services.source._opening == serial


def test_closing_it_ends_the_reading(window: MainWindow, slow: SlowOpening) -> None:
    window.play_desk.open(None)
    assert not window.services.source.opening
    assert window.play_bar._reading.isHidden()


def test_a_file_that_is_read_before_it_joins_is_told_of(window: MainWindow, tmp_path: Path) -> None:
    services = window.services
    assert services.project.create(tmp_path / "empty.yowo")
    assert window.timeline._state.says == "No video is open."
    services.intake.progress.emit(IntakeState(0, 1, "day.mp4", 0.25))
    assert window.timeline._state.says == "Reading day.mp4… 25%"
    assert "Reading day.mp4… 25%" in window.canvas.state_text
    services.intake.progress.emit(None)  # nothing came of it
    assert window.timeline._state.says == "No video is open."
    assert window.canvas.state_text.startswith("No video is open")
