"""Where the model looks in a frame: worked out by `yowo see` in a process of its own."""

import tempfile
from collections import OrderedDict
from dataclasses import replace
from pathlib import Path
from typing import Any, Final
from zipfile import BadZipFile

import numpy as np
from PySide6.QtCore import QObject, Signal

from app.domain.seeing import SeeingPhase, SeeingState, SeeingWish, Seen
from app.services.job_runner import JobEnd, JobEvent, JobRunner
from yowo_core.events import Finished

KEPT: Final = 100
"""Results that are kept, the newest used; one takes about 400 kB."""


class Seeing(QObject):
    """Answers one wish at a time: a newer one ends the job of the one before it.

    changed carries a SeeingState. Asked again for what it knows it answers at once.
    """

    changed = Signal(object)  # SeeingState

    def __init__(self, runner: JobRunner, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._runner = runner
        self._known: OrderedDict[SeeingWish, Seen] = OrderedDict()
        self._job: tuple[int, SeeingWish, Path] | None = None
        self._facts: dict[str, Any] = {}
        self._asked = 0
        self._folder: tempfile.TemporaryDirectory[str] | None = None
        self.state = SeeingState()
        runner.event_received.connect(self._hear)
        runner.ended.connect(self._end)

    def ask(self, wish: SeeingWish) -> None:
        """Find out what the model sees; what is under way already goes on."""
        if self._job is not None and self._job[1] == wish:
            return
        self._give_up()
        seen = self._known.get(wish)
        if seen is None:
            self._start(wish)
        else:
            self._known.move_to_end(wish)
            self._tell(SeeingState(SeeingPhase.THERE, wish, seen))

    def stop(self) -> None:
        """Nobody wants to know any more."""
        self._give_up()
        if self.state.phase is not SeeingPhase.NOTHING:
            self._tell(SeeingState())

    def shutdown(self) -> None:
        """End what is under way and take away what it wrote."""
        self._give_up()
        if self._folder is not None:
            self._folder.cleanup()
            self._folder = None

    def _start(self, wish: SeeingWish) -> None:
        try:
            if self._folder is None:
                self._folder = tempfile.TemporaryDirectory(prefix="yowo-seen-")
        except OSError as error:
            message = f"No folder for what is worked out: {error.strerror or error}."
            self._tell(SeeingState(SeeingPhase.FAILED, wish, message=message))
            return
        self._asked += 1
        target = Path(self._folder.name) / f"{self._asked}.npz"
        job = self._runner.start(_arguments(wish, target))
        self._job, self._facts = (job, wish, target), {}
        self._tell(SeeingState(SeeingPhase.WORKING, wish))

    def _give_up(self) -> None:
        if self._job is not None:
            job, self._job = self._job[0], None
            self._runner.kill(job)

    def _hear(self, told: JobEvent) -> None:
        if self._job is not None and told.job == self._job[0] and isinstance(told.event, Finished):
            self._facts = told.event.facts

    def _end(self, end: JobEnd) -> None:
        if self._job is None or end.job != self._job[0]:
            return
        _, wish, target = self._job
        self._job = None
        seen = _read(target, self._facts) if end.finished else None
        target.unlink(missing_ok=True)
        if seen is None:
            message = end.message or f"{target} is not what was asked for."
            self._tell(SeeingState(SeeingPhase.FAILED, wish, message=message))
            return
        self._keep(wish, seen)
        self._tell(SeeingState(SeeingPhase.THERE, wish, seen))

    def _keep(self, wish: SeeingWish, seen: Seen) -> None:
        self._known[wish] = self._known[replace(wish, action=seen.action)] = seen
        while len(self._known) > KEPT:
            self._known.popitem(last=False)

    def _tell(self, state: SeeingState) -> None:
        self.state = state
        self.changed.emit(state)


def _arguments(wish: SeeingWish, target: Path) -> list[str]:
    """The clip is that of the live overlay, so that the maps belong to its boxes."""
    what = ["see", str(wish.video.absolute()), "--frame", str(wish.frame), "--causal"]
    chosen = ["--class", wish.action] if wish.action else []
    model = ["--model", str(wish.model.absolute()), "--device", wish.device]
    return [*what, *chosen, *model, "--maps", str(target), "--events", "--stop-on-stdin"]


def _read(path: Path, facts: dict[str, Any]) -> Seen | None:
    """The maps that a job wrote, in a few milliseconds; None when they are not there."""
    try:
        with np.load(path, allow_pickle=False) as stored:
            maps = {name: np.asarray(stored[name], np.float32) for name in stored}
        return Seen(maps, str(facts["class"]), float(facts["score"]))
    except (OSError, ValueError, KeyError, EOFError, BadZipFile):
        return None
