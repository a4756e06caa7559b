"""Fine-tunes a model in the background: freezes the labels, trains, tells how it stands."""

import shutil
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Final

from PySide6.QtCore import QObject, Qt, Signal

from app.services.background import Background
from app.services.job_runner import JobEnd, JobEvent, JobRunner
from app.services.training_result import BEST_FILE, TrainingResult, keep_result
from app.services.training_state import Phase, TrainingState, after, replayed
from yowo_core.annotations import AnnotationSet
from yowo_core.data.manifest import MANIFEST
from yowo_core.data.prepare import Prepared, prepare
from yowo_core.event_log import EVENTS, replay
from yowo_core.train.config import CONFIG, TrainConfig, write_config

__all__ = ["DISCARDED", "Phase", "Training", "TrainingResult", "TrainingState", "read_training"]

STOP_SECONDS: Final = 4.0
"""Saving takes a second or two; what is not saved by then is lost since the last time it was."""
DISCARDED: Final = ".discarded"
"""End of the name of a run folder that is being deleted."""
_NO_WEIGHTS: Final = (
    "It was stopped before its first update: there is no new model yet. Go on, or discard it."
)


class Training(QObject):
    """At most one training at a time.

    state_changed tells every step of it. finished brings the new model, also of a training that
    was stopped to keep it; paused tells that one stands still and can be gone on with; failed
    brings a sentence when it ended otherwise.
    """

    state_changed = Signal(object)  # TrainingState
    finished = Signal(object)  # TrainingResult
    paused = Signal()
    failed = Signal(str)
    _gathered = Signal(int, int)

    def __init__(
        self, runner: JobRunner, background: Background, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._runner, self._background = runner, background
        self._state: TrainingState | None = None
        self._job = 0
        self._discarding, self._pausing = False, False
        runner.event_received.connect(self._hear)
        runner.ended.connect(self._end)
        self._gathered.connect(self._show_gathered, Qt.ConnectionType.QueuedConnection)

    @property
    def state(self) -> TrainingState | None:
        """The training that runs or was shown last."""
        return self._state

    @property
    def running(self) -> bool:
        """Whether one runs, from preparing to its end."""
        return self._state is not None and not self._state.phase.over

    def prepare(
        self,
        annotations: AnnotationSet,
        paths: Mapping[str, Path],
        run_dir: Path,
        config: TrainConfig,
        held_out: float = 0.2,
    ) -> bool:
        """Freeze labels, videos and settings into run_dir, then train; False when one runs.

        paths finds each video by its name. held_out is the share of labelled frames kept for
        measuring.
        """
        if self.running:
            return False
        self._begin(TrainingState(run_dir))
        files = {name: path.resolve() for name, path in paths.items()}

        def report(done: int, total: int) -> bool:
            self._gathered.emit(done, total)
            return not self._discarding

        def freeze() -> Prepared:
            done = prepare(annotations, files, run_dir, held_out=held_out, report=report)
            write_config(run_dir, config)
            return done

        self._background.run(freeze, self._prepared, self._fail)
        return True

    def show(self, state: TrainingState) -> bool:
        """Show a training of an earlier start of the program; False while another one runs."""
        if self.running:
            return False
        self._begin(state)
        return True

    def go_on(self) -> bool:
        """Train on where the one that is shown stood; False when it cannot be gone on with."""
        if self._state is None or self.running or not self._state.can_go_on:
            return False
        self._discarding, self._pausing = False, False
        self._follow(self._state.run_dir)
        return True

    def stop_and_keep_best(self) -> None:
        """End it early; its best weights become a model. Nothing happens while it prepares."""
        self._stop(pausing=False)

    def pause(self) -> None:
        """End its process; where it stands is saved. Nothing happens while it prepares."""
        self._stop(pausing=True)

    def keep(self) -> bool:
        """Bring the model of the training that is shown, by finished; False when it has none."""
        if self._state is None or not self._state.phase.over or not self._state.has_weights:
            return False
        self._collect(stopped=self._state.phase is not Phase.FINISHED)
        return True

    def discard(self) -> None:
        """End it, or forget the one that has ended, and delete its run folder."""
        if self._state is None or self._state.phase is Phase.DISCARDED:
            return
        running, self._discarding = self.running, True
        if running:
            self._tell(replace(self._state, phase=Phase.STOPPING))
            self._runner.kill(self._job)
        else:
            self._delete()

    def forget(self) -> None:
        """Show none any more; the run folder stays. Nothing happens while one runs."""
        if not self.running:
            self._state = None

    def _begin(self, state: TrainingState) -> None:
        self._job, self._discarding, self._pausing = 0, False, False
        self._tell(state)

    def _stop(self, *, pausing: bool) -> None:
        if self._state is None or not self._job or self._discarding:
            return
        self._pausing = pausing
        self._tell(replace(self._state, phase=Phase.STOPPING))
        self._runner.stop(self._job, STOP_SECONDS)

    def _tell(self, state: TrainingState) -> None:
        self._state = state
        self.state_changed.emit(state)

    def _show_gathered(self, done: int, total: int) -> None:
        if self._state is not None and self._state.phase is Phase.PREPARING:
            self._tell(replace(self._state, done=done, total=total))

    def _prepared(self, done: Prepared) -> None:
        if self._state is None:
            return
        if self._discarding:
            self._delete()
            return
        frames = (done.frames, done.held_out_frames)
        self._state = replace(self._state, notices=done.notices, frames=frames, boxes=done.boxes)
        self._follow(self._state.run_dir)

    def _follow(self, run_dir: Path) -> None:
        """Start the command; loading and decoding its videos come first."""
        self._job = self._runner.start(["train", str(run_dir.resolve()), "--stop-on-stdin"])
        if self._state is not None:
            fresh = replace(self._state, done=0, total=0, rate=0.0, seconds_left=0.0, message="")
            self._tell(replace(fresh, phase=Phase.DECODING, stage="loading", registered=False))

    def _hear(self, told: JobEvent) -> None:
        """Its end is told only when the process has ended and the model is known."""
        if told.job == self._job and self._state is not None and not self._discarding:
            state = after(self._state, told.event)
            ended = state.phase.over or self._state.phase is Phase.STOPPING
            self._tell(replace(state, phase=self._state.phase) if ended else state)

    def _end(self, end: JobEnd) -> None:
        if end.job != self._job or self._state is None:
            return
        self._job = 0
        if self._discarding:
            self._delete()
            return
        self._state = _checked(self._state)
        wanted = end.finished or end.stopped
        if wanted and self._pausing:
            self._rest("")
        elif wanted and self._state.has_weights:
            self._collect(stopped=end.stopped)
        elif wanted:
            self._rest(_NO_WEIGHTS)
        else:
            self._fail(end.message)

    def _rest(self, message: str) -> None:
        if self._state is not None:
            stopped = replace(self._state, phase=Phase.STOPPED, seconds_left=0.0, message=message)
            self._tell(stopped)
        self.paused.emit()

    def _collect(self, *, stopped: bool) -> None:
        if self._state is not None:
            work = partial(keep_result, self._state, stopped=stopped)
            self._background.run(work, self._finish, self._fail)

    def _finish(self, result: TrainingResult) -> None:
        if self._state is not None and self._state.run_dir == result.run_dir:
            phase = Phase.STOPPED if result.stopped else Phase.FINISHED
            can_go_on = self._state.can_go_on and result.stopped
            over = replace(self._state, phase=phase, seconds_left=0.0, can_go_on=can_go_on)
            self._tell(replace(over, registered=True))
        self.finished.emit(result)

    def _fail(self, message: str) -> None:
        if self._discarding:
            self._delete()
            return
        if self._state is not None:
            failed = replace(self._state, phase=Phase.FAILED, message=message, seconds_left=0.0)
            self._tell(_checked(failed))
        self.failed.emit(message)

    def _delete(self) -> None:
        if self._state is not None:
            work = partial(_set_aside, self._state.run_dir)
            self._background.run(work, self._deleted, self._left)

    def _deleted(self, aside: Path) -> None:
        if self._state is not None:
            self._tell(replace(self._state, phase=Phase.DISCARDED))
        self._background.run(partial(_delete_all, aside), _nothing_to_do, _nothing_to_do)

    def _left(self, why: str) -> None:
        """The folder could not even be renamed."""
        self._discarding = False
        if self._state is not None:
            self._tell(_checked(replace(self._state, phase=Phase.FAILED, message=why)))
            self.failed.emit(f"{self._state.run_dir} could not be deleted: {why}.")


def read_training(run_dir: Path) -> TrainingState:
    """How a training of an earlier start stands, from its folder; DataError when it is lost.

    One that was prepared can begin even if it never said anything.
    """
    silent = _is_prepared(run_dir) and not (run_dir / EVENTS).is_file()
    return _checked(replayed(run_dir, [] if silent else replay(run_dir)))


def _is_prepared(run_dir: Path) -> bool:
    return all((run_dir / name).is_file() for name in (MANIFEST, CONFIG))


def _checked(state: TrainingState) -> TrainingState:
    """What the run folder of a training that is over allows."""
    can_go_on = _is_prepared(state.run_dir) and state.phase is not Phase.FINISHED
    return replace(state, can_go_on=can_go_on, has_weights=(state.run_dir / BEST_FILE).is_file())


def _set_aside(run_dir: Path) -> Path:
    """From now on it is nobody's run any more, even if deleting it is cut off."""
    aside = run_dir.with_name(run_dir.name + DISCARDED)
    with suppress(FileNotFoundError):
        run_dir.replace(aside)
    return aside


def _delete_all(aside: Path) -> None:
    if aside.exists():
        shutil.rmtree(aside)


def _nothing_to_do(_told: object) -> None:
    """What is left of it is deleted when the project is opened the next time."""
