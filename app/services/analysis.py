"""Analyses whole videos in the background; their tubes land in the project as predictions."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Final, Protocol

from PySide6.QtCore import QObject, Signal, SignalInstance

from app.domain.project import ModelRecord, RunKind, RunRecord, RunState, VideoRecord
from app.services.background import Background
from app.services.job_runner import JobEnd, JobEvent, JobRunner
from yowo_core.annotations import AnnotationSet, Tube
from yowo_core.events import Event, Notice, Progress
from yowo_core.formats import yowo_csv

TUBES_FILE: Final = "tubes.csv"
"""What `yowo detect --run-dir` leaves in the folder of a run."""


class PredictionProject(Protocol):
    """What an analysis needs of the project; ProjectService has it."""

    @property
    def path(self) -> Path | None:
        """The open project's file."""
        ...

    def add_run(
        self,
        kind: RunKind,
        title: str,
        folder: Path,
        video_id: int | None = None,
        model_uid: str = "",
    ) -> RunRecord | None:
        """Note a run that begins now."""
        ...

    def set_run_state(self, run_id: int, state: RunState) -> object:
        """Note how a run ended."""
        ...

    def ensure_labels(self, names: Sequence[str]) -> dict[str, int]:
        """The ids of labels by name; missing ones are added."""
        ...

    def import_predictions(
        self, video_id: int, run_id: int, predicted: Sequence[Tube], over: RunState | None = None
    ) -> None:
        """Begin to import a run's predictions, after which it is over."""
        ...

    @property
    def importing(self) -> SignalInstance:
        """The run, steps done, steps at most."""
        ...

    @property
    def imported(self) -> SignalInstance:
        """The run, and whether its predictions are in."""
        ...


@dataclass(frozen=True)
class AnalysisState:
    """How an analysis stands: done of total, how many a second, seconds left (0 unknown).

    stage says what is counted: 'preparing' the model (nothing), frames while 'detecting', frames
    while 'linking' them into tubes, steps while 'importing' those. tubes is how many were found,
    once it has ended. message is a sentence about what the person should know, mostly ''.
    """

    run: RunRecord
    video: str
    model: str
    stage: str = ""
    done: int = 0
    total: int = 0
    rate: float = 0.0
    seconds_left: float = 0.0
    state: RunState = RunState.RUNNING
    tubes: int = 0
    message: str = ""


@dataclass
class _Work:
    video: VideoRecord
    model_uid: str
    state: AnalysisState
    project: Path | None


