"""The frame source: right frames, the newest wish, decoding ahead, twins without holes."""

import threading
import time
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from pytestqt.qtbot import QtBot

from app.services.frame_source import FrameReady, FrameSource
from app.services.frame_values import BlankVideo
from benchmarks.barcode_clip import ClipForm, read_number, write_clip
from yowo_core.annotations import FrameRange
from yowo_core.input_spec import InputSpec
from yowo_core.video import VideoReader, open_video
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
    source.set_twin_sink(sink, InputSpec(length=8, stride=1, size=64))
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
    source.set_twin_sink(sink, InputSpec(length=16, stride=1, size=64))
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
    source.set_twin_sink(sink, InputSpec(length=8, stride=2, size=64))
    wanted = set(causal_clip(41, FrameRange(0, 60), InputSpec(length=8, stride=2))[0].tolist())
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
    source.set_twin_sink(sink, InputSpec(length=16, stride=4, size=64))
    source.frame_ready.connect(lambda p: source.request(100) if p.frame == 250 else None)
    source.request(250)
    wanted = set(causal_clip(100, FrameRange(0, 300), InputSpec(length=16, stride=4))[0].tolist())
    qtbot.waitUntil(lambda: wanted <= set(sink.twins), timeout=WAIT)
    assert len(set(sink.twins) - wanted) < 16


def test_a_clip_can_be_wanted_once_the_model_is_there(
    qtbot: QtBot, opened: Opened, clip: Path
) -> None:
    source, sink = opened(clip), Sink()
    with qtbot.waitSignal(source.frame_ready, timeout=WAIT):
        source.request(2)
    source.set_twin_sink(sink, InputSpec(length=8, stride=1, size=64))
    source.want_clip(2)
    qtbot.waitUntil(lambda: set(sink.twins) == set(range(8)), timeout=WAIT)


def test_while_playing_a_clip_is_completed_only_from_what_is_cached(
    qtbot: QtBot, opened: Opened, clip: Path
) -> None:
    source, sink = opened(clip), Sink()
    source.set_twin_sink(sink, InputSpec(length=8, stride=1, size=64))
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


def reader_of(source: FrameSource) -> VideoReader:
    reader = source._thread._reader
    assert reader is not None
    return reader


def all_cached(source: FrameSource, frames: range) -> Callable[[], bool]:
    return lambda: all(reader_of(source).cached(frame) for frame in frames)


def test_at_rest_the_group_before_is_fetched(qtbot: QtBot, opened: Opened, clip: Path) -> None:
    source = opened(clip)
    source.request(26)  # groups begin at 12 and 24
    qtbot.waitUntil(all_cached(source, range(12, 27)), timeout=WAIT)


def test_after_playing_the_frames_before_are_fetched(
    qtbot: QtBot, opened: Opened, clip: Path
) -> None:
    source = opened(clip)
    source.play_ahead(36)
    taken(source, qtbot, 40)
    qtbot.waitUntil(lambda: source.waiting == 8, timeout=WAIT)
    time.sleep(0.1)
    assert not reader_of(source).cached(30)
    source.stop_ahead()
    qtbot.waitUntil(all_cached(source, range(24, 37)), timeout=WAIT)


def test_while_dragging_nothing_is_fetched(qtbot: QtBot, opened: Opened, clip: Path) -> None:
    source = opened(clip)
    with qtbot.waitSignal(source.frame_ready, timeout=WAIT):
        source.request(26, exact=False)
    time.sleep(0.1)
    assert not reader_of(source).cached(20)


def test_fetching_ends(qtbot: QtBot, opened: Opened, clip: Path) -> None:
    source = opened(clip)
    source.request(26)
    qtbot.waitUntil(all_cached(source, range(12, 27)), timeout=WAIT)
    qtbot.waitUntil(lambda: source._orders._around is None, timeout=WAIT)


def test_the_bound_on_memory_can_be_changed_while_a_video_is_open(
    qtbot: QtBot, opened: Opened, clip: Path
) -> None:
    source = opened(clip)
    source.request(50)
    qtbot.waitUntil(all_cached(source, range(36, 51)), timeout=WAIT)
    source.set_cache(500_000)
    qtbot.waitUntil(lambda: reader_of(source).cache_used <= 500_000, timeout=WAIT)
    with qtbot.waitSignal(source.frame_ready, timeout=WAIT):
        source.request(20)
    assert 0 < reader_of(source).cache_used <= 500_000


def test_the_bound_on_memory_also_holds_for_the_next_video(
    qtbot: QtBot, opened: Opened, clip: Path, long_gop: Path
) -> None:
    source = opened(clip)
    source.set_cache(500_000)
    opened(long_gop)
    with qtbot.waitSignal(source.frame_ready, timeout=WAIT):
        source.request(250)
    assert 0 < reader_of(source).cache_used <= 500_000


