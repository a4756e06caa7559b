"""What the model sees, in the window: on its own frame only, by class and branch."""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QComboBox, QPushButton, QSlider, QToolButton
from pytestqt.qtbot import QtBot

from app.services.job_runner import JobEnd, JobEvent, JobRunner
from app.views.main_window import MainWindow
from yowo_core.events import Finished

LEFT = Qt.MouseButton.LeftButton
SIDE = 8


class Jobs:
    """The jobs that look; each ends as the test says."""

    def __init__(self, runner: JobRunner) -> None:
        self._runner = runner
        self.started: list[list[str]] = []
        self.killed: list[int] = []

    def start(self, arguments: Sequence[str]) -> int:
        self.started.append(list(arguments))
        return 1000 + len(self.started)

    @property
    def newest(self) -> int:
        return 1000 + len(self.started)

    def value(self, option: str) -> str:
        given = self.started[-1]
        return given[given.index(option) + 1] if option in given else ""

    def finish(self, action: str = "walk", branches: tuple[str, ...] = ("2d", "3d")) -> None:
        maps = {name: np.ones((SIDE, SIDE), np.float32) for name in branches}
        if "2d" in maps:
            maps["2d"][:] = 0
        with Path(self.value("--maps")).open("wb") as file:
            np.savez(file, **maps)  # type: ignore[arg-type]
        facts = {"class": action, "score": 0.75}
        self._runner.event_received.emit(JobEvent(self.newest, Finished("", facts=facts)))
        self._runner.ended.emit(JobEnd(self.newest, 0, True, False, "", ()))

    def fail(self, sentence: str) -> None:
        self._runner.ended.emit(JobEnd(self.newest, 1, False, False, sentence, ()))


@pytest.fixture
def jobs(window: MainWindow, monkeypatch: pytest.MonkeyPatch) -> Iterator[Jobs]:
    made = Jobs(window.services.runner)
    monkeypatch.setattr(window.services.runner, "start", made.start)
    monkeypatch.setattr(window.services.runner, "kill", made.killed.append)
    window.show()
    yield made
    if window.seen_desk.on:
        window.actions_by_name["see"].trigger()


@pytest.fixture
def see(window: MainWindow, jobs: Jobs, qtbot: QtBot) -> Callable[[int], None]:
    """Stand at a frame, and wait until its map is asked for."""

    def stand(frame: int) -> None:
        window.play_desk.go_to(frame)
        asked = str(frame)
        qtbot.waitUntil(lambda: window.canvas.frame == frame, timeout=20_000)
        if not window.seen_desk.on:
            window.actions_by_name["see"].trigger()
        qtbot.waitUntil(lambda: bool(jobs.started) and jobs.value("--frame") == asked)

    return stand


def test_a_map_lies_on_its_own_frame_and_on_no_other(
    window: MainWindow, jobs: Jobs, see: Callable[[int], None]
) -> None:
    see(5)
    assert window.seen_bar.isVisible()
    assert window.seen_bar.says == "Looking at frame 5…"
    assert not window.canvas.heat_shown
    jobs.finish()
    assert window.canvas.heat_shown
    assert window.seen_bar.says == "Frame 5: walk 0.75"
    see(6)
    assert not window.canvas.heat_shown
    assert len(jobs.started) == 2
    jobs.finish()
    window.play_desk.go_to(5)  # known: nothing is started
    assert_soon(window, lambda: window.canvas.frame == 5 and window.canvas.heat_shown)
    assert len(jobs.started) == 2


def assert_soon(window: MainWindow, so: Callable[[], bool]) -> None:
    end = 20_000
    while not so() and end > 0:
        QTest.qWait(20)
        end -= 20
    assert so(), window.seen_bar.says


def test_a_map_changes_the_picture_and_its_opacity_how_much(
    window: MainWindow, jobs: Jobs, see: Callable[[int], None]
) -> None:
    see(5)
    bare = window.canvas.grab().toImage()
    jobs.finish()
    strong = window.canvas.grab().toImage()
    assert strong != bare
    slider = window.seen_bar.findChild(QSlider)
    assert slider is not None
    slider.setValue(10)
    weak = window.canvas.grab().toImage()
    middle = bare.rect().center()
    shades = [i.pixelColor(middle).red() for i in (bare, weak, strong)]
    assert shades[0] != shades[1] != shades[2]
    assert abs(shades[1] - shades[0]) < abs(shades[2] - shades[0])


def test_the_other_branch_needs_no_new_job_and_a_dark_map_says_so(
    window: MainWindow, jobs: Jobs, see: Callable[[int], None]
) -> None:
    see(5)
    jobs.finish("read")
    flat = next(b for b in window.seen_bar.findChildren(QPushButton) if b.text() == "2D")
    QTest.mouseClick(flat, LEFT)
    assert window.seen_bar.says == "Nothing in frame 5 speaks for read."
    assert len(jobs.started) == 1


