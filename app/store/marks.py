"""Marks that tell whether a log of changes belongs to a project file.

SQLite keeps the newest changes in NAME.yowo-wal and, after a crash, plays that log back into
whatever file bears the name: a backup put in its place, another project. So every transaction
leaves a mark in the file's header (PRAGMA user_version). The upper half of a mark follows from
the mark before it, the lower half is random: a log goes on from a file when the file's mark leads
to the log's first or is in it.
"""

import secrets
import struct
from pathlib import Path
from typing import Final

_HEADER: Final = struct.Struct(">8I")  # magic, version, page size, checkpoint, two salts, two sums
_FRAME: Final = struct.Struct(">4I8x")  # page, pages after a commit, two salts; then the sums
_MAGIC: Final = (0x377F0682, 0x377F0683)
_MARK_AT: Final = 60  # of user_version in page 1
_HALF: Final = 0xFFFF
_FACTOR: Final = 0x9E3779B1  # odd and irregular: neighbouring marks lead to unlike halves


def first() -> int:
    """A mark for a new project."""
    return secrets.randbelow(1 << 31)


def following(mark: int) -> int:
    """A mark for the transaction after the one with that mark; 32 bits with a sign."""
    unsigned = _upper_half_after(mark) << 16 | secrets.randbelow(_HALF) + 1
    return unsigned - (1 << 32) if unsigned >= 1 << 31 else unsigned


def log_path(path: Path) -> Path:
    """Where SQLite keeps the log of a database."""
    real = path.resolve()
    return real.with_name(f"{real.name}-wal")


def has_log(path: Path) -> bool:
    """Whether there is a log with something in it: nobody closed the project properly."""
    log = log_path(path)
    return log.is_file() and log.stat().st_size > 0


def log_goes_on(path: Path, mark: int) -> bool:
    """Whether the log belongs to the file, whose own mark is given; one without changes does."""
    found = _marks_in(log_path(path))
    if found is None:
        return False
    return not found or mark in found or found[0] >> 16 & _HALF == _upper_half_after(mark)


def _upper_half_after(mark: int) -> int:
    return (mark * _FACTOR & 0xFFFFFFFF) >> 16


def _marks_in(log: Path) -> list[int] | None:
    """The marks of the log's transactions in order; None for a log that no project wrote."""
    with log.open("rb") as file:
        head = file.read(_HEADER.size)
        if len(head) < _HEADER.size:
            return []
        magic, _version, page_size, _checkpoint, *salts, _sum1, _sum2 = _HEADER.unpack(head)
        if magic not in _MAGIC or not 512 <= page_size <= 65536:
            return None
        marks, changes = [], 0
        while len(frame := file.read(_FRAME.size + page_size)) == _FRAME.size + page_size:
            page, _pages, *own = _FRAME.unpack_from(frame)
            if own != salts:
                break  # left over from before the log began anew
            changes += 1
            if page == 1:
                marks.append(struct.unpack_from(">i", frame, _FRAME.size + _MARK_AT)[0])
    return marks if marks or not changes else None
