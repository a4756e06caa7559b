"""The frame source: right frames, the newest wish, decoding ahead, twins without holes."""

import threading
import time
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from pytestqt.qtbot import QtBot

from app.services.frame_source import FrameReady, FrameSource
from benchmarks.barcode_clip import read_number
from yowo_core.annotations import FrameRange
from yowo_core.video import open_video
from yowo_core.video.clips import causal_clip, resized

Opened = Callable[[Path], FrameSource]
WAIT = 30_000


class Sink:
    """Collects twins."""

    def __init__(self) -> None:
        self.twins: dict[int, NDArray[np.uint8]] = {}
        self.threads: set[int] = set()

    def put(self, opening: int, frame: int, twin: NDArray[np.uint8]) -> None:
        self.twins[frame] = twin
        self.threads.add(threading.get_ident())

    def holds(self, opening: int, frame: int) -> bool:
        return frame in self.twins


def collected(source: FrameSource) -> list[FrameReady]:
    pictures: list[FrameReady] = []
    source.frame_ready.connect(pictures.append)
    return pictures


def taken(source: FrameSource, qtbot: QtBot, due: int) -> FrameReady:
    found: list[FrameReady] = []

    def look() -> bool:
        picture = source.take(due)
        if picture is not None:
            found.append(picture)
        return bool(found)

    qtbot.waitUntil(look, timeout=WAIT)
    return found[-1]


def test_opening_tells_the_facts(qtbot: QtBot, opened: Opened, clip: Path) -> None:
    facts = opened(clip).facts
    assert facts is not None
    assert (facts.width, facts.height, facts.frame_count, facts.fps) == (320, 192, 60, Fraction(30))
    assert facts.path == clip
    assert not facts.variable_rate
    np.testing.assert_allclose(facts.times, np.arange(60) / 30, atol=1e-3)


def test_a_file_that_is_no_video_is_told_with_its_path(
    qtbot: QtBot, source: FrameSource, tmp_path: Path
) -> None:
    text = tmp_path / "notes.txt"
    text.write_text("not a video")
    with qtbot.waitSignal(source.failed, timeout=WAIT) as told:
        source.open(text)
    assert str(text) in told.args[0]
    assert source.facts is None


def test_a_request_brings_exactly_that_frame(qtbot: QtBot, opened: Opened, clip: Path) -> None:
    source = opened(clip)
    for frame in (37, 3, 59, 0):
        with qtbot.waitSignal(source.frame_ready, timeout=WAIT) as came:
            source.request(frame)
        picture = came.args[0]
        assert picture.frame == picture.asked == frame
        assert picture.bgra.shape == (192, 320, 4)
        assert read_number(picture.bgra) == frame


def test_signals_arrive_in_the_thread_of_the_window(
    qtbot: QtBot, opened: Opened, clip: Path
) -> None:
    source = opened(clip)
    threads: list[int] = []
    source.frame_ready.connect(lambda _picture: threads.append(threading.get_ident()))
    source.request(5)
    qtbot.waitUntil(lambda: bool(threads), timeout=WAIT)
    assert threads == [threading.get_ident()]


def test_of_many_requests_only_few_and_the_newest_are_served(
    qtbot: QtBot, opened: Opened, long_gop: Path
) -> None:
    source = opened(long_gop)
    pictures = collected(source)
    for frame in range(299, 199, -1):
        source.request(frame)
    qtbot.waitUntil(lambda: any(p.frame == 200 for p in pictures), timeout=WAIT)
    assert pictures[-1].frame == 200
    assert len(pictures) < 50


def test_a_frame_that_does_not_exist_is_told(qtbot: QtBot, opened: Opened, clip: Path) -> None:
    source = opened(clip)
    with qtbot.waitSignal(source.failed, timeout=WAIT) as told:
        source.request(60)
    assert "no frame 60" in told.args[0]


def test_scrubbing_shows_the_key_frame_before_a_slow_one(
    qtbot: QtBot, opened: Opened, long_gop: Path
) -> None:
    source = opened(long_gop)
    pictures = collected(source)
    source.request(280, exact=False)
    qtbot.waitUntil(lambda: any(p.frame == 280 for p in pictures), timeout=WAIT)
    assert [(p.frame, p.asked) for p in pictures] == [(0, 280), (280, 280)]
    assert read_number(pictures[0].bgra) == 0


def test_a_slow_inexact_frame_gives_way_to_a_newer_wish(
    qtbot: QtBot, opened: Opened, long_gop: Path
) -> None:
    source = opened(long_gop)
    pictures = collected(source)
    source.request(290, exact=False)
    qtbot.waitUntil(lambda: bool(pictures), timeout=WAIT)  # its key frame; now it approaches
    source.request(2)
    qtbot.waitUntil(lambda: any(p.frame == 2 for p in pictures), timeout=WAIT)
    assert 290 not in [p.frame for p in pictures]


def test_playing_ahead_gives_every_frame_in_order(qtbot: QtBot, opened: Opened, clip: Path) -> None:
    source = opened(clip)
    source.play_ahead(10)
    frames = []
    for due in range(10, 60):
        picture = taken(source, qtbot, due)
        assert read_number(picture.bgra) == picture.frame
        frames.append(picture.frame)
    assert frames == list(range(10, 60))
    assert source.exhausted


def test_what_is_decoded_ahead_is_bounded(qtbot: QtBot, opened: Opened, clip: Path) -> None:
    source = opened(clip)
    source.play_ahead(0)
    qtbot.waitUntil(lambda: source.waiting == 8, timeout=WAIT)
    time.sleep(0.1)
    assert source.waiting == 8
    source.stop_ahead()
    assert source.waiting == 0


