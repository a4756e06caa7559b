"""Who has a project open for writing: a lock on a small file beside it, gone with its process.

The operating system takes the lock back when a process ends, however it ends. A disk in the
network may not hand locks from one computer to another, so the file also says who has the
project open and is touched while that lasts: the note of another computer counts for two minutes.
"""

import errno
import json
import os
import platform
import sys
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Final

from app.errors import ProjectInUseError
from app.store.stamp import now, user_name

FRESH_S: Final = 120.0  # so old may the note of another computer be and still count
TOUCH_S: Final = 30.0  # how often an owner says that it is still there
_LOCKED_BYTE: Final = 1 << 30  # far behind the text: on Windows nobody can read a locked byte
_NOTE_BYTES: Final = 4096
_MINE: Final[set[Path]] = set()


@dataclass(frozen=True)
class Owner:
    """Who has a project open: computer, account, process, and since when (ISO 8601, UTC).

    logged: there was a log of changes beside the project by then.
    """

    computer: str
    user: str
    process: int
    since: str
    logged: bool = False


class Claim:
    """The right to write a project file until release().

    log_expected: whoever had it last was killed, crashed or lost power before letting go, and
    left a log of changes.
    """

    def __init__(self, path: Path) -> None:
        """Claim it; ProjectInUseError when another has it, OSError in a write-protected folder."""
        self._project, self._note = path, note_path(path)
        if self._note in _MINE:
            raise ProjectInUseError(path, "in this program")
        self._number = self._locked()
        try:
            self.log_expected = self._take(platform.node())
        except BaseException:
            os.close(self._number)
            raise
        _MINE.add(self._note)

    def touch(self) -> None:
        """Say that the project is still open here, for computers that do not see the lock."""
        with suppress(OSError):
            os.utime(self._note)

    def say_logged(self) -> None:
        """Note that from now on there is a log of changes."""
        self._write(replace(self._mine, logged=True))

    def give_back(self) -> None:
        """Let others have it, with the note as it was: nothing was done to the project."""
        if self._before is None:
            self.release()
            return
        _MINE.discard(self._note)
        self._write(self._before)
        os.utime(self._note, (self._touched, self._touched))
        os.close(self._number)

    def release(self) -> None:
        """Let others have it."""
        if self._note not in _MINE:
            return
        _MINE.discard(self._note)
        # gone while it is still locked, so that nobody gets the lock of a file that is gone;
        # Windows does not delete an open file, and there nobody can open a file that goes
        if sys.platform != "win32":
            self._note.unlink(missing_ok=True)
        os.close(self._number)
        if sys.platform == "win32":
            with suppress(OSError):
                self._note.unlink()

    def _locked(self) -> int:
        """The note's file, open and locked."""
        while True:
            number = os.open(self._note, os.O_RDWR | os.O_CREAT, 0o666)
            try:
                self._sure = _lock(number)
                if _is_there(number, self._note):
                    return number
            except BlockingIOError as error:
                said = owner_of(self._project)
                os.close(number)
                raise ProjectInUseError(self._project, said) from error
            except BaseException:
                os.close(number)
                raise
            os.close(number)

    def _take(self, computer: str) -> bool:
        """Write who has it now; whether somebody never let go and left a log."""
        self._before, self._touched = _owner(self._number), os.fstat(self._number).st_mtime
        before = self._before
        os.utime(self._note)  # twice the clock of the disk, which need not be this computer's
        age = os.fstat(self._number).st_mtime - self._touched
        elsewhere = before is not None and not (self._sure and before.computer == computer)
        if before is not None and elsewhere and age < FRESH_S:
            os.utime(self._note, (self._touched, self._touched))
            raise ProjectInUseError(self._project, _said(before))
        self._mine = Owner(computer, user_name(), os.getpid(), now())
        self._write(self._mine)
        return before is not None and before.logged

    def _write(self, owner: Owner) -> None:
        text = json.dumps(asdict(owner)).encode()
        os.lseek(self._number, 0, os.SEEK_SET)
        os.write(self._number, text)
        os.ftruncate(self._number, len(text))


def note_path(path: Path) -> Path:
    """The file beside a project that says who has it open; the same for every link to it."""
    real = path.resolve()
    return real.with_name(f"{real.name}-open")


def owner_of(path: Path) -> str:
    """Who has the project open, in words; "" when nobody says so."""
    try:
        number = os.open(note_path(path), os.O_RDONLY)
    except OSError:
        return ""
    try:
        found = _owner(number)
    finally:
        os.close(number)
    return _said(found) if found is not None else ""


def _said(owner: Owner) -> str:
    where = "on this computer" if owner.computer == platform.node() else f"on {owner.computer}"
    since = datetime.fromisoformat(owner.since).astimezone().strftime("%Y-%m-%d %H:%M")
    return f"{where} by {owner.user} since {since}"


def _owner(number: int) -> Owner | None:
    """What the note says; None for an empty one or one that nobody can read."""
    os.lseek(number, 0, os.SEEK_SET)
    try:
        owner = Owner(**json.loads(os.read(number, _NOTE_BYTES)))
        datetime.fromisoformat(owner.since)
    except (ValueError, TypeError, OSError):
        return None
    return owner


def _is_there(number: int, path: Path) -> bool:
    """Whether the open file is still the one of that name."""
    try:
        return os.path.samestat(os.fstat(number), path.stat())
    except FileNotFoundError:
        return False


if sys.platform == "win32":
    import msvcrt

    def _lock(number: int) -> bool:
        """Lock the file for this process; BlockingIOError when another has it."""
        os.lseek(number, _LOCKED_BYTE, os.SEEK_SET)
        try:
            msvcrt.locking(number, msvcrt.LK_NBLCK, 1)
        except OSError as error:
            raise BlockingIOError(*error.args) from error
        return True

else:
    import fcntl

    _NO_LOCKS: Final = (errno.ENOLCK, errno.ENOSYS, errno.EOPNOTSUPP)

    def _lock(number: int) -> bool:
        """Lock the file for this process; BlockingIOError when another has it.

        False on a disk without locks, where the note alone has to do.
        """
        try:
            fcntl.flock(number, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            if error.errno not in _NO_LOCKS:
                raise
            return False
        return True
