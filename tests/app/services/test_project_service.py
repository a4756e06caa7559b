from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from app.domain.history import HistoryState
from app.domain.project import Change, NewModel, NewVideo, RunKind, RunState
from app.editing.history import NOTHING
from app.editing.labels import AddLabel, RenameLabel
from app.editing.media import AddVideos
from app.editing.tubes import DeleteTubes
from app.services.project_service import ProjectService
from yowo_core.annotations import ActionSpan, Tube


class Heard:
    """What a service said, in order."""

    def __init__(self, service: ProjectService) -> None:
        self.changes: list[Change] = []
        self.sentences: list[str] = []
        self.doors: list[object] = []
        service.changed.connect(self.changes.append)
        service.failed.connect(self.sentences.append)
        service.opened.connect(self.doors.append)
        service.closed.connect(lambda: self.doors.append("closed"))


@pytest.fixture
def service(qtbot: QtBot) -> Iterator[ProjectService]:
    made = ProjectService("Ada")
    yield made
    made.close()


@pytest.fixture
def heard(service: ProjectService) -> Heard:
    return Heard(service)


@pytest.fixture
def video_id(service: ProjectService, tmp_path: Path) -> int:
    """A project with a video of 5000 frames and the label walk (1)."""
    (tmp_path / "lunch.mp4").touch()
    assert service.create(tmp_path / "till.yowo")
    service.submit(AddVideos((NewVideo(tmp_path / "lunch.mp4", frame_count=5000),)))
    service.submit(AddLabel("walk"))
    return service.videos()[0].id


def predicted(count: int, length: int = 100) -> list[Tube]:
    boxes = np.tile([1.0, 2, 30, 40], (length, 1))
    spans = (ActionSpan(1, 0, length, 0.5),)
    return [Tube(str(i), np.arange(length), boxes, spans=spans) for i in range(count)]


def test_without_a_project_everything_is_empty(service: ProjectService, heard: Heard) -> None:
    assert not service.is_open
    assert service.path is None
    lists = (service.videos, service.labels, service.runs, service.models)
    assert [ask() for ask in lists] == [[]] * 4
    assert service.tubes(1) == []
    assert service.boxes_at(1, 0) == []
    assert service.tube(1) is None
    assert service.history() == HistoryState()
    assert service.annotation_set(confirmed_only=True).videos == ()
    assert service.submit(AddLabel("walk")) is None
    assert service.undo() is None
    service.close()
    assert (heard.changes, heard.sentences, heard.doors) == ([], [], [])


def test_a_project_opens_and_closes(service: ProjectService, heard: Heard, tmp_path: Path) -> None:
    first, second = tmp_path / "a.yowo", tmp_path / "b.yowo"
    assert service.create(first)
    assert service.is_open
    assert service.path == first
    assert service.create(second)
    assert service.open(first)
    assert heard.doors == [first, "closed", second, "closed", first]
    service.close()
    assert not service.is_open


def test_what_cannot_be_opened_leaves_the_open_project_alone(
    service: ProjectService, heard: Heard, video_id: int, tmp_path: Path
) -> None:
    before = service.path
    notes = tmp_path / "notes.yowo"
    notes.write_text("no project")
    assert not service.open(notes)
    assert not service.create(notes)
    assert service.path == before
    assert len(service.videos()) == 1
    assert [s.startswith(str(notes)) for s in heard.sentences] == [True, True]
    assert "closed" not in heard.doors


def test_an_edit_is_announced_once_and_only_when_it_changes_something(
    service: ProjectService, heard: Heard, video_id: int
) -> None:
    heard.changes.clear()
    assert service.submit(RenameLabel(1, "run")) == Change(labels=True)
    assert service.submit(RenameLabel(1, "run")) == NOTHING
    assert service.undo() == Change(labels=True)
    assert service.redo() == Change(labels=True)
    assert service.redo() == NOTHING
    assert heard.changes == [Change(labels=True)] * 3
    assert service.history().undo == "Rename walk to run"


def test_a_refused_edit_is_a_sentence(service: ProjectService, heard: Heard, video_id: int) -> None:
    heard.changes.clear()
    assert service.submit(DeleteTubes((7,))) is None
    assert heard.sentences == ["The tube with the id 7 is not in the project any more."]
    assert heard.changes == []