class Analysis(QObject):
    """Runs `yowo detect` and brings its tubes into the project, also those of a cancelled run."""

    progress = Signal(object)  # AnalysisState
    ended = Signal(object)  # AnalysisState

    def __init__(
        self,
        runner: JobRunner,
        project: PredictionProject,
        background: Background,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._runner, self._project, self._background = runner, project, background
        self._work: dict[int, _Work] = {}  # by job; what no job did has numbers below 0
        self._last = 0
        self._imports: dict[int, tuple[_Work, AnalysisState]] = {}
        runner.event_received.connect(self._hear)
        runner.ended.connect(self._end)
        project.importing.connect(self._tell_import)
        project.imported.connect(self._end_import)

    def start(
        self,
        video: VideoRecord,
        model: ModelRecord,
        min_score: float,
        run_dir: Path,
        engine: tuple[str, str] = ("onnx", "auto"),
    ) -> RunRecord | None:
        """Begin to analyse a video; run_dir keeps what is done and is gone on from.

        engine is backend and device. None when the project refuses the run.
        """
        title = f"{video.name} with {model.name}"
        run = self._project.add_run(RunKind.DETECT, title, run_dir, video.id, model.uid)
        if run is None:
            return None
        state = AnalysisState(run, video.name, model.name, total=video.frame_count)
        job = self._runner.start(_arguments(video, model, min_score, run_dir, engine))
        self._work[job] = _Work(video, model.uid, state, self._project.path)
        self.progress.emit(state)
        return run

    def take_in(self, run: RunRecord, video: VideoRecord, model: str) -> None:
        """Import what an analysis has found that ended while nobody was there to see it."""
        state = AnalysisState(run, video.name, model, "importing")
        work = _Work(video, run.model_uid, state, self._project.path)
        self._last -= 1
        self._work[self._last] = work
        self._read(self._last, RunState.FINISHED)

    def cancel(self, run_id: int) -> None:
        """Stop an analysis; what it has done is kept and imported."""
        for job, work in self._work.items():
            if work.state.run.id == run_id:
                self._runner.stop(job)

    def running(self) -> tuple[AnalysisState, ...]:
        """The analyses that have not ended, the first one first."""
        importing = (work.state for work, _ in self._imports.values())
        return (*importing, *(work.state for work in self._work.values()))

    def _hear(self, told: JobEvent) -> None:
        work = self._work.get(told.job)
        if work is not None:
            work.state = _after(work.state, told.event)
            self.progress.emit(work.state)

    def _end(self, end: JobEnd) -> None:
        work = self._work.get(end.job)
        if work is None:
            return
        if not end.finished:
            self._fail(end.job, end.message)
            return
        self._read(end.job, RunState.STOPPED if end.stopped else RunState.FINISHED)

    def _read(self, job: int, over: RunState) -> None:
        self._background.run(
            _reading(self._work[job].state.run.folder / TUBES_FILE),
            partial(self._import, job, over),
            partial(self._fail, job),
        )

    def _import(self, job: int, over: RunState, read: yowo_csv.ReadResult) -> None:
        work = self._work.pop(job)
        run = work.state.run
        tubes = [t for v in read.annotations.videos for t in v.tubes]
        if self._project.path != work.project:
            message = f"{work.video.name}: the tubes come in when its project is opened again."
            self._tell_end(work, RunState.STOPPED, len(tubes), message)
            return
        ids = self._project.ensure_labels(_names(read.annotations))
        predicted = _translated(read.annotations, ids, work.model_uid)
        problem = f"{run.folder / TUBES_FILE}: {read.problems[0]}" if read.problems else ""
        message = problem or work.state.message
        ended = replace(work.state, state=over, tubes=len(tubes), message=message)
        self._imports[run.id] = (work, ended)
        self._project.import_predictions(work.video.id, run.id, predicted, over)

    def _tell_import(self, run_id: int, done: int, total: int) -> None:
        if self._is_ours(run_id):
            work, _ = self._imports[run_id]
            told = replace(work.state, stage="importing", done=done, total=total, rate=0.0)
            work.state = replace(told, seconds_left=0.0)
            self.progress.emit(work.state)

    def _end_import(self, run_id: int, done: bool) -> None:
        if not self._is_ours(run_id):
            return
        work, ended = self._imports.pop(run_id)
        if done:
            self._tell_end(work, ended.state, ended.tubes, ended.message)
            return
        self._project.set_run_state(run_id, RunState.FAILED)
        told = f"its tubes could not be taken in; they are in {ended.run.folder / TUBES_FILE}."
        self._tell_end(work, RunState.FAILED, 0, told)

    def _is_ours(self, run_id: int) -> bool:
        """Another project may have a run of this number."""
        kept = self._imports.get(run_id)
        return kept is not None and kept[0].project == self._project.path

    def _fail(self, job: int, message: str) -> None:
        work = self._work.pop(job)
        if self._project.path == work.project:
            self._project.set_run_state(work.state.run.id, RunState.FAILED)
        self._tell_end(work, RunState.FAILED, 0, message)

    def _tell_end(self, work: _Work, over: RunState, tubes: int, message: str) -> None:
        self.ended.emit(
            replace(work.state, state=over, tubes=tubes, seconds_left=0.0, message=message)
        )


def _arguments(
    video: VideoRecord,
    model: ModelRecord,
    min_score: float,
    run_dir: Path,
    engine: tuple[str, str],
) -> list[str]:
    paths = [str(video.path.resolve()), "--model", str(model.path.resolve())]
    kept = ["--run-dir", str(run_dir.resolve()), "--min-score", repr(min_score)]
    how = ["--backend", engine[0], "--device", engine[1]]
    return ["detect", *paths, *kept, *how, "--spans", "--events", "--stop-on-stdin"]


def _after(state: AnalysisState, event: Event) -> AnalysisState:
    if isinstance(event, Progress):
        counted = replace(state, stage=event.stage, done=event.done, total=event.total)
        return replace(counted, rate=event.rate, seconds_left=event.seconds_left)
    return replace(state, message=event.message) if isinstance(event, Notice) else state


def _reading(path: Path) -> Callable[[], yowo_csv.ReadResult]:
    return lambda: yowo_csv.read(path)


def _names(annotations: AnnotationSet) -> list[str]:
    """The labels that occur: a model's others would only crowd the project."""
    used = {s.label for v in annotations.videos for t in v.tubes for s in t.spans}
    return [label.name for label in annotations.labels if label.id in used]


def _translated(annotations: AnnotationSet, ids: dict[str, int], model_uid: str) -> list[Tube]:
    """The tubes with the project's label ids; actions that got no id there are left out."""
    own = {label.id: ids[label.name] for label in annotations.labels if label.name in ids}
    tubes = []
    for tube in (t for v in annotations.videos for t in v.tubes):
        spans = tuple(replace(s, label=own[s.label]) for s in tube.spans if s.label in own)
        tubes.append(replace(tube, spans=spans, model=model_uid))
    return tubes
