"""What the history of edits says: its edits by number, and how far it is taken back.

Numbers have no gap: only the newest entries are ever deleted, those that were taken back.
"""

from typing import Final

from sqlalchemy import Connection, func, select, text, update

from app.domain.history import EditRecord, HistoryState
from app.store.schema import authors, history, project

UNDONE: Final = text("history.undone = 1")  # as a literal, or the index on it is not used


def state(connection: Connection) -> HistoryState:
    """Where the history stands, what undo and redo would take, the time of the last change."""
    # one by one: only then SQLite takes an end of the index instead of looking at all
    first = connection.scalar(select(func.min(history.c.id)))
    last = connection.scalar(select(func.max(history.c.id)))
    undone = connection.scalar(select(func.min(history.c.id)).where(UNDONE))
    position = (last or 0) if undone is None else undone - 1
    titles = select(history.c.id, history.c.title).where(history.c.id.in_([position, position + 1]))
    named = {row.id: row.title for row in connection.execute(titles)}
    return HistoryState(
        undo=named.get(position, ""),
        redo=named.get(position + 1, ""),
        saved_at=connection.scalar(select(project.c.saved_at)) or "",
        first=first or 0,
        last=last or 0,
        position=position,
    )


def entries(connection: Connection, low: int, high: int, wanted: str = "") -> list[EditRecord]:
    """The edits with numbers from low to high, both inclusive, whose title holds a text."""
    columns = (history.c.id, history.c.title, authors.c.name, history.c.at)
    query = select(*columns).join(authors, authors.c.id == history.c.author_id)
    query = query.where(history.c.id.between(low, high)).order_by(history.c.id)
    if wanted:
        query = query.where(history.c.title.icontains(wanted, autoescape=True))
    return [EditRecord(*row) for row in connection.execute(query)]


def mark_saved(connection: Connection, at: str) -> None:
    """Note when the project was last changed, ISO 8601 in UTC."""
    connection.execute(update(project).values(saved_at=at))
