"""The open project for everything that is seen: queries, edits, and a note of each change."""

import time
from collections import deque
from collections.abc import Callable, Collection, Hashable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from threading import Thread
from typing import Final, TypeVar

from PySide6.QtCore import QObject, QTimer, Signal

from app.domain.export import TubeName
from app.domain.history import EditRecord, HistoryState
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
from app.domain.safekeeping import Refusal, Remedy
from app.editing import history
from app.editing.draft import Edit
from app.errors import (
    AppError,
    ProjectDamagedError,
    ProjectGoneError,
    ProjectInUseError,
    ProjectLogError,
)
from app.services.answers import Answers
from app.store.claim import TOUCH_S
from app.store.predictions import step_count
from app.store.project import Project
from yowo_core.annotations import AnnotationSet, Label, Tube

T = TypeVar("T")

_TOUCH_MS: Final = round(1000 * TOUCH_S)
_WATCH_MS: Final = 1000
_QUIET_S: Final = 5.0
_FEW: Final = 10  # tubes that are asked for by id, as the selected ones are many times
_REMEDIES: Final[dict[type[AppError], Remedy]] = {
    ProjectInUseError: Remedy.READ,
    ProjectLogError: Remedy.WITHOUT_LOG,
    ProjectDamagedError: Remedy.RESCUE,
    ProjectGoneError: Remedy.SAVE_COPY,
}


