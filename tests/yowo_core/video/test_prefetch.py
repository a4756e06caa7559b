"""Frames around the playhead are there before they are asked for, and nothing is lost for it."""

from pathlib import Path

import numpy as np
import pytest

from benchmarks.barcode_clip import LONG_GOP, ClipForm, read_number, write_clip
from yowo_core.errors import VideoError
from yowo_core.video import VideoReader, open_video
from yowo_core.video.cache import FrameCache

GOP, FRAMES = 50, 300


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    options = {**LONG_GOP.options, "g": str(GOP), "keyint_min": str(GOP)}
    path = tmp_path_factory.mktemp("prefetch") / "gop50.mp4"
    return write_clip(path, [40 * n for n in range(FRAMES)], ClipForm(options=options))


def rest(video: VideoReader, playhead: int) -> int:
    """Let it fetch until it is content; how many frames that took."""
    count = 0
    while video.prefetch(playhead):
        count += 1
        assert count < 2000
    return count


def held(video: VideoReader) -> list[int]:
    return [n for n in range(len(video)) if video.cached(n)]


def one_frame(path: Path) -> int:
    with open_video(path) as video:
        return video.cache_used


def test_the_group_before_the_playheads_is_fetched(clip: Path) -> None:
    with open_video(clip) as video:
        video.frame(170)
        assert not video.cached(149)
        rest(video, 170)
        assert all(video.cached(n) for n in range(100, 171))


def test_some_frames_after_the_playhead_are_fetched_over_the_edge_of_the_group(clip: Path) -> None:
    with open_video(clip) as video:
        video.frame(195)
        rest(video, 195)
        assert all(video.cached(n) for n in range(195, 225))


def test_going_on_costs_no_seek_after_fetching_what_is_before(
    clip: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with open_video(clip, cache_bytes=60 * one_frame(clip)) as video:
        video.frame(170)
        rest(video, 170)
        monkeypatch.setattr(video._decoder, "start", None)
        for n in range(171, 200):
            assert read_number(video.frame(n)) == n


@pytest.mark.parametrize("frames", [12, 75, 1000])
def test_stepping_back_never_decodes_as_soon_as_there_is_room_for_some_frames(
    clip: Path, frames: int
) -> None:
    room = frames * one_frame(clip)
    with open_video(clip, cache_bytes=room) as video:
        video.frame(FRAMES - 1)
        for n in reversed(range(FRAMES - 1)):
            rest(video, n + 1)
            assert video.cached(n)
            assert read_number(video.frame(n)) == n
            assert video.cache_used <= room


def test_stepping_back_decodes_each_group_a_few_times_not_once_a_step(clip: Path) -> None:
    with open_video(clip, cache_bytes=75 * one_frame(clip)) as video:
        video.frame(FRAMES - 1)
        decoded = sum(rest(video, n) for n in reversed(range(FRAMES)))
        assert decoded < 4 * FRAMES


def test_without_room_nothing_is_fetched(clip: Path) -> None:
    for room in (0, one_frame(clip)):
        with open_video(clip, cache_bytes=room) as video:
            video.frame(170)
            assert rest(video, 170) == 0


def test_another_access_in_the_middle_of_fetching_gets_its_frame(clip: Path) -> None:
    chance = np.random.default_rng(5)
    with open_video(clip, cache_bytes=90 * one_frame(clip)) as video:
        for n in chance.integers(0, FRAMES, 60).tolist():
            assert read_number(video.frame(n)) == n
            for _ in range(int(chance.integers(0, 70))):
                video.prefetch(n)
        rest(video, n)
        assert all(read_number(video.frame(n)) == n for n in held(video))


def test_a_jump_gives_up_what_was_being_fetched(clip: Path) -> None:
    with open_video(clip) as video:
        video.frame(10)
        video.frame(290)
        video.prefetch(290)
        assert rest(video, 10) < 60
        assert not any(video.cached(n) for n in range(100, 200))


def test_the_distance_says_how_many_frames_are_decoded(clip: Path) -> None:
    with open_video(clip) as video:
        assert video.distance(170) == 21
        video.frame(170)
        assert video.distance(170) == 0
        assert video.distance(173) == 3
        assert video.distance(120) == 21


def test_a_larger_bound_lets_more_be_fetched(clip: Path) -> None:
    with open_video(clip, cache_bytes=30 * one_frame(clip)) as video:
        video.frame(170)
        rest(video, 170)
        assert not video.cached(140)
        video.set_cache(1000 * one_frame(clip))
        rest(video, 170)
        assert all(video.cached(n) for n in range(100, 171))


def test_frames_that_do_not_decode_are_passed_over(clip: Path, tmp_path: Path) -> None:
    data = bytearray(clip.read_bytes())
    with open_video(clip) as video:
        place = int(video._decoder.table.pos[int(video._index.packets[120])])
        size = int(video._decoder.table.size[int(video._index.packets[120])])
    data[place : place + size] = bytes(size)
    broken = tmp_path / "broken.mp4"
    broken.write_bytes(data)
    with open_video(broken) as video:
        video.frame(160)
        rest(video, 160)
        good = [n for n in range(100, 161) if _decodes(broken, n)]
        assert 0 < len(good) < 61
        assert all(video.cached(n) for n in good)


def _decodes(path: Path, frame: int) -> bool:
    with open_video(path) as video:
        try:
            video.frame(frame)
        except VideoError:
            return False
        return True


def test_nothing_is_known_of_the_room_before_there_is_a_frame() -> None:
    cache = FrameCache(1000)
    assert cache.room() == (0, 0)
