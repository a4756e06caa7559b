"""YOWO's link: the best paths of one class through a whole video (YOWO, section 3.3).

Knows nothing of when an action begins or ends: every path goes through all frames. The link of
actors (`yowo_core/tubes/link.py`) does; this one is what published video-mAPs were measured with.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from yowo_core.errors import ConfigError

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True)
class ViterbiConfig:
    """Equation 12: s = psi (s1 + s2 + product s1 s2 + overlap IoU) for boxes of two frames.

    With touching psi is 0 for two boxes that do not overlap, as the paper says; the official code
    leaves psi away. most paths are taken, each box once. inclusive: sides are one pixel longer
    than the difference of their coordinates, as in the official code.
    """

    product: float = 0.5
    overlap: float = 1.0
    touching: bool = False
    most: int = 3
    inclusive: bool = True

    def __post_init__(self) -> None:
        """Refuse weights that would reward what is worse."""
        if min(self.product, self.overlap) < 0 or self.most < 1:
            raise ConfigError(
                f"Linking: product {self.product} and overlap {self.overlap} cannot be negative, "
                f"and at least one path has to be taken, not {self.most}."
            )


@dataclass(frozen=True, eq=False)
class ClassPath:
    """One path: boxes (F, 4) and scores (F,) of every frame, score their mean."""

    boxes: Floats
    scores: Floats

    @property
    def score(self) -> float:
        """How sure the path is, the mean of its boxes' scores."""
        return float(self.scores.mean())


def best_paths(
    boxes: Sequence[Floats], scores: Sequence[Floats], config: ViterbiConfig
) -> list[ClassPath]:
    """The best paths of one class, best first, each without the boxes of those before.

    boxes: (N, 4) a frame, for every frame of the video; scores: (N,) of that class. A frame
    without any gets the boxes of the nearest one that has some, the earlier of two. No path when
    no frame has a box; none any more when a frame has run out of them.
    """
    filled = _filled([len(part) for part in boxes])
    if filled is None:
        return []
    every = [np.asarray(boxes[i], np.float64) for i in filled]
    sure = [np.asarray(scores[i], np.float64) for i in filled]
    links = [
        link_scores((a, s), (b, t), config)
        for a, b, s, t in zip(every, every[1:], sure, sure[1:], strict=False)
    ]
    left = [np.ones(len(part), np.bool_) for part in every]
    paths: list[ClassPath] = []
    while len(paths) < config.most and all(part.any() for part in left):
        path = _best(links, left)
        for free, index in zip(left, path, strict=True):
            free[index] = False
        paths.append(
            ClassPath(
                np.array([part[i] for part, i in zip(every, path, strict=True)]),
                np.array([part[i] for part, i in zip(sure, path, strict=True)]),
            )
        )
    return paths


def link_scores(
    first: tuple[Floats, Floats], second: tuple[Floats, Floats], config: ViterbiConfig
) -> Floats:
    """Equation 12 for every pair of two frames: boxes (N, 4), (M, 4) with scores -> (N, M)."""
    iou = overlaps(first[0], second[0], inclusive=config.inclusive)
    one, two = first[1][:, None], second[1][None, :]
    score = one + two + config.product * one * two + config.overlap * iou
    return np.where(iou > 0, score, 0.0) if config.touching else np.asarray(score)


def overlaps(first: Floats, second: Floats, *, inclusive: bool) -> Floats:
    """IoU of every pair, (N, 4), (M, 4) -> (N, M); inclusive boxes end on their last pixel."""
    more = 1.0 if inclusive else 0.0
    low = np.maximum(first[:, None, :2], second[None, :, :2])
    high = np.minimum(first[:, None, 2:], second[None, :, 2:])
    inter = np.maximum(high - low + more, 0).prod(-1)
    areas = [np.maximum(b[:, 2:] - b[:, :2] + more, 0).prod(-1) for b in (first, second)]
    union = areas[0][:, None] + areas[1][None, :] - inter
    return np.asarray(np.divide(inter, union, out=np.zeros_like(inter), where=union > 0))


def _filled(counts: list[int]) -> list[int] | None:
    """For each frame the one whose boxes stand for it; None when none has any."""
    full = np.flatnonzero(counts)
    if not len(full):
        return None
    return [int(full[np.argmin(np.abs(full - i))]) for i in range(len(counts))]


def _best(links: list[Floats], left: list[NDArray[np.bool_]]) -> list[int]:
    """The path of the largest sum of links among the boxes that are left, by Viterbi."""
    ahead = np.where(left[-1], 0.0, -np.inf)
    following: list[Ints] = []
    for link, free in zip(reversed(links), reversed(left[:-1]), strict=True):
        total = link + ahead[None, :]
        choice = total.argmax(1)
        following.append(choice)
        ahead = np.where(free, total[np.arange(len(total)), choice], -np.inf)
    path = [int(ahead.argmax())]
    for choice in reversed(following):
        path.append(int(choice[path[-1]]))
    return path
