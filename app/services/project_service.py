"""The open project for everything that is seen: queries, edits, and a note of each change."""

from collections import deque
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from PySide6.QtCore import QObject, QTimer, Signal

from app.domain.export import TubeName
from app.domain.history import HistoryState
from app.domain.project import (
    BoxAt,
    Change,
    ClassCount,
    ModelRecord,
    NewModel,
    NewVideo,
    ReviewCounts,
    RunKind,
    RunRecord,
    RunState,
    TubeRecord,
    TubeSummary,
    VideoRecord,
)
from app.domain.review import EVERY_TUBE, ReviewFilter, VideoReview
from app.editing import history
from app.editing.draft import Edit
from app.errors import AppError
from app.store.predictions import step_count
from app.store.project import Project
from yowo_core.annotations import AnnotationSet, Label, Tube

T = TypeVar("T")


class ProjectService(QObject):
    """Holds at most one open project.

    While none is open, queries give empty values and changes do nothing. What the file or an
    edit refuses is said once by failed, in a sentence, and the caller gets the empty value.
    Predictions are imported in steps between the window's events; changed comes at the end.
    """

    changed = Signal(object)  # Change
    opened = Signal(object)  # Path of the project file
    closed = Signal()
    failed = Signal(str)
    importing = Signal(int, int, int)  # the run, steps done, steps at most
    imported = Signal(int, bool)  # the run; whether its predictions are in

    def __init__(self, author: str | None = None, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._author = author
        self._project: Project | None = None
        self._work: deque[_Work] = deque()
        self._timer = QTimer(self)
        self._timer.setInterval(0)
        self._timer.timeout.connect(self._step)

    def set_author(self, author: str | None) -> None:
        """Who edits from now on; None takes the name of the account."""
        self._author = author
        if self._project is not None:
            self._project.set_author(author)

    @property
    def author(self) -> str:
        """Who edits the open project; '' when none is open."""
        return self._project.author if self._project is not None else ""

    @property
    def is_open(self) -> bool:
        """Whether there is a project."""
        return self._project is not None

    @property
    def path(self) -> Path | None:
        """The open project's file."""
        return self._project.path if self._project else None

    @property
    def busy(self) -> bool:
        """Whether predictions are still being imported or discarded."""
        return bool(self._work)

    def create(self, path: Path) -> bool:
        """Close the open project and make a new one in that file; False when it cannot be made."""
        return self._enter(lambda: Project.create(path, self._author))

    def open(self, path: Path) -> bool:
        """Close the open project and open that one; when it cannot be opened, nothing changes."""
        return self._enter(lambda: Project.open(path, self._author))

    def close(self) -> None:
        """Let go of the file; an import that is under way begins anew when it is opened again."""
        if self._project is None:
            return
        self._work.clear()
        self._timer.stop()
        self._project.close()
        self._project = None
        self.closed.emit()

    def submit(self, edit: Edit) -> Change | None:
        """Make an edit, announce and give its change; None when it was refused."""
        return self._announced(lambda project: history.commit(project, edit))

    def undo(self) -> Change | None:
        """Take the last edit back; None when that was refused."""
        return self._announced(history.undo)

    def redo(self) -> Change | None:
        """Make the edit again that was taken back last; None when that was refused."""
        return self._announced(history.redo)

    def forget_history(self) -> Change | None:
        """Let the edits so far stand for good; a fresh project begins with nothing to undo."""
        return self._announced(history.forget)

    def videos(self) -> list[VideoRecord]:
        """The project's videos in the order they came."""
        return self._asked(Project.videos, [])

    def labels(self) -> list[Label]:
        """The project's labels by id, which is the order of their keys."""
        return self._asked(Project.labels, [])

    def tubes(self, video_id: int, ids: Collection[int] | None = None) -> list[TubeSummary]:
        """A video's tubes by number, or those of them with the given ids."""
        return self._asked(lambda project: project.tubes(video_id, ids), [])

    def tube_ids(self, video_id: int) -> list[int]:
        """The ids of a video's tubes by number; of many, tubes() is then asked part by part."""
        return self._asked(lambda project: project.tube_ids(video_id), [])

    def in_review(self, video_id: int, wanted: ReviewFilter = EVERY_TUBE) -> list[tuple[int, int]]:
        """First frame and id of a video's tubes that wait for a decision, ascending."""
        return self._asked(lambda project: project.in_review(video_id, wanted), [])

    def waiting(self, wanted: ReviewFilter = EVERY_TUBE) -> dict[int, int]:
        """How many tubes of each video wait for a decision, by the video's id."""
        return self._asked(lambda project: project.waiting(wanted), {})

    def video_review(self, video_id: int) -> VideoReview:
        """How many of a video's tubes stand in which state of review."""
        return self._asked(lambda project: project.video_review(video_id), VideoReview())

    def boxes_at(self, video_id: int, frame: int, min_score: float = 0.0) -> list[BoxAt]:
        """All visible boxes of a frame, interpolated ones too, by their tubes' numbers."""
        return self._asked(lambda project: project.boxes_at(video_id, frame, min_score), [])

    def tube(self, tube_id: int) -> TubeRecord | None:
        """The whole tube; None when it is not there any more."""
        return self._asked(lambda project: project.tube(tube_id), None)

    def runs(self) -> list[RunRecord]:
        """The project's runs, the first one first."""
        return self._asked(Project.runs, [])

    def models(self) -> list[ModelRecord]:
        """The project's models, the first one first."""
        return self._asked(Project.models, [])

    def history(self) -> HistoryState:
        """What undo and redo would do, and when the project was saved last."""
        return self._asked(Project.history, HistoryState())

    def review_counts(self) -> ReviewCounts:
        """How many tubes of the project stand in which state of review."""
        return self._asked(Project.review_counts, ReviewCounts())

    def tube_names(self) -> dict[str, TubeName]:
        """How every tube is called, by its uid."""
        return self._asked(Project.tube_names, {})

    def annotation_set(self, confirmed_only: bool) -> AnnotationSet:
        """The whole project as export and training see it."""
        return self._asked(lambda project: project.annotation_set(confirmed_only), AnnotationSet())

    def training_counts(self) -> list[ClassCount]:
        """Confirmed tubes and boxes of every label."""
        return self._asked(Project.training_counts, [])

    def ensure_labels(self, names: Sequence[str]) -> dict[str, int]:
        """The ids of labels by name, for a model's classes; missing ones are added."""
        before, none = self.labels(), dict[str, int]()
        found = self._asked(lambda project: project.ensure_labels(names), none)
        if self.labels() != before:
            self.changed.emit(Change(labels=True, history=False))
        return found

    def set_media_problem(self, video_id: int, problem: str) -> Change | None:
        """Note in a sentence what is wrong with a video's file; "" for nothing."""
        return self._announced(lambda project: project.set_media_problem(video_id, problem))

    def set_media_facts(self, video_id: int, facts: NewVideo) -> Change | None:
        """Note what was found out anew of a video's file; no edit, so it is not taken back."""
        return self._announced(lambda project: project.set_media_facts(video_id, facts))

    def add_run(
        self,
        kind: RunKind,
        title: str,
        folder: Path,
        video_id: int | None = None,
        model_uid: str = "",
    ) -> RunRecord | None:
        """Note a run that begins now."""
        run = self._asked(
            lambda project: project.add_run(kind, title, folder, video_id, model_uid), None
        )
        if run is not None:
            self.changed.emit(Change(runs=True, history=False))
        return run

    def set_run_state(self, run_id: int, state: RunState) -> Change | None:
        """Note how a run ended."""
        return self._announced(lambda project: project.set_run_state(run_id, state))

    def add_model(self, model: NewModel) -> ModelRecord | None:
        """Register a model, or bring the one with its uid up to date."""
        added = self._asked(lambda project: project.add_model(model), None)
        if added is not None:
            self.changed.emit(Change(models=True, history=False))
        return added

    def set_live_model(self, model_id: int) -> Change | None:
        """Make that model the one that plays."""
        return self._announced(lambda project: project.set_live_model(model_id))

    def import_predictions(
        self, video_id: int, run_id: int, predicted: Sequence[Tube], over: RunState | None = None
    ) -> None:
        """Begin to import a run's predictions; they are seen, and announced, when all are in.

        over: how the run stands from then on. importing and imported tell how it goes. An import
        that closing the project cuts off has to begin anew.
        """
        if self._project is not None:
            steps = self._project.importing(video_id, run_id, predicted, over)
            self._begin(_Work(steps, run_id, step_count(predicted)))

    def delete_run_predictions(self, run_id: int) -> None:
        """Begin to take a run's predictions away that nobody decided on; announced at once."""
        if self._project is not None:
            self._begin(_Work(self._project.discarding(run_id)))

    def finish_work(self) -> None:
        """Do now what is left of imports."""
        while self._work:
            self._step()

    def _enter(self, made: Callable[[], Project]) -> bool:
        try:
            project = made()
        except AppError as error:
            self.failed.emit(str(error))
            return False
        self.close()
        self._project = project
        self.opened.emit(project.path)
        return True

    def _asked(self, question: Callable[[Project], T], empty: T) -> T:
        if self._project is None:
            return empty
        try:
            return question(self._project)
        except AppError as error:
            self.failed.emit(str(error))
            return empty

    def _announced(self, action: Callable[[Project], Change]) -> Change | None:
        change = self._asked(action, None)
        if change is not None and change != history.NOTHING:
            self.changed.emit(change)
        return change

    def delete_run(self, run_id: int) -> Change | None:
        """Forget a run that left no tube; models that came of it stay."""
        return self._announced(lambda project: project.delete_run(run_id))

    def _begin(self, work: "_Work") -> None:
        self._work.append(work)
        self._timer.start()

    def _step(self) -> None:
        """One short transaction of the first piece of work; announces what it says."""
        work = self._work[0]
        try:
            change = next(work.steps)
        except StopIteration:
            self._work.popleft()
            self._tell_imported(work, done=True)
        except AppError as error:
            self._work.popleft()
            self.failed.emit(str(error))
            self._tell_imported(work, done=False)
        else:
            self._tell_step(work, change)
        if not self._work:
            self._timer.stop()

    def _tell_step(self, work: "_Work", change: Change | None) -> None:
        work.done += 1
        if work.run_id is not None:
            self.importing.emit(work.run_id, min(work.done, work.total), work.total)
        if change is not None:
            self.changed.emit(change)

    def _tell_imported(self, work: "_Work", *, done: bool) -> None:
        if work.run_id is not None:
            self.imported.emit(work.run_id, done)


@dataclass
class _Work:
    """Short transactions to be made one after the other; run_id of an import."""

    steps: Iterator[Change | None]
    run_id: int | None = None
    total: int = 0
    done: int = 0
