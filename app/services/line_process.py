"""A program in the background that speaks in lines: told, listened to, and ended for sure."""

import os
import signal
import sys
from collections import deque
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from PySide6.QtCore import QByteArray, QObject, QProcess, QProcessEnvironment, Qt, QTimer, Signal

from yowo_core import errors

KEPT_LINES: Final = 200
"""Lines of a program's log that are kept, the newest."""
_TOLD_LINES: Final = 3


@dataclass(frozen=True)
class ProcessEnd:
    """How a program ended: its exit code, whether it crashed, was killed or never started."""

    exit_code: int
    crashed: bool
    log: tuple[str, ...]

    @property
    def last_words(self) -> str:
        """The last lines of its log as one, or that there are none."""
        told = [line.strip() for line in self.log if line.strip()]
        return " | ".join(told[-_TOLD_LINES:]) or "it left no message"


class LineProcess(QObject):
    """Runs a command in a session of its own, so that its children end with it.

    line brings each line of its standard output without the line break; standard error is kept
    as log. ended comes exactly once after start(). Standard input stays open until close_input().
    """

    line = Signal(str)
    ended = Signal(object)  # ProcessEnd

    def __init__(self, command: Sequence[str], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._output, self._errors = b"", b""
        self._log: deque[str] = deque(maxlen=KEPT_LINES)
        self._over = False
        self._deadline = QTimer(self)
        self._deadline.setSingleShot(True)
        self._deadline.timeout.connect(self.kill)
        self._process = _prepared(QProcess(self), command)
        self._process.readyReadStandardOutput.connect(self._read_output)
        self._process.readyReadStandardError.connect(self._read_errors)
        self._process.finished.connect(self._finished)
        # queued, so that ended never comes before start() has returned
        self._process.errorOccurred.connect(self._trouble, Qt.ConnectionType.QueuedConnection)

    @property
    def running(self) -> bool:
        """Whether it was started and has not ended."""
        return self._process.state() != QProcess.ProcessState.NotRunning

    @property
    def pid(self) -> int:
        """The process's number, 0 when it does not run."""
        return self._process.processId()

    @property
    def log(self) -> tuple[str, ...]:
        """The newest lines of standard error, and what was noted."""
        return tuple(self._log)

    def start(self) -> None:
        """Start it; also that it cannot be started is told by ended."""
        self._process.start()

    def tell(self, text: str) -> None:
        """Write a line to its standard input, without waiting."""
        if self.running:
            self._process.write(QByteArray((text + "\n").encode()))

    def note(self, text: str) -> None:
        """Add a line to the log."""
        self._log.append(text)

    def close_input(self) -> None:
        """Let its standard input end."""
        self._process.closeWriteChannel()

    def kill_after(self, seconds: float) -> None:
        """Kill it if it still runs after that time."""
        self._deadline.start(round(1000 * seconds))

    def kill(self) -> None:
        """Kill it and the processes that it started, at once."""
        if not self.running:
            return
        if sys.platform != "win32":
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(self.pid, signal.SIGKILL)
        self._process.kill()

    def end(self, seconds: float) -> None:
        """Close its input, wait that long for its end, then kill it. Blocks: for closing down."""
        if self.running:
            self.close_input()
            if not self._process.waitForFinished(round(1000 * seconds)):
                self.kill()
                self._process.waitForFinished(1000)

    def _read_output(self) -> None:
        self._output += bytes(self._process.readAllStandardOutput().data())
        *whole, self._output = self._output.split(b"\n")
        for raw in whole:
            self.line.emit(raw.decode(errors="replace").rstrip("\r"))

    def _read_errors(self) -> None:
        self._errors += bytes(self._process.readAllStandardError().data())
        *whole, self._errors = self._errors.split(b"\n")
        self._log.extend(raw.decode(errors="replace").rstrip("\r") for raw in whole)

    def _finished(self, exit_code: int, status: QProcess.ExitStatus) -> None:
        self._read_output()
        self._read_errors()
        if self._output:
            self.line.emit(self._output.decode(errors="replace"))
        if self._errors:
            self._log.append(self._errors.decode(errors="replace"))
        self._close(exit_code, crashed=status == QProcess.ExitStatus.CrashExit)

    def _trouble(self, error: QProcess.ProcessError) -> None:
        """Of all troubles only a failed start is not followed by finished."""
        if error == QProcess.ProcessError.FailedToStart:
            self._log.append(f"{self._process.program()}: {self._process.errorString()}")
            self._close(-1, crashed=True)

    def _close(self, exit_code: int, *, crashed: bool) -> None:
        if not self._over:
            self._over = True
            self._deadline.stop()
            self.ended.emit(ProcessEnd(exit_code, crashed, self.log))


def _prepared(process: QProcess, command: Sequence[str]) -> QProcess:
    process.setProgram(command[0])
    process.setArguments(list(command[1:]))
    environment = QProcessEnvironment.systemEnvironment()
    environment.insert("PYTHONUTF8", "1")  # lines are UTF-8 whatever the system's language
    process.setProcessEnvironment(environment)
    if not getattr(sys, "frozen", False):
        # python -m looks here first: the same packages as ours, whatever folder we started in
        process.setWorkingDirectory(str(Path(errors.__file__).parents[1]))
    if sys.platform != "win32":
        process.setUnixProcessParameters(QProcess.UnixProcessFlag.CreateNewSession)
    return process
