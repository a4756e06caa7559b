"""Make a project file, or see whether a file is one and of which version."""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from sqlalchemy import text

from app.errors import ProjectError
from app.store import migrating
from app.store.connection import LOCK_WAIT_S, make_engine, sentences
from app.store.schema import APPLICATION_ID, REVISION, project
from app.store.stamp import new_uid, stamp


def make_project(path: Path, author: str) -> None:
    """A new, empty project file; ProjectError when something is there or cannot be written."""
    try:
        path.open("xb").close()
    except FileExistsError as error:
        raise ProjectError(f"{path} is there already; open it or choose another name.") from error
    except OSError as error:
        raise ProjectError(f"{path} cannot be written: {error.strerror}.") from error
    try:
        _fill(path, author)
    except BaseException:
        path.unlink(missing_ok=True)
        raise


def check_project(path: Path) -> None:
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
    if _application_id(path) != APPLICATION_ID:
        raise ProjectError(f"{path} is a database of another program; choose a .yowo file.")


def bring_up_to_date(path: Path, scripts: Path = migrating.SCRIPTS, head: str = REVISION) -> None:
    """Migrate a file of an older version; ProjectError for a newer one. Nothing for this one.

    The work is done on a copy that takes the file's place at the end; the file as it was stays
    beside it, named after its version.
    """
    with sentences(path):
        version = _version(path)
        if version > head:
            raise ProjectError(
                f"{path} was written by a newer YOWO Studio (format {version}, this one knows "
                f"{head}); install the newer version to open it."
            )
        if version < head:
            _replace_by_newer(path, path.with_name(f"{path.name}.format-{version}"), scripts)


def use_wal(path: Path) -> None:
    """Let readers and a writer work at the same time; the setting stays in the file."""
    with sentences(path), closing(sqlite3.connect(path, timeout=LOCK_WAIT_S)) as driver:
        driver.execute("PRAGMA journal_mode = WAL")


def _fill(path: Path, author: str) -> None:
    engine = make_engine(path)
    try:
        with sentences(path):
            with engine.begin() as connection:
                connection.execute(text(f"PRAGMA application_id = {APPLICATION_ID}"))
                migrating.upgrade(connection)
                by = stamp(connection, author)
                connection.execute(project.insert().values(uid=new_uid(), created_at=by.at))
            use_wal(path)
    finally:
        engine.dispose()


def _application_id(path: Path) -> int:
    with sentences(path), closing(sqlite3.connect(path, timeout=LOCK_WAIT_S)) as driver:
        try:
            return int(driver.execute("PRAGMA application_id").fetchone()[0])
        except sqlite3.DatabaseError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_NOTADB:
                raise
            raise ProjectError(
                f"{path} is no project of YOWO Studio; choose a .yowo file."
            ) from error


def _version(path: Path) -> str:
    """The revision that wrote the file's tables, four digits."""
    with closing(sqlite3.connect(path, timeout=LOCK_WAIT_S)) as driver:
        row = driver.execute("SELECT version_num FROM alembic_version").fetchone()
    if row is None:
        raise ProjectError(f"{path} has no version; it is damaged. Put back a copy of it.")
    return str(row[0])


def _replace_by_newer(path: Path, kept: Path, scripts: Path) -> None:
    work = path.with_name(f"{path.name}.migrating")
    work.unlink(missing_ok=True)
    try:
        with _alone(path):
            _copy(path, work)
            migrating.upgrade_copy(work, scripts)
            _copy(path, kept)
        use_wal(work)
        work.replace(path)
    finally:
        work.unlink(missing_ok=True)


def _copy(path: Path, to: Path) -> None:
    with closing(sqlite3.connect(path)) as source, closing(sqlite3.connect(to)) as copy:
        source.backup(copy)


@contextmanager
def _alone(path: Path) -> Iterator[None]:
    """The file with all changes in it and nobody else writing it, for as long as this lasts.

    Leaving WAL needs the file to itself, so a project open elsewhere is refused as locked; and
    the log of changes, which must not outlive its file, is gone.
    """
    driver = sqlite3.connect(path, timeout=LOCK_WAIT_S, isolation_level=None)
    with closing(driver):
        driver.execute("PRAGMA journal_mode = DELETE")
        driver.execute("BEGIN IMMEDIATE")
        yield
        driver.execute("ROLLBACK")
