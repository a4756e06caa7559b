"""What models take and give: detections in source pixels, and the clip's key-frame convention."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, eq=False)
class Detections:
    """Actors found in one frame, each with a score for every action.

    boxes: (N, 4) float32 x1, y1, x2, y2 in the pixels of the source frame.
    scores: (N, C) float32 in 0..1, one column a class of the model, several may be high at once.
    """

    boxes: NDArray[np.float32]
    scores: NDArray[np.float32]

    def __len__(self) -> int:
        return len(self.boxes)

    @property
    def actor_scores(self) -> NDArray[np.float32]:
        """(N,) float32: how sure the model is that someone acts here, the largest action score."""
        if self.scores.size == 0:
            return np.zeros(len(self.boxes), dtype=np.float32)
        return np.asarray(self.scores.max(axis=1))

    def above(self, threshold: float) -> "Detections":
        """The detections whose actor score is at least the threshold."""
        keep = self.actor_scores >= threshold
        return Detections(self.boxes[keep], self.scores[keep])

    @staticmethod
    def none(classes: int) -> "Detections":
        """No detections of a model with that many classes."""
        return Detections(np.zeros((0, 4), np.float32), np.zeros((0, classes), np.float32))
