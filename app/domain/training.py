"""What a fine-tune can learn from, and what a person asked of it."""

from dataclasses import dataclass

from yowo_core.train.config import TrainConfig

ENOUGH_TUBES = 20
"""With fewer confirmed tubes of an action little can be expected from learning it."""


@dataclass(frozen=True)
class LearningCount:
    """What there is to learn one action from: confirmed tubes, their boxes, held-out frames."""

    name: str
    tubes: int
    boxes: int
    held_out_frames: int = 0


@dataclass(frozen=True)
class FineTunePlan:
    """What a person asked for: the model to start from, how to train, the share kept to measure.

    base_model: id of the ModelRecord. held_out: share of the labelled material, in 0..1, that is
    not trained on. config.base is still empty: whoever starts the run fills in the file.
    """

    base_model: int
    config: TrainConfig
    held_out: float
