"""Random seeks on a variable-frame-rate clip, against OpenCV in the same run.

Every returned frame is identified by its barcode. Run: python -m benchmarks.video_seek
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
from yowo_core.video import open_video

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


def compare(path: Path, seeks: int) -> None:
    """Print both readers' rows for random frames and for stepping back."""
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


def main() -> None:
    """Make the clip in a temporary folder and compare."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--frames", type=int, default=600)
    parser.add_argument("--width", type=int, default=1280)
    parser.add_argument("--height", type=int, default=720)
    parser.add_argument("--seeks", type=int, default=200)
    chosen = parser.parse_args()
    form = ClipForm(options=LONG_GOP.options, width=chosen.width, height=chosen.height)
    with tempfile.TemporaryDirectory() as folder:
        path = write_clip(Path(folder) / "vfr.mp4", irregular_times(chosen.frames), form)
        compare(path, chosen.seeks)


if __name__ == "__main__":
    main()
