"""Fine-tunes and their project: what a restart finds, and whose model it becomes."""

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import pytest
from pytestqt.qtbot import QtBot
from safetensors.numpy import save_file

from app.domain.project import ModelRecord, RunKind, RunRecord, RunState
from app.services import job_runner
from app.services.background import Background
from app.services.fine_tunes import FineTunes, number_of
from app.services.job_runner import JobRunner
from app.services.project_service import ProjectService
from app.services.training import Phase, Training
from app.services.training_result import keep_result
from yowo_core.event_log import EVENTS
from yowo_core.events import (
    Evaluated,
    Event,
    Failed,
    Finished,
    Progress,
    Started,
    TrainLoss,
    to_line,
)
from yowo_core.folder_lock import locked
from yowo_core.models.card import ModelCard
from yowo_core.models.variants import variant

WAIT = 60_000
BEGUN = (
    Started("train", 40),
    Evaluated(0, 0, 40.0, {}, "before"),
    TrainLoss(5, 1, 4, 2.0, 1.0, 0.5, 0.5, 1e-3),
    Evaluated(10, 1, 60.0, {}, "epoch", True),
    TrainLoss(15, 2, 4, 1.5, 1.0, 0.25, 0.25, 1e-3),
)
WHOLE = (*BEGUN, Finished("best.safetensors"))


def _folder(folder: Path, events: Sequence[Event], *, weights: bool = True) -> Path:
    """A run folder as a training leaves it."""
    folder.mkdir(parents=True)
    for name in ("manifest.json", "config.json"):
        (folder / name).write_text("{}")
    text = "".join(to_line(event) + "\n" for event in events)
    (folder / EVENTS).write_text(text + '{"event": "train_l')
    facts = {"held_out_frame_map": 60.0, "epoch": 1, "updates": 10}
    card = ModelCard(variant("yowov3-tiny").config(2), ("walk", "read"), facts)
    if weights:
        save_file({"w": np.zeros(1)}, folder / "best.safetensors", card.as_metadata())
    return folder


class Place:
    """A project, its fine-tunes, and what they tell."""

    def __init__(self, folder: Path, runner: JobRunner, background: Background) -> None:
        self.folder = folder
        self.project = ProjectService("somebody")
        self.training = Training(runner, background)
        self.tunes = FineTunes(self.project, self.training, background)
        self.models: list[tuple[str, bool]] = []
        self.cut_off: list[RunRecord] = []
        self.told: list[str] = []
        self.tunes.registered.connect(self._registered)
        self.tunes.cut_off.connect(self.cut_off.append)
        self.tunes.told.connect(self.told.append)
        assert self.project.create(folder / "till.yowo")

    def _registered(self, model: ModelRecord, seen: bool) -> None:
        self.models.append((model.name, seen))

    def run(self, name: str, events: Sequence[Event], *, weights: bool = True) -> RunRecord:
        """A fine-tune that nobody saw the end of."""
        folder = _folder(self.folder / "till.runs" / name, events, weights=weights)
        number = 1 + len(self.project.runs())
        title = f"Fine-tune {number} of Demo"
        run = self.project.add_run(RunKind.TRAIN, title, folder, None, "demo")
        assert run is not None
        return run

    def states(self) -> list[RunState]:
        return [run.state for run in self.project.runs()]


@pytest.fixture
def place(
    qtbot: QtBot, tmp_path: Path, runner: JobRunner, background: Background
) -> Iterator[Place]:
    made = Place(tmp_path, runner, background)
    yield made
    made.project.close()


def test_one_that_was_cut_off_shows_its_curves_and_can_go_on(qtbot: QtBot, place: Place) -> None:
    run = place.run("train-1", BEGUN)
    place.tunes.opened()
    qtbot.waitUntil(lambda: bool(place.cut_off), timeout=WAIT)
    assert [found.id for found in place.cut_off] == [run.id]
    assert place.states() == [RunState.STOPPED]
    state = place.training.state
    assert state is not None
    assert (state.phase, state.can_go_on, state.registered) == (Phase.STOPPED, True, False)
    assert [p.update for p in state.losses] == [5, 15]
    assert [p.value for p in state.maps] == [40.0, 60.0]
    assert place.tunes.number == 1


def test_one_that_ended_unseen_becomes_a_model_once(qtbot: QtBot, place: Place) -> None:
    run = place.run("train-1", WHOLE)
    place.tunes.opened()
    qtbot.waitUntil(lambda: bool(place.models), timeout=WAIT)
    assert place.models == [("Fine-tune 1", False)]
    assert place.states() == [RunState.FINISHED]
    (model,) = place.project.models()
    assert (model.run_id, model.parent_uid) == (run.id, "demo")
    assert model.metrics == {"before_frame_map": 40.0, "after_frame_map": 60.0}
    assert model.path.parent == place.folder / "till.runs" / "models"
    # as if it had been killed between the two
    place.project.set_run_state(run.id, RunState.RUNNING)
    place.tunes.opened()
    qtbot.waitUntil(lambda: place.states() == [RunState.FINISHED], timeout=WAIT)
    assert len(place.project.models()) == 1


