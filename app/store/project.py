"""A project: one file NAME.yowo that gives out frozen values and takes transactions."""

from collections.abc import Collection, Iterator, Sequence
from pathlib import Path
from typing import Any, Self

from sqlalchemy import select

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
from app.store import (
    annotations,
    frame_boxes,
    journal,
    labels,
    making,
    media,
    models,
    predictions,
    runs,
    stamp,
    tubes,
)
from app.store.project_file import ProjectFile
from app.store.schema import project as project_table
from yowo_core.annotations import AnnotationSet, Label, Tube


class Project:
    """An open project file.

    Everything raises ProjectError with a sentence when the file cannot be read or written, and
    may be called from any thread; each call is a transaction of its own.
    """

    def __init__(self, file: ProjectFile, author: str) -> None:
        self.path = file.path
        self.author = author
        self._file = file
        self.reading, self.writing = file.reading, file.writing
        self.check, self.touch, self.version = file.check, file.touch, file.version
        self.copy_to, self.take_over = file.copy_to, file.take_over

    def set_author(self, author: str | None) -> None:
        """Who edits from now on; None takes the name of the account."""
        self.author = author or stamp.user_name()

    @classmethod
    def create(cls, path: Path, author: str | None = None) -> Self:
        """A new project in a file that does not exist yet; author: who is logged in by default."""
        name = author or stamp.user_name()
        making.make_project(path, name)
        return cls(ProjectFile.open(path), name)

    @classmethod
    def open(
        cls,
        path: Path,
        author: str | None = None,
        *,
        to_read: bool = False,
        without_log: bool = False,
    ) -> Self:
        """The project in that file, brought to this version's format if it is older.

        ProjectInUseError when it is open elsewhere and not wanted to_read; ProjectLogError when
        its log is missing or another file's, and without_log goes on without it;
        ProjectDamagedError when only a rescue helps.
        """
        if to_read:
            file = ProjectFile.open_to_read(path, f"{path.name} is open here only to read.")
        else:
            file = ProjectFile.open(path, without_log=without_log)
        return cls(file, author or stamp.user_name())

    def close(self) -> None:
        """Let go of the file; all changes are in it, and it alone is the project."""
        self._file.close()

    @property
    def read_only(self) -> str:
        """A sentence about why the project cannot be changed; "" when it can."""
        return self._file.read_only

    @property
    def checked(self) -> bool:
        """Whether the file was looked through for damage; else check() does it."""
        return self._file.checked

    @property
    def uid(self) -> str:
        """The project's own uid, the same in every copy of its file."""
        with self.reading() as connection:
            return str(connection.scalar(select(project_table.c.uid)))

    def videos(self) -> list[VideoRecord]:
        """The project's videos in the order they came."""
        with self.reading() as connection:
            return media.records(connection, self.path.parent)

    def labels(self) -> list[Label]:
        """The project's labels by id, which is the order of their keys."""
        with self.reading() as connection:
            return labels.records(connection)

    def tubes(self, video_id: int, ids: Collection[int] | None = None) -> list[TubeSummary]:
        """A video's tubes by number, or those of them with the given ids."""
        with self.reading() as connection:
            return tubes.summaries(connection, video_id, ids)

    def tube_ids(self, video_id: int) -> list[int]:
        """The ids of a video's tubes by number."""
        with self.reading() as connection:
            return tubes.ids_of(connection, video_id)

    def in_review(
        self,
        video_id: int,
        wanted: ReviewFilter = EVERY_TUBE,
        ids: Collection[int] | None = None,
    ) -> list[tuple[int, int]]:
        """First frame and id of a video's tubes that wait for a decision, ascending.

        ids: only these tubes are looked at, at most some hundred.
        """
        with self.reading() as connection:
            return tubes.in_review(connection, video_id, wanted, ids)

    def waiting(self, wanted: ReviewFilter) -> dict[int, int]:
        """How many tubes of each video wait for a decision, by the video's id."""
        with self.reading() as connection:
            return tubes.waiting(connection, wanted)

    def video_review(self, video_id: int) -> VideoReview:
        """How many of a video's tubes stand in which state of review."""
        with self.reading() as connection:
            return tubes.video_review(connection, video_id)

    def boxes_at(self, video_id: int, frame: int, min_score: float = 0.0) -> list[BoxAt]:
        """All visible boxes of a frame, interpolated ones too, by their tubes' numbers.

        Tubes to be reviewed whose best action has a score below min_score are left out.
        """
        with self.reading() as connection:
            return frame_boxes.boxes_at(connection, video_id, frame, min_score)

    def tube(self, tube_id: int) -> TubeRecord | None:
        """The whole tube; None when it is not there any more."""
        with self.reading() as connection:
            return tubes.record(connection, tube_id)

    def runs(self) -> list[RunRecord]:
        """The project's runs, the first one first."""
        with self.reading() as connection:
            return runs.records(connection, self.path.parent)

    def models(self) -> list[ModelRecord]:
        """The project's models, the first one first."""
        with self.reading() as connection:
            return models.records(connection, self.path.parent)

    def history(self) -> HistoryState:
        """What undo and redo would do, and when the project was saved last."""
        with self.reading() as connection:
            return journal.state(connection)

    def edits(self, low: int, high: int, wanted: str = "") -> list[EditRecord]:
        """The edits with numbers from low to high, both inclusive, whose title holds a text."""
        with self.reading() as connection:
            return journal.entries(connection, low, high, wanted)

    def review_counts(self) -> ReviewCounts:
        """How many tubes of the project stand in which state of review."""
        with self.reading() as connection:
            return tubes.review_counts(connection)

    def tube_names(self) -> dict[str, TubeName]:
        """How every tube is called, by its uid."""
        with self.reading() as connection:
            return tubes.names(connection)

    def annotation_set(self, confirmed_only: bool) -> AnnotationSet:
        """The whole project as export and training see it."""
        with self.reading() as connection:
            return annotations.annotation_set(connection, confirmed_only)

    def training_counts(self) -> list[ClassCount]:
        """Confirmed tubes and boxes of every label."""
        with self.reading() as connection:
            return annotations.training_counts(connection)

    def ensure_labels(self, names: Sequence[str]) -> dict[str, int]:
        """The ids of labels by name, for a model's classes; missing ones are added.

        Not an edit: undoing it would take the labels from under the model's predictions.
        """
        with self.writing() as connection:
            return labels.ensure(connection, names, stamp.stamp(connection, self.author))

    def set_media_problem(self, video_id: int, problem: str) -> Change:
        """Note in a sentence what is wrong with a video's file; "" for nothing."""
        return self._note(video_id, {"problem": problem})

    def set_media_facts(self, video_id: int, facts: NewVideo) -> Change:
        """Note what was found out anew of a video's file, where it is included. Not an edit."""
        place = media.place_values(facts.path, self.path.parent)
        return self._note(video_id, {**media.fact_values(facts), **place})

    def _note(self, video_id: int, values: dict[str, Any]) -> Change:
        with self.writing() as connection:
            media.set_values(connection, video_id, values)
        return Change(videos=frozenset([video_id]), media=True, history=False)

    def add_run(
        self,
        kind: RunKind,
        title: str,
        folder: Path,
        video_id: int | None = None,
        model_uid: str = "",
    ) -> RunRecord:
        """Note a run that begins now."""
        run = RunRecord(0, "", kind, title, RunState.RUNNING, folder, "", video_id, model_uid)
        with self.writing() as connection:
            by = stamp.stamp(connection, self.author)
            run_id = runs.add(connection, run, self.path.parent, by)
            return runs.record(connection, run_id, self.path.parent)

    def set_run_state(self, run_id: int, state: RunState) -> Change:
        """Note how a run ended."""
        with self.writing() as connection:
            runs.set_state(connection, run_id, state)
        return Change(runs=True, history=False)

    def delete_run(self, run_id: int) -> Change:
        """Forget a run that left no tube; models that came of it stay."""
        with self.writing() as connection:
            runs.delete_run(connection, run_id)
        return Change(runs=True, models=True, history=False)

    def add_model(self, model: NewModel) -> ModelRecord:
        """Register a model, or bring the one with its uid up to date."""
        with self.writing() as connection:
            by = stamp.stamp(connection, self.author)
            model_id = models.add(connection, model, self.path.parent, by)
            found = models.records(connection, self.path.parent)
        return next(item for item in found if item.id == model_id)

    def set_live_model(self, model_id: int) -> Change:
        """Make that model the one that plays."""
        with self.writing() as connection:
            models.set_live(connection, model_id)
        return Change(models=True, history=False)

    def importing(
        self, video_id: int, run_id: int, predicted: Sequence[Tube], over: RunState | None = None
    ) -> Iterator[Change | None]:
        """Import predictions step by step; the last step gives the change.

        over: how the run stands once they are in, None leaves that alone.
        """
        to = predictions.Destination(video_id, run_id, self.author, over)
        return predictions.importing(self.writing, to, predicted)

    def import_predictions(self, video_id: int, run_id: int, predicted: Sequence[Tube]) -> Change:
        """Import predictions of a run over a video, all of them or none."""
        return _all_steps(self.importing(video_id, run_id, predicted))

    def clearing(self) -> Iterator[None]:
        """Take away step by step what imports left behind that a crash cut off."""
        return predictions.clearing(self.writing)

    def discarding(self, run_id: int) -> Iterator[Change | None]:
        """Take a run's undecided predictions away step by step; the first gives the change."""
        return predictions.discarding(self.writing, run_id)

    def delete_run_predictions(self, run_id: int) -> Change:
        """Take a run's predictions away that nobody decided on."""
        return _all_steps(self.discarding(run_id))


def _all_steps(steps: Iterator[Change | None]) -> Change:
    whole = Change(history=False)
    for change in steps:
        whole |= change or Change(history=False)
    return whole
