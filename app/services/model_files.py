"""Somebody's model file becomes one of the open project's models."""

from collections.abc import Iterable
from functools import partial
from pathlib import Path
from typing import Any, Final

from PySide6.QtCore import QObject, Signal

from app.domain.model_files import FilePhase, ModelFileState
from app.domain.project import ModelRecord, NewModel
from app.services.background import Background
from app.services.job_runner import JobEnd, JobEvent, JobRunner
from app.services.model_file_intake import Found, kept, looked_at
from app.services.project_service import ProjectService
from app.services.training_result import MODELS_FOLDER
from yowo_core.events import Finished

_CLOSED: Final = "Its project was closed meanwhile. Open it and add the file again."


class ModelFiles(QObject):
    """Adds one file at a time. changed carries a ModelFileState.

    `yowo import-weights` looks at every file, in a process of its own, and writes those of other
    makers as files of ours; ours are copied as they are. A file that is known is not read twice.
    """

    changed = Signal(object)  # ModelFileState

    def __init__(
        self,
        runner: JobRunner,
        project: ProjectService,
        background: Background,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._runner, self._project, self._background = runner, project, background
        self.state: ModelFileState | None = None
        self._place: Path | None = None
        self._job: tuple[int, Found] | None = None
        self._facts: dict[str, Any] = {}
        runner.event_received.connect(self._hear)
        runner.ended.connect(self._end)

    @property
    def busy(self) -> bool:
        """Whether a file is being added."""
        return self.state is not None and self.state.phase is FilePhase.READING

    def add(self, file: Path) -> bool:
        """Begin to add a file; False without an open project, or while another is added."""
        project = self._project.path
        if project is None or self._project.read_only or self.busy:
            return False
        self._place = project
        self._tell(ModelFileState(FilePhase.READING, file))
        folder = project.with_suffix(".runs") / MODELS_FOLDER
        look = partial(looked_at, file.absolute(), folder.absolute())
        self._background.run(look, self._looked, self._fail)
        return True

    def _looked(self, found: Found) -> None:
        known = _known(self._project.models(), found)
        if self._project.path != self._place:
            self._fail(_CLOSED)
        elif known is not None and known.path.is_file():
            self._tell(ModelFileState(FilePhase.KNOWN, found.file, known))
        else:
            out = () if found.ours else (str(found.target), "--replace")
            arguments = ["import-weights", str(found.file), *out, "--events", "--stop-on-stdin"]
            self._facts = {}
            self._job = (self._runner.start(arguments), found)

    def _hear(self, told: JobEvent) -> None:
        if self._job is not None and told.job == self._job[0] and isinstance(told.event, Finished):
            self._facts = told.event.facts

    def _end(self, end: JobEnd) -> None:
        if self._job is None or end.job != self._job[0]:
            return
        found, self._job = self._job[1], None
        if not end.finished:
            self._fail(end.message)
            return
        work = partial(kept, found, whole=self._facts.get("what") == "model")
        self._background.run(work, partial(self._register, found), self._fail)

    def _register(self, found: Found, new: NewModel) -> None:
        if self._project.path != self._place:
            self._fail(_CLOSED)
            return
        models = self._project.models()
        record = self._project.add_model(_as_known(new, _known(models, found), models))
        if record is None:
            self._fail("The project could not take it in.")
            return
        rows = tuple((str(word), str(text)) for word, text in self._facts.get("rows", ()))
        self._tell(ModelFileState(FilePhase.ADDED, found.file, record, rows))

    def _fail(self, message: str) -> None:
        file = self.state.file if self.state is not None else Path()
        self._tell(ModelFileState(FilePhase.FAILED, file, message=message))

    def _tell(self, state: ModelFileState) -> None:
        self.state = state
        self.changed.emit(state)


def _known(models: Iterable[ModelRecord], found: Found) -> ModelRecord | None:
    """The model that came of the same bytes, whatever its file is called."""
    return next((m for m in models if found.sha256 == m.sha256 or found.uid == m.uid), None)


def _as_known(new: NewModel, known: ModelRecord | None, models: Iterable[ModelRecord]) -> NewModel:
    """The new model under a name of its own, or that whose file was lost with its file again."""
    if known is None:
        name = _free(new.name, {m.name for m in models})
        return NewModel(new.uid, name, new.path, new.sha256, new.labels)
    kept_facts = (known.parent_uid, known.run_id, known.metrics)
    return NewModel(known.uid, known.name, new.path, new.sha256, new.labels, *kept_facts)


def _free(name: str, taken: set[str]) -> str:
    number, free = 1, name
    while free in taken:
        number += 1
        free = f"{name} {number}"
    return free