def test_optical_flow_can_be_looked_at_where_a_network_is_fed_it(
    window: MainWindow, jobs: Jobs, see: Callable[[int], None]
) -> None:
    see(5)
    buttons = {b.text(): b for b in window.seen_bar.findChildren(QPushButton)}
    assert not buttons["Flow 3D"].isVisible()
    jobs.finish(branches=("3d", "flow-3d", "2d"))
    QTest.mouseClick(buttons["Flow 3D"], LEFT)
    assert buttons["Flow 3D"].isChecked()
    assert not buttons["Flow 2D"].isVisible()
    assert window.canvas.heat_shown


def test_grey_for_a_missing_file_is_not_looked_at(
    window: MainWindow, jobs: Jobs, monkeypatch: pytest.MonkeyPatch, clip: Path, qtbot: QtBot
) -> None:
    video = window.play_desk.video
    assert video is not None
    gone = clip.with_suffix(".gone")
    clip.rename(gone)
    try:
        window.services.project.set_media_problem(video.id, f"{clip} is not there.")
        window.play_desk.open(window.services.project.videos()[0])
        qtbot.waitUntil(lambda: window.play_desk.blank, timeout=20_000)
        qtbot.waitUntil(lambda: not window.actions_by_name["see"].isEnabled())
        assert "is not there" in window.actions_by_name.reason("see")
    finally:
        gone.rename(clip)


def test_a_network_without_3d_shows_what_it_has(
    window: MainWindow, jobs: Jobs, see: Callable[[int], None]
) -> None:
    see(5)
    jobs.finish(branches=("2d",))
    buttons = {b.text(): b for b in window.seen_bar.findChildren(QPushButton)}
    assert not buttons["3D"].isEnabled()
    assert buttons["2D"].isChecked()


def test_a_chosen_class_is_asked_for(
    window: MainWindow, jobs: Jobs, see: Callable[[int], None], qtbot: QtBot
) -> None:
    see(5)
    assert jobs.value("--class") == ""
    combo = window.seen_bar.findChild(QComboBox)
    assert combo is not None
    assert [combo.itemText(i) for i in range(combo.count())] == ["Best detection", "walk", "read"]
    combo.setCurrentIndex(2)
    combo.activated.emit(2)
    qtbot.waitUntil(lambda: jobs.value("--class") == "read")
    assert jobs.killed == [1001]


def test_while_playing_nothing_is_asked_and_nothing_lies_over_the_picture(
    window: MainWindow, jobs: Jobs, see: Callable[[int], None], qtbot: QtBot
) -> None:
    see(5)
    jobs.finish()
    window.services.playback.play()
    assert not window.canvas.heat_shown
    assert window.seen_bar.says == "It shows when you pause."
    qtbot.waitUntil(lambda: window.canvas.frame > 8, timeout=20_000)
    assert len(jobs.started) == 1
    window.services.playback.pause()
    qtbot.waitUntil(lambda: len(jobs.started) == 2)
    assert jobs.value("--frame") == str(window.canvas.frame)


def test_a_failure_says_why_and_can_be_tried_again(
    window: MainWindow, jobs: Jobs, see: Callable[[int], None]
) -> None:
    see(5)
    jobs.fail("Frame 5 is damaged and cannot be shown. Choose another one.")
    assert window.seen_bar.says.startswith("Frame 5 is damaged")
    (told,) = window.toasts.texts
    assert told.endswith("Frame 5 is damaged and cannot be shown. Choose another one.")
    assert not window.canvas.heat_shown
    again = next(b for b in window.seen_bar.findChildren(QPushButton) if b.text() == "Try again")
    assert again.isVisible()
    QTest.mouseClick(again, LEFT)
    assert len(jobs.started) == 2
    assert not again.isVisible()
    jobs.fail("Frame 5 is damaged and cannot be shown. Choose another one.")
    assert len(window.toasts.texts) == 1


def test_its_cross_switches_it_off_and_gives_up_what_runs(
    window: MainWindow, jobs: Jobs, see: Callable[[int], None]
) -> None:
    see(5)
    assert window.actions_by_name["see"].isChecked()
    (cross,) = window.seen_bar.findChildren(QToolButton)
    QTest.mouseClick(cross, LEFT)
    assert not window.seen_bar.isVisible()
    assert not window.actions_by_name["see"].isChecked()
    assert jobs.killed == [1001]


def test_without_a_video_it_says_what_to_do(window: MainWindow) -> None:
    window.play_desk.open(None)
    assert not window.actions_by_name["see"].isEnabled()
    assert window.actions_by_name.reason("see") == "Choose a video first."
