"""Files behind the videos, in the window: working copies, missing, moved and changed ones."""

import shutil
from collections.abc import Iterator
from fractions import Fraction
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QFileDialog, QPushButton
from pytestqt.qtbot import QtBot

from app.application import Options, make_window
from app.domain.media import CopyPhase, MediaRow, MediaTrouble
from app.domain.project import VideoRecord
from app.editing.tubes import AddTube
from app.itemmodels.media_model import ROW_ROLE
from app.services.frame_values import FrameReady
from app.services.inference import LiveInference
from app.services.messages import Message
from app.views.main_window import MainWindow
from app.views.media_list import MediaList
from app.widgets.banner import Banner
from app.widgets.state_card import StateCard
from benchmarks.barcode_clip import ClipForm, read_number, write_clip
from yowo_core.annotations import Tube
from yowo_core.video import VideoReader

FORM = ClipForm(options={"g": "12", "preset": "ultrafast"})
SLOW = "Only few of its frames can be decoded by themselves."
WAIT = 30_000


def make_clip(path: Path, frames: int = 30, form: ClipForm = FORM) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    return write_clip(path, range(frames), form, Fraction(1, 30))


@pytest.fixture
def said() -> list[Message]:
    return []


@pytest.fixture
def window(
    qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, said: list[Message]
) -> Iterator[MainWindow]:
    """The window with an empty project; no model is loaded."""
    for name in ("DATA", "CACHE"):
        monkeypatch.setenv(f"YOWO_{name}", str(tmp_path / name.lower()))
    monkeypatch.setenv("YOWO_SETTINGS", str(tmp_path / "settings.json"))
    monkeypatch.setattr(LiveInference, "start", lambda *_args: None)
    made = make_window(Options())
    qtbot.addWidget(made)
    made.services.messages.posted.connect(said.append)
    made.show()
    assert made.services.project.create(tmp_path / "a.yowo")
    yield made
    made.close()


