"""One program at a time in a run folder: a lock that the system takes back when its holder dies."""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, Final

from yowo_core.errors import DataError

LOCK: Final = "lock"
_POLL_SECONDS: Final = 0.1

if sys.platform == "win32":
    import msvcrt

    def _try(file: BinaryIO) -> None:
        msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)

else:
    import fcntl

    def _try(file: BinaryIO) -> None:
        fcntl.flock(file.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)


@contextmanager
def locked(folder: Path, wait: float = 0.0) -> Iterator[None]:
    """Hold a folder's lock; wait so many seconds for another program to let go of it.

    DataError when it does not, OSError when the folder cannot be written.
    """
    with (folder / LOCK).open("ab") as file:  # closing the file lets go of the lock
        deadline = time.monotonic() + wait
        while not _taken(file):
            if time.monotonic() > deadline:
                raise DataError(
                    f"Another program works in {folder}. Wait until it has ended, or end it."
                )
            time.sleep(_POLL_SECONDS)
        yield


def is_locked(folder: Path) -> bool:
    """Whether a program that lives holds the folder's lock."""
    try:
        with (folder / LOCK).open("r+b") as file:
            return not _taken(file)
    except OSError:  # no lock was ever taken there, or nobody may
        return False


def _taken(file: BinaryIO) -> bool:
    try:
        _try(file)
    except OSError:
        return False
    return True
