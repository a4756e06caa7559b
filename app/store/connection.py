"""SQLite as the project needs it: real transactions, WAL, foreign keys."""

import sqlite3
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any, Final, Protocol

from sqlalchemy import Connection, Engine, Table, create_engine, event
from sqlalchemy.pool import QueuePool


class Writing(Protocol):
    """Begins a transaction that may write; durable: it is on the disk when it ends."""

    def __call__(self, *, durable: bool = True) -> AbstractContextManager[Connection]:
        """The transaction's connection."""
        ...


DURABLE: Final = "FULL"  # with NORMAL the last edits are lost when the power goes
SOON: Final = "NORMAL"  # on the disk with the next durable transaction
LOCK_WAIT_S: Final = 1.0  # an edit waits on the GUI thread when another program is writing
READ_ONLY: Final = "mode=ro"
IMMUTABLE: Final = "immutable=1"  # without locks, log or any file beside: nobody may write


def connect(path: Path, mode: str = "mode=rw") -> sqlite3.Connection:
    """A plain connection in autocommit mode to a file that exists; mode as in SQLite's URIs."""
    return sqlite3.connect(
        f"{path.absolute().as_uri()}?{mode}",
        uri=True,
        timeout=LOCK_WAIT_S,
        isolation_level=None,
        check_same_thread=False,
    )


def make_engine(path: Path, mode: str = "mode=rw", *, foreign_keys: bool = True) -> Engine:
    """An engine for that file, which must exist; nothing is opened before the first statement.

    Transactions begin with BEGIN, or with BEGIN IMMEDIATE on the engine of writing_engine().
    """
    # the driver's own transactions leave DDL outside: SQLAlchemy's begin takes their place
    engine = create_engine("sqlite://", creator=lambda: connect(path, mode), poolclass=QueuePool)

    def connected(driver: sqlite3.Connection, _record: Any) -> None:
        driver.execute(f"PRAGMA foreign_keys = {'ON' if foreign_keys else 'OFF'}")

    event.listen(engine, "connect", connected)
    event.listen(engine, "begin", _begin)
    return engine


def writing_engine(engine: Engine, *, durable: bool = True) -> Engine:
    """The same connections, with transactions that may write from their first statement on."""
    return engine.execution_options(begin="BEGIN IMMEDIATE", durable=durable)


def driver_of(connection: Connection) -> sqlite3.Connection:
    """The plain connection below."""
    driver = connection.connection.driver_connection
    if not isinstance(driver, sqlite3.Connection):
        raise TypeError(driver)
    return driver


def insert_row(connection: Connection, table: Table, values: dict[str, Any]) -> int:
    """Insert one row and give its integer key."""
    return int(connection.execute(table.insert().values(values)).lastrowid)


def _begin(connection: Connection) -> None:
    options = connection.get_execution_options()
    level = DURABLE if options.get("durable", True) else SOON
    connection.exec_driver_sql(f"PRAGMA synchronous = {level}")
    connection.exec_driver_sql(options.get("begin", "BEGIN"))