def test_predictions_come_in_between_the_windows_events(
    service: ProjectService, heard: Heard, video_id: int, qtbot: QtBot, tmp_path: Path
) -> None:
    run = service.add_run(RunKind.DETECT, "Analyse", tmp_path / "run", video_id, "demo")
    assert run is not None
    heard.changes.clear()
    service.import_predictions(video_id, run.id, predicted(60))
    assert service.busy
    assert service.tubes(video_id) == []
    service.submit(RenameLabel(1, "run"))
    qtbot.waitUntil(lambda: not service.busy, timeout=20_000)
    assert len(service.tubes(video_id)) == 60
    assert [c.history for c in heard.changes] == [True, False]
    assert len(heard.changes[1].tubes) == 60
    service.delete_run_predictions(run.id)
    qtbot.waitUntil(lambda: not service.busy, timeout=20_000)
    assert service.tubes(video_id) == []
    assert heard.changes[2].tubes == heard.changes[1].tubes


def test_two_imports_follow_each_other(
    service: ProjectService, heard: Heard, video_id: int, tmp_path: Path
) -> None:
    run = service.add_run(RunKind.DETECT, "Analyse", tmp_path / "run", video_id)
    assert run is not None
    service.import_predictions(video_id, run.id, predicted(3))
    service.import_predictions(video_id, run.id, predicted(2))
    service.finish_work()
    assert [item.number for item in service.tubes(video_id)] == [1, 2, 3, 4, 5]


def test_an_import_that_cannot_be_is_a_sentence_and_the_next_goes_on(
    service: ProjectService, heard: Heard, video_id: int, tmp_path: Path
) -> None:
    run = service.add_run(RunKind.DETECT, "Analyse", tmp_path / "run", video_id)
    assert run is not None
    service.import_predictions(video_id, 99, predicted(3))
    service.import_predictions(video_id, run.id, predicted(2))
    service.finish_work()
    assert heard.sentences == ["The project has no run with the id 99."]
    assert len(service.tubes(video_id)) == 2


def test_a_run_is_over_when_its_predictions_are_in_and_not_before(
    service: ProjectService, video_id: int, tmp_path: Path
) -> None:
    run = service.add_run(RunKind.DETECT, "Analyse", tmp_path / "run", video_id)
    assert run is not None
    service.import_predictions(video_id, run.id, predicted(50), RunState.FINISHED)
    service.close()  # at once, and as if nothing was being imported
    service.open(tmp_path / "till.yowo")
    assert service.tubes(video_id) == []
    assert service.runs()[0].state is RunState.RUNNING
    told: list[tuple[int, bool]] = []
    steps: list[tuple[int, int]] = []
    service.imported.connect(lambda *given: told.append(given))
    service.importing.connect(lambda _run, *given: steps.append(given))
    service.import_predictions(video_id, run.id, predicted(50), RunState.FINISHED)
    service.finish_work()
    assert len(service.tubes(video_id)) == 50
    assert service.runs()[0].state is RunState.FINISHED
    assert told == [(run.id, True)]
    assert steps[-1][0] == steps[-1][1] == len(steps)


def test_a_run_is_forgotten_and_its_models_stay(
    service: ProjectService, video_id: int, tmp_path: Path
) -> None:
    run = service.add_run(RunKind.TRAIN, "Fine-tune 1", tmp_path / "run")
    assert run is not None
    new = NewModel("m", "Fine-tune 1", tmp_path / "m", "0" * 64, ("walk",), run_id=run.id)
    assert service.add_model(new) is not None
    service.delete_run(run.id)
    assert service.runs() == []
    assert [(m.name, m.run_id) for m in service.models()] == [("Fine-tune 1", None)]


def test_runs_models_labels_and_problems_are_announced(
    service: ProjectService, heard: Heard, video_id: int, tmp_path: Path
) -> None:
    heard.changes.clear()
    run = service.add_run(RunKind.TRAIN, "Fine-tune", tmp_path / "run")
    assert run is not None
    service.set_run_state(run.id, RunState.FINISHED)
    model = service.add_model(NewModel("m", "M", tmp_path / "m", "0" * 64, ("walk",)))
    assert model is not None
    service.set_live_model(model.id)
    service.ensure_labels(["walk", "run"])
    service.ensure_labels(["walk", "run"])
    service.set_media_problem(video_id, "ends early")
    assert heard.changes == [
        Change(runs=True, history=False),
        Change(runs=True, history=False),
        Change(models=True, history=False),
        Change(models=True, history=False),
        Change(labels=True, history=False),
        Change(videos=frozenset([video_id]), media=True, history=False),
    ]
    assert service.runs()[0].state is RunState.FINISHED
    assert service.models()[0].live
    assert service.set_live_model(9) is None
    assert heard.sentences == ["The project has no model with the id 9."]
