"""Playing in time: every frame once, uneven gaps, loops, both directions, late pictures."""

import itertools
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from app.services.frame_source import FrameReady, FrameSource
from app.services.playback import Playback, PlaybackState
from benchmarks.barcode_clip import read_number
from yowo_core.annotations import FrameRange
from yowo_core.video import VideoReader, open_video

WAIT = 30_000


class Watched:
    """A playback with what it has shown."""

    def __init__(self, source: FrameSource) -> None:
        self.playback = Playback(source)
        self.pictures: list[FrameReady] = []
        self.moments: list[float] = []
        self.states: list[PlaybackState] = []
        self.playback.frame_shown.connect(self.see)
        self.playback.state_changed.connect(self.states.append)

    def see(self, picture: FrameReady) -> None:
        self.pictures.append(picture)
        self.moments.append(time.perf_counter())

    @property
    def frames(self) -> list[int]:
        return [p.frame for p in self.pictures]

    def forget(self) -> None:
        self.pictures.clear()
        self.moments.clear()


@pytest.fixture
def watch(source: FrameSource, qtbot: QtBot) -> Callable[[Path], Watched]:
    def start(path: Path) -> Watched:
        watched = Watched(source)
        source.open(path)
        qtbot.waitUntil(lambda: watched.frames == [0], timeout=WAIT)
        watched.forget()
        return watched

    return start


Watch = Callable[[Path], Watched]


def paused(watched: Watched) -> Callable[[], bool]:
    return lambda: not watched.playback.state.playing


def test_an_opened_video_shows_its_first_frame(qtbot: QtBot, watch: Watch, clip: Path) -> None:
    assert watch(clip).playback.state == PlaybackState(False, 0, 1.0, None)


def test_playing_shows_the_frames_in_time_and_pauses_at_the_end(
    qtbot: QtBot, watch: Watch, clip: Path
) -> None:
    watched = watch(clip)
    watched.playback.seek(30)
    watched.playback.play()
    qtbot.waitUntil(paused(watched), timeout=WAIT)
    frames = [f for f in watched.frames if f >= 30]
    assert watched.frames[-1] == watched.playback.state.frame == 59
    assert frames == sorted(frames)
    assert all(read_number(p.bgra) == p.frame for p in watched.pictures)
    told = watched.playback.statistics
    assert told.shown + told.dropped == 30
    assert watched.moments[-1] - watched.moments[-len(frames)] == pytest.approx(29 / 30, abs=0.2)


def test_time_never_slows_down_when_showing_is_late(qtbot: QtBot, watch: Watch, clip: Path) -> None:
    watched = watch(clip)
    watched.playback.frame_shown.connect(lambda _picture: time.sleep(0.1))
    watched.playback.play()
    began = time.perf_counter()
    qtbot.waitUntil(paused(watched), timeout=WAIT)
    assert time.perf_counter() - began == pytest.approx(59 / 30, abs=0.5)
    told = watched.playback.statistics
    assert told.dropped > 30
    assert told.shown + told.dropped == 60


def test_uneven_gaps_are_kept(qtbot: QtBot, watch: Watch, uneven: Path) -> None:
    watched = watch(uneven)
    watched.playback.play()
    qtbot.waitUntil(paused(watched), timeout=WAIT)
    moments = dict(zip(watched.frames, watched.moments, strict=True))
    after, before = (min(f for f in moments if f > 5), max(f for f in moments if f < 6))
    assert moments[after] - moments[before] > 0.25


def test_twice_the_speed_takes_half_the_time(qtbot: QtBot, watch: Watch, clip: Path) -> None:
    watched = watch(clip)
    watched.playback.set_speed(2)
    watched.playback.play()
    qtbot.waitUntil(lambda: bool(watched.frames), timeout=WAIT)
    began = time.perf_counter()
    qtbot.waitUntil(paused(watched), timeout=WAIT)
    assert time.perf_counter() - began == pytest.approx(59 / 60, abs=0.3)


