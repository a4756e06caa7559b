"""Random seeks and steps on every kind of file, against OpenCV: how many frames are wrong.

Every frame carries its number; the truth is a plain decode from the beginning. Run:
python -m benchmarks.video_forms, or with --only "packed B" and so on.
"""

import argparse
import random
import statistics
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from av.error import FFmpegError
from numpy.typing import NDArray

from benchmarks.clip_forms import FORMS, number_in
from yowo_core.video import VideoReader, open_video
from yowo_core.video.container import open_container

Access = Callable[[int], NDArray[np.uint8] | None]
CACHE = 20 * 192 * 96 * 2  # bytes: about 20 pictures, so that most accesses have to decode
WALK = 50  # steps in one direction before the next walk begins elsewhere


@dataclass(frozen=True)
class Tally:
    """Wrong frames, and milliseconds an access."""

    wrong: int
    milliseconds: list[float]

    def cell(self) -> str:
        """Wrong / median / 95th percentile."""
        p95 = statistics.quantiles(self.milliseconds, n=20)[-1]
        return f"{self.wrong:>4} /{statistics.median(self.milliseconds):>5.1f} /{p95:>6.1f}"


def plain_numbers(path: Path) -> list[int]:
    """The numbers that a decode from the beginning shows."""
    container, stream = open_container(path)
    with container:
        numbers = []
        try:
            for frame in container.decode(stream):
                pixels = np.asarray(frame.to_ndarray(format="rgb24"), np.uint8)
                numbers.append(number_in(pixels))
        except FFmpegError:
            pass  # what was decoded until then is there
    return numbers


def seeks(count: int, frames: int) -> list[int]:
    """Frames at random."""
    chance = random.Random(11)
    return [chance.randrange(frames) for _ in range(count)]


def steps(count: int, frames: int) -> list[int]:
    """Walks of single steps, on and back in turn, from random frames."""
    chance, wanted = random.Random(12), list[int]()
    while len(wanted) < count:
        start, way = chance.randrange(frames), 1 if len(wanted) // WALK % 2 else -1
        wanted += [min(max(start + way * n, 0), frames - 1) for n in range(WALK)]
    return wanted[:count]


def tally(access: Access, wanted: Sequence[int], truth: Sequence[int]) -> Tally:
    """Do the accesses; a picture with another number than a plain decode shows is wrong."""
    wrong, taken = 0, []
    for index in wanted:
        began = time.perf_counter()
        picture = access(index)
        taken.append((time.perf_counter() - began) * 1000)
        wrong += picture is None or number_in(picture) != truth[index]
    return Tally(wrong, taken)


def opencv(path: Path) -> Access:
    """What most tools do: read on where the wish is the next frame, else set the frame number."""
    capture, following = cv2.VideoCapture(str(path)), 0

    def access(index: int) -> NDArray[np.uint8] | None:
        nonlocal following
        if index != following:
            capture.set(cv2.CAP_PROP_POS_FRAMES, index)
        following = index + 1
        found, picture = capture.read()
        return np.asarray(picture[..., ::-1], np.uint8) if found else None

    return access


def manner(video: VideoReader) -> str:
    """How the file is worked on."""
    return "working copy" if video.needs_proxy else "direct"


def compare(name: str, folder: Path, frames: int, accesses: int) -> None:
    """Make the file, try both readers, print one row."""
    path = folder / f"{name}{FORMS[name].ending}"
    made = FORMS[name].make(path, frames)
    truth = plain_numbers(path)
    if made not in ([], truth):
        raise ValueError(f"{name}: a plain decode does not show what was drawn")
    with open_video(path, CACHE) as video:
        said, wrong_length = manner(video), len(video) - len(truth)
        jumps, walks = seeks(accesses, len(truth)), steps(accesses, len(truth))
        ours = [tally(video.frame, wanted, truth).cell() for wanted in (jumps, walks)]
    peer = [tally(opencv(path), wanted, truth).cell() for wanted in (jumps, walks)]
    length = f"{wrong_length:+d} frames" if wrong_length else ""
    print(f"{name:<30}{said:<14}{' | '.join(ours)} || {' | '.join(peer)}  {length}", flush=True)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--frames", type=int, default=600)
    parser.add_argument("--accesses", type=int, default=1000)
    parser.add_argument("--only", nargs="*", choices=list(FORMS), default=list(FORMS))
    chosen = parser.parse_args()
    print(f"wrong of {chosen.accesses} / median / p95 ms: seeks | steps, ours || OpenCV")
    with tempfile.TemporaryDirectory() as folder:
        for name in chosen.only:
            compare(name, Path(folder), chosen.frames, chosen.accesses)


if __name__ == "__main__":
    main()
