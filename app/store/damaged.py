"""Read the rows of a damaged file around what is damaged."""

import sqlite3
from collections import Counter
from collections.abc import Iterator
from itertools import product
from typing import Final

MOST_IDS: Final = 100_000  # looked for where not even the largest id can be read
PATIENCE: Final = 1500  # so many statements on a table may fail; a lost root would fail all
_DIGITS: Final = "0123456789abcdef"


class Reader:
    """Gives out the rows that can be read; lost counts by table the places that cannot."""

    def __init__(self, driver: sqlite3.Connection) -> None:
        self._driver = driver
        driver.row_factory = sqlite3.Row
        # a name of which some bytes are damaged is better than none
        driver.text_factory = lambda raw: raw.decode("utf-8", "replace")
        self.lost: dict[str, int] = {}
        self._failed: Counter[str] = Counter()

    def by_id(self, table: str) -> list[sqlite3.Row]:
        """The rows of a table with the integer key id."""
        return list(self._halved(table, "id", 1, self._largest(table)))

    def of_owner(
        self, table: str, column: str, owner: int, part: str, last: int
    ) -> list[sqlite3.Row]:
        """The rows of one owner whose second key is a number from 0 to last."""
        return list(self._halved(table, f"{column} = {owner} AND {part}", 0, last))

    def of_owner_by_uid(self, table: str, column: str, owner: int) -> list[sqlite3.Row]:
        """The rows of one owner whose second key is a uid."""
        mine = f"{column} = {owner}"
        try:
            return self._read(table, mine)
        except sqlite3.DatabaseError:
            parts = ("".join(pair) for pair in product(_DIGITS, repeat=2))
            return [
                row for p in parts for row in self._or_lost(table, f"{mine} AND uid GLOB '{p}*'")
            ]

    def _halved(self, table: str, key: str, low: int, high: int) -> Iterator[sqlite3.Row]:
        """The rows with keys within both ends, in halves around what cannot be read."""
        try:
            yield from self._read(table, f"{key} BETWEEN {low} AND {high}")
        except sqlite3.DatabaseError:
            if low >= high or self._failed[table] > PATIENCE:
                self._miss(table)
                return
            middle = (low + high) // 2
            yield from self._halved(table, key, low, middle)
            yield from self._halved(table, key, middle + 1, high)

    def _or_lost(self, table: str, where: str) -> list[sqlite3.Row]:
        try:
            return self._read(table, where)
        except sqlite3.DatabaseError:
            self._miss(table)
            return []

    def _miss(self, table: str) -> None:
        self.lost[table] = self.lost.get(table, 0) + 1

    def _read(self, table: str, where: str) -> list[sqlite3.Row]:
        # an index may be damaged where the table is whole
        query = f'SELECT * FROM "{table}" NOT INDEXED WHERE {where}'
        try:
            return self._driver.execute(query).fetchall()
        except sqlite3.DatabaseError:
            self._failed[table] += 1
            raise

    def _largest(self, table: str) -> int:
        for way in ("NOT INDEXED", f'INDEXED BY "sqlite_autoindex_{table}_1"'):
            try:
                found = self._driver.execute(f'SELECT max(id) FROM "{table}" {way}').fetchone()[0]
            except sqlite3.DatabaseError:
                continue
            return found if isinstance(found, int) and found < 100 * MOST_IDS else MOST_IDS
        return MOST_IDS