def test_play_at_the_end_begins_anew(qtbot: QtBot, watch: Watch, clip: Path) -> None:
    watched = watch(clip)
    watched.playback.seek(59)
    watched.playback.play()
    qtbot.waitUntil(lambda: 0 in watched.frames, timeout=WAIT)
    assert watched.playback.state.playing
    watched.playback.pause()


def test_a_loop_plays_its_frames_over_and_over(qtbot: QtBot, watch: Watch, clip: Path) -> None:
    watched = watch(clip)
    watched.playback.set_loop(FrameRange(10, 14))
    watched.playback.play()
    qtbot.waitUntil(lambda: watched.frames.count(10) >= 3, timeout=WAIT)
    assert watched.playback.state.playing
    assert set(watched.frames) <= {10, 11, 12, 13}
    watched.playback.pause()


def test_backwards_it_pauses_at_the_first_frame(qtbot: QtBot, watch: Watch, clip: Path) -> None:
    watched = watch(clip)
    watched.playback.seek(20)
    qtbot.waitUntil(lambda: 20 in watched.frames, timeout=WAIT)
    watched.forget()
    watched.playback.set_speed(-1)
    watched.playback.play()
    qtbot.waitUntil(paused(watched), timeout=WAIT)
    assert watched.frames == sorted(watched.frames, reverse=True)
    assert watched.frames[-1] == 0
    assert len(watched.frames) > 5


def test_pausing_stays_on_the_shown_frame(qtbot: QtBot, watch: Watch, clip: Path) -> None:
    watched = watch(clip)
    watched.playback.play()
    qtbot.waitUntil(lambda: len(watched.frames) > 3, timeout=WAIT)
    watched.playback.pause()
    shown = watched.frames[-1]
    qtbot.wait(150)
    assert watched.frames[-1] == watched.playback.state.frame == shown


def test_a_picture_on_its_way_does_not_come_after_the_pause(
    qtbot: QtBot, watch: Watch, long_gop: Path
) -> None:
    watched = watch(long_gop)
    playback = watched.playback
    playback.seek(290)
    qtbot.waitUntil(lambda: 290 in watched.frames, timeout=WAIT)
    playback.set_speed(-4)
    for _ in range(5):
        playback.play()
        qtbot.waitUntil(lambda: playback._asked >= 0, timeout=WAIT)
        playback.pause()
        qtbot.wait(150)
        assert watched.frames[-1] == playback.state.frame


def test_whoever_sees_a_picture_may_pause(qtbot: QtBot, watch: Watch, clip: Path) -> None:
    watched = watch(clip)
    watched.playback.frame_shown.connect(lambda _picture: watched.playback.pause())
    for expected in (0, 0):
        watched.forget()
        watched.playback.play()
        qtbot.waitUntil(lambda: bool(watched.frames), timeout=WAIT)
        qtbot.wait(100)
        assert watched.frames == [expected]
        assert not watched.playback.state.playing


def test_pausing_before_a_picture_came_still_shows_one(
    qtbot: QtBot, watch: Watch, clip: Path
) -> None:
    watched = watch(clip)
    watched.playback.play()
    watched.playback.seek(45)
    watched.playback.pause()
    qtbot.waitUntil(lambda: bool(watched.frames), timeout=WAIT)
    assert watched.frames == [45]


def test_seeking_while_playing_goes_on_from_there(qtbot: QtBot, watch: Watch, clip: Path) -> None:
    watched = watch(clip)
    watched.playback.play()
    qtbot.waitUntil(lambda: bool(watched.frames), timeout=WAIT)
    watched.playback.seek(40)
    qtbot.waitUntil(paused(watched), timeout=WAIT)
    after = watched.frames[watched.frames.index(40) :]
    assert after == sorted(after)
    assert after[-1] == 59


def test_steps_pause_move_the_playhead_at_once_and_stay_inside(
    qtbot: QtBot, watch: Watch, clip: Path
) -> None:
    watched = watch(clip)
    playback = watched.playback
    playback.play()
    playback.step(5)
    assert playback.state.frame == 5
    assert not playback.state.playing
    playback.step(1)
    playback.step(-100)
    assert playback.state.frame == 0
    playback.step(100)
    assert playback.state.frame == 59
    qtbot.waitUntil(lambda: 59 in watched.frames, timeout=WAIT)
    playback.step_seconds(-1)
    assert playback.state.frame == 29
    assert [s.frame for s in watched.states if not s.playing][:2] == [0, 5]


