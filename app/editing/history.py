"""Edits become transactions, and the history takes them back and makes them again."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, UnaryExpression, delete, select, update
from sqlalchemy.exc import IntegrityError

from app.domain.project import Change
from app.editing.draft import Draft, Edit
from app.editing.patch import apply, packed, unpacked
from app.errors import EditError
from app.store.journal import mark_saved
from app.store.project import Project
from app.store.schema import history, tubes
from app.store.stamp import Stamp, new_uid, stamp
from app.store.tube_rows import chunks
from yowo_core.errors import DataError

NOTHING = Change(history=False)


def commit(project: Project, edit: Edit) -> Change:
    """Make an edit in one transaction and remember it; whatever was undone before is forgotten.

    An edit that changes nothing writes nothing and gives NOTHING. EditError when it cannot be
    made, ProjectError when the file cannot be written; then nothing is changed.
    """
    with _edit_errors(), project.writing() as connection:
        draft = Draft(connection, project.path.parent, project.author)
        title = edit.apply(draft)
        if not draft.after:
            return NOTHING
        connection.execute(delete(history).where(history.c.undone == 1))
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
        row = _entry_row(connection, history.c.undone == 0, history.c.id.desc())
        return NOTHING if row is None else _replay(project, connection, row, row.before)


def redo(project: Project) -> Change:
    """Make the edit again that was taken back last; NOTHING when there is none."""
    with project.writing() as connection:
        row = _entry_row(connection, history.c.undone == 1, history.c.id.asc())
        return NOTHING if row is None else _replay(project, connection, row, row.after)


def _entry(draft: Draft, title: str) -> dict[str, Any]:
    change = draft.change
    touched = {
        "videos": sorted(change.videos),
        "tubes": sorted(change.tubes),
        "labels": change.labels,
        "media": change.media,
    }
    return {
        "uid": new_uid(),
        "at": draft.by.at,
        "author_id": draft.by.author_id,
        "title": title,
        "before": packed(draft.before),
        "after": packed(draft.after),
        "touched": json.dumps(touched),
    }


def _entry_row(
    connection: Connection, which: ColumnElement[bool], order: UnaryExpression[int]
) -> Row[Any] | None:
    return connection.execute(select(history).where(which).order_by(order).limit(1)).first()


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
