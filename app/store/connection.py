"""SQLite as the project needs it: real transactions, WAL, foreign keys, errors as sentences."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any, Final

from sqlalchemy import URL, Connection, Engine, Table, create_engine, event
from sqlalchemy.exc import DBAPIError, IntegrityError

from app.errors import ProjectError

Writing = Callable[[], AbstractContextManager[Connection]]  # begins a transaction that may write

LOCK_WAIT_S: Final = 1.0  # an edit waits on the GUI thread when another program is writing

# beginnings of SQLite's messages -> what the user reads after the path
_SENTENCES: Final = (
    ("database is locked", "is being written by another program; try again when it has finished"),
    ("attempt to write a readonly", "is write-protected; allow writing or copy it elsewhere"),
    ("database or disk is full", "cannot be written because the disk is full; free some space"),
    ("disk i/o error", "cannot be read or written; check the disk or the network drive"),
    ("unable to open database", "cannot be opened; its folder must exist and allow writing"),
    ("database disk image is malformed", "is damaged; put back a copy of it"),
    ("file is not a database", "is no project or is damaged; put back a copy of it"),
    ("no such table", "is no project or is damaged; put back a copy of it"),
    ("no such column", "is no project or is damaged; put back a copy of it"),
)


def make_engine(path: Path, *, foreign_keys: bool = True) -> Engine:
    """An engine for that file; nothing is opened before the first statement.

    Transactions begin with BEGIN, or with BEGIN IMMEDIATE on the engine of writing_engine().
    """
    engine = create_engine(
        URL.create("sqlite", database=str(path)),
        connect_args={"timeout": LOCK_WAIT_S, "check_same_thread": False},
    )

    def connected(driver: sqlite3.Connection, _record: Any) -> None:
        # the driver's own transactions leave DDL outside: SQLAlchemy's begin takes their place
        driver.isolation_level = None
        driver.execute("PRAGMA synchronous = NORMAL")
        driver.execute(f"PRAGMA foreign_keys = {'ON' if foreign_keys else 'OFF'}")

    event.listen(engine, "connect", connected)
    event.listen(engine, "begin", _begin)
    return engine


def writing_engine(engine: Engine) -> Engine:
    """The same connections, with transactions that may write from their first statement on."""
    return engine.execution_options(begin="BEGIN IMMEDIATE")


def insert_row(connection: Connection, table: Table, values: dict[str, Any]) -> int:
    """Insert one row and give its integer key."""
    return int(connection.execute(table.insert().values(values)).lastrowid)


def _begin(connection: Connection) -> None:
    connection.exec_driver_sql(connection.get_execution_options().get("begin", "BEGIN"))


@contextmanager
def sentences(path: Path) -> Iterator[None]:
    """Turn what SQLite says of the file into a ProjectError; a broken constraint is our bug."""
    try:
        yield
    except IntegrityError:
        raise
    except DBAPIError as error:
        raise ProjectError(_sentence(path, str(error.orig))) from error
    except sqlite3.DatabaseError as error:
        raise ProjectError(_sentence(path, str(error))) from error


def _sentence(path: Path, message: str) -> str:
    for start, sentence in _SENTENCES:
        if message.lower().startswith(start):
            return f"{path} {sentence}."
    return f"{path} cannot be used: SQLite says {message!r}. Put back a copy of it."
