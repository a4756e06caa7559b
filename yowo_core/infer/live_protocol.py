"""How the window and the live model's process speak: JSON lines, pictures in a mapped file."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

SLOTS = 96
"""Pictures the mapped file holds: several clips, so that a slow reader loses none."""


class PictureRing:
    """Small pictures (size, size, 3) uint8 in a file that two processes map.

    Slot n % SLOTS holds picture number n and, beside it, that number, so that the reader notices
    a slot that was overwritten meanwhile.
    """

    def __init__(self, path: Path, size: int, *, create: bool) -> None:
        shape = (SLOTS, 8 + size * size * 3)
        self._bytes: NDArray[np.uint8] = (
            np.memmap(path, np.uint8, "w+", shape=shape)
            if create
            else np.memmap(path, np.uint8, "r+", shape=shape)
        )
        self._size = size

    def put(self, number: int, picture: NDArray[np.uint8]) -> None:
        """Store picture number (ascending from 0)."""
        row = self._bytes[number % SLOTS]
        row[:8] = np.frombuffer(np.int64(-1).tobytes(), np.uint8)
        row[8:] = picture.reshape(-1)
        row[:8] = np.frombuffer(np.int64(number).tobytes(), np.uint8)

    def get(self, number: int) -> NDArray[np.uint8] | None:
        """A copy of picture number, None when it was overwritten."""
        row = self._bytes[number % SLOTS]
        picture = np.array(row[8:]).reshape(self._size, self._size, 3)
        held = int(np.frombuffer(bytes(row[:8]), np.int64)[0])
        return picture if held == number else None