def test_of_every_third_frame_a_picture_is_made_and_of_all_a_twin(
    qtbot: QtBot, opened: Opened, clip: Path
) -> None:
    source, sink = opened(clip), Sink()
    source.set_twin_sink(sink, InputSpec(length=8, stride=1, size=64))
    source.play_ahead(20, step=3)
    frames = [taken(source, qtbot, due).frame for due in range(20, 51, 3)]
    assert frames == list(range(20, 51, 3))
    assert set(range(20, 50)) <= set(sink.twins)


class SlowOpening:
    """Opens a video only after it was let go on, and tells progress meanwhile."""

    def __init__(self) -> None:
        self.go_on = threading.Event()
        self.given_up = threading.Event()

    def open_video(
        self,
        path: Path,
        cache_bytes: int,
        *,
        progress: Callable[[float], None],
        index_folder: Path | None,
    ) -> VideoReader:
        while not self.go_on.wait(0.01):
            try:
                progress(0.43)
            except BaseException:
                self.given_up.set()
                raise
        return open_video(path, cache_bytes, index_folder=index_folder)


@pytest.fixture
def slow(monkeypatch: pytest.MonkeyPatch) -> SlowOpening:
    opening = SlowOpening()
    monkeypatch.setattr("app.services.decode_thread.open_video", opening.open_video)
    return opening


def test_a_file_that_takes_long_shows_its_first_picture_and_how_far_it_is(
    qtbot: QtBot, source: FrameSource, slow: SlowOpening, clip: Path
) -> None:
    shares: list[float] = []
    source.reading.connect(shares.append)
    with qtbot.waitSignal(source.looked, timeout=WAIT) as looked:
        source.open(clip)
    qtbot.waitUntil(lambda: bool(shares), timeout=WAIT)
    first = looked.args[0]
    assert first.path == clip
    assert read_number(first.look.picture) == 0
    assert set(shares) == {0.43}
    assert source.opening
    assert source.facts is None
    with qtbot.waitSignal(source.opened, timeout=WAIT):
        slow.go_on.set()
    assert not source.opening
    shares.clear()
    qtbot.wait(50)
    assert shares == []


@pytest.mark.parametrize("leave", ["close", "open another", "shutdown"])
def test_an_opening_that_is_not_wanted_any_more_is_given_up(
    qtbot: QtBot, source: FrameSource, slow: SlowOpening, clip: Path, long_gop: Path, leave: str
) -> None:
    with qtbot.waitSignal(source.looked, timeout=WAIT):
        source.open(clip)
    if leave == "close":
        source.close()
    elif leave == "open another":
        source.open(long_gop)
    else:
        source.shutdown()
    assert slow.given_up.wait(10)
    slow.go_on.set()
    if leave == "open another":
        qtbot.waitUntil(lambda: source.facts is not None, timeout=WAIT)
        assert source.facts is not None
        assert source.facts.path == long_gop
    else:
        assert source.facts is None
        assert not source.opening


def test_a_file_that_opens_quickly_has_no_first_picture_of_its_own(
    qtbot: QtBot, source: FrameSource, clip: Path
) -> None:
    told: list[object] = []
    source.looked.connect(told.append)
    source.reading.connect(told.append)
    with qtbot.waitSignal(source.opened, timeout=WAIT):
        source.open(clip)
    qtbot.wait(300)
    assert told == []


def test_an_index_that_took_long_to_make_is_kept(
    qtbot: QtBot, qapp: object, tmp_path: Path
) -> None:
    form = ClipForm(codec="mpeg4", options={"bf": "2"})
    raw = write_clip(tmp_path / "raw.avi", range(60), form, Fraction(1, 30))  # decoded to be read
    source = FrameSource(index_folder=tmp_path / "indexes")
    try:
        with qtbot.waitSignal(source.opened, timeout=WAIT):
            source.open(raw)
    finally:
        source.shutdown()
    assert len(list((tmp_path / "indexes").iterdir())) == 1


def test_a_video_without_its_file_shows_grey_frames_by_number(
    source: FrameSource, clip: Path, qtbot: QtBot
) -> None:
    video = BlankVideo(Path("/gone/clip.mp4"), 320, 192, 60, Fraction(30), Fraction(4, 3))
    seen: list[FrameReady] = []
    source.frame_ready.connect(seen.append)
    with qtbot.waitSignal(source.opened) as opened:
        source.open_blank(video)
    (facts,) = opened.args
    assert (facts.blank, facts.frame_count, facts.sample_aspect) == (True, 60, Fraction(4, 3))
    assert facts.times[30] == pytest.approx(1.0)
    source.play_ahead(0)
    source.request(17)
    source.request(3, exact=False)
    qtbot.waitUntil(lambda: len(seen) == 2)
    assert [picture.frame for picture in seen] == [17, 3]
    assert seen[0].bgra.shape == (192, 320, 4)
    assert len(np.unique(seen[0].bgra)) == 1
    assert source.exhausted
    with qtbot.waitSignal(source.opened) as opened:
        source.open(clip)
    assert not opened.args[0].blank
    source.request(5)
    qtbot.waitUntil(lambda: len(seen) == 3)
    assert read_number(seen[2].bgra[..., 2::-1]) == 5