def test_scrubbing_holds_playing_and_goes_on_after_it(
    qtbot: QtBot, watch: Watch, clip: Path
) -> None:
    watched = watch(clip)
    watched.playback.play()
    for frame in (50, 40, 30):
        watched.playback.scrub(frame)
    assert watched.playback.state == PlaybackState(False, 30, 1.0, None)
    qtbot.waitUntil(lambda: 30 in watched.frames, timeout=WAIT)
    watched.playback.end_scrub()
    assert watched.playback.state.playing
    qtbot.waitUntil(lambda: watched.frames[-1] > 33, timeout=WAIT)
    watched.playback.pause()


def test_letting_go_at_the_end_does_not_begin_anew(qtbot: QtBot, watch: Watch, clip: Path) -> None:
    watched = watch(clip)
    watched.playback.play()
    watched.playback.scrub(59)
    watched.playback.end_scrub()
    qtbot.waitUntil(lambda: 59 in watched.frames, timeout=WAIT)
    assert watched.playback.state == PlaybackState(False, 59, 1.0, None)


def test_closing_the_video_ends_playing(
    qtbot: QtBot, watch: Watch, source: FrameSource, clip: Path
) -> None:
    watched = watch(clip)
    watched.playback.play()
    source.close()
    assert watched.playback.state == PlaybackState()
    watched.playback.play()
    watched.playback.seek(3)
    assert watched.playback.state == PlaybackState()


def test_the_shuttle_lasts_until_it_pauses(qtbot: QtBot, watch: Watch, clip: Path) -> None:
    watched = watch(clip)
    playback = watched.playback
    playback.set_speed(0.5)
    playback.seek(20)
    playback.shuttle(-4)
    assert (playback.state.playing, playback.state.speed) == (True, -4)
    qtbot.waitUntil(paused(watched), timeout=WAIT)
    assert (playback.state.frame, playback.state.speed) == (0, 0.5)
    playback.toggle()
    assert (playback.state.playing, playback.state.speed) == (True, 0.5)
    qtbot.waitUntil(lambda: playback.state.frame >= 2, timeout=WAIT)


def test_a_speed_chosen_during_the_shuttle_is_kept(watch: Watch, clip: Path) -> None:
    playback = watch(clip).playback
    playback.shuttle(4)
    playback.set_speed(2)
    playback.pause()
    assert playback.state.speed == 2


def test_after_a_drag_the_shuttle_goes_on(watch: Watch, clip: Path) -> None:
    playback = watch(clip).playback
    playback.seek(30)
    playback.shuttle(-1)
    playback.scrub(40)
    assert not playback.state.playing
    playback.end_scrub()
    assert (playback.state.playing, playback.state.speed) == (True, -1)


def test_speed_zero_pauses_and_keeps_the_speed(qtbot: QtBot, watch: Watch, clip: Path) -> None:
    watched = watch(clip)
    watched.playback.set_speed(2)
    watched.playback.toggle()
    watched.playback.set_speed(0)
    assert watched.playback.state.speed == 2
    assert not watched.playback.state.playing


@pytest.mark.parametrize("speed", [2.0, 4.0, -4.0])
def test_fast_playing_leaves_frames_out_evenly_and_keeps_the_time(
    qtbot: QtBot, watch: Watch, clip: Path, speed: float
) -> None:
    watched = watch(clip)
    step = {2.0: 2, 4.0: 3, -4.0: 3}[speed]
    if speed < 0:
        watched.playback.seek(59)
        qtbot.waitUntil(lambda: 59 in watched.frames, timeout=WAIT)
        qtbot.wait(200)  # what lies before is fetched
        watched.forget()
    watched.playback.set_speed(speed)
    watched.playback.play()
    qtbot.waitUntil(lambda: bool(watched.frames), timeout=WAIT)
    began = time.perf_counter()
    qtbot.waitUntil(paused(watched), timeout=WAIT)
    assert time.perf_counter() - began == pytest.approx(2 / abs(speed), abs=0.5)
    end = 0 if speed < 0 else 59
    qtbot.waitUntil(lambda: watched.frames[-1] == end, timeout=WAIT)
    gaps = [abs(b - a) for a, b in itertools.pairwise(watched.frames)]
    assert all(gap % step == 0 for gap in gaps[:-1])  # the last picture is always shown


