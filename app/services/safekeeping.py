"""Copies of the open project, a look for damage beside the work, and rescue of damaged ones."""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from PySide6.QtCore import QObject, Signal

from app.domain.safekeeping import Checkpoint, Refusal, Remedy, RescueReport
from app.domain.wording import counted
from app.errors import AppError
from app.services.background import Background
from app.services.messages import Messages
from app.services.project_service import ProjectService
from app.store import checkpoints
from app.store.project import Project
from app.store.rescue import rescue

_BEFORE_RESTORING = "before restoring"
_AUTOMATIC = "automatic"


class Safekeeping(QObject):
    """Works in the background, one thing after the other; what goes wrong is said by messages."""

    changed = Signal()  # the list of checkpoints

    def __init__(
        self,
        project: ProjectService,
        background: Background,
        messages: Messages,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._project, self._background, self._messages = project, background, messages
        project.opened.connect(self._opened)

    def checkpoints(self) -> list[Checkpoint]:
        """The open project's checkpoints, the newest first."""
        path = self._project.path
        return checkpoints.listed(path) if path is not None else []

    def make(self, name: str) -> None:
        """Keep a copy of the project as it is now, under a name."""
        project = self._project.open_project()
        if project is None:
            return
        work = partial(checkpoints.make, project.path, project.copy_to, name)
        self._background.run(work, self._made, self._messages.error)

    def restore(self, checkpoint: Checkpoint) -> None:
        """Let the project be as it was then; as it is now becomes a checkpoint first."""
        project = self._project.open_project()
        if project is None:
            return
        if self._project.busy:
            self._messages.info("Predictions are still coming in. Restore when they are there.")
            return
        self._project.hold("The project is being restored. Wait a moment.")
        work = partial(_restored, project, checkpoint)
        self._background.run(work, partial(self._restored, checkpoint), self._not_restored)

    def delete(self, checkpoint: Checkpoint) -> None:
        """Delete a checkpoint's file."""
        try:
            checkpoint.path.unlink(missing_ok=True)
        except OSError as error:
            self._messages.error(f"{checkpoint.path} cannot be deleted ({error.strerror}).")
        self.changed.emit()

    def save_copy(self, to: Path, then: Callable[[], object]) -> None:
        """Write all of the project to another file, also when its own went away."""
        project = self._project.open_project()
        if project is None:
            return

        def written(_none: None) -> None:
            then()

        self._background.run(partial(project.copy_to, to), written, self._messages.error)

    def rescue(self, path: Path, out: Path) -> None:
        """Copy what can be read of a damaged project into a new one and open that."""
        self._messages.info(f"Rescuing what can be read of {path.name}…")
        self._background.run(partial(rescue, path, out), self._rescued, self._messages.error)

    def _opened(self, path: Path) -> None:
        project = self._project.open_project()
        if project is None:
            return
        if project.read_only:
            self._messages.warning(project.read_only)
        if not project.checked:
            look = partial(_problem, project)
            self._background.run(look, partial(self._looked, path), self._messages.error)
        saved_at = self._project.history().saved_at
        if not project.read_only and checkpoints.is_due(path, saved_at):
            work = partial(_automatic, project)
            self._background.run(work, lambda _made: self.changed.emit(), self._messages.warning)

    def _looked(self, path: Path, problem: str) -> None:
        if problem and self._project.path == path:
            self._project.refused.emit(Refusal(path, problem, Remedy.RESCUE))

    def _made(self, made: Checkpoint) -> None:
        self._messages.info(f"Checkpoint “{made.name}” is kept in {made.path.parent.name}.")
        self.changed.emit()

    def _restored(self, checkpoint: Checkpoint, _kept: Checkpoint) -> None:
        self._project.hold("")
        self._project.reopen()
        self._messages.info(
            f"The project is as it was at “{checkpoint.name}”. What it was before is a checkpoint."
        )
        self.changed.emit()

    def _not_restored(self, problem: str) -> None:
        self._project.hold("")
        self._messages.error(f"Nothing was restored: {problem}")

    def _rescued(self, report: RescueReport) -> None:
        tubes = counted(report.read.get("tubes", 0), "tube")
        lost = counted(sum(report.lost.values()), "row")
        where = ", ".join(f"{n} in {table}" for table, n in sorted(report.lost.items()))
        told = f"{lost} could not be read: {where}." if where else "Nothing was lost."
        self._messages.warning(
            f"{tubes} rescued into {report.path}. {told} There is nothing to undo in it yet."
        )
        self._project.open(report.path)


def _automatic(project: Project) -> Checkpoint:
    return checkpoints.make(project.path, project.copy_to, _AUTOMATIC, automatic=True)


def _problem(project: Project) -> str:
    """What is wrong with the project's file; "" for nothing."""
    try:
        project.check()
    except AppError as error:
        return str(error)
    return ""


def _restored(project: Project, checkpoint: Checkpoint) -> Checkpoint:
    with TemporaryDirectory() as folder:
        work = checkpoints.checked_copy(checkpoint.path, Path(folder) / "checkpoint.yowo")
        name = f"{_BEFORE_RESTORING} {checkpoint.name}"
        kept = checkpoints.make(project.path, project.copy_to, name)
        project.take_over(work)
    return kept