def test_being_late_goes_on_at_the_key_frame_before_the_due_one(
    qtbot: QtBot, opened: Opened, clip: Path
) -> None:
    source = opened(clip)
    source.play_ahead(0)
    qtbot.waitUntil(lambda: source.waiting == 8, timeout=WAIT)
    frames = [taken(source, qtbot, 40).frame]
    while frames[-1] < 40:
        frames.append(taken(source, qtbot, 40).frame)
    assert frames[0] == 7
    assert min(frames[1:]) >= 36
    assert frames[-1] == 40


def test_twins_of_played_frames_have_no_holes_and_are_those_of_the_analysis(
    qtbot: QtBot, opened: Opened, clip: Path
) -> None:
    source, sink = opened(clip), Sink()
    source.set_twin_sink(sink, 64, 8, 1)
    source.play_ahead(20)
    for due in range(20, 50):
        taken(source, qtbot, due)
    qtbot.waitUntil(lambda: set(range(20, 50)) <= set(sink.twins), timeout=WAIT)
    with open_video(clip) as reader:
        for frame in range(20, 50):
            np.testing.assert_array_equal(sink.twins[frame], resized(reader.frame(frame), 64))
    assert threading.get_ident() not in sink.threads


def test_lateness_within_a_clip_leaves_no_hole(qtbot: QtBot, opened: Opened, clip: Path) -> None:
    source, sink = opened(clip), Sink()
    source.set_twin_sink(sink, 64, 16, 1)
    source.play_ahead(0)
    for due in (5, 18, 30, 42, 50, 55):
        qtbot.waitUntil(lambda: source.waiting == 8 or source.exhausted, timeout=WAIT)
        taken(source, qtbot, due)
    while taken(source, qtbot, 59).frame < 59:
        pass
    assert set(range(59)) <= set(sink.twins)


def test_after_a_seek_the_clip_is_filled_after_the_frame_was_shown(
    qtbot: QtBot, opened: Opened, clip: Path
) -> None:
    source, sink = opened(clip), Sink()
    source.set_twin_sink(sink, 64, 8, 2)
    wanted = set(causal_clip(41, FrameRange(0, 60), 8, 2)[0].tolist())
    with qtbot.waitSignal(source.frame_ready, timeout=WAIT):
        source.request(41)
    qtbot.waitUntil(lambda: set(sink.twins) == wanted, timeout=WAIT)
    assert wanted == set(range(27, 42, 2))


def test_a_newer_request_gives_up_the_clip_of_the_older(
    qtbot: QtBot, small_source: FrameSource, long_gop: Path
) -> None:
    source, sink = small_source, Sink()  # its cache is too small to have the clip of 250
    with qtbot.waitSignal(source.opened, timeout=WAIT):
        source.open(long_gop)
    source.set_twin_sink(sink, 64, 16, 4)
    source.frame_ready.connect(lambda p: source.request(100) if p.frame == 250 else None)
    source.request(250)
    wanted = set(causal_clip(100, FrameRange(0, 300), 16, 4)[0].tolist())
    qtbot.waitUntil(lambda: wanted <= set(sink.twins), timeout=WAIT)
    assert len(set(sink.twins) - wanted) < 16


def test_a_clip_can_be_wanted_once_the_model_is_there(
    qtbot: QtBot, opened: Opened, clip: Path
) -> None:
    source, sink = opened(clip), Sink()
    with qtbot.waitSignal(source.frame_ready, timeout=WAIT):
        source.request(2)
    source.set_twin_sink(sink, 64, 8, 1)
    source.want_clip(2)
    qtbot.waitUntil(lambda: set(sink.twins) == set(range(8)), timeout=WAIT)


def test_while_playing_a_clip_is_completed_only_from_what_is_cached(
    qtbot: QtBot, opened: Opened, clip: Path
) -> None:
    source, sink = opened(clip), Sink()
    source.set_twin_sink(sink, 64, 8, 1)
    source.play_ahead(40)  # decoding begins at the key frame 36, so 36 to 39 are cached
    taken(source, qtbot, 40)
    source.want_clip(40)
    qtbot.waitUntil(lambda: {36, 37, 38, 39} <= set(sink.twins), timeout=WAIT)
    qtbot.waitUntil(lambda: source.waiting == 8, timeout=WAIT)
    assert 35 not in sink.twins
    source.stop_ahead()
    qtbot.waitUntil(lambda: set(range(33, 41)) <= set(sink.twins), timeout=WAIT)


def test_closing_gives_the_video_back_and_says_so(qtbot: QtBot, opened: Opened, clip: Path) -> None:
    source = opened(clip)
    pictures = collected(source)
    source.request(50)
    with qtbot.waitSignal(source.closed, timeout=WAIT):
        source.close()
    qtbot.wait(50)
    assert source.facts is None
    assert pictures == []


def test_of_two_openings_only_the_last_is_told(
    qtbot: QtBot, source: FrameSource, clip: Path, long_gop: Path
) -> None:
    told: list[int] = []
    source.opened.connect(lambda facts: told.append(facts.frame_count))
    source.open(clip)
    source.open(long_gop)
    qtbot.waitUntil(lambda: bool(told), timeout=WAIT)
    qtbot.wait(50)
    assert told == [300]


def test_shutdown_ends_the_thread(qtbot: QtBot, qapp: object) -> None:
    source = FrameSource()
    assert "decoding" in {t.name for t in threading.enumerate()}
    before = sum(t.name == "decoding" for t in threading.enumerate())
    source.shutdown()
    assert sum(t.name == "decoding" for t in threading.enumerate()) == before - 1
