"""What an edit did to the rows, so that undo and redo can put either side back."""

import base64
import json
import zlib
from collections.abc import Iterable, Mapping
from typing import Any, Final, NamedTuple

from sqlalchemy import Connection, Table, bindparam, delete, update

from app.errors import EditError
from app.store.schema import boxes, labels, ranges, spans, tubes, videos
from app.store.tube_rows import insert_rows

# a name in a file's history means this table for ever
_ROW_TABLES: Final = {"videos": videos, "labels": labels, "tubes": tubes}
_SET_TABLES: Final = {"boxes": boxes, "spans": spans, "ranges": ranges}

Key = int | str


class RowPatch(NamedTuple):
    """Columns of one row get these values."""

    table: str
    id: int
    values: dict[str, Any]


class SetPatch(NamedTuple):
    """Of all rows that belong to an owner, those with the dropped keys go and others come.

    Boxes belong to a tube by frame, spans to a tube by uid, ranges to a video by start; rows are
    complete, in the order of the table's columns.
    """

    table: str
    owner: int
    drop: list[Key]
    rows: list[tuple[Any, ...]]


Patch = list[RowPatch | SetPatch]


def difference(
    table: str, owner: int, old: Mapping[Any, tuple[Any, ...]], new: Mapping[Any, tuple[Any, ...]]
) -> tuple[SetPatch, SetPatch] | None:
    """What leads back from new to old rows, each by key, and forward; None when they are equal."""
    gone = [key for key, row in old.items() if new.get(key) != row]
    come = [key for key, row in new.items() if old.get(key) != row]
    if not gone and not come:
        return None
    back = SetPatch(table, owner, come, [old[key] for key in gone])
    return back, SetPatch(table, owner, gone, [new[key] for key in come])


def apply(connection: Connection, patch: Iterable[RowPatch | SetPatch]) -> None:
    """Write the patch, in its order."""
    for item in patch:
        if isinstance(item, RowPatch):
            table = _ROW_TABLES[item.table]
            change = update(table).where(table.c.id == item.id).values(item.values)
            connection.execute(change)
        else:
            _apply_set(connection, _SET_TABLES[item.table], item)


def packed(patch: Patch) -> bytes:
    """The patch as compressed JSON; numbers and bytes come back exactly."""
    plain = [[type(item) is RowPatch, *item] for item in patch]
    return zlib.compress(json.dumps(plain, default=_encoded).encode(), level=1)


def unpacked(blob: bytes) -> Patch:
    """The patch that was packed; EditError when the bytes are not what they were."""
    try:
        plain = json.loads(zlib.decompress(blob), object_hook=_decoded)
    except (zlib.error, ValueError) as error:
        raise EditError(f"What the history says of this edit is damaged ({error}).") from error
    return [
        RowPatch(*rest)
        if is_row
        else SetPatch(rest[0], rest[1], rest[2], [tuple(row) for row in rest[3]])
        for is_row, *rest in plain
    ]


def _apply_set(connection: Connection, table: Table, patch: SetPatch) -> None:
    owner, key = table.primary_key.columns
    if patch.drop:
        mine = delete(table).where(owner == patch.owner, key == bindparam("dropped"))
        connection.execute(mine, [{"dropped": value} for value in patch.drop])
    insert_rows(connection, table, patch.rows)


def _encoded(value: object) -> dict[str, str]:
    if not isinstance(value, bytes):
        raise TypeError(f"{type(value).__name__} has no place in the history")
    return {"base64": base64.b64encode(value).decode("ascii")}


def _decoded(value: dict[str, Any]) -> Any:
    return base64.b64decode(value["base64"]) if set(value) == {"base64"} else value