def test_what_is_left_out_on_purpose_is_not_dropped(qtbot: QtBot, watch: Watch, clip: Path) -> None:
    watched = watch(clip)
    watched.playback.frame_shown.connect(lambda _picture: time.sleep(0.1))
    watched.playback.set_speed(2)
    watched.playback.play()
    qtbot.waitUntil(paused(watched), timeout=WAIT)
    told = watched.playback.statistics
    assert told.dropped > 10
    assert told.shown + told.dropped == pytest.approx(30, abs=1)


def test_a_loop_that_is_set_while_playing_elsewhere_begins_at_its_start(
    qtbot: QtBot, watch: Watch, clip: Path
) -> None:
    watched = watch(clip)
    watched.playback.seek(30)
    watched.playback.play()
    qtbot.waitUntil(lambda: len(watched.frames) > 3, timeout=WAIT)
    watched.forget()
    watched.playback.set_loop(FrameRange(10, 14))
    qtbot.waitUntil(lambda: watched.frames.count(10) >= 2, timeout=WAIT)
    assert set(watched.frames) == {10, 11, 12, 13}
    watched.playback.pause()


class HeldBack:
    """Lets a video be opened only when it is let go."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.go_on = threading.Event()
        monkeypatch.setattr("app.services.decode_thread.open_video", self.open_video)

    def open_video(self, path: Path, cache_bytes: int, **_others: object) -> VideoReader:
        self.go_on.wait(20)
        return open_video(path, cache_bytes)


def test_play_that_is_asked_for_while_a_file_is_read_begins_when_it_can(
    qtbot: QtBot, source: FrameSource, clip: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    held, watched = HeldBack(monkeypatch), Watched(source)
    source.open(clip)
    watched.playback.toggle()
    assert watched.playback.state == PlaybackState(waiting=True)
    held.go_on.set()
    qtbot.waitUntil(lambda: len(watched.frames) > 3, timeout=WAIT)
    assert watched.playback.state.playing
    assert not watched.playback.state.waiting
    watched.playback.pause()


@pytest.mark.parametrize("how", ["toggle", "pause", "another", "failing"])
def test_a_wish_to_play_can_be_taken_back(
    qtbot: QtBot,
    source: FrameSource,
    clip: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    how: str,
) -> None:
    held, watched = HeldBack(monkeypatch), Watched(source)
    source.open(clip if how != "failing" else tmp_path / "missing.mp4")
    watched.playback.play()
    if how == "toggle":
        watched.playback.toggle()
    elif how == "pause":
        watched.playback.pause()
    held.go_on.set()
    if how == "another":
        watched.playback.pause()  # as whoever opens another video does
        source.open(clip)
    qtbot.waitUntil(lambda: watched.frames == [0] or how == "failing", timeout=WAIT)
    qtbot.waitUntil(lambda: not source.opening, timeout=WAIT)
    qtbot.wait(50)
    assert watched.playback.state == PlaybackState()


def test_without_a_video_nothing_waits_to_play(qapp: object, source: FrameSource) -> None:
    playback = Playback(source)
    playback.play()
    assert playback.state == PlaybackState()


@pytest.mark.shared
def test_a_damaged_video_plays_as_far_as_it_goes(
    qtbot: QtBot, watch: Watch, source: FrameSource, shared: Path
) -> None:
    watched = watch(shared / "footage" / "corrupted.mp4")
    assert source.facts is not None
    assert "28 decode" in source.facts.notice
    watched.playback.play()
    qtbot.waitUntil(paused(watched), timeout=WAIT)
    qtbot.waitUntil(lambda: watched.frames[-1] == 27, timeout=WAIT)
