"""What the history of edits says: what undo and redo would do, and when was saved last."""

from sqlalchemy import Connection, select, update

from app.domain.project import HistoryState
from app.store.schema import history, project


def state(connection: Connection) -> HistoryState:
    """The titles of the edits that undo and redo would take, and the time of the last change."""
    done = select(history.c.title).where(history.c.undone == 0).order_by(history.c.id.desc())
    undone = select(history.c.title).where(history.c.undone == 1).order_by(history.c.id)
    return HistoryState(
        undo=connection.scalar(done.limit(1)) or "",
        redo=connection.scalar(undone.limit(1)) or "",
        saved_at=connection.scalar(select(project.c.saved_at)) or "",
    )


def mark_saved(connection: Connection, at: str) -> None:
    """Note when the project was last changed, ISO 8601 in UTC."""
    connection.execute(update(project).values(saved_at=at))
