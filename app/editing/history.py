"""Edits become transactions, and the history takes them back and makes them again."""

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

from sqlalchemy import Connection, Row, delete, select, update
from sqlalchemy.exc import IntegrityError

from app.domain.project import Change
from app.editing.draft import Draft, Edit
from app.editing.patch import apply, packed, unpacked
from app.errors import EditError
from app.store.journal import UNDONE, mark_saved, state
from app.store.project import Project
from app.store.schema import history, tubes
from app.store.stamp import Stamp, new_uid, stamp
from app.store.tube_rows import chunks
from yowo_core.errors import DataError

NOTHING = Change(history=False)
SLICE_S: Final = 0.02  # how long the way through the history may hold up the window at a time


def commit(project: Project, edit: Edit, onto: int = 0) -> Change:
    """Make an edit in one transaction and remember it; whatever was undone before is forgotten.

    onto: the number of an edit with which it is one step, if that is still the newest. An edit
    that changes nothing writes nothing and gives NOTHING. EditError when it cannot be made,
    ProjectError when the file cannot be written; then nothing is changed.
    """
    with _edit_errors(), project.writing() as connection:
        draft = Draft(connection, project.path.parent, project.author)
        title = edit.apply(draft)
        if not draft.after:
            return NOTHING
        if onto and _is_newest(connection, onto):
            _join(connection, onto, draft, title)
        else:
            connection.execute(delete(history).where(UNDONE))
            connection.execute(history.insert().values(_entry(draft, title)))
        _mark(connection, draft.change, draft.by)
        return draft.change


def forget(project: Project) -> Change:
    """Let the edits so far stand for good: none of them can be taken back any more."""
    with project.writing() as connection:
        connection.execute(delete(history))
    return Change()


def undo(project: Project) -> Change:
    """Take the last edit back that is not taken back yet; NOTHING when there is none."""
    with project.writing() as connection:
        now = state(connection)
        return _back(project, connection, now.position) if now.undo else NOTHING


def redo(project: Project) -> Change:
    """Make the edit again that was taken back last; NOTHING when there is none."""
    with project.writing() as connection:
        now = state(connection)
        return _forth(project, connection, now.position + 1) if now.redo else NOTHING


def going_to(project: Project, number: int) -> Iterator[Change]:
    """Undo or redo until that edit is the newest one, a short transaction a step.

    Each step gives its change. It ends early when somebody edits meanwhile.
    """
    expected = None
    while True:
        with project.writing() as connection:
            now = state(connection)
            if now.position == number or expected not in (None, now.position):
                return
            if not now.first - 1 <= number <= now.last:
                return
            change, expected = _some_way(project, connection, now.position, number)
        yield change


def _some_way(
    project: Project, connection: Connection, position: int, number: int
) -> tuple[Change, int]:
    """As far as a slice of time goes, but one edit at least: what changed, and where that is."""
    end = time.perf_counter() + SLICE_S
    whole = Change()
    while position != number:
        if position > number:
            whole |= _back(project, connection, position)
            position -= 1
        else:
            position += 1
            whole |= _forth(project, connection, position)
        if time.perf_counter() > end:
            break
    return whole, position


def _back(project: Project, connection: Connection, number: int) -> Change:
    row = _row(connection, number)
    return _replay(project, connection, row, row.before)


def _forth(project: Project, connection: Connection, number: int) -> Change:
    row = _row(connection, number)
    return _replay(project, connection, row, row.after)


def _row(connection: Connection, number: int) -> Row[Any]:
    return connection.execute(select(history).where(history.c.id == number)).one()


def _entry(draft: Draft, title: str) -> dict[str, Any]:
    return {
        "uid": new_uid(),
        "at": draft.by.at,
        "author_id": draft.by.author_id,
        "title": title,
        "before": packed(draft.before),
        "after": packed(draft.after),
        "touched": _as_text(draft.change),
    }


def _is_newest(connection: Connection, number: int) -> bool:
    now = state(connection)
    return number == now.position == now.last


def _join(connection: Connection, number: int, draft: Draft, title: str) -> None:
    """Let an edit and the one before it be one step."""
    row = _row(connection, number)
    joined = {
        "title": f"{row.title}, {title[:1].lower()}{title[1:]}",
        "before": packed([*draft.before, *unpacked(row.before)]),
        "after": packed([*unpacked(row.after), *draft.after]),
        "touched": _as_text(_touched(row.touched) | draft.change),
    }
    connection.execute(update(history).where(history.c.id == number).values(joined))


def _replay(project: Project, connection: Connection, row: Row[Any], blob: bytes) -> Change:
    """Put one side of an edit back and note on which side the project now is."""
    try:
        apply(connection, unpacked(blob))
    except IntegrityError as error:
        raise EditError(
            f"“{row.title}” cannot be taken back or repeated: something else has its name now."
        ) from error
    flip = update(history).where(history.c.id == row.id).values(undone=1 - row.undone)
    connection.execute(flip)
    change = _touched(row.touched)
    _mark(connection, change, stamp(connection, project.author))
    return change


def _as_text(change: Change) -> str:
    return json.dumps(
        {
            "videos": sorted(change.videos),
            "tubes": sorted(change.tubes),
            "labels": change.labels,
            "media": change.media,
        }
    )


def _touched(text: str) -> Change:
    """What an edit touched, as its entry says."""
    try:
        touched = json.loads(text)
        videos, tubes = frozenset(touched["videos"]), frozenset(touched["tubes"])
        return Change(videos, tubes, labels=touched["labels"], media=touched["media"])
    except (ValueError, KeyError, TypeError) as error:
        raise EditError(f"What the history says of this edit is damaged ({error}).") from error


def _mark(connection: Connection, change: Change, by: Stamp) -> None:
    """Note on the project and on the touched tubes who changed them and when."""
    mark_saved(connection, by.at)
    for part in chunks(change.tubes):
        mine = update(tubes).where(tubes.c.id.in_(part))
        connection.execute(mine.values(changed_by=by.author_id, changed_at=by.at))


@contextmanager
def _edit_errors() -> Iterator[None]:
    """What the library says of a tube is what the user reads of the edit."""
    try:
        yield
    except DataError as error:
        raise EditError(str(error)) from error
