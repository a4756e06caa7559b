"""Who does something in a project and when."""

import getpass
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import uuid4

from sqlalchemy import Connection, select

from app.store.connection import insert_row
from app.store.schema import authors


@dataclass(frozen=True)
class Stamp:
    """A row of the table of authors and a time, ISO 8601 in UTC."""

    author_id: int
    at: str


def now() -> str:
    """The time now, ISO 8601 in UTC with milliseconds."""
    return datetime.now(UTC).isoformat(timespec="milliseconds")


def new_uid() -> str:
    """A name that no other row of any project has: 32 hexadecimal digits."""
    return uuid4().hex


def user_name() -> str:
    """Who is logged in on this computer, as far as it says."""
    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):  # which of them depends on version and platform
        return "unknown"


def stamp(connection: Connection, name: str) -> Stamp:
    """That author at this time; an author whom the project does not know yet is added."""
    known = connection.scalar(select(authors.c.id).where(authors.c.name == name))
    if known is None:
        known = insert_row(connection, authors, {"uid": new_uid(), "name": name})
    return Stamp(known, now())
