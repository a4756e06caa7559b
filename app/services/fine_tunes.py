"""The fine-tunes of the open project: begun, gone on with, and their models registered."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Final
from uuid import uuid4

from PySide6.QtCore import QObject, QTimer, Signal

from app.domain.project import ModelRecord, NewModel, RunKind, RunRecord, RunState
from app.domain.training import FineTunePlan
from app.services.background import Background
from app.services.data_folders import run_folder
from app.services.left_runs import End, LeftRun, look_at, sweep
from app.services.project_service import ProjectService
from app.services.training import Training
from app.services.training_result import TrainingResult, keep_result
from app.services.training_state import Phase, TrainingState

_NAME: Final = re.compile(r"Fine-tune (\d+)")
_LOOK_AGAIN_MS: Final = 6000
_LOOKS: Final = 3


class FineTunes(QObject):
    """Joins what a training tells with the project it belongs to, also after a restart."""

    registered = Signal(object, bool)  # ModelRecord; whether it comes of a run seen to its end
    cut_off = Signal(object)  # RunRecord that can be gone on with
    told = Signal(str)  # a sentence about a run that did not go as it should
    ended = Signal()  # none runs any more

    def __init__(
        self,
        project: ProjectService,
        training: Training,
        background: Background,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._project, self._training, self._background = project, training, background
        self._run: RunRecord | None = None
        self._path: Path | None = None
        self._leaving = False
        training.state_changed.connect(self._follow)
        training.finished.connect(self._finished)
        training.paused.connect(partial(self._end, RunState.STOPPED))
        training.failed.connect(self._failed)

    @property
    def number(self) -> int:
        """What people call the run that is shown, 0 when it has no number."""
        return number_of(self._run.title) if self._run else 0

    @property
    def elsewhere(self) -> str:
        """The name of the project that the run belongs to, '' for the open one."""
        here = self._path is None or self._path == self._project.path
        return "" if here or self._path is None else self._path.name

    @property
    def model(self) -> ModelRecord | None:
        """The newest model that came of the run that is shown."""
        run = self._run
        if run is None or self.elsewhere:
            return None
        return next((m for m in reversed(self._project.models()) if m.run_id == run.id), None)

    def start(self, plan: FineTunePlan) -> bool:
        """Begin what a person asked for; False when it cannot be."""
        project = self._project
        models = project.models()
        base = next((m for m in models if m.id == plan.base_model), None)
        if base is None or project.path is None or self._training.running:
            return False
        folder = run_folder(project.path, "train")
        title = f"Fine-tune {_next_number(project.runs(), models)} of {base.name}"
        run = project.add_run(RunKind.TRAIN, title, folder, None, base.uid)
        if run is None:
            return False
        self._run, self._path = run, project.path
        config = replace(plan.config, base=str(base.path))
        paths = {v.name: v.path for v in project.videos()}
        annotations = project.annotation_set(confirmed_only=True)
        return self._training.prepare(annotations, paths, folder, config, plan.held_out)

    def go_on(self) -> bool:
        """Go on with the run that is shown; False when it cannot be."""
        if self._run is None or self.elsewhere or not self._training.go_on():
            return False
        self._project.set_run_state(self._run.id, RunState.RUNNING)
        return True

    def opened(self) -> None:
        """A project was opened: take in what ended unseen, show the last run, offer to go on."""
        path = self._project.path
        if path is None or self._project.read_only:  # its runs belong to the window that has it
            return
        runs = [run for run in self._project.runs() if run.kind is RunKind.TRAIN]
        asked = [run for run in runs if run.state is RunState.RUNNING or run is runs[-1]]
        self._background.run(partial(sweep, path.with_suffix(".runs")), _nothing, _nothing)
        self._look(path, asked, _LOOKS)

    def closed(self) -> None:
        """No project is open any more; a training that runs goes on."""
        if not self._training.running:
            self.forget()

    def leave(self) -> None:
        """The program ends now: what that cuts off is offered again at the next start."""
        state = self._training.state
        self._leaving = state is not None and state.phase is not Phase.STOPPING

    def forget(self) -> None:
        """Show none any more."""
        self._training.forget()
        self._run = None

    def _look(self, path: Path, runs: Sequence[RunRecord], looks: int) -> None:
        if self._project.path != path:
            return
        state = self._training.state
        ours = state.run_dir if state is not None and self._training.running else None
        asked = [run for run in runs if run.folder != ours]
        if asked:
            seen = partial(self._seen, path, looks)
            self._background.run(partial(look_at, asked), seen, self.told.emit)

    def _seen(self, path: Path, looks: int, found: list[LeftRun]) -> None:
        if self._project.path != path:
            return
        alive = [left.run for left in found if left.end is End.ALIVE]
        if alive and looks > 1:  # the trainer of a window that has just gone may still save
            again = partial(self._look, path, alive, looks - 1)
            QTimer.singleShot(_LOOK_AGAIN_MS, self, again)
        newest = max(run.id for run in self._project.runs() if run.kind is RunKind.TRAIN)
        for left in found:
            if left.end is not End.ALIVE:
                self._take_up(left, shown=left.run.id == newest)

    def _take_up(self, left: LeftRun, *, shown: bool) -> None:
        """Show a run of an earlier start, and bring the project up to date with its folder."""
        run, state = left.run, left.training
        if shown and state is not None and not self._training.running:
            models = self._project.models()
            kept = any(model.run_id == run.id for model in models)
            self._run, self._path = run, self._project.path
            self._training.show(replace(state, registered=kept))
        if run.state is not RunState.RUNNING:
            return
        if left.end is End.ENDED and state is not None:
            work = partial(keep_result, state, stopped=False)
            done = partial(self._register, run, self._project.path, seen=False)
            self._background.run(work, done, self.told.emit)
        elif left.end is End.CUT_OFF:
            self._project.set_run_state(run.id, RunState.STOPPED)
            if shown:
                self.cut_off.emit(run)
        else:
            self._project.set_run_state(run.id, RunState.FAILED)
            self.told.emit(_lost(run, state))

    def _follow(self, state: TrainingState) -> None:
        if state.phase is not Phase.DISCARDED or self._run is None:
            return
        if not self.elsewhere:
            self._project.delete_run(self._run.id)
        self._run = None
        self.ended.emit()

    def _finished(self, result: TrainingResult) -> None:
        if self._run is None:
            return
        if self.elsewhere:
            name = _model_name(self._run, result)
            self.told.emit(f"{name} is ready; it joins {self.elsewhere} when that is opened.")
        else:
            self._register(self._run, self._path, result, seen=True)
        self.ended.emit()

    def _register(
        self, run: RunRecord, path: Path | None, result: TrainingResult, *, seen: bool
    ) -> None:
        """Add the model to its project, once however often it is told of."""
        if self._project.path != path:
            return
        record = next((m for m in self._project.models() if _is_of(m, run, result)), None)
        record = record or self._project.add_model(_new_model(run, result))
        over = RunState.STOPPED if result.stopped else RunState.FINISHED
        self._project.set_run_state(run.id, over)
        state = self._training.state
        if state is not None and state.run_dir == run.folder and not seen:
            self._training.show(replace(state, registered=True, can_go_on=False))
        if record is not None:
            self.registered.emit(record, seen)

    def _failed(self, sentence: str) -> None:
        self._end(RunState.FAILED)
        self.told.emit(f"The fine-tune failed: {sentence}")

    def _end(self, state: RunState) -> None:
        if self._leaving:
            return
        if self._run is not None and not self.elsewhere:
            self._project.set_run_state(self._run.id, state)
        self.ended.emit()


def number_of(title: str) -> int:
    """The number in the name of a fine-tune or of its model, 0 when there is none."""
    found = _NAME.match(title)
    return int(found[1]) if found else 0


def _next_number(runs: Iterable[RunRecord], models: Iterable[ModelRecord]) -> int:
    names = [*(run.title for run in runs), *(model.name for model in models)]
    return 1 + max(map(number_of, names), default=0)


def _new_model(run: RunRecord, result: TrainingResult) -> NewModel:
    return NewModel(
        uuid4().hex,
        _model_name(run, result),
        result.path,
        result.sha256,
        result.labels,
        run.model_uid,
        run.id,
        result.metrics,
    )


def _model_name(run: RunRecord, result: TrainingResult) -> str:
    number = number_of(run.title) or run.id
    if not result.stopped:
        return f"Fine-tune {number}"
    when = f"epoch {result.epoch}" if result.after is not None else f"update {result.update}"
    return f"Fine-tune {number}, {when}"


def _is_of(model: ModelRecord, run: RunRecord, result: TrainingResult) -> bool:
    return model.run_id == run.id and model.sha256 == result.sha256


def _lost(run: RunRecord, state: TrainingState | None) -> str:
    if state is not None and state.phase is Phase.FAILED and state.message:
        return f"{run.title} failed: {state.message}"
    if run.folder.is_dir():
        return f"{run.title} was cut off before it began. Start it again."
    return f"{run.title} cannot go on: its folder {run.folder} is not there any more."


def _nothing(_told: object) -> None:
    """Sweeping is nobody's concern."""
