"""Make rows that came out of a damaged file a whole project again."""

import sqlite3
from collections.abc import Iterable, Mapping
from typing import Final

from app.store import soundness
from app.store.schema import metadata
from app.store.stamp import now

_LABEL: Final = {"name": "'label ' || {id}", "color": "'#38bdf8'", "kind": "'action'"}
_VIDEO: Final = {"name": "'video ' || {id}", "path_absolute": "''"}
_UID: Final = {"uid": "lower(hex(randomblob(16)))"}
# rows that others name and that may be missing -> what stands in for them
_STAND_INS: Final[Mapping[str, Mapping[str, str]]] = {
    "authors": {"name": "'unknown ' || {id}"},
    "labels": _LABEL,
    "videos": _VIDEO,
}


def insert(driver: sqlite3.Connection, table: str, rows: Iterable[sqlite3.Row]) -> int:
    """Put rows into an empty table; how many of them it did not take."""
    refused = 0
    known = set(metadata.tables[table].columns.keys())
    for row in rows:
        names = [name for name in row.keys() if name in known]  # noqa: SIM118 a Row holds values
        places = ", ".join("?" * len(names))
        sql = f'INSERT OR IGNORE INTO "{table}" ({", ".join(names)}) VALUES ({places})'
        refused += driver.execute(sql, [row[name] for name in names]).rowcount == 0
    return refused


def mend(driver: sqlite3.Connection) -> dict[str, int]:
    """Take out rows with impossible values and stand in for those that others miss.

    Gives the rows that were taken out by table.
    """
    lost: dict[str, int] = {}
    for name in metadata.tables:
        where = soundness.impossible(name)
        lost[name] = driver.execute(f'DELETE FROM "{name}" WHERE {where}').rowcount
    for name, values in _STAND_INS.items():
        _stand_in(driver, name, values)
    for table in ("tubes", "models"):
        missing = "run_id NOT IN (SELECT id FROM runs)"
        driver.execute(f"UPDATE {table} SET run_id = NULL WHERE {missing}")
    for table in ("boxes", "spans"):
        lost[table] += driver.execute(
            f"DELETE FROM {table} WHERE tube_id NOT IN (SELECT id FROM tubes)"
        ).rowcount
    empty = "DELETE FROM tubes WHERE id NOT IN (SELECT tube_id FROM boxes)"
    lost["tubes"] += driver.execute(empty).rowcount
    return {name: count for name, count in lost.items() if count}


def _stand_in(driver: sqlite3.Connection, table: str, values: Mapping[str, str]) -> None:
    """Add a row for every id of a table that is named somewhere and is not there."""
    for child in metadata.tables.values():
        for key in child.foreign_keys:
            if key.column.table.name != table:
                continue
            column = key.parent.name
            known = {"author_id": _author(driver), "created_at": f"'{now()}'"}
            more = {k: v for k, v in known.items() if k in metadata.tables[table].columns}
            filled = {**_UID, **more, **values}
            parts = ", ".join(v.format(id=column) for v in filled.values())
            driver.execute(
                f'INSERT OR IGNORE INTO "{table}" (id, {", ".join(filled)}) '
                f'SELECT DISTINCT {column}, {parts} FROM "{child.name}" '
                f'WHERE {column} NOT NULL AND {column} NOT IN (SELECT id FROM "{table}")'
            )


def _author(driver: sqlite3.Connection) -> str:
    return str(driver.execute("SELECT max(id) FROM authors").fetchone()[0] or 1)
