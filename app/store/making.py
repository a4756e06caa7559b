"""Make a project file, and bring one of an older version up to date."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from sqlalchemy import Connection, text

from app.errors import ProjectError
from app.store import marks
from app.store.connection import connect, make_engine
from app.store.opening import looked_at, version_of
from app.store.schema import APPLICATION_ID, REVISION, metadata, project
from app.store.sentences import sentences
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


def make_tables(connection: Connection) -> None:
    """All tables of this version, in an empty file, as the scripts would make them.

    Alembic takes ten times as long; a test compares the two.
    """
    connection.execute(text(f"PRAGMA application_id = {APPLICATION_ID}"))
    connection.execute(text(f"PRAGMA user_version = {marks.first()}"))
    metadata.create_all(connection, checkfirst=False)
    connection.execute(
        text(
            "CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL, "
            "CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num))"
        )
    )
    connection.execute(text("INSERT INTO alembic_version VALUES (:head)"), {"head": REVISION})


def bring_up_to_date(path: Path, scripts: Path | None = None, head: str = REVISION) -> None:
    """Migrate a file of an older version, nothing for this one.

    The work is done on a copy that takes the file's place at the end; the file as it was stays
    beside it, named after its version.
    """
    with sentences(path):
        with looked_at(path) as driver:
            version = version_of(driver, path)
        if version < head:
            kept = path.with_name(f"{path.name}.format-{version}")
            _replace_by_newer(path, kept, scripts)


def use_wal(path: Path) -> None:
    """Let readers and a writer work at the same time; the setting stays in the file."""
    with sentences(path), closing(connect(path)) as driver:
        driver.execute("PRAGMA journal_mode = WAL")


def copy(path: Path, to: Path) -> None:
    """Copy what is in the file and its log, as of one moment."""
    with closing(connect(path)) as source, closing(sqlite3.connect(to)) as target:
        source.backup(target)


def _fill(path: Path, author: str) -> None:
    engine = make_engine(path)
    try:
        with sentences(path):
            with engine.begin() as connection:
                make_tables(connection)
                by = stamp(connection, author)
                connection.execute(project.insert().values(uid=new_uid(), created_at=by.at))
            use_wal(path)
    finally:
        engine.dispose()


def _replace_by_newer(path: Path, kept: Path, scripts: Path | None) -> None:
    from app.store import migrating  # noqa: PLC0415 slow to load and seldom needed

    work = path.with_name(f"{path.name}.migrating")
    work.unlink(missing_ok=True)
    try:
        with _alone(path):
            copy(path, work)
            migrating.upgrade_copy(work, scripts or migrating.SCRIPTS)
            copy(path, kept)
        use_wal(work)
        work.replace(path)
    finally:
        work.unlink(missing_ok=True)


@contextmanager
def _alone(path: Path) -> Iterator[None]:
    """The file with all changes in it and nobody else writing it, for as long as this lasts.

    Leaving WAL needs the file to itself, so a project open elsewhere is refused as locked; and
    the log of changes, which must not outlive its file, is gone.
    """
    with closing(connect(path)) as driver:
        driver.execute("PRAGMA journal_mode = DELETE")
        driver.execute("BEGIN IMMEDIATE")
        yield
        driver.execute("ROLLBACK")
