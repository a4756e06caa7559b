"""The events of a run in its folder: written as they happen, read again after a restart."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Final

from yowo_core.errors import DataError
from yowo_core.events import (
    Evaluated,
    Event,
    Failed,
    Finished,
    Notice,
    Progress,
    from_line,
    to_line,
)

EVENTS: Final = "events.jsonl"
_MILESTONES: Final = (Evaluated, Finished, Failed)


class EventLog:
    """Called with an event: appends it to the folder's file and hands the same line to echo.

    Progress is only echoed. When the file cannot be written, as on a full disk, that is said
    once, and the lines wait for room. DataError when the folder itself is gone.
    """

    def __init__(self, folder: Path, echo: Callable[[str], None]) -> None:
        self._folder, self._echo = folder, echo
        self._waiting: list[str] = []
        self._torn = _ends_torn(folder / EVENTS)
        self._told = False

    def __call__(self, item: Event) -> None:
        """Say an event; one that is shown is in the file before."""
        line = to_line(item)
        if not isinstance(item, Progress):
            self._waiting.append(line)
            self._write(sync=isinstance(item, _MILESTONES))
        self._echo(line)
        if not isinstance(item, Failed) and not self._folder.is_dir():
            raise DataError(f"{self._folder} is not there any more: the run cannot go on.")

    def _write(self, *, sync: bool) -> None:
        text = "".join(f"{line}\n" for line in self._waiting)
        try:
            with (self._folder / EVENTS).open("ab") as file:
                file.write((("\n" if self._torn else "") + text).encode())
                file.flush()
                if sync:
                    os.fsync(file.fileno())
        except OSError as error:
            self._torn = True  # part of a line may have found room
            self._tell(error)
        else:
            self._waiting, self._torn, self._told = [], False, False

    def _tell(self, error: OSError) -> None:
        if not self._told:
            self._told = True
            told = f"{self._folder / EVENTS} cannot be written ({error.strerror}). Make room."
            self._echo(to_line(Notice(told)))


def replay(folder: Path) -> list[Event]:
    """The events of a run folder; lines that are none, as after a power cut, are left out.

    DataError when there are none to be read.
    """
    path = folder / EVENTS
    try:
        lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError as error:
        raise DataError(f"{path} cannot be read ({error.strerror}): the run is lost.") from error
    found: list[Event] = []
    for line in lines:
        try:
            found.append(from_line(line))
        except DataError:
            continue
    return found


def _ends_torn(path: Path) -> bool:
    """Whether the last line was never finished: what follows must not be glued to it."""
    try:
        with path.open("rb") as file:
            file.seek(-1, os.SEEK_END)
            return file.read(1) != b"\n"
    except OSError:  # there is no file yet, or an empty one
        return False
