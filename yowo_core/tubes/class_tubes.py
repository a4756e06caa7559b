"""Tubes of single actions that begin and end inside a video, for video-mAP.

Actors are linked without regard to what they do and over gaps; each of their actions is then cut
out in time where its score stands out from the rest of the actor's life. Any number of tubes of a
class may come of a video.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from yowo_core.errors import ConfigError
from yowo_core.structures import Detections
from yowo_core.tubes.link import LinkConfig, LinkedTube, link

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class FrameActors:
    """Boxes of a video by frame: frames (N,) ascending, boxes (N, 4), scores (N, C) in 0..1."""

    frames: Ints
    boxes: Floats
    scores: Floats


@dataclass(frozen=True, eq=False)
class ClassTube:
    """One action of one actor: label is its column, score the mean while it lasts."""

    label: int
    frames: Ints
    boxes: Floats
    score: float


@dataclass(frozen=True)
class ClassTubeConfig:
    """How actors become tubes of single actions.

    link: which boxes are one actor. smooth: width in frames of the mean over time. An action
    lasts while its smoothed score stays above share of its highest value in the actor's life,
    from the first frame to the last whose own score does. What is shorter than least frames, or
    never reaches floor, is no tube.
    """

    link: LinkConfig = field(
        default_factory=lambda: LinkConfig(start_score=0.05, high_score=0.05, low_score=0.01)
    )
    smooth: int = 9
    share: float = 0.35
    least: int = 3
    floor: float = 0.01

    def __post_init__(self) -> None:
        """Refuse shares outside 0..1."""
        if not 0 <= self.share < 1 or not 0 <= self.floor <= 1 or self.smooth < 1:
            raise ConfigError(
                f"Tubes: share {self.share} or floor {self.floor} is not in 0..1, or smooth "
                f"{self.smooth} is no width."
            )


def class_tubes(actors: FrameActors, config: ClassTubeConfig | None = None) -> list[ClassTube]:
    """Every action of every actor of a video."""
    how = config or ClassTubeConfig()
    found: list[ClassTube] = []
    for tube in link(_by_frame(actors), how.link):
        found.extend(_actions(tube, how))
    return found


def _by_frame(actors: FrameActors) -> Iterator[tuple[int, Detections]]:
    frames, starts = np.unique(actors.frames, return_index=True)
    stops = np.append(starts[1:], len(actors.frames))
    for frame, start, stop in zip(frames.tolist(), starts, stops, strict=True):
        boxes, scores = actors.boxes[start:stop], actors.scores[start:stop]
        yield frame, Detections(boxes.astype(np.float32), scores.astype(np.float32))


def _actions(tube: LinkedTube, how: ClassTubeConfig) -> Iterator[ClassTube]:
    frames, boxes, scores = _every_frame(tube)
    smooth = _smoothed(scores, how.smooth)
    highest = smooth.max(0)
    for label in np.flatnonzero(highest >= how.floor).tolist():
        inside = smooth[:, label] >= how.share * highest[label]
        edges = np.flatnonzero(np.diff(np.concatenate(([0], inside.view(np.int8), [0]))))
        for first, last in edges.reshape(-1, 2).tolist():
            own = np.flatnonzero(scores[first:last, label] >= how.share * highest[label])
            if not len(own) or own[-1] - own[0] + 1 < how.least:
                continue
            start, stop = first + int(own[0]), first + int(own[-1]) + 1
            score = float(scores[start:stop, label].mean())
            yield ClassTube(label, frames[start:stop], boxes[start:stop], score)


def _every_frame(tube: LinkedTube) -> tuple[Ints, Floats, Floats]:
    """All frames from the actor's first to the last, what lies between two boxes on the line."""
    frames = np.arange(tube.frames[0], tube.frames[-1] + 1)
    if len(frames) == len(tube.frames):
        return frames, tube.boxes, tube.scores
    columns = np.concatenate((tube.boxes, tube.scores), 1).T
    lines = np.stack([np.interp(frames, tube.frames, column) for column in columns], 1)
    return frames, lines[:, :4], lines[:, 4:]


def _smoothed(scores: Floats, width: int) -> Floats:
    """Centred mean over width frames, fewer at the ends: (F, C)."""
    sums = np.concatenate([np.zeros((1, scores.shape[1])), np.cumsum(scores, axis=0)])
    places = np.arange(len(scores))
    low, high = np.maximum(places - width // 2, 0), np.minimum(places + width // 2 + 1, len(scores))
    return np.asarray((sums[high] - sums[low]) / (high - low)[:, None])
