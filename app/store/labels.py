"""Queries for labels, and labels that a model brings along."""

from collections.abc import Sequence
from typing import Final

from sqlalchemy import Connection, select, update

from app.store.connection import insert_row
from app.store.schema import State, labels
from app.store.stamp import Stamp, new_uid
from yowo_core.annotations import Label

# clear of each other on a dark ground; the first nine are those of the digit keys
PALETTE: Final = (
    "#f97316",
    "#22c55e",
    "#38bdf8",
    "#e879f9",
    "#facc15",
    "#f43f5e",
    "#2dd4bf",
    "#a78bfa",
    "#a3e635",
    "#fb7185",
    "#60a5fa",
    "#fdba74",
)


def records(connection: Connection) -> list[Label]:
    """The project's labels by id, which is the order of their keys."""
    query = select(labels).where(labels.c.state == State.LIVE).order_by(labels.c.id)
    return [Label(row.id, row.name, row.color, row.kind) for row in connection.execute(query)]


def ensure(connection: Connection, names: Sequence[str], by: Stamp) -> dict[str, int]:
    """The ids of these labels by name; those that are missing are added or come back."""
    known = {item.name: item.id for item in records(connection)}
    for name in dict.fromkeys(names):
        if name not in known:
            known[name] = _revived(connection, name) or add(connection, Label(0, name, ""), by)
    return {name: known[name] for name in names}


def add(connection: Connection, label: Label, by: Stamp) -> int:
    """Add a label, whose id is ignored, and give its own; an empty color is chosen for it."""
    values = {
        "uid": new_uid(),
        "name": label.name,
        "color": label.color,
        "kind": label.kind,
        "author_id": by.author_id,
        "created_at": by.at,
    }
    label_id = insert_row(connection, labels, values)
    if not label.color:
        color = PALETTE[(label_id - 1) % len(PALETTE)]
        connection.execute(update(labels).where(labels.c.id == label_id).values(color=color))
    return label_id


def _revived(connection: Connection, name: str) -> int | None:
    """Bring back a label of that name that an edit took away, so that redo finds it there."""
    query = select(labels.c.id).where(labels.c.name == name, labels.c.state == State.REMOVED)
    label_id = connection.scalar(query.order_by(labels.c.id.desc()).limit(1))
    if label_id is not None:
        live = update(labels).where(labels.c.id == label_id).values(state=State.LIVE)
        connection.execute(live)
    return label_id
