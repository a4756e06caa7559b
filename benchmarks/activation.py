"""Where the 3D branch looks: how much of its map lies on what moves, against how large that is.

    python -m benchmarks.activation            a network that learns it here, in a few minutes
    python -m benchmarks.activation --demo     the demo model on its own clip

Made clips show equal squares, of which one moves; only that one is an actor, so that the class
needs motion. A network that is new learns it. In the demo clip the frames with one walker count,
whose box a person drew. Beside our maps stand those of Grad-CAM (Selvaraju et al. 2017), which
weigh every place alike, from the same pass, and the maps of a network that has learnt nothing.
"""

import argparse
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from yowo_core.annotations import FrameRange
from yowo_core.assign.tal import Truth
from yowo_core.formats import yowo_csv
from yowo_core.infer.activation import Weighed, joined, placed, share_inside, weigh
from yowo_core.infer.pipeline import ClipChoice, clips
from yowo_core.input_spec import InputSpec
from yowo_core.losses.tal import TALLossConfig, tal_loss
from yowo_core.models.configs.yowov3 import YOWOv3Config
from yowo_core.models.create import build
from yowo_core.models.detector import Detector
from yowo_core.models.shelf import find_model
from yowo_core.models.weights import load_model
from yowo_core.train.update import channels_last
from yowo_core.tubes.interpolate import box_at
from yowo_core.video import open_video
from yowo_core.video.clips import normalised

SPEC = InputSpec(length=8, size=224)
CONFIG = YOWOv3Config("n", "shufflenetv2", 0.25, 32, 1, SPEC)
SIDE, SLOT = 72, 112
"""Of a square, and of the quarter of the picture that it has for itself, in pixels."""
FASTEST, SLOWEST = 5, 3
"""Pixels a frame."""
BATCH, UPDATES, RATE = 4, 300, 2e-3
TESTED = 40
WALK = "walk"
DEMO = Path(__file__).resolve().parents[1] / "resources" / "demo"


@dataclass(frozen=True)
class Made:
    """A clip (T, S, S, 3) uint8, the place of its key frame, and the mover's box there."""

    clip: NDArray[np.uint8]
    place: int
    box: tuple[int, int, int, int]


