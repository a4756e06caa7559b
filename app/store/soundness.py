"""Whether a project file is whole: SQLite's own check, and values that no edit can have written."""

import sqlite3
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, nullcontext
from enum import StrEnum
from threading import Timer
from typing import Final

from sqlalchemy import Column, Integer, LargeBinary, Text

from app.domain.project import RunKind, RunState
from app.store.schema import metadata
from app.store.tube_rows import SOURCES
from yowo_core.annotations import Review, Source

_STEPS: Final = 1000  # of SQLite's machine between two looks at the clock, far below 1 ms


def _one_of(column: str, values: Iterable[StrEnum]) -> str:
    return f"{column} NOT IN ({', '.join(repr(v.value) for v in values)})"


_RULES: Final = {  # what must not be so, by table
    "project": ("saved_at <> '' AND datetime(saved_at) IS NULL",),
    "videos": ("fps_den < 1",),
    "ranges": ("start < 0", "start >= stop"),
    "runs": (_one_of("kind", RunKind), _one_of("state", RunState)),
    "models": ("NOT json_valid(labels)", "NOT json_valid(metrics)"),
    "tubes": (
        _one_of("review", Review),
        _one_of("source", Source),
        "first > last",
        "length(ticks) % 4",
    ),
    "boxes": (f"source NOT BETWEEN 0 AND {len(SOURCES) - 1}", "frame < 0"),
    "spans": (_one_of("source", Source), "start >= stop", "length(scores) % 8"),
    "history": ("datetime(at) IS NULL", "undone NOT IN (0, 1)", "NOT json_valid(touched)"),
}


def problem_of(driver: sqlite3.Connection, seconds: float | None = None) -> str | None:
    """What is wrong with the file, "" for nothing; None when the time did not suffice."""
    try:
        with nullcontext() if seconds is None else limited(driver, seconds):
            found = _structure(driver)
            return found or next(_impossible(driver), "")
    except sqlite3.DatabaseError as error:
        return None if error.sqlite_errorcode == sqlite3.SQLITE_INTERRUPT else str(error)


def impossible_values(driver: sqlite3.Connection) -> str:
    """Which table holds values that no edit can have written; "" for none."""
    return next(_impossible(driver), "")


def impossible(table: str) -> str:
    """The condition in SQL for a row of that table with a value that no edit can have written."""
    wrong = [_wrong_type(column) for column in metadata.tables[table].columns]
    return " OR ".join((*wrong, *_RULES.get(table, ())))


@contextmanager
def limited(driver: sqlite3.Connection, seconds: float) -> Iterator[None]:
    """Break off what is asked in here when the time is over.

    SQLite goes through all pages of a file in one step of its machine, between which it does not
    look at the clock but minds being interrupted.
    """
    end = time.perf_counter() + seconds
    driver.set_progress_handler(lambda: time.perf_counter() > end, _STEPS)
    alarm = Timer(seconds, driver.interrupt)
    alarm.start()
    try:
        yield
    finally:
        alarm.cancel()
        alarm.join()  # it must not interrupt what is asked later, or a closed connection
        driver.set_progress_handler(None, 0)


def _structure(driver: sqlite3.Connection) -> str:
    known = {name for (name,) in driver.execute("SELECT name FROM sqlite_master")}
    missing = [name for name in metadata.tables if name not in known]
    if missing:
        return f"no table {missing[0]}"
    (said,) = driver.execute("PRAGMA quick_check(1)").fetchone()
    return "" if said == "ok" else " ".join(said.replace("*", "").split())


def _impossible(driver: sqlite3.Connection) -> Iterator[str]:
    for name in metadata.tables:
        query = f'SELECT count(*) FROM "{name}" WHERE {impossible(name)}'
        (rows,) = driver.execute(query).fetchone()
        if rows:
            yield f"impossible values in {rows} rows of {name}"


def _wrong_type(column: "Column[object]") -> str:
    kind = column.type
    types = "'real', 'integer'"
    if isinstance(kind, Integer):
        types = "'integer'"
    elif isinstance(kind, Text):
        types = "'text'"
    elif isinstance(kind, LargeBinary):
        types = "'blob'"
    there = f'"{column.name}" IS NOT NULL AND ' if column.nullable else ""
    return f'({there}typeof("{column.name}") NOT IN ({types}))'
