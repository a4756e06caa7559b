"""Bytes in order, at most so many, with one error for all ways to run out of them."""

from pathlib import Path
from typing import BinaryIO

from yowo_core.errors import CheckpointError

MOST_BYTES = 64 << 20  # of pickles in one file; the largest known ones need 2 MB
MOST_LINE = 1 << 16


class Damaged(Exception):  # noqa: N818  # caught by whoever knows the file's name
    """What is wrong with the bytes, in words that follow the file's name."""


class ByteStream:
    """Reads forward and counts."""

    def __init__(self, file: BinaryIO, most: int = MOST_BYTES) -> None:
        self._file = file
        self._left = most

    def take(self, count: int) -> bytes:
        """Exactly so many bytes."""
        self._spend(count)
        data = self._file.read(count)
        if len(data) < count:
            raise Damaged("ends in the middle")
        return data

    def line(self) -> bytes:
        """Up to the next line feed, without it."""
        data = self._file.readline(MOST_LINE)
        self._spend(len(data))
        if not data.endswith(b"\n"):
            raise Damaged("ends in the middle, or holds a line that is too long")
        return data[:-1]

    def integer(self, size: int, signed: bool = False) -> int:
        """A little-endian integer of so many bytes."""
        return int.from_bytes(self.take(size), "little", signed=signed)

    def _spend(self, count: int) -> None:
        self._left -= count
        if self._left < 0:
            raise Damaged(f"holds more than {MOST_BYTES >> 20} MB beside its tensors")


def refuse_damaged(path: Path, damage: Damaged) -> CheckpointError:
    """The sentence for a person."""
    return CheckpointError(
        f"{path} {damage}. Nothing of it was run. Download or copy it again from its source."
    )