def make(rng: np.random.Generator) -> Made:
    """Four equal squares with a grain of their own on another grain; one of them moves."""
    length, size = SPEC.length, SPEC.size
    ground = rng.integers(60, 120, (size, size, 1)) + rng.integers(-15, 16, (1, 1, 3))
    square = rng.integers(90, 256, (SIDE, SIDE, 1)) * rng.uniform(0.6, 1.0, (1, 1, 3))
    moving, place = int(rng.integers(4)), int(rng.integers(length))
    way = _way(rng)
    clip = np.repeat(np.clip(ground, 0, 255)[None], length, 0).astype(np.uint8)
    boxes = []
    for number in range(4):
        corner = np.array([number % 2, number // 2]) * SLOT
        still = corner + rng.integers(0, SLOT - SIDE, 2)
        for frame in range(length):
            at = corner + way[frame] if number == moving else still
            x, y = (int(v) for v in at)
            clip[frame, y : y + SIDE, x : x + SIDE] = square
            if number == moving and frame == place:
                boxes.append((x, y, x + SIDE, y + SIDE))
    return Made(clip, place, boxes[0])


def _way(rng: np.random.Generator) -> NDArray[np.int64]:
    """Places (T, 2) of the mover in its quarter: along one side, there or back."""
    speed, axis = int(rng.integers(SLOWEST, FASTEST + 1)), int(rng.integers(2))
    room = SLOT - SIDE
    along = np.arange(SPEC.length) * speed + rng.integers(0, room - speed * (SPEC.length - 1) + 1)
    way = np.full((SPEC.length, 2), int(rng.integers(0, room)), np.int64)
    way[:, axis] = along if rng.integers(2) else along[::-1]
    return way


def learn(updates: int = UPDATES, seed: int = 0) -> Detector:
    """A new network that has seen made clips; says its loss now and then."""
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    network = build(CONFIG).train()
    channels_last(network)
    optimiser = torch.optim.AdamW(network.parameters(), RATE)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, RATE, updates)
    for update in range(updates):
        made = [make(rng) for _ in range(BATCH)]
        clip, key, truth = _batch(made)
        losses = tal_loss(network(clip, key), truth, TALLossConfig())
        optimiser.zero_grad()
        losses.total.backward()  # type: ignore[no-untyped-call]
        optimiser.step()
        schedule.step()
        if update % 25 == 0 or update == updates - 1:
            print(f"  update {update}: loss {float(losses.total.detach()):.2f}", flush=True)
    return network.eval()


def _batch(made: list[Made]) -> tuple[Tensor, Tensor, Truth]:
    inputs = [torch.from_numpy(normalised(m.clip, SPEC)) for m in made]
    key = torch.stack([x[:, m.place] for x, m in zip(inputs, made, strict=True)])
    boxes = torch.tensor([[m.box] for m in made], dtype=torch.float32)
    one = torch.ones(len(made), 1, 1)
    return torch.stack(inputs), key, Truth(boxes, one, one[..., 0].bool())


@dataclass(frozen=True)
class Shares:
    """Of one map: how much of ours and of Grad-CAM's lies in the box, and the box's own share."""

    ours: float
    averaged: float
    area: float


def averaged(features: Tensor, gradient: Tensor) -> Tensor:
    """Grad-CAM: each channel (1, K, H, W) weighs its mean gradient everywhere -> map (H, W)."""
    return (features * gradient.mean((2, 3), keepdim=True)).sum(1)[0].relu()


def shares(found: Weighed, branch: str, box: tuple[float, ...], size: int) -> Shares:
    """Of the map of a branch over an input of size pixels, in a box of its pixels."""
    ours, mean = (
        share_inside(joined([make_map(*part) for part in found.evidence[branch]], size), box)
        for make_map in (placed, averaged)
    )
    return Shares(ours, mean, (box[2] - box[0]) * (box[3] - box[1]) / size**2)


def on_made_clips(network: Detector, clips_tested: int = TESTED, seed: int = 1) -> list[Shares]:
    """Shares of the 3D map on the mover, in clips that the network has never seen."""
    rng = np.random.default_rng(seed)
    found = []
    for _ in range(clips_tested):
        made = make(rng)
        clip = torch.from_numpy(normalised(made.clip, SPEC))
        found.append(shares(weigh(network, clip, made.place, 0), "3d", made.box, SPEC.size))
    return found


def on_the_demo(branch: str, step: int) -> list[Shares]:
    """Shares of the demo model's map on the walker, in every step-th frame with one labelled."""
    network, card = load_model(find_model("demo"))
    spec, number = card.config.input, card.labels.index(WALK)
    found = []
    with open_video(DEMO / "one-by-one-person-detection.mp4") as reader:
        scale = np.array([spec.size / reader.width, spec.size / reader.height] * 2)
        for frame, box in list(_walkers())[::step]:
            for at in clips(reader, spec, FrameRange(frame, frame + 1), ClipChoice()):
                prepared = torch.from_numpy(normalised(at.clip, spec))
                weighed = weigh(network, prepared, at.places[0], number)
                inside = tuple(float(v) for v in np.asarray(box) * scale)
                found.append(shares(weighed, branch, inside, spec.size))
    return found


def _walkers() -> Iterator[tuple[int, tuple[float, ...]]]:
    """Labelled frames of the demo in which one person is and walks, with the box."""
    labelled = yowo_csv.read(DEMO / "labels.csv").annotations
    (walk,) = (label.id for label in labelled.labels if label.name == WALK)
    (video,) = labelled.videos
    for frame in range(video.frame_count):
        here = [(t, box_at(t, frame)) for t in video.tubes]
        there = [(t, at) for t, at in here if at is not None]
        if len(there) == 1:
            ((tube, at),) = there
            if any(s.label == walk and s.start <= frame < s.stop for s in tube.spans):
                yield frame, tuple(float(v) for v in at[0])


def _say(what: str, found: list[Shares]) -> None:
    ours, mean, area = (fmean(getattr(s, n) for s in found) for n in ("ours", "averaged", "area"))
    print(
        f"{what}: {ours:.0%} of the map in {area:.0%} of the picture "
        f"(Grad-CAM {mean:.0%}; {len(found)} clips)",
        flush=True,
    )


def main() -> None:
    """Print the shares."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--demo", action="store_true", help="the demo model on its own clip")
    parser.add_argument("--updates", type=int, default=UPDATES, help="of the learning")
    parser.add_argument(
        "--step", type=int, default=4, help="take every so many of the demo's frames"
    )
    given = parser.parse_args()
    if given.demo:
        for branch in ("3d", "2d"):
            _say(f"demo model, walker, {branch} map", on_the_demo(branch, given.step))
        return
    torch.manual_seed(0)
    _say("nothing learnt, mover, 3d map", on_made_clips(build(CONFIG).eval()))
    began = time.perf_counter()
    network = learn(given.updates)
    print(f"learnt {given.updates} updates of {BATCH} clips in {time.perf_counter() - began:.0f} s")
    _say("learnt, mover, 3d map", on_made_clips(network))


if __name__ == "__main__":
    main()