@pytest.mark.parametrize(
    ("events", "words"),
    [
        ((*BEGUN, Failed("The loss is no longer a number.")), "no longer a number"),
        ((), "was cut off"),
    ],
)
def test_one_that_failed_says_why_and_goes_on_when_it_can(
    qtbot: QtBot, place: Place, events: Sequence[Event], words: str
) -> None:
    place.run("train-1", events)
    place.tunes.opened()
    qtbot.waitUntil(lambda: RunState.RUNNING not in place.states(), timeout=WAIT)
    state = place.training.state
    assert state is not None
    assert state.can_go_on
    assert place.cut_off
    assert words in (state.message or "was cut off")


def test_one_that_was_cut_off_before_it_said_anything_can_begin(qtbot: QtBot, place: Place) -> None:
    run = place.run("train-1", (), weights=False)
    (run.folder / EVENTS).unlink()
    place.tunes.opened()
    qtbot.waitUntil(lambda: bool(place.cut_off), timeout=WAIT)
    assert place.states() == [RunState.STOPPED]
    state = place.training.state
    assert state is not None
    assert (state.can_go_on, state.losses) == (True, ())


@pytest.fixture
def reads_videos(monkeypatch: pytest.MonkeyPatch) -> None:
    """Lets jobs be a trainer that decodes until it is told to stop."""
    progress, stopped = Progress(1, 9, 1.0, 8.0, "decoding"), Finished("", stopped=True)
    code = f"import sys; print({to_line(progress)!r}, flush=True); sys.stdin.readline();"
    command = [sys.executable, "-c", code + f"print({to_line(stopped)!r})"]
    monkeypatch.setattr(job_runner, "worker_command", lambda _name: command)


@pytest.mark.usefixtures("reads_videos")
@pytest.mark.parametrize("paused", [False, True])
def test_one_whose_window_closed_before_it_learnt_anything_is_offered_again(
    qtbot: QtBot, place: Place, runner: JobRunner, background: Background, paused: bool
) -> None:
    run = place.run("train-1", (), weights=False)
    place.tunes.opened()
    qtbot.waitUntil(lambda: bool(place.cut_off), timeout=WAIT)
    assert place.tunes.go_on()
    training = place.training
    qtbot.waitUntil(lambda: training.state is not None and training.state.total == 9, timeout=WAIT)
    if paused:  # a person wants it to stand still: then it is only shown
        training.pause()
    place.tunes.leave()
    runner.shutdown()
    again = FineTunes(place.project, Training(JobRunner(), background), background)
    offered: list[RunRecord] = []
    again.cut_off.connect(offered.append)
    again.opened()
    qtbot.waitUntil(lambda: again.number == 1, timeout=WAIT)
    assert [found.id for found in offered] == ([] if paused else [run.id])
    assert place.states() == [RunState.STOPPED]


def test_one_whose_folder_is_gone_is_told(qtbot: QtBot, place: Place) -> None:
    gone = place.folder / "till.runs" / "train-9"
    place.project.add_run(RunKind.TRAIN, "Fine-tune 1 of Demo", gone, None, "demo")
    place.tunes.opened()
    qtbot.waitUntil(lambda: place.states() == [RunState.FAILED], timeout=WAIT)
    assert place.told == [
        f"Fine-tune 1 of Demo cannot go on: its folder {gone} is not there any more."
    ]


def test_one_that_still_saves_is_left_alone(qtbot: QtBot, place: Place) -> None:
    run = place.run("train-1", BEGUN)
    other = place.run("train-2", BEGUN)
    with locked(run.folder):
        place.tunes.opened()
        qtbot.waitUntil(lambda: bool(place.cut_off), timeout=WAIT)
    assert [found.id for found in place.cut_off] == [other.id]
    assert place.states() == [RunState.RUNNING, RunState.STOPPED]


def test_a_result_for_a_project_that_is_closed_waits_for_it(qtbot: QtBot, place: Place) -> None:
    run = place.run("train-1", WHOLE)
    place.tunes.opened()
    qtbot.waitUntil(lambda: bool(place.models), timeout=WAIT)
    state = place.training.state
    assert state is not None
    assert place.project.create(place.folder / "other.yowo")
    assert place.tunes.elsewhere == "till.yowo"
    place.training.finished.emit(keep_result(state, stopped=False))
    assert place.project.models() == []
    assert place.told == ["Fine-tune 1 is ready; it joins till.yowo when that is opened."]
    assert run.folder.is_dir()


def test_a_discarded_one_leaves_no_row(qtbot: QtBot, place: Place) -> None:
    run = place.run("train-1", BEGUN)
    place.tunes.opened()
    qtbot.waitUntil(lambda: bool(place.cut_off), timeout=WAIT)
    place.training.discard()
    qtbot.waitUntil(lambda: place.states() == [], timeout=WAIT)
    assert not run.folder.exists()


def test_numbers_are_read_from_names() -> None:
    assert number_of("Fine-tune 12 of Fine-tune 3") == 12
    assert number_of("Fine-tune of Demo") == 0
