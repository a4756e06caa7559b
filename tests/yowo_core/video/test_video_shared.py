"""Real clips: the counts that were checked by hand, and any frame against a plain decode."""

import random
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from yowo_core.errors import VideoError
from yowo_core.video import open_video

PlainDecode = Callable[[Path], list[NDArray[np.uint8]]]
pytestmark = pytest.mark.shared

# name -> frames that decode, width, height
FOOTAGE = {
    "walk.mkv": (89, 640, 480),
    "eat.mkv": (47, 640, 480),
    "book.mkv": (109, 640, 480),
    "bedroom.mp4": (200, 960, 540),
    "demo.mp4": (280, 340, 256),
    "part_0.mp4": (32, 340, 256),
    "flipping_a_pancake.mkv": (310, 426, 240),
    "video_90.mov": (3, 320, 568),
    "corrupted.mp4": (28, 1280, 720),
    "av1_video.mkv": (125, 640, 360),
    "h265_video.mp4": (10, 128, 128),
    "no_duration.webm": (74, 1280, 720),
    "ffmbc_h264_aac.mp4": (60, 690, 360),
    "ffmpeg_h264_aac_from_ffmbc_h264_aac_v1.mp4": (60, 690, 360),
}


def check(path: Path, truth: list[NDArray[np.uint8]], seeks: int = 8) -> None:
    chance = random.Random(path.name)
    with open_video(path, cache_bytes=8 * 1024 * 1024) as video:
        assert len(video) == len(truth)
        assert bool(np.all(np.diff(video.times) > 0))
        wanted = [chance.randrange(len(truth)) for _ in range(seeks)] + [len(truth) - 1, 0]
        assert [i for i in wanted if not np.array_equal(video.frame(i), truth[i])] == []
        start = len(truth) // 2
        taken = list(video.frames(start, min(start + 20, len(truth))))
        assert all(np.array_equal(a, b) for a, b in zip(taken, truth[start:], strict=False))


@pytest.mark.parametrize("name", FOOTAGE)
def test_footage(name: str, shared: Path, plain_decode: PlainDecode) -> None:
    path = shared / "footage" / name
    count, width, height = FOOTAGE[name]
    check(path, plain_decode(path))
    with open_video(path) as video:
        assert (len(video), video.width, video.height) == (count, width, height)
        assert video.frame(count - 1).shape == (height, width, 3)


def test_the_demo_clip(shared: Path) -> None:
    with open_video(shared / "footage" / "one-by-one-person-detection.mp4") as video:
        assert (len(video), video.fps, video.width, video.height) == (1394, Fraction(10), 768, 432)
        assert video.times[-1] == pytest.approx(139.3)


def test_traps_of_single_clips(shared: Path) -> None:
    footage = shared / "footage"
    with open_video(footage / "book.mkv") as video:
        assert video.times[0] == pytest.approx(0.033)
    with open_video(footage / "demo.mp4") as video:
        assert (video.sample_aspect, video.fps) == (Fraction(64, 51), Fraction(28))
    with open_video(footage / "part_0.mp4") as video:
        assert video.variable_rate
        gaps = np.diff(video.times)
        assert gaps[-1] == pytest.approx(2 * gaps[0])
    with open_video(footage / "no_duration.webm") as video:
        assert video.variable_rate
    with open_video(footage / "corrupted.mp4") as video:
        said = "The header promises 50 frames, 28 decode; the rest is damaged."
        assert video.notice == said
        with pytest.raises(VideoError, match="frames 0 to 27"):
            video.frame(28)


def test_streams_without_header_or_honest_times(shared: Path, plain_decode: PlainDecode) -> None:
    for path in sorted((shared / "data" / "ucf24").rglob("*.mp4")):
        check(path, plain_decode(path))


def test_packed_bitstreams(shared: Path, plain_decode: PlainDecode) -> None:
    clips = sorted((shared / "data" / "ut_interaction").rglob("*.avi"))
    for path in clips[::6]:
        check(path, plain_decode(path))
        with open_video(path) as video:
            assert "The header promises" in video.notice
            np.testing.assert_allclose(np.diff(video.times), 1 / 30)


def test_silhouettes(shared: Path, plain_decode: PlainDecode) -> None:
    clips = sorted((shared / "data" / "jhmdb_silhouettes" / "videos").rglob("*.mp4"))
    for path in clips[::80]:
        check(path, plain_decode(path))
