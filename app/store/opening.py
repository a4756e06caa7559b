"""Make a project file, or see whether a file is one and of which version."""

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Final

from sqlalchemy import text

from app.errors import ProjectError
from app.store import migrating
from app.store.connection import LOCK_WAIT_S, make_engine, sentences
from app.store.schema import APPLICATION_ID, REVISION, project
from app.store.stamp import new_uid, stamp

_MAGIC: Final = b"SQLite format 3\x00"
_HEADER_BYTES: Final = 100
_ID_AT: Final = 68  # where SQLite's header keeps the application id, big-endian


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
    """Refuse a path that is no readable project file, without opening it as a database."""
    if path.is_dir():
        raise ProjectError(f"{path} is a folder; choose the .yowo file inside.")
    try:
        with path.open("rb") as file:
            header = file.read(_HEADER_BYTES)
    except FileNotFoundError as error:
        raise ProjectError(
            f"{path} does not exist; check the name or make a new project."
        ) from error
    except OSError as error:
        raise ProjectError(f"{path} cannot be read: {error.strerror}; check its rights.") from error
    if not header:
        raise ProjectError(f"{path} is empty; put back a copy of it or make a new project.")
    if not header.startswith(_MAGIC):
        raise ProjectError(f"{path} is no project of YOWO Studio; choose a .yowo file.")
    if int.from_bytes(header[_ID_AT : _ID_AT + 4], "big") != APPLICATION_ID:
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
        with _alone(path) as driver, closing(sqlite3.connect(work)) as copy:
            driver.backup(copy)
            copy.close()
            migrating.upgrade_copy(work, scripts)
            shutil.copy2(path, kept)
        use_wal(work)
        work.replace(path)
    finally:
        work.unlink(missing_ok=True)


@contextmanager
def _alone(path: Path) -> Iterator[sqlite3.Connection]:
    """The file with all changes in it and nobody else using it, for as long as this lasts.

    Leaving WAL needs the file to itself, so a project open elsewhere is refused as locked; and
    the log of changes, which must not outlive its file, is gone.
    """
    driver = sqlite3.connect(path, timeout=LOCK_WAIT_S, isolation_level=None)
    with closing(driver):
        driver.execute("PRAGMA journal_mode = DELETE")
        driver.execute("BEGIN IMMEDIATE")
        yield driver
        driver.execute("ROLLBACK")
