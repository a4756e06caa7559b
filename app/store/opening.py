"""See whether a file is a project and of which version, without touching one that is not."""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from itertools import count
from pathlib import Path
from typing import Final

from app.errors import ProjectDamagedError, ProjectError, ProjectLogError
from app.store import marks, soundness
from app.store.connection import IMMUTABLE, READ_ONLY, connect
from app.store.schema import APPLICATION_ID, REVISION
from app.store.sentences import DAMAGED, sentences

CHECK_S: Final = 0.012  # how long opening may look for damage; the rest is done beside the work
_SCHEMA: Final = ("tubes", "boxes", "alembic_version")  # tables that tell a damaged project


def check_kind(path: Path) -> None:
    """Refuse a path that is no readable project file.

    The file is looked at through SQLite alone: closing it by other means would end the locks of
    a project that this program has open.
    """
    if path.is_dir():
        raise ProjectError(f"{path} is a folder; choose the .yowo file inside.")
    if not path.exists():
        raise ProjectError(f"{path} does not exist; check the name or make a new project.")
    if not os.access(path, os.R_OK):
        raise ProjectError(f"{path} cannot be read; check its rights.")
    if not path.stat().st_size:
        raise ProjectError(f"{path} is empty; put back a copy of it or make a new project.")
    with sentences(path), closing(connect(path, IMMUTABLE)) as driver:
        application = _application_id(driver, path)
        if application != APPLICATION_ID:
            raise _not_ours(driver, path)


def check_log(path: Path, *, expected: bool) -> None:
    """Refuse a log of changes that is another file's, and one that is missing though expected."""
    log = marks.log_path(path)
    if not marks.has_log(path):
        if expected and not log.exists():
            raise ProjectLogError(
                f"The newest changes of {path} are missing: {log.name} was beside it when the "
                "program ended without closing it. Put that file back and open the project again, "
                "or open it without those changes."
            )
        return
    with sentences(path), closing(connect(path, IMMUTABLE)) as driver:
        mark = int(driver.execute("PRAGMA user_version").fetchone()[0])
    if not marks.log_goes_on(path, mark):
        raise ProjectLogError(
            f"{log.name} does not belong to {path}: one of the two was replaced, or the log is "
            "damaged. Put the right file back, or open the project without the changes in the log."
        )


def set_log_aside(path: Path) -> Path:
    """Give the log another name, under which SQLite does not find it; nothing is deleted."""
    log = marks.log_path(path)
    names = (log.with_name(f"{log.name}.aside-{number}") for number in count(1))
    kept = next(name for name in names if not name.exists())
    if log.exists():
        log.rename(kept)
    log.with_name(f"{path.resolve().name}-shm").unlink(missing_ok=True)
    return kept


def check_soundness(path: Path) -> bool:
    """Refuse a damaged file and one of a newer version; False when there was no time for all."""
    with sentences(path), looked_at(path) as driver:
        version = version_of(driver, path)
        if version > REVISION:
            raise ProjectError(
                f"{path} was written by a newer YOWO Studio (format {version}, this one knows "
                f"{REVISION}); install the newer version to open it."
            )
        if version < REVISION:
            return False  # its tables may differ; migrating compares what it copies
        problem = soundness.problem_of(driver, CHECK_S)
    if problem:
        raise ProjectDamagedError(f"{path} {DAMAGED} ({problem}).")
    return problem is not None


@contextmanager
def looked_at(path: Path) -> Iterator[sqlite3.Connection]:
    """A connection that changes neither file nor log and leaves nothing beside them."""
    index = path.resolve().with_name(f"{path.resolve().name}-shm")
    logged = marks.has_log(path)
    before = index.exists()
    try:
        with closing(connect(path, READ_ONLY if logged else IMMUTABLE)) as driver:
            yield driver
    finally:
        if logged and not before:
            index.unlink(missing_ok=True)


def version_of(driver: sqlite3.Connection, path: Path) -> str:
    """The revision that wrote the file's tables, four digits."""
    row = driver.execute("SELECT version_num FROM alembic_version").fetchone()
    if row is None:
        raise ProjectDamagedError(f"{path} {DAMAGED} (it has no version).")
    return str(row[0])


def _application_id(driver: sqlite3.Connection, path: Path) -> int:
    try:
        return int(driver.execute("PRAGMA application_id").fetchone()[0])
    except sqlite3.DatabaseError as error:
        if error.sqlite_errorcode != sqlite3.SQLITE_NOTADB:
            raise
        raise ProjectError(f"{path} is no project of YOWO Studio; choose a .yowo file.") from error


def _not_ours(driver: sqlite3.Connection, path: Path) -> ProjectError:
    names = {name for (name,) in driver.execute("SELECT name FROM sqlite_master")}
    if names.issuperset(_SCHEMA):
        return ProjectDamagedError(f"{path} {DAMAGED} (its header is another program's).")
    return ProjectError(f"{path} is a database of another program; choose a .yowo file.")
