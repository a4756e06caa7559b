"""The state of a training after its events, worked by hand."""

from pathlib import Path

from app.services.training_state import LossPoint, MapPoint, Phase, TrainingState, after, replayed
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

RUN = Path("/run")


def loss(update: int, total: float) -> TrainLoss:
    return TrainLoss(update, 1 + update // 10, 3, total, 1.0, 2.0, 3.0, 1e-3)


STORY: list[Event] = [
    Progress(5, 50, 25.0, 1.8, "decoding"),
    Classes(("walk",), ("read",), ("run",)),
    Started("train", 30),
    Evaluated(0, 0, 40.0, {"walk": 40.0}, "before"),
    loss(5, 9.0),
    Progress(5, 30, 16.0, 12.5, "training"),
    loss(10, 8.0),
    Evaluated(10, 1, 55.0, {"walk": 50.0, "read": 60.0}, "epoch", True),
    loss(15, 7.0),
    Evaluated(20, 2, 54.0, {"walk": 54.0}, "epoch", False),
    Notice("hm"),
]


def told(events: list[Event]) -> TrainingState:
    state = TrainingState(RUN)
    for event in events:
        state = after(state, event)
    return state


def test_decoding_comes_first() -> None:
    state = told(STORY[:1])
    assert (state.phase, state.done, state.total, state.rate) == (Phase.DECODING, 5, 50, 25.0)


def test_curves_figures_and_classes_grow_with_the_events() -> None:
    state = told(STORY)
    assert state.phase is Phase.TRAINING
    assert (state.epoch, state.epochs, state.done, state.total) == (2, 3, 5, 30)
    assert state.losses[0] == LossPoint(5, 9.0, 1.0, 2.0, 3.0)
    assert [p.update for p in state.losses] == [5, 10, 15]
    assert state.maps == (MapPoint(0, 0, 40.0), MapPoint(10, 1, 55.0, True), MapPoint(20, 2, 54.0))
    assert (state.before, state.best) == (40.0, 55.0)
    assert state.per_class_before == {"walk": 40.0}
    assert state.per_class_best == {"walk": 50.0, "read": 60.0}
    assert (state.kept, state.fresh, state.dropped) == (("walk",), ("read",), ("run",))
    assert state.notices == ("hm",)
    assert state.seconds_left == 12.5


def test_it_ends_finished_stopped_or_failed() -> None:
    assert told([*STORY, Finished("best")]).phase is Phase.FINISHED
    assert told([*STORY, Finished("best", stopped=True)]).phase is Phase.STOPPED
    failed = told([*STORY, Failed("The loss is no number.")])
    assert (failed.phase, failed.message) == (Phase.FAILED, "The loss is no number.")
    assert all(p.over for p in (Phase.FINISHED, Phase.STOPPED, Phase.FAILED, Phase.DISCARDED))
    assert not any(p.over for p in (Phase.PREPARING, Phase.DECODING, Phase.TRAINING))


def test_going_on_repeats_the_broken_epoch_only_once() -> None:
    again: list[Event] = [Started("train", 30, resumed_at=10), loss(15, 6.0)]
    state = replayed(RUN, [*STORY, *again, Finished("best")])
    assert [(p.update, p.total) for p in state.losses] == [(5, 9.0), (10, 8.0), (15, 6.0)]
    assert [p.update for p in state.maps] == [0, 10]
    assert state.phase is Phase.FINISHED


def test_a_run_that_broke_off_stands_as_stopped() -> None:
    assert replayed(RUN, STORY).phase is Phase.STOPPED
    assert replayed(RUN, STORY).seconds_left == 0.0


def test_a_late_progress_does_not_undo_the_wish_to_stop() -> None:
    stopping = TrainingState(RUN, Phase.STOPPING)
    assert after(stopping, Progress(6, 30, 1.0, 1.0, "training")).phase is Phase.STOPPING


def test_a_run_that_was_stopped_stands_at_its_last_update() -> None:
    facts = {"updates": 2}
    told: list[Event] = [
        Started("train", 12, 0),
        Finished("best.safetensors", stopped=True, facts=facts),
    ]
    state = replayed(RUN, told)
    assert (state.update, state.phase) == (2, Phase.STOPPED)
