"""Copy what can be read of a damaged project into a new one. The damaged file stays as it is.

The history of edits is left out: its steps lead back only from exactly what was there.
"""

import shutil
import sqlite3
import tempfile
from contextlib import closing
from pathlib import Path
from typing import Any, Final

from sqlalchemy import delete, select, update

from app.domain.safekeeping import RescueReport
from app.errors import ProjectDamagedError, ProjectError
from app.store import marks, mending
from app.store.connection import IMMUTABLE, connect
from app.store.damaged import Reader
from app.store.making import make_project
from app.store.opening import version_of
from app.store.project import Project
from app.store.schema import APPLICATION_ID, REVISION, tubes
from app.store.sentences import sentences
from app.store.stamp import user_name
from app.store.tube_rows import tube_values

_TABLES: Final = ("authors", "labels", "videos", "runs", "models", "tubes")
PAGE_SIZE: Final = 4096
_PAGES_AT: Final = 28
_MOST_MISSING: Final = 100  # times as long as the file may it have been
_HEADER: Final = {  # what stands at some places in the header of a file without a log
    0: b"SQLite format 3\0",
    18: b"\x01\x01\x00\x40\x20\x20",
    _PAGES_AT: b"\0\0\0\0",  # how many pages there are: as many as the file has
    56: b"\0\0\0\x01",
    68: APPLICATION_ID.to_bytes(4, "big"),
}


def rescue(path: Path, out: Path) -> RescueReport:
    """Make a new project of all that can be read; ProjectError when that is nothing at all."""
    if out.exists():
        raise ProjectError(f"{out} is there already; choose another name.")
    with tempfile.TemporaryDirectory(dir=out.parent, prefix=".rescue-") as folder:
        work = _copied(path, Path(folder))
        with sentences(path), closing(connect(work)) as driver:
            _check_version(driver, path)
            reader = Reader(driver)
            found = _read_all(reader)
    if not any(found[name] for name in ("tubes", "labels", "videos")):
        raise ProjectError(f"Nothing of {path} can be read; put back a copy of it.")
    make_project(out, user_name())
    lost = dict(reader.lost)
    with sentences(out), closing(connect(out)) as driver:
        driver.execute("BEGIN")
        driver.execute("DELETE FROM authors WHERE id IN (SELECT id FROM authors)")
        for table, rows in found.items():
            _count(lost, table, mending.insert(driver, table, rows))
        for table, rows_lost in mending.mend(driver).items():
            _count(lost, table, rows_lost)
        driver.execute("COMMIT")
    _count(lost, "tubes", _settle(out))
    read = {name: len(rows) for name, rows in found.items()}
    return RescueReport(out, read, {name: count for name, count in lost.items() if count})


def _copied(path: Path, folder: Path) -> Path:
    """A copy in that folder, with the log that belongs to it or with a header that is whole."""
    work = folder / "damaged"
    shutil.copyfile(path, work)
    if marks.has_log(path) and marks.log_goes_on(path, _mark(path)):
        shutil.copyfile(marks.log_path(path), marks.log_path(work))
        return work
    size = work.stat().st_size
    with work.open("r+b") as file:
        file.seek(_PAGES_AT)
        pages = int.from_bytes(file.read(4), "big")
        if size < pages * PAGE_SIZE < _MOST_MISSING * size:
            file.truncate(pages * PAGE_SIZE)  # a schema that points behind the end is refused
        for place, content in _HEADER.items():
            file.seek(place)
            file.write(content)
    return work


def _mark(path: Path) -> int:
    with closing(connect(path, IMMUTABLE)) as driver:
        try:
            return int(driver.execute("PRAGMA user_version").fetchone()[0])
        except sqlite3.DatabaseError:
            return 0


def _check_version(driver: sqlite3.Connection, path: Path) -> None:
    """Refuse a newer project; where not even the version can be read, it is taken for this one."""
    try:
        version = version_of(driver, path)
    except (ProjectError, sqlite3.DatabaseError):
        return
    if version.isdigit() and version > REVISION:
        raise ProjectError(f"{path} was written by a newer YOWO Studio; rescue it with that.")


def _read_all(reader: Reader) -> dict[str, list[sqlite3.Row]]:
    """The rows of every table but the history."""
    found = {name: reader.by_id(name) for name in _TABLES}
    extents = [(row["id"], row["last"]) for row in found["tubes"]]
    whole = [(tube, last) for tube, last in extents if isinstance(last, int) and last >= 0]
    found["boxes"] = [
        row
        for tube, last in whole
        for row in reader.of_owner("boxes", "tube_id", tube, "frame", last)
    ]
    found["spans"] = [
        row for tube, _last in whole for row in reader.of_owner_by_uid("spans", "tube_id", tube)
    ]
    found["ranges"] = [
        row
        for video in found["videos"]
        for row in reader.of_owner(
            "ranges", "video_id", video["id"], "start", max(0, video["frame_count"] or 0)
        )
    ]
    return found


def _settle(path: Path) -> int:
    """Let every tube's row say what its boxes are now; how many tubes were none any more."""
    with closing(Project.open(path)) as project:
        with project.reading() as connection:
            ids = connection.execute(select(tubes.c.id)).scalars().all()
        found = {tube_id: _values(project, tube_id) for tube_id in ids}
        with project.writing() as connection:
            for tube_id, values in found.items():
                mine = tubes.c.id == tube_id
                if values is None:
                    connection.execute(delete(tubes).where(mine))
                elif values:
                    connection.execute(update(tubes).where(mine).values(values))
    return sum(values is None for values in found.values())


def _values(project: Project, tube_id: int) -> dict[str, Any] | None:
    """The columns that follow from a tube; none for a removed one, None for what is no tube."""
    try:
        record = project.tube(tube_id)
    except ProjectDamagedError:
        return None
    return {} if record is None else tube_values(record.tube)


def _count(lost: dict[str, int], table: str, more: int) -> None:
    lost[table] = lost.get(table, 0) + more
