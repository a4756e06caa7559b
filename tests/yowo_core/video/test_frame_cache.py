"""The bound on memory holds, and what was decoded on the way stays at hand."""

import random
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


def test_the_frame_used_longest_ago_goes_first() -> None:
    frames = [av.VideoFrame(64, 64, "yuv420p") for _ in range(4)]
    size = frame_bytes(frames[0])
    cache = FrameCache(3 * size)
    for number in range(3):
        cache.put(number, frames[number])
    assert cache.get(0) is frames[0]
    cache.put(3, frames[3])
    assert [number in cache for number in range(4)] == [True, False, True, True]
    assert cache.get(1) is None
    assert cache.bytes == 3 * size


def test_the_count_is_not_below_what_the_planes_take() -> None:
    frame = av.VideoFrame(322, 182, "yuv422p10le")
    planes = sum(plane.buffer_size for plane in frame.planes)
    assert planes <= frame_bytes(frame) < 1.2 * planes
