"""Runs long work as commands of its own and turns what they say into events."""

import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

from PySide6.QtCore import QObject, Signal

from app.services.line_process import LineProcess, ProcessEnd
from yowo_core.arguments import as_argument
from yowo_core.errors import DataError
from yowo_core.events import Event, Failed, Finished, from_line

STOP_SECONDS: Final = 20.0
CLOSE_SECONDS: Final = 4.0
"""How long jobs may save what they have done when the window is closed."""
_MODULES: Final = {"live": "yowo_core.infer.worker", "yowo": "yowo_core.cli.main"}


def worker_command(name: Literal["live", "yowo"]) -> list[str]:
    """How to start the live model's process or the command yowo, the latter's options to follow.

    In a frozen program sys.executable is the program itself, whose first argument 'worker' says
    that the next one is one of these names.
    """
    if getattr(sys, "frozen", False):
        return [sys.executable, "worker", name]
    return [sys.executable, "-m", _MODULES[name]]


@dataclass(frozen=True)
class JobEvent:
    """Something that a job said."""

    job: int
    event: Event


@dataclass(frozen=True)
class JobEnd:
    """How a job ended. finished: it came to its end, or stopped early (stopped) in good order.

    message is a sentence about what went wrong, '' when nothing did. log is its standard error.
    """

    job: int
    exit_code: int
    finished: bool
    stopped: bool
    message: str
    log: tuple[str, ...]


class _Job(QObject):
    """One command. Its process is heard by bound methods only: PySide frees a plain callable

    twice when the object that it is connected to is deleted later but its parent at once.
    """

    event_received = Signal(object)  # JobEvent
    ended = Signal(object)  # JobEnd

    def __init__(self, number: int, command: Sequence[str], parent: QObject) -> None:
        super().__init__(parent)
        self.number = number
        self.asked_to_stop = False
        self._finished: Finished | None = None
        self._failed: Failed | None = None
        self.process = LineProcess(command, self)
        self.process.line.connect(self._hear)
        self.process.ended.connect(self._end)

    def _hear(self, line: str) -> None:
        try:
            event = from_line(line)
        except DataError:
            self.process.note(line)
            return
        if isinstance(event, Finished):
            self._finished = event
        elif isinstance(event, Failed):
            self._failed = event
        self.event_received.emit(JobEvent(self.number, event))

    def _end(self, end: ProcessEnd) -> None:
        finished = self._finished is not None and self._failed is None
        stopped = self._finished.stopped if self._finished else self.asked_to_stop
        told = self._what_went_wrong(end)
        self.ended.emit(JobEnd(self.number, end.exit_code, finished, stopped, told, end.log))

    def _what_went_wrong(self, end: ProcessEnd) -> str:
        if self._failed is not None:
            return self._failed.message
        if self._finished is not None:
            return ""
        if self.asked_to_stop:
            return "It did not stop in time and was ended; what it had saved is kept."
        return f"The background process ended before its work was done: {end.last_words}."


class JobRunner(QObject):
    """Starts `yowo ...` commands, tells their events, stops them.

    Jobs end with the window: their standard input closes when it is gone, however it went.
    Call shutdown() before the program ends.
    """

    event_received = Signal(object)  # JobEvent
    ended = Signal(object)  # JobEnd

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._jobs: dict[int, _Job] = {}
        self._last = 0
        self._over = False

    def start(self, arguments: Sequence[str]) -> int:
        """Run `yowo` with arguments, which should hold --stop-on-stdin, and give the job's number.

        Paths must be absolute: the command runs in a folder of its own choice. Nothing is
        emitted before this returns. After ask_to_end() nothing is started any more, and the job's
        end is never told.
        """
        self._last += 1
        job = self._last
        if self._over:
            return job
        told = [as_argument(argument) for argument in arguments]
        started = _Job(job, [*worker_command("yowo"), *told], self)
        self._jobs[job] = started
        started.event_received.connect(self.event_received)
        started.ended.connect(self._end)
        started.process.start()
        return job

    def running(self) -> tuple[int, ...]:
        """The jobs that have not ended."""
        return tuple(self._jobs)

    def log(self, job: int) -> tuple[str, ...]:
        """The newest lines of a running job's standard error; empty when it does not run."""
        return self._jobs[job].process.log if job in self._jobs else ()

    def stop(self, job: int, seconds: float = STOP_SECONDS) -> None:
        """Ask a job to stop in good order; kill it when it has not after that time."""
        if job in self._jobs:
            self._jobs[job].asked_to_stop = True
            self._jobs[job].process.tell("stop")
            self._jobs[job].process.kill_after(seconds)

    def kill(self, job: int) -> None:
        """End a job at once: what it did is not wanted."""
        if job in self._jobs:
            self._jobs[job].asked_to_stop = True
            self._jobs[job].process.kill()

    def ask_to_end(self) -> None:
        """Ask all jobs to save what they have done and to end; shutdown() waits for that."""
        self._over = True
        for job in list(self._jobs.values()):
            job.asked_to_stop = True
            job.process.close_input()

    def shutdown(self, seconds: float = CLOSE_SECONDS) -> None:
        """End all jobs: together they get this time to do so in good order. Blocks."""
        self.ask_to_end()
        deadline = time.monotonic() + seconds
        for job in list(self._jobs.values()):
            job.process.end(max(0.0, deadline - time.monotonic()))

    def _end(self, end: JobEnd) -> None:
        self._jobs.pop(end.job).deleteLater()
        self.ended.emit(end)
