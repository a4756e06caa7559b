"""How a fine-tune stands: one value that the training service keeps and a panel shows."""

from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import NamedTuple

from yowo_core.train.config import TrainConfig

ENOUGH_TUBES = 20
"""With fewer confirmed tubes of an action little can be expected from learning it."""


class TrainingStatus(StrEnum):
    """Where a fine-tune is on its way; stopping: it was asked to stop and writes its best."""

    IDLE = "idle"
    PREPARING = "preparing"
    RUNNING = "running"
    STOPPING = "stopping"
    FINISHED = "finished"
    FAILED = "failed"


class LossPoint(NamedTuple):
    """Mean losses up to an update: their weighted sum and its parts."""

    update: int
    total: float
    box: float
    cls: float
    dfl: float


class MapPoint(NamedTuple):
    """Frame-mAP at IoU 0.5 in percent on the held-out part after an update."""

    update: int
    frame_map: float


@dataclass(frozen=True)
class TrainingState:
    """Everything that is known of the fine-tune that runs or ran last.

    epoch counts from 1 (0 before the first), done and total are updates, rate is clips a second,
    seconds_left is None while unknown. before and best are frame-mAP in percent on the held-out
    part; per_class_* holds the same by class name. kept and fresh name the classes that kept
    their rows of the base model and that start new. message is the sentence of a failure.
    stopped: it ended early because a person asked.
    """

    status: TrainingStatus = TrainingStatus.IDLE
    run: int = 0
    epoch: int = 0
    epochs: int = 0
    done: int = 0
    total: int = 0
    rate: float = 0.0
    seconds_left: float | None = None
    losses: tuple[LossPoint, ...] = ()
    maps: tuple[MapPoint, ...] = ()
    before: float | None = None
    best: float | None = None
    per_class_before: dict[str, float] = field(default_factory=dict)
    per_class_best: dict[str, float] = field(default_factory=dict)
    kept: tuple[str, ...] = ()
    fresh: tuple[str, ...] = ()
    notices: tuple[str, ...] = ()
    message: str = ""
    folder: Path | None = None
    stopped: bool = False

    @property
    def busy(self) -> bool:
        """Whether a process works on it, so that no second one may start."""
        return self.status in (
            TrainingStatus.PREPARING,
            TrainingStatus.RUNNING,
            TrainingStatus.STOPPING,
        )


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
