"""From a network's decoded boxes and scores to detections in source pixels; free of torch."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from yowo_core.boxes import clip_to, suppress
from yowo_core.errors import ConfigError
from yowo_core.structures import Detections


@dataclass(frozen=True)
class PostprocessConfig:
    """Boxes below min_score go; then, without regard to class, the best box of each actor stays.

    One actor gives one box with all its action scores: an actor's actions are several at once.
    """

    min_score: float = 0.005
    iou: float = 0.5
    candidates: int = 300
    most: int = 100

    def __post_init__(self) -> None:
        """Refuse thresholds outside 0..1."""
        if not 0 <= self.min_score <= 1 or not 0 < self.iou <= 1:
            raise ConfigError(f"Thresholds must lie in 0..1: {self.min_score}, {self.iou}.")


def to_detections(
    boxes: NDArray[np.float32],
    scores: NDArray[np.float32],
    size: tuple[int, int],
    input_size: int,
    config: PostprocessConfig,
) -> Detections:
    """Boxes (A, 4) in input pixels, scores (A, C) -> detections in a source of size (w, h)."""
    actor = scores.max(1)
    order = np.argsort(-actor, kind="stable")[: config.candidates]
    order = order[actor[order] >= config.min_score]
    kept = order[suppress(boxes[order], actor[order], config.iou)][: config.most]
    factor = np.array([size[0], size[1]] * 2, np.float32) / input_size
    scaled = clip_to(boxes[kept] * factor, *size)
    real = (scaled[:, 2:] > scaled[:, :2]).all(1)
    return Detections(scaled[real].astype(np.float32), scores[kept][real].astype(np.float32))
