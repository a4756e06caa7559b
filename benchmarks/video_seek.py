"""Random seeks, steps and key frames on clips with a key frame every 250, against OpenCV.

Every returned frame is identified by its barcode. One clip has a constant frame rate and one
irregular times. "Back at rest" steps back through three groups of pictures and lets the reader
fetch what is around the playhead between the steps, as the window does.

    python -m benchmarks.video_seek [--seeks 200]
"""

import argparse
import random
import statistics
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from benchmarks.barcode_clip import LONG_GOP, ClipForm, irregular_times, read_number, write_clip
from yowo_core.video import VideoReader, open_video

CACHE = 512 * 1024 * 1024  # the window's default
Access = Callable[[int], NDArray[np.uint8]]


@dataclass(frozen=True)
class Result:
    """Milliseconds of every seek, and how many of them gave another frame."""

    milliseconds: list[float]
    wrong: int

    def line(self, name: str) -> str:
        """One row of the table."""
        p95 = statistics.quantiles(self.milliseconds, n=20)[-1]
        median = statistics.median(self.milliseconds)
        seeks = len(self.milliseconds)
        return f"{name:<22}{self.wrong:>5} of {seeks} wrong{median:>9.1f} median{p95:>9.1f} p95 ms"


def measure(access: Access, wanted: list[int]) -> Result:
    """Time each access and read the number in its frame."""
    taken, wrong = [], 0
    for index in wanted:
        began = time.perf_counter()
        picture = access(index)
        taken.append((time.perf_counter() - began) * 1000)
        wrong += read_number(picture) != index
    return Result(taken, wrong)


def opencv_access(path: Path) -> Access:
    """What most tools do: set the position by frame number, then read."""
    capture = cv2.VideoCapture(str(path))

    def access(index: int) -> NDArray[np.uint8]:
        capture.set(cv2.CAP_PROP_POS_FRAMES, index)
        found, picture = capture.read()
        if not found:
            return np.zeros((96, 96, 3), np.uint8)
        return np.asarray(cv2.cvtColor(picture, cv2.COLOR_BGR2RGB), dtype=np.uint8)

    return access


def at_rest(video: VideoReader, first: int, count: int) -> Result:
    """Step back with a rest after each step; what is fetched then is not counted."""
    taken, wrong = [], 0
    for index in range(first, first - count, -1):
        while video.prefetch(min(index + 1, len(video) - 1)):
            pass
        began = time.perf_counter()
        picture = video.bgra(index)
        taken.append((time.perf_counter() - began) * 1000)
        wrong += read_number(picture[..., 2::-1]) != index
    return Result(taken, wrong)


def fetching(video: VideoReader, playhead: int) -> list[float]:
    """Milliseconds of each bit of fetching, which is how long a newer wish may have to wait."""
    video.frame(playhead)
    taken, more = [], True
    while more:
        began = time.perf_counter()
        more = video.prefetch(playhead)
        taken.append((time.perf_counter() - began) * 1000)
    return taken


def key_frames(path: Path, wanted: list[int]) -> Result:
    """What shows first while a hand drags: the key frame before each place."""
    with open_video(path, cache_bytes=0) as video:
        keys = [video.keyframe_at_or_before(index) for index in wanted]
        return measure(video.frame, keys)


def compare(path: Path, seeks: int) -> None:
    """Print both readers' rows for random frames, for stepping back, and for what is fetched."""
    began = time.perf_counter()
    with open_video(path) as video, open_video(path, cache_bytes=0) as uncached:
        opened = (time.perf_counter() - began) / 2 * 1000
        chance = random.Random(11)
        jumps = [chance.randrange(len(video)) for _ in range(seeks)]
        back = list(range(len(video) // 2, len(video) // 2 - min(seeks, 100), -1))
        print(f"{len(video)} frames of {video.width}x{video.height}, opened in {opened:.0f} ms")
        for name, wanted in (("random frames", jumps), ("steps back", back)):
            print(f"{name}:")
            ours = measure(video.frame, wanted)
            bare = measure(uncached.frame, wanted)
            peer = measure(opencv_access(path), wanted)
            print(ours.line("  ours, 256 MiB cache"))
            print(bare.line("  ours, no cache"))
            print(peer.line("  OpenCV"))
            ratio = statistics.median(bare.milliseconds) / statistics.median(peer.milliseconds)
            print(f"  without cache, a seek takes {ratio:.2f} of OpenCV's time (median)")
    with open_video(path, cache_bytes=CACHE) as video:
        bits = fetching(video, len(video) - 150)
        print(f"fetching around the playhead, {CACHE // 2**20} MiB cache:")
        print(f"  {len(bits)} frames in {sum(bits):.0f} ms, at most {max(bits):.1f} ms at a time")
        print(at_rest(video, len(video) - 150, min(750, len(video) - 160)).line("  back at rest"))
    print(key_frames(path, jumps[:50]).line("key frame, no cache"))


def main() -> None:
    """Make the clip in a temporary folder and compare."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--frames", type=int, default=1000)
    parser.add_argument("--width", type=int, default=1280)
    parser.add_argument("--height", type=int, default=720)
    parser.add_argument("--seeks", type=int, default=200)
    chosen = parser.parse_args()
    form = ClipForm(options=LONG_GOP.options, width=chosen.width, height=chosen.height)
    with tempfile.TemporaryDirectory() as folder:
        steady = [round(number * 1000 / 30) for number in range(chosen.frames)]
        for name, times in (
            ("constant rate", steady),
            ("irregular times", irregular_times(chosen.frames)),
        ):
            print(f"== {name}")
            compare(write_clip(Path(folder) / "clip.mp4", times, form), chosen.seeks)


if __name__ == "__main__":
    main()
