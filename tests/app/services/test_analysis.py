"""Analysing videos: the real command, and what becomes of its tubes in the project."""

import os
import signal
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path

import pytest
from PySide6.QtCore import QObject, Signal
from pytestqt.qtbot import QtBot

from app.domain.project import ModelRecord, RunKind, RunRecord, RunState, VideoRecord
from app.services.analysis import Analysis, AnalysisState
from app.services.background import Background
from app.services.job_runner import JobRunner
from app.services.left_runs import End, look_at
from yowo_core.annotations import Review, Tube

WAIT = 120_000


class Project(QObject):
    """Remembers what the analysis does to it."""

    importing = Signal(int, int, int)
    imported = Signal(int, bool)

    def __init__(self) -> None:
        super().__init__()
        self.path: Path | None = Path("/one.yowo")
        self.states: list[tuple[int, RunState]] = []
        self.labels = {"read": 7}
        self.came: list[tuple[int, int, list[Tube]]] = []

    def add_run(
        self,
        kind: RunKind,
        title: str,
        folder: Path,
        video_id: int | None = None,
        model_uid: str = "",
    ) -> RunRecord | None:
        return RunRecord(
            3, "uid", kind, title, RunState.RUNNING, folder, "now", video_id, model_uid
        )

    def set_run_state(self, run_id: int, state: RunState) -> object:
        self.states.append((run_id, state))
        return None

    def ensure_labels(self, names: Sequence[str]) -> dict[str, int]:
        for name in names:
            self.labels.setdefault(name, max(self.labels.values()) + 1)
        return {name: self.labels[name] for name in names}

    def import_predictions(
        self, video_id: int, run_id: int, predicted: Sequence[Tube], over: RunState | None = None
    ) -> None:
        self.came.append((video_id, run_id, list(predicted)))
        self.importing.emit(run_id, 1, 2)
        if over is not None:
            self.states.append((run_id, over))
        self.imported.emit(run_id, True)


@pytest.fixture
def project() -> Project:
    return Project()


@pytest.fixture
def analysis(runner: JobRunner, project: Project, background: Background) -> Analysis:
    return Analysis(runner, project, background)


def video_of(path: Path, frames: int) -> VideoRecord:
    return VideoRecord(5, "v", path.name, path, 320, 192, frames, Fraction(30), "")


def model_of(path: Path) -> ModelRecord:
    return ModelRecord(2, "model-uid", "tiny", path, "", ("walk", "read"), "now")


def ended(analysis: Analysis, qtbot: QtBot) -> AnalysisState:
    with qtbot.waitSignal(analysis.ended, timeout=WAIT) as end:
        pass
    state = end.args[0]
    assert isinstance(state, AnalysisState)
    return state


def test_a_whole_video_becomes_predictions_with_the_project_s_labels(
    qtbot: QtBot,
    analysis: Analysis,
    project: Project,
    uneven: Path,
    tiny_model: Path,
    tmp_path: Path,
) -> None:
    states: list[AnalysisState] = []
    analysis.progress.connect(states.append)
    run = analysis.start(
        video_of(uneven, 12), model_of(tiny_model), 0.05, tmp_path / "run", ("torch", "cpu")
    )
    assert run is not None
    assert [s.run.id for s in analysis.running()] == [3]
    end = ended(analysis, qtbot)
    assert (end.state, end.message) == (RunState.FINISHED, "")
    assert analysis.running() == ()
    detected = [s for s in states if s.stage == "detecting"]
    assert detected[-1].done == detected[-1].total == 12
    assert [s.stage for s in states[-2:]] == ["linking", "importing"]
    assert project.states == [(3, RunState.FINISHED)]
    [(video_id, run_id, tubes)] = project.came
    assert (video_id, run_id) == (5, 3)
    assert end.tubes == len(tubes) > 0
    assert project.labels == {"read": 7, "walk": 8}
    assert {s.label for t in tubes for s in t.spans} <= {7, 8}
    assert {t.model for t in tubes} == {"model-uid"}
    assert {t.review for t in tubes} == {Review.TO_REVIEW}


def test_cancelling_keeps_and_imports_what_is_done(
    qtbot: QtBot, analysis: Analysis, project: Project, long_gop: Path, tiny_model: Path,
    tmp_path: Path,
) -> None:  # fmt: skip
    analysis.progress.connect(lambda s: analysis.cancel(s.run.id) if 8 < s.done < 250 else None)
    analysis.start(video_of(long_gop, 300), model_of(tiny_model), 0.05, tmp_path, ("torch", "cpu"))
    end = ended(analysis, qtbot)
    assert end.state is RunState.STOPPED
    assert 0 < end.done < 300
    assert project.states == [(3, RunState.STOPPED)]
    assert max(t.stop for t in project.came[0][2]) <= 300
    assert list((tmp_path / "chunks").rglob("*.npz"))


def test_a_missing_model_fails_with_its_path_and_imports_nothing(
    qtbot: QtBot, analysis: Analysis, project: Project, clip: Path, tmp_path: Path
) -> None:
    gone = tmp_path / "gone.safetensors"
    analysis.start(video_of(clip, 60), model_of(gone), 0.05, tmp_path / "run")
    end = ended(analysis, qtbot)
    assert end.state is RunState.FAILED
    assert str(gone) in end.message
    assert project.came == []
    assert project.states == [(3, RunState.FAILED)]


def test_what_ends_after_its_project_was_closed_touches_no_other(
    qtbot: QtBot, analysis: Analysis, project: Project, clip: Path, tmp_path: Path
) -> None:
    analysis.start(video_of(clip, 60), model_of(tmp_path / "gone"), 0.05, tmp_path / "run")
    project.path = Path("/another.yowo")
    ended(analysis, qtbot)
    assert project.states == []


def test_what_ended_unseen_is_taken_in(
    qtbot: QtBot,
    analysis: Analysis,
    project: Project,
    runner: JobRunner,
    uneven: Path,
    tiny_model: Path,
    tmp_path: Path,
) -> None:
    video, model = video_of(uneven, 12), model_of(tiny_model)
    run = analysis.start(video, model, 0.05, tmp_path / "run", ("torch", "cpu"))
    assert run is not None
    project.path = Path("/another.yowo")
    assert "when its project is opened again" in ended(analysis, qtbot).message
    assert project.came == []
    (left,) = look_at([run])
    assert left.end is End.ENDED
    project.path = Path("/one.yowo")
    analysis.take_in(run, video, "tiny")
    end = ended(analysis, qtbot)
    assert (end.state, end.tubes) == (RunState.FINISHED, len(project.came[0][2]))
    assert end.tubes > 0


def test_one_that_was_cut_off_tells_how_far_it_came(
    qtbot: QtBot, analysis: Analysis, runner: JobRunner, long_gop: Path, tiny_model: Path,
    tmp_path: Path,
) -> None:  # fmt: skip
    pid: list[int] = []

    def kill(state: AnalysisState) -> None:
        if state.done > 70 and not pid:
            (job,) = runner._jobs.values()
            pid.append(job.process.pid)
            os.kill(pid[0], signal.SIGKILL)

    analysis.progress.connect(kill)
    run = analysis.start(
        video_of(long_gop, 300), model_of(tiny_model), 0.05, tmp_path, ("torch", "cpu")
    )
    assert run is not None
    assert ended(analysis, qtbot).state is RunState.FAILED
    (left,) = look_at([run])
    assert left.end is End.CUT_OFF
    assert left.frames >= 64
    for path in tmp_path.glob("chunks/*/*.npz"):
        path.write_bytes(b"torn")
    assert look_at([run])[0].end is End.LOST