@pytest.fixture
def slow(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every video needs a working copy; the copies themselves do not."""

    def why(reader: VideoReader) -> str:
        return "" if reader._decoder.table.codec == "mjpeg" else SLOW

    monkeypatch.setattr(VideoReader, "needs_proxy", property(why))


def add(window: MainWindow, qtbot: QtBot, *paths: Path) -> list[VideoRecord]:
    """Add files and wait until the project has them."""
    project = window.services.project
    wanted = len(project.videos()) + len(paths)
    window.media_desk.add(paths)
    qtbot.waitUntil(lambda: len(project.videos()) == wanted, timeout=WAIT)
    return project.videos()[-len(paths) :]


def reopen(window: MainWindow) -> None:
    """Close the project and open it again."""
    project = window.services.project
    path = project.path
    assert path is not None
    project.close()
    assert project.open(path)


def row(window: MainWindow, number: int = 0) -> MediaRow:
    model = window.media.findChildren(MediaList)[0].model()
    found: MediaRow = model.index(number, 0).data(ROW_ROLE)
    return found


def opened(window: MainWindow, qtbot: QtBot, frames: int = 30) -> None:
    qtbot.waitUntil(lambda: window.play_desk.frame_count == frames, timeout=WAIT)


def shown_number(window: MainWindow, qtbot: QtBot, frame: int) -> int:
    """The number drawn into the picture of a frame."""
    return read_number(picture_of(window, qtbot, frame)[..., 2::-1])


def picture_of(window: MainWindow, qtbot: QtBot, frame: int) -> NDArray[np.uint8]:
    """The picture of a frame, (H, W, 4) uint8."""
    shown = window.services.playback.frame_shown
    right = partial(_is_frame, frame)
    with qtbot.waitSignal(shown, timeout=WAIT, check_params_cb=right) as ready:
        window.play_desk.go_to(frame)
    pixels: NDArray[np.uint8] = ready.args[0].bgra
    return pixels


def _is_frame(frame: int, ready: FrameReady) -> bool:
    return ready.frame == frame


def label(window: MainWindow, video: VideoRecord) -> None:
    boxes = np.array([[10, 10, 60, 60], [20, 10, 70, 60]], np.float64)
    tube = Tube("", np.array([0, 20], np.int64), boxes)
    assert window.services.project.submit(AddTube(video.id, tube)) is not None


def choose_file(monkeypatch: pytest.MonkeyPatch, path: Path) -> None:
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_args: (str(path), ""))


def press(window: MainWindow, kind: type[StateCard] | type[Banner]) -> None:
    (card,) = window.canvas.findChildren(kind)
    QTest.mouseClick(card.findChildren(QPushButton)[0], Qt.MouseButton.LeftButton)


@pytest.mark.usefixtures("slow")
def test_a_video_that_needs_it_is_played_through_its_working_copy(
    window: MainWindow, qtbot: QtBot, tmp_path: Path
) -> None:
    (video,) = add(window, qtbot, make_clip(tmp_path / "clip.mp4"))
    assert video.needs_proxy == SLOW
    assert window.canvas.state_text.startswith("Making a working copy")
    assert window.timeline._state.says == "Making a working copy."
    assert SLOW in window.canvas.state_text
    assert window.play_desk.why_no_video()
    assert (row(window).trouble, row(window).link) == (MediaTrouble.COPY, "Cancel")
    opened(window, qtbot)
    assert [shown_number(window, qtbot, n) for n in (17, 3, 29)] == [17, 3, 29]
    qtbot.waitUntil(lambda: row(window).trouble is MediaTrouble.NONE, timeout=WAIT)
    (kept,) = window.services.project.videos()
    assert kept.path == tmp_path / "clip.mp4"
    copy = window.services.proxies.copy_of(video)
    assert copy is not None
    window.services.proxies.remove(video)
    assert window.canvas.state_text.startswith("No working copy yet")
    press(window, StateCard)
    opened(window, qtbot)


@pytest.mark.usefixtures("slow")
def test_a_cancelled_copy_is_offered_again(
    window: MainWindow, qtbot: QtBot, tmp_path: Path
) -> None:
    (video,) = add(window, qtbot, make_clip(tmp_path / "clip.mp4", 400))
    press(window, StateCard)
    proxies = window.services.proxies
    qtbot.waitUntil(lambda: proxies.state(video).phase is CopyPhase.CANCELLED, timeout=WAIT)
    assert window.canvas.state_text.startswith("No working copy yet")
    assert row(window).link == "Make it"
    assert not list((tmp_path / "data" / "working-copies").iterdir())
    window.media.copy_asked.emit(video.id)
    opened(window, qtbot, 400)


@pytest.mark.usefixtures("slow")
def test_a_video_of_an_older_project_gets_its_copy_when_it_is_opened(
    window: MainWindow, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(VideoReader, "needs_proxy", "")
        (video,) = add(window, qtbot, make_clip(tmp_path / "clip.mp4"))
        opened(window, qtbot)
    window.play_desk.open(video)
    qtbot.waitUntil(lambda: window.services.project.videos()[0].needs_proxy == SLOW, timeout=WAIT)
    opened(window, qtbot)
    assert window.services.proxies.copy_of(video) is not None


def test_labels_of_a_missing_video_are_shown_on_grey(
    window: MainWindow, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (video,) = add(window, qtbot, make_clip(tmp_path / "videos" / "clip.mp4"))
    opened(window, qtbot)
    label(window, video)
    shutil.move(tmp_path / "videos", tmp_path / "elsewhere")
    monkeypatch.setattr("app.views.file_desk._NEARBY", 1)  # not found without being asked
    reopen(window)
    opened(window, qtbot)
    (banner,) = window.canvas.findChildren(Banner)
    assert "missing" in banner.says
    assert row(window).trouble is MediaTrouble.MISSING
    assert len(np.unique(picture_of(window, qtbot, 20))) == 1
    (box,) = window.services.project.boxes_at(video.id, window.play_desk.frame)
    assert box.box == (20, 10, 70, 60)
    assert window.canvas.picture_size == (video.width, video.height)
    choose_file(monkeypatch, tmp_path / "elsewhere" / "clip.mp4")
    press(window, Banner)
    qtbot.waitUntil(lambda: not banner.says, timeout=WAIT)
    qtbot.waitUntil(lambda: window.canvas.frame == 0 and not window.canvas.state_text, timeout=WAIT)
    assert shown_number(window, qtbot, 20) == 20


def test_neighbours_of_a_located_video_are_found_with_it(
    window: MainWindow,
    qtbot: QtBot,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    said: list[Message],
) -> None:
    paths = [make_clip(tmp_path / "videos" / f"{n}.mp4", 10 + n) for n in range(3)]
    videos = add(window, qtbot, *paths)
    opened(window, qtbot, 10)
    shutil.move(tmp_path / "videos", tmp_path / "disk" / "b")
    (tmp_path / "disk" / "b" / "2.mp4").rename(tmp_path / "disk" / "b" / "-other name.mp4")
    project = window.services.project
    monkeypatch.setattr("app.views.file_desk._NEARBY", 1)  # not found without being asked
    reopen(window)
    qtbot.waitUntil(lambda: not window.services.intake.busy, timeout=WAIT)
    choose_file(monkeypatch, tmp_path / "disk" / "b" / "1.mp4")
    window.media.locate_asked.emit(videos[1].id)
    qtbot.waitUntil(lambda: all(v.path.is_file() for v in project.videos()), timeout=WAIT)
    assert [v.path.name for v in project.videos()] == ["0.mp4", "1.mp4", "-other name.mp4"]
    assert [v.name for v in project.videos()] == ["0.mp4", "1.mp4", "2.mp4"]
    assert any("2 more missing videos" in m.text for m in said)
    assert project.history().undo == "Locate 2 videos"


def test_videos_that_moved_beside_the_project_are_found_unasked(
    window: MainWindow, qtbot: QtBot, tmp_path: Path, said: list[Message]
) -> None:
    add(window, qtbot, make_clip(tmp_path / "videos" / "a.mp4"))
    opened(window, qtbot)
    (tmp_path / "videos").rename(tmp_path / "footage")
    project = window.services.project
    told = project.history()
    reopen(window)
    found = tmp_path / "footage" / "a.mp4"
    qtbot.waitUntil(lambda: project.videos()[0].path == found, timeout=WAIT)
    assert project.history() == told
    qtbot.waitUntil(lambda: any("found beside the project" in m.text for m in said), timeout=WAIT)


def test_a_folder_that_moves_with_its_project_needs_nothing(
    window: MainWindow, qtbot: QtBot, tmp_path: Path
) -> None:
    project = window.services.project
    (tmp_path / "one").mkdir()
    assert project.create(tmp_path / "one" / "b.yowo")
    add(window, qtbot, make_clip(tmp_path / "one" / "videos" / "a.mp4"))
    opened(window, qtbot)
    project.close()
    (tmp_path / "one").rename(tmp_path / "two")
    assert project.open(tmp_path / "two" / "b.yowo")
    opened(window, qtbot)
    assert project.videos()[0].path == tmp_path / "two" / "videos" / "a.mp4"
    assert row(window).trouble is MediaTrouble.NONE


@pytest.mark.parametrize(("frames", "accepted"), [(30, True), (12, False)])
def test_another_file_is_refused_or_taken_on_purpose(
    window: MainWindow,
    qtbot: QtBot,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    said: list[Message],
    frames: int,
    accepted: bool,
) -> None:
    (video,) = add(window, qtbot, make_clip(tmp_path / "clip.mp4"))
    opened(window, qtbot)
    label(window, video)
    other = make_clip(tmp_path / "o" / "other.mp4", frames, ClipForm(options={"crf": "40"}))
    choose_file(monkeypatch, other)
    window.media.locate_asked.emit(video.id)
    qtbot.waitUntil(lambda: any("is another video" in m.text for m in said), timeout=WAIT)
    (message,) = (m for m in said if "is another video" in m.text)
    (kept,) = window.services.project.videos()
    assert kept.path == video.path
    assert (message.action is not None) is accepted
    if message.action is None:
        assert "it has 12 frames instead of 30" in message.text
    else:
        message.action()
        (taken,) = window.services.project.videos()
        assert (taken.path, taken.id, taken.name) == (other, video.id, "clip.mp4")
        assert taken.content_hash != video.content_hash
        assert len(window.services.project.tubes(video.id)) == 1


@pytest.mark.parametrize(("frames", "caption"), [(30, "Use it as it is"), (44, "Locate\u2026")])
def test_a_file_that_changed_on_disk_is_told_and_nothing_is_lost(
    window: MainWindow,
    qtbot: QtBot,
    tmp_path: Path,
    said: list[Message],
    frames: int,
    caption: str,
) -> None:
    (video,) = add(window, qtbot, make_clip(tmp_path / "clip.mp4"))
    opened(window, qtbot)
    label(window, video)
    project = window.services.project
    make_clip(tmp_path / "clip.mp4", frames, ClipForm(options={"crf": "40"}))
    reopen(window)
    qtbot.waitUntil(lambda: any("has changed" in m.text for m in said), timeout=WAIT)
    (message,) = (m for m in said if "has changed since it was added" in m.text)
    assert message.caption == caption
    qtbot.waitUntil(lambda: row(window).trouble is MediaTrouble.CHANGED, timeout=WAIT)
    opened(window, qtbot, frames)
    assert len(project.tubes(video.id)) == 1
    if message.action is not None and caption.startswith("Use"):
        message.action()
        assert row(window).trouble is MediaTrouble.NONE
        assert project.undo() is not None
        assert project.videos()[0].content_hash == video.content_hash


def test_adding_shows_how_far_it_is_and_can_be_stopped(
    window: MainWindow, qtbot: QtBot, tmp_path: Path, said: list[Message]
) -> None:
    for number in range(15):
        make_clip(tmp_path / "many" / f"{number:02d}.mp4", 5 + number)
    (tmp_path / "many" / "00bad.mp4").write_text("no video")
    seen: list[str] = []

    def look(_state: object) -> None:
        seen.append(window.media._intake.says)
        if seen[-1].startswith("5 of 16"):
            window.media._intake.stop_asked.emit()

    window.services.intake.progress.connect(look)
    window.media_desk.add([tmp_path / "many"])
    project = window.services.project
    qtbot.waitUntil(lambda: len(project.videos()) > 0, timeout=WAIT)
    assert 3 <= len(project.videos()) < 15
    assert any(text.startswith("3 of 16") for text in seen)
    assert seen[-1] == ""
    texts = [m.text for m in said]
    assert any("00bad.mp4" in text for text in texts)
    assert any(text.startswith("Stopped: ") for text in texts)
