"""How a training stands, as a value that grows with each event of its run."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from enum import StrEnum
from pathlib import Path
from typing import TypeVar

from yowo_core.events import (
    Classes,
    Evaluated,
    Event,
    Failed,
    Finished,
    Notice,
    Progress,
    Started,
    TrainLoss,
)


class Phase(StrEnum):
    """What a training is doing, or how it ended."""

    PREPARING = "preparing"
    DECODING = "decoding"
    TRAINING = "training"
    STOPPING = "stopping"
    FINISHED = "finished"
    STOPPED = "stopped"
    FAILED = "failed"
    DISCARDED = "discarded"

    @property
    def over(self) -> bool:
        """Whether nothing more will happen."""
        return self in (Phase.FINISHED, Phase.STOPPED, Phase.FAILED, Phase.DISCARDED)


@dataclass(frozen=True)
class LossPoint:
    """Mean losses up to an update: the weighted sum, and its terms box, cls and dfl."""

    update: int
    total: float
    box: float
    cls: float
    dfl: float


@dataclass(frozen=True)
class MapPoint:
    """Frame-mAP at IoU 0.5 in percent on the held-out part after an update; best when it led."""

    update: int
    epoch: int
    value: float
    best: bool = False


@dataclass(frozen=True)
class TrainingState:
    """Everything that a view of a training shows.

    epoch counts from 1, 0 before the first; update and updates are those made and those planned.
    stage says what is counted by done of total: videos while it prepares, else frames or updates;
    rate is how many of them (clips while training) a second. before and best are frame-mAP in
    percent, None while unknown. kept, fresh and dropped name classes. frames counts what is learnt
    from and held out, boxes what is learnt from a class; both are empty after a restart. message
    is why it failed. Once it is over: can_go_on tells whether it can be taken up again,
    has_weights whether a model can come of it, registered whether that is in the project.
    """

    run_dir: Path
    phase: Phase = Phase.PREPARING
    epoch: int = 0
    epochs: int = 0
    update: int = 0
    updates: int = 0
    stage: str = ""
    done: int = 0
    total: int = 0
    losses: tuple[LossPoint, ...] = ()
    maps: tuple[MapPoint, ...] = ()
    before: float | None = None
    best: float | None = None
    per_class_before: dict[str, float] = field(default_factory=dict)
    per_class_best: dict[str, float] = field(default_factory=dict)
    rate: float = 0.0
    seconds_left: float = 0.0
    notices: tuple[str, ...] = ()
    kept: tuple[str, ...] = ()
    fresh: tuple[str, ...] = ()
    dropped: tuple[str, ...] = ()
    frames: tuple[int, int] | None = None
    boxes: dict[str, int] = field(default_factory=dict)
    message: str = ""
    can_go_on: bool = False
    has_weights: bool = False
    registered: bool = False


def after(state: TrainingState, event: Event) -> TrainingState:
    """The state once an event has happened."""
    if isinstance(event, Finished | Failed):
        return _ended(state, event)
    if isinstance(event, Progress):
        return _progressed(state, event)
    if isinstance(event, TrainLoss):
        return _learnt(state, event)
    if isinstance(event, Evaluated):
        return _measured(state, event)
    return _told(state, event)


def replayed(run_dir: Path, events: Iterable[Event]) -> TrainingState:
    """The state after a whole run's events. One that broke off stands as stopped."""
    state = TrainingState(run_dir)
    for event in events:
        state = after(state, event)
    return state if state.phase.over else replace(state, phase=Phase.STOPPED, seconds_left=0.0)


def _ended(state: TrainingState, event: Finished | Failed) -> TrainingState:
    if isinstance(event, Failed):
        return replace(state, phase=Phase.FAILED, message=event.message, seconds_left=0.0)
    phase = Phase.STOPPED if event.stopped else Phase.FINISHED
    # the newest updates were told as progress, which a run folder does not keep
    made = event.facts.get("updates")
    update = made if isinstance(made, int) else state.update
    return replace(state, phase=phase, update=update, seconds_left=0.0)


def _told(state: TrainingState, event: Started | Classes | Notice) -> TrainingState:
    if isinstance(event, Started):
        return _started(state, event)
    if isinstance(event, Notice):
        if event.message in state.notices[-1:]:
            return state
        return replace(state, notices=(*state.notices, event.message))
    return replace(state, kept=event.kept, fresh=event.fresh, dropped=event.dropped)


def _started(state: TrainingState, event: Started) -> TrainingState:
    """A run that goes on repeats what came after it was saved last: those points come anew."""
    return replace(
        state,
        phase=Phase.TRAINING,
        update=event.resumed_at,
        updates=event.total,
        stage="training",
        done=event.resumed_at,
        total=event.total,
        losses=_until(state.losses, event.resumed_at),
        maps=_until(state.maps, event.resumed_at),
        message="",
    )


def _progressed(state: TrainingState, event: Progress) -> TrainingState:
    phase = Phase.DECODING if event.stage in ("loading", "decoding") else Phase.TRAINING
    return replace(
        state,
        phase=state.phase if state.phase is Phase.STOPPING else phase,
        update=event.done if event.stage == "training" else state.update,
        stage=event.stage,
        done=event.done,
        total=event.total,
        rate=event.rate,
        seconds_left=event.seconds_left,
    )


def _learnt(state: TrainingState, event: TrainLoss) -> TrainingState:
    point = LossPoint(event.update, event.total, event.box, event.cls, event.dfl)
    losses = (*_until(state.losses, event.update - 1), point)
    return replace(
        state, epoch=event.epoch, epochs=event.epochs, update=event.update, losses=losses
    )


def _measured(state: TrainingState, event: Evaluated) -> TrainingState:
    point = MapPoint(event.update, event.epoch, event.frame_map, event.best)
    # a run that goes on tells its last figure once more
    maps, classes = (*_until(state.maps, event.update - 1), point), dict(event.per_class)
    if event.when == "before":
        return replace(state, maps=maps, before=event.frame_map, per_class_before=classes)
    if not event.best:
        return replace(state, maps=maps)
    return replace(state, maps=maps, best=event.frame_map, per_class_best=classes)


P = TypeVar("P", LossPoint, MapPoint)


def _until(points: tuple[P, ...], update: int) -> tuple[P, ...]:
    return points if not points or points[-1].update <= update else _before(points, update)


def _before(points: tuple[P, ...], update: int) -> tuple[P, ...]:
    return tuple(p for p in points if p.update <= update)
