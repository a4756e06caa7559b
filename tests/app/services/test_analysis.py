"""Analysing videos: the real command, and what becomes of its tubes in the project."""

from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from app.domain.project import ModelRecord, RunKind, RunRecord, RunState, VideoRecord
from app.services.analysis import Analysis, AnalysisState
from app.services.background import Background
from app.services.job_runner import JobRunner
from yowo_core.annotations import Review, Tube

WAIT = 120_000


class Project:
    """Remembers what the analysis does to it."""

    def __init__(self) -> None:
        self.path: Path | None = Path("/one.yowo")
        self.states: list[tuple[int, RunState]] = []
        self.labels = {"read": 7}
        self.imported: list[tuple[int, int, list[Tube]]] = []

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

    def import_predictions(self, video_id: int, run_id: int, predicted: Sequence[Tube]) -> None:
        self.imported.append((video_id, run_id, list(predicted)))


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
    assert states[-1].done == states[-1].total == 12
    assert project.states == [(3, RunState.FINISHED)]
    [(video_id, run_id, tubes)] = project.imported
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
    assert max(t.stop for t in project.imported[0][2]) <= 300
    assert list((tmp_path / "chunks").rglob("*.npz"))


def test_a_missing_model_fails_with_its_path_and_imports_nothing(
    qtbot: QtBot, analysis: Analysis, project: Project, clip: Path, tmp_path: Path
) -> None:
    gone = tmp_path / "gone.safetensors"
    analysis.start(video_of(clip, 60), model_of(gone), 0.05, tmp_path / "run")
    end = ended(analysis, qtbot)
    assert end.state is RunState.FAILED
    assert str(gone) in end.message
    assert project.imported == []
    assert project.states == [(3, RunState.FAILED)]


def test_what_ends_after_its_project_was_closed_touches_no_other(
    qtbot: QtBot, analysis: Analysis, project: Project, clip: Path, tmp_path: Path
) -> None:
    analysis.start(video_of(clip, 60), model_of(tmp_path / "gone"), 0.05, tmp_path / "run")
    project.path = Path("/another.yowo")
    ended(analysis, qtbot)
    assert project.states == []