class ProjectService(QObject):
    """Holds at most one open project.

    While none is open, queries give empty values and changes do nothing. What the file or an
    edit refuses is said once by failed, in a sentence, or by refused where something can be done
    about it, and the caller gets the empty value. Predictions are imported in steps between the
    window's events; changed comes at the end.
    """

    changed = Signal(object)  # Change
    refused = Signal(object)  # Refusal
    opened = Signal(object)  # Path of the project file
    closed = Signal()
    failed = Signal(str)
    importing = Signal(int, int, int)  # the run, steps done, steps at most
    imported = Signal(int, bool)  # the run; whether its predictions are in

    def __init__(self, author: str | None = None, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._author = author
        self._project: Project | None = None
        self._history: HistoryState | None = None  # asked for often, read once an edit
        self._answers = Answers(self)
        self._closing: Thread | None = None
        self._work: deque[_Work] = deque()
        self._timer = QTimer(self)
        self._timer.setInterval(0)
        self._timer.timeout.connect(self._step)
        for news in (self.changed, self.opened, self.closed):
            news.connect(self._forget_answers)  # before anybody else hears of it
        self._pulse = QTimer(self)
        self._pulse.timeout.connect(self._beat)
        self._version = 0
        self._said = ("", 0.0)
        self._held = ""

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
        return self._enter(lambda: Project.create(path, self._author), path)

    def open(self, path: Path, *, to_read: bool = False, without_log: bool = False) -> bool:
        """Close the open project and open that one; when it cannot be opened, nothing changes.

        The one that is open stays open. to_read changes nothing and lets another program write;
        without_log leaves out the newest changes, whose log is missing or another file's.
        """
        if self._project is not None and _same_file(path, self._project.path):
            return True
        options = {"to_read": to_read, "without_log": without_log}
        return self._enter(lambda: Project.open(path, self._author, **options), path)

    def close(self) -> None:
        """Let go of the file; an import that is under way begins anew when it is opened again."""
        project = self._let_go()
        self._finish_closing()
        if project is not None:
            project.close()
            self.closed.emit()

    @property
    def read_only(self) -> str:
        """A sentence about why the open project cannot be changed; "" when it can."""
        return self._project.read_only if self._project else ""

    def submit(self, edit: Edit, onto: int = 0) -> Change | None:
        """Make an edit, announce and give its change; None when it was refused.

        onto: the number of an edit with which it is one step, if that is still the newest.
        """
        return self._announced(lambda project: history.commit(project, edit, onto))

    def undo(self) -> Change | None:
        """Take the last edit back; None when that was refused."""
        return self._announced(history.undo)

    def redo(self) -> Change | None:
        """Make the edit again that was taken back last; None when that was refused."""
        return self._announced(history.redo)

    def go_to_edit(self, number: int) -> None:
        """Begin to undo or redo until that edit is the newest one; each slice is announced."""
        if self._project is not None and self._may_write(self._project):
            self._begin(_Work(history.going_to(self._project, number)))

    def edits(self, low: int, high: int, wanted: str = "") -> list[EditRecord]:
        """The edits with numbers from low to high, both inclusive, whose title holds a text."""
        return self._asked(lambda project: project.edits(low, high, wanted), [])

    def forget_history(self) -> Change | None:
        """Let the edits so far stand for good; a fresh project begins with nothing to undo."""
        return self._announced(history.forget)

    def videos(self) -> list[VideoRecord]:
        """The project's videos in the order they came."""
        return self._remembered("videos", Project.videos)

    def labels(self) -> list[Label]:
        """The project's labels by id, which is the order of their keys."""
        return self._remembered("labels", Project.labels)

    def tubes(self, video_id: int, ids: Collection[int] | None = None) -> list[TubeSummary]:
        """A video's tubes by number, or those of them with the given ids."""
        if ids is None or len(ids) > _FEW:
            return self._asked(lambda project: project.tubes(video_id, ids), [])
        few = tuple(ids)
        return self._remembered((video_id, few), lambda project: project.tubes(video_id, few))

    def tube_ids(self, video_id: int) -> list[int]:
        """The ids of a video's tubes by number; of many, tubes() is then asked part by part."""
        return self._asked(lambda project: project.tube_ids(video_id), [])

    def in_review(
        self,
        video_id: int,
        wanted: ReviewFilter = EVERY_TUBE,
        ids: Collection[int] | None = None,
    ) -> list[tuple[int, int]]:
        """First frame and id of a video's tubes that wait for a decision, ascending.

        ids: only these tubes are looked at, at most some hundred.
        """
        return self._asked(lambda project: project.in_review(video_id, wanted, ids), [])

    def waiting(self, wanted: ReviewFilter = EVERY_TUBE) -> dict[int, int]:
        """How many tubes of each video wait for a decision, by the video's id."""
        return self._asked(lambda project: project.waiting(wanted), {})

    def video_review(self, video_id: int) -> VideoReview:
        """How many of a video's tubes stand in which state of review."""
        return self._asked(lambda project: project.video_review(video_id), VideoReview())

    def boxes_at(self, video_id: int, frame: int, min_score: float = 0.0) -> list[BoxAt]:
        """All visible boxes of a frame, interpolated ones too, by their tubes' numbers."""
        asked = ("boxes", video_id, frame, min_score)
        return self._remembered(asked, lambda project: project.boxes_at(*asked[1:]))

    def tube(self, tube_id: int) -> TubeRecord | None:
        """The whole tube; None when it is not there any more."""
        return self._asked(lambda project: project.tube(tube_id), None)

    def runs(self) -> list[RunRecord]:
        """The project's runs, the first one first."""
        return self._remembered("runs", Project.runs)

    def models(self) -> list[ModelRecord]:
        """The project's models, the first one first."""
        return self._remembered("models", Project.models)

    def history(self) -> HistoryState:
        """What undo and redo would do, and when the project was saved last."""
        if self._history is None:
            self._history = self._asked(Project.history, HistoryState())
        return self._history

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
        self._answers.forget()
        if self.labels() != before:
            self.changed.emit(Change(labels=True, history=False))
        return found

    def set_media_problem(self, video_id: int, problem: str) -> Change | None:
        """Note in a sentence what is wrong with a video's file; "" for nothing."""
        return self._noted(lambda project: project.set_media_problem(video_id, problem))

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
        return self._noted(lambda project: project.set_run_state(run_id, state))

    def delete_run(self, run_id: int) -> Change | None:
        """Forget a run that left no tube; models that came of it stay."""
        return self._announced(lambda project: project.delete_run(run_id))

    def add_model(self, model: NewModel) -> ModelRecord | None:
        """Register a model, or bring the one with its uid up to date."""
        if self.read_only:
            return None
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
        if self._project is not None and self._may_write(self._project):
            steps = self._project.importing(video_id, run_id, predicted, over)
            self._begin(_Work(steps, run_id, step_count(predicted)))

    def delete_run_predictions(self, run_id: int) -> None:
        """Begin to take a run's predictions away that nobody decided on; announced at once."""
        if self._project is not None and self._may_write(self._project):
            self._begin(_Work(self._project.discarding(run_id)))

    def finish_work(self) -> None:
        """Do now what is left of imports."""
        while self._work:
            self._step()

    def open_project(self) -> Project | None:
        """The project itself, whose methods may be called from any thread."""
        return self._project

    def hold(self, why: str) -> None:
        """Refuse every change with that sentence, until "" lets them be made again."""
        self._held = why

    def reopen(self) -> None:
        """Let everybody read all of the project again: its file holds another state."""
        if self._project is not None:
            self.closed.emit()
            self.opened.emit(self._project.path)

    def _forget_answers(self) -> None:
        self._history = None
        self._answers.forget()

    def _let_go(self) -> Project | None:
        """Forget the open project, which is still to be closed."""
        project, self._project = self._project, None
        self._work.clear()
        self._timer.stop()
        self._pulse.stop()
        return project

    def _leave(self) -> None:
        """Close the open project beside the work: a slow disk takes its time for it."""
        project = self._let_go()
        if project is not None:
            self._closing = Thread(target=project.close, name="closing a project")
            self._closing.start()
            self.closed.emit()

    def _finish_closing(self) -> None:
        if self._closing is not None:
            self._closing.join()
        self._closing = None

    def _enter(self, made: Callable[[], Project], path: Path) -> bool:
        self._finish_closing()  # it may be the same project that is opened again
        try:
            project = made()
        except AppError as error:
            self._say(error, path)
            return False
        self._leave()
        self._project = project
        self._version = project.version()
        self._pulse.start(_WATCH_MS if project.read_only else _TOUCH_MS)
        if not project.read_only:
            self._begin(_Work(project.clearing()))
        self.opened.emit(project.path)
        return True

    def _asked(self, question: Callable[[Project], T], empty: T) -> T:
        if self._project is None:
            return empty
        try:
            return question(self._project)
        except AppError as error:
            self._say(error, self._project.path)
            return empty

    def _remembered(self, name: Hashable, question: Callable[[Project], list[T]]) -> list[T]:
        """The answer, read once while an event is handled if nothing changes; none is remembered
        of what could not be read.
        """
        return self._answers.of(name, lambda: self._asked(question, None))

    def _announced(self, action: Callable[[Project], Change]) -> Change | None:
        if self._project is None or not self._may_write(self._project):
            return None
        change = self._asked(action, None)
        if change is not None and change != history.NOTHING:
            self.changed.emit(change)
        return change

    def _noted(self, action: Callable[[Project], Change]) -> Change | None:
        """What the program notes by itself is not missed where nothing may be written."""
        return None if self.read_only else self._announced(action)

    def _may_write(self, project: Project) -> bool:
        why = self._held or project.read_only
        if why:
            self.failed.emit(why)
        return not why

    def _say(self, error: AppError, path: Path) -> None:
        """Say what is wrong; what every picture would meet again is said once in a while."""
        remedy = _REMEDIES.get(type(error))
        if remedy is None:
            self.failed.emit(str(error))
            return
        text, at = self._said
        if text != str(error) or time.monotonic() - at > _QUIET_S:
            self._said = (str(error), time.monotonic())
            self.refused.emit(Refusal(path, str(error), remedy))

    def _beat(self) -> None:
        """Show that the project is open here, or see whether its owner changed it."""
        project = self._project
        if project is None:
            return
        if not project.read_only:
            project.touch()
            return
        version = self._asked(lambda project: project.version(), self._version)
        if version != self._version:
            self._version = version
            every = frozenset(video.id for video in self.videos())
            self.changed.emit(Change(every, labels=True, media=True, models=True, runs=True))

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
            if self._project is not None:
                self._say(error, self._project.path)
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


def _same_file(path: Path, other: Path) -> bool:
    try:
        return path.samefile(other)
    except OSError:
        return False
