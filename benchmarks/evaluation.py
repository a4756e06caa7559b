"""How long evaluating and linking large sets takes, and how much memory.

    python -m benchmarks.evaluation [--detections 1000000]

Made-up people walk through one video of 36,000 frames; a detector sees most of them, and noise.
Times are of the processor, in seconds; memory is the most that was resident, in MB of 10^6 bytes.
Linking is YOWO's (equation 12, three paths a class) and ours (actors, cut into actions).
"""

import argparse
import resource
import sys
import time
from collections.abc import Callable
from fractions import Fraction
from functools import partial
from typing import TypeVar

import numpy as np

from yowo_core.annotations import Label, Video
from yowo_core.evaluate.comparison import Comparison
from yowo_core.evaluate.frame_ap import FlatBoxes, frame_ap
from yowo_core.evaluate.protocols import protocol
from yowo_core.evaluate.tube_ap import OFFICIAL, TubeRule
from yowo_core.evaluate.video_map import found_tubes

T = TypeVar("T")

FRAMES, CLASSES, TUBES = 36_000, 24, 2_000
WIDTH, HEIGHT = 1280.0, 720.0


def walkers(rng: np.random.Generator, boxes: int) -> FlatBoxes:
    """So many boxes of TUBES people, each of one class, who walk on straight lines."""
    each = boxes // TUBES
    start = rng.integers(0, FRAMES - each, TUBES)
    frames = (start[:, None] + np.arange(each)).reshape(-1)
    corner = rng.uniform(0, [WIDTH - 200, HEIGHT - 300], (TUBES, 2))
    step = rng.normal(0, 0.3, (TUBES, 2))
    places = corner[:, None] + step[:, None] * np.arange(each)[None, :, None]
    size = rng.uniform(40, 200, (TUBES, 1, 2)) * np.ones((1, each, 1))
    whole = np.concatenate((places, places + size), -1).reshape(-1, 4)
    label = np.repeat(rng.integers(0, CLASSES, TUBES), each)
    run = np.repeat(np.arange(TUBES), each)
    return FlatBoxes(frames, whole, label, np.ones(len(frames)), run)


def seen(rng: np.random.Generator, truth: FlatBoxes, count: int) -> FlatBoxes:
    """So many detections: the truth moved a little, twice as many, half of them without sense."""
    chosen = rng.integers(0, len(truth), count)
    chosen[: min(count, len(truth))] = np.arange(min(count, len(truth)))
    boxes = truth.boxes[chosen] + rng.normal(0, 4, (count, 4))
    noise = np.arange(count) >= len(truth)
    boxes[noise] += rng.uniform(-300, 300, (int(noise.sum()), 1))
    score = np.where(noise, rng.uniform(0.005, 0.3, count), rng.uniform(0.2, 1, count))
    order = np.argsort(truth.frame_key[chosen], kind="stable")
    places = chosen[order]
    return FlatBoxes(truth.frame_key[places], boxes[order], truth.label[places], score[order])


def told(what: str, work: Callable[[], T]) -> T:
    """Do it and print its time and the memory of the process so far."""
    began = time.process_time()
    result = work()
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e6
    sys.stdout.write(f"{what:48} {time.process_time() - began:7.1f} s {most:8.0f} MB\n")
    sys.stdout.flush()
    return result


def main() -> None:
    """See the module."""
    parser = argparse.ArgumentParser(description="Evaluate and link large sets.")
    parser.add_argument("--detections", type=int, default=1_000_000)
    count = parser.parse_args().detections
    rng = np.random.default_rng(0)
    truth = walkers(rng, count // 2)
    found = seen(rng, truth, count)
    classes = tuple(Label(i, f"class {i}") for i in range(CLASSES))
    names = tuple(label.name for label in classes)
    video = Video("made up", int(WIDTH), int(HEIGHT), FRAMES, Fraction(30))
    compared = Comparison(truth, found, names, CLASSES, (video,))
    result = told(f"frame-mAP of {count:,} against {len(truth):,}", lambda: frame_ap(truth, found))
    sys.stdout.write(f"  mAP {result.map or 0:.3f}\n")
    for name, rule in (("", TubeRule()), ("yowo", OFFICIAL)):
        how = protocol(name)
        tubes = told(f"linking {count:,}, {how.link}", partial(found_tubes, compared, how, rule))
        sys.stdout.write(f"  {sum(len(v) for v in tubes.values())} tubes\n")


if __name__ == "__main__":
    main()
