"""Fine-tunes a model in the background: freezes the labels, trains, tells how it stands."""

import hashlib
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Final

from PySide6.QtCore import QObject, Signal

from app.services.background import Background
from app.services.job_runner import EVENTS_FILE, JobEnd, JobEvent, JobRunner, replay
from app.services.training_state import Phase, TrainingState, after, replayed
from yowo_core.annotations import AnnotationSet
from yowo_core.data.manifest import read_manifest
from yowo_core.data.prepare import Prepared, prepare
from yowo_core.errors import DataError
from yowo_core.train.config import TrainConfig, write_config

__all__ = ["Phase", "Training", "TrainingResult", "TrainingState"]

BEST_FILE: Final = "best.safetensors"
"""The weights that a training leaves in its run folder."""
STOP_SECONDS: Final = 300.0  # it still measures and saves what it has learnt
DISCARD_SECONDS: Final = 2.0


@dataclass(frozen=True)
class TrainingResult:
    """A new model. labels are in the order of its outputs; sha256 is of the file.

    before and after are frame-mAP in percent on the held-out part, None where nothing was
    measured. stopped tells that the training was ended early.
    """

    run_dir: Path
    best: Path
    sha256: str
    labels: tuple[str, ...]
    before: float | None
    after: float | None
    stopped: bool

    @property
    def metrics(self) -> dict[str, float]:
        """What was measured, as a ModelRecord keeps it."""
        told = {"before_frame_map": self.before, "after_frame_map": self.after}
        return {name: value for name, value in told.items() if value is not None}


class Training(QObject):
    """At most one training at a time.

    state_changed tells every step of it; finished the new model, also of a training that was
    stopped early; failed a sentence when there is none.
    """

    state_changed = Signal(object)  # TrainingState
    finished = Signal(object)  # TrainingResult
    failed = Signal(str)

    def __init__(
        self, runner: JobRunner, background: Background, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._runner, self._background = runner, background
        self._state: TrainingState | None = None
        self._job = 0
        self._discarding = False
        runner.event_received.connect(self._hear)
        runner.ended.connect(self._end)

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
        self._begin(run_dir)
        files = {name: path.resolve() for name, path in paths.items()}

        def freeze() -> Prepared:
            done = prepare(annotations, files, run_dir, held_out=held_out)
            write_config(run_dir, config)
            return done

        self._background.run(freeze, self._prepared, self._fail)
        return True

    def go_on(self, run_dir: Path) -> bool:
        """Train on where a stopped training stood; False when one runs or there is none."""
        if self.running or not self._replay(run_dir):
            return False
        self._discarding = False
        self._follow(run_dir)
        return True

    def stop_and_keep_best(self) -> None:
        """End it early; its best weights become a model. Nothing happens while it prepares."""
        if self._state is None or not self.running or self._state.phase is Phase.PREPARING:
            return
        self._tell(replace(self._state, phase=Phase.STOPPING))
        self._runner.stop(self._job, STOP_SECONDS)

    def keep(self) -> bool:
        """Bring the model of the training that is shown, by finished; False when it has none."""
        if self._state is None or not self._state.phase.over or not self._has_model():
            return False
        self._collect(stopped=self._state.phase is not Phase.FINISHED)
        return True

    def discard(self) -> None:
        """End it, or forget the one that has ended, and delete its run folder."""
        if self._state is None or self._state.phase is Phase.DISCARDED:
            return
        running, self._discarding = self.running, True
        if running and self._job:
            self._tell(replace(self._state, phase=Phase.STOPPING))
            self._runner.stop(self._job, DISCARD_SECONDS)
        elif not running:
            self._delete()

    def resume_view(self, run_dir: Path) -> bool:
        """Show a training of an earlier start of the program; False when one runs or it is lost."""
        return not self.running and self._replay(run_dir)

    def _begin(self, run_dir: Path) -> None:
        self._job, self._discarding = 0, False
        self._tell(TrainingState(run_dir))

    def _tell(self, state: TrainingState) -> None:
        self._state = state
        self.state_changed.emit(state)

    def _replay(self, run_dir: Path) -> bool:
        try:
            events = replay(run_dir / EVENTS_FILE)
        except DataError as error:
            self.failed.emit(str(error))
            return False
        self._tell(replayed(run_dir, events))
        return True

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
        """Start the command; decoding its videos comes first."""
        self._job = self._runner.start(["train", str(run_dir.resolve()), "--stop-on-stdin"])
        if self._state is not None:
            self._tell(replace(self._state, phase=Phase.DECODING, message=""))

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
        elif self._has_model() and (end.finished or end.stopped):
            self._collect(stopped=end.stopped)
        else:
            self._fail(end.message or "The training was ended before there were any weights.")

    def _has_model(self) -> bool:
        return self._state is not None and (self._state.run_dir / BEST_FILE).is_file()

    def _collect(self, *, stopped: bool) -> None:
        if self._state is not None:
            work = partial(_result, self._state, stopped=stopped)
            self._background.run(work, self._finish, self._fail)

    def _finish(self, result: TrainingResult) -> None:
        if self._state is not None:
            phase = Phase.STOPPED if result.stopped else Phase.FINISHED
            self._tell(replace(self._state, phase=phase, seconds_left=0.0))
        self.finished.emit(result)

    def _fail(self, message: str) -> None:
        if self._discarding:
            self._delete()
            return
        if self._state is not None:
            self._tell(replace(self._state, phase=Phase.FAILED, message=message))
        self.failed.emit(message)

    def _delete(self) -> None:
        if self._state is not None:
            self._background.run(_deleting(self._state.run_dir), self._deleted, self._left)

    def _deleted(self, _nothing: None) -> None:
        if self._state is not None:
            self._tell(replace(self._state, phase=Phase.DISCARDED))

    def _left(self, why: str) -> None:
        """The folder could not be deleted, or not all of it."""
        if self._state is not None:
            self._tell(replace(self._state, phase=Phase.FAILED, message=why))
            self.failed.emit(f"{self._state.run_dir} could not be deleted: {why}.")


def _result(state: TrainingState, *, stopped: bool) -> TrainingResult:
    best = state.run_dir / BEST_FILE
    labels = read_manifest(state.run_dir)[0].classes
    digest = hashlib.sha256(best.read_bytes()).hexdigest()
    return TrainingResult(state.run_dir, best, digest, labels, state.before, state.best, stopped)


def _deleting(run_dir: Path) -> Callable[[], None]:
    def delete() -> None:
        if run_dir.exists():
            shutil.rmtree(run_dir)

    return delete
