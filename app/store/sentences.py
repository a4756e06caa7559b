"""What SQLite says of a project file, as sentences that say what to do."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from sqlalchemy.exc import DBAPIError, IntegrityError

from app.errors import ProjectDamagedError, ProjectError

DAMAGED: Final = "is damaged; put back a copy of it, or rescue what can be read into a new file"
_LOST: Final = "The change was not saved and nothing else is lost: "
_NO_TABLES: Final = ("no such table", "no such column")

# beginnings of SQLite's messages -> what is so, what to do about it
_TROUBLE: Final = (
    (
        "database is locked",
        "{path} is being written by another program.",
        "try again when it has finished.",
    ),
    (
        "attempt to write a readonly",
        "{path} is write-protected.",
        "allow writing to the file and its folder and repeat it, or copy the project elsewhere.",
    ),
    (
        "database or disk is full",
        "The disk is full: {path} cannot be written.",
        "free some space and repeat it.",
    ),
    (
        "disk i/o error",
        "{path} cannot be read or written: its disk or network drive does not answer, or is full.",
        "check the disk and repeat it.",
    ),
    (
        "unable to open database",
        "{path} cannot be opened.",
        "its folder must exist and allow writing.",
    ),
)


@contextmanager
def sentences(path: Path, *, writing: bool = False) -> Iterator[None]:
    """Turn what SQLite says of the file into a ProjectError; a broken constraint is our bug."""
    try:
        yield
    except IntegrityError:
        raise
    except DBAPIError as error:
        raise _error(path, str(error.orig), writing) from error
    except sqlite3.DatabaseError as error:
        raise _error(path, str(error), writing) from error


def _error(path: Path, message: str, writing: bool) -> ProjectError:
    said = message.lower()
    for start, trouble, remedy in _TROUBLE:
        if said.startswith(start):
            advice = f"{_LOST}{remedy}" if writing else f"{remedy[0].upper()}{remedy[1:]}"
            return ProjectError(f"{trouble.format(path=path)} {advice}")
    if said.startswith(_NO_TABLES):
        return ProjectDamagedError(f"{path} is no project or {DAMAGED}.")
    return ProjectDamagedError(f"{path} {DAMAGED} (SQLite says: {message}).")
