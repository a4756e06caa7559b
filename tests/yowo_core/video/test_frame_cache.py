"""The bound on memory holds, and what was decoded on the way stays at hand."""

import random
from collections.abc import Iterable
from pathlib import Path

import av
import pytest

from benchmarks.barcode_clip import read_number
from yowo_core.video import VideoReader, open_video
from yowo_core.video.cache import FrameCache, frame_bytes

ONE_FRAME = 320 * 192 * 3 // 2  # yuv420p without any padding


def held_bytes(video: VideoReader) -> int:
    """What the planes in the cache take, counted without the cache's own book-keeping."""
    return sum(p.buffer_size for f in video._cache._frames.values() for p in f.planes)


@pytest.mark.parametrize("bound", [0, 1, ONE_FRAME, 1_000_000, 3_000_000])
def test_the_cache_never_exceeds_its_bound(vfr_clip: Path, bound: int) -> None:
    chance = random.Random(3)
    with open_video(vfr_clip, cache_bytes=bound) as video:
        for _ in range(25):
            i = chance.randrange(600)
            assert read_number(video.frame(i)) == i
            assert held_bytes(video) <= video.cache_used <= bound


def test_memory_is_used_up_to_the_bound(vfr_clip: Path) -> None:
    with open_video(vfr_clip, cache_bytes=3_000_000) as video:
        video.frame(249)
        assert video.cache_used > 2_700_000


def test_frames_met_on_the_way_are_kept_for_stepping_back(vfr_clip: Path) -> None:
    with open_video(vfr_clip) as video:
        video.frame(400)
        assert all(video.cached(i) for i in range(250, 401))
        assert not video.cached(249)


def test_a_small_cache_keeps_the_frames_just_before(
    vfr_clip: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with open_video(vfr_clip, cache_bytes=20 * 160_000) as video:
        video.frame(400)
        assert all(video.cached(i) for i in range(385, 401))
        monkeypatch.setattr(video._decoder, "pull", None)
        assert [read_number(video.frame(i)) for i in range(400, 385, -1)] == [*range(400, 385, -1)]


def test_closing_frees_the_memory(vfr_clip: Path) -> None:
    video = open_video(vfr_clip)
    video.frame(30)
    assert video.cache_used > 0
    video.close()
    assert video.cache_used == 0


def _filled(room: int, numbers: Iterable[int], playhead: int = 0) -> FrameCache:
    """A cache with room for so many equal frames, into which these were put in that order."""
    picture = av.VideoFrame(64, 64, "yuv420p")
    cache = FrameCache(room * frame_bytes(picture))
    cache.playhead = playhead
    for number in numbers:
        cache.put(number, picture)
    return cache


def _held(cache: FrameCache) -> list[int]:
    return [number for number in range(1000) if number in cache]


def test_the_frames_nearest_to_the_playhead_stay() -> None:
    assert _held(_filled(7, range(100), playhead=50)) == [46, 47, 48, 49, 50, 51, 52]
    assert _held(_filled(7, reversed(range(100)), playhead=50)) == [46, 47, 48, 49, 50, 51, 52]


def test_a_frame_that_is_farther_than_all_others_is_not_kept() -> None:
    cache = _filled(3, [10, 11, 12], playhead=11)
    cache.put(20, av.VideoFrame(64, 64, "yuv420p"))
    assert _held(cache) == [10, 11, 12]
    assert cache.get(20) is None


def test_what_stays_follows_the_playhead() -> None:
    cache = _filled(3, [0, 1, 2], playhead=1)
    cache.playhead = 100
    cache.put(99, av.VideoFrame(64, 64, "yuv420p"))
    assert _held(cache) == [1, 2, 99]


def test_a_smaller_bound_holds_at_once() -> None:
    cache = _filled(10, range(10), playhead=9)
    cache.resize(cache.limit // 2)
    assert _held(cache) == [5, 6, 7, 8, 9]
    assert cache.bytes == cache.limit


def test_a_run_is_what_is_held_without_a_gap() -> None:
    cache = _filled(100, [0, 3, 4, 5, 6, 8, 9, 20])
    assert [cache.run(n) for n in (0, 3, 5, 6, 8, 20)] == [
        (0, 0),
        (3, 6),
        (3, 6),
        (3, 6),
        (8, 9),
        (20, 20),
    ]


def test_the_count_is_not_below_what_the_planes_take() -> None:
    frame = av.VideoFrame(322, 182, "yuv422p10le")
    planes = sum(plane.buffer_size for plane in frame.planes)
    assert planes <= frame_bytes(frame) < 1.2 * planes
