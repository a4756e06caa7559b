"""Bars too narrow to be drawn one by one, painted into a picture all at once."""

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]


def raster(
    row: Ints, x: tuple[Ints, Ints], color: NDArray[np.uint32], size: tuple[int, int]
) -> NDArray[np.uint32]:
    """A picture (rows, width) of 0xaarrggbb, 0 where nothing is.

    row: (B,) from 0. x: (B,) first pixel and one past the last; every bar takes at least one
    pixel, and a later bar covers an earlier one. color: (B,). size: rows and width.
    """
    rows, width = size
    picture = np.zeros((rows, width), dtype=np.uint32)
    low = np.clip(x[0], 0, width - 1)
    high = np.clip(np.maximum(x[1], low + 1), 1, width)
    length = high - low
    total = int(length.sum())
    inside = np.arange(total) - np.repeat(np.cumsum(length) - length, length)
    picture[np.repeat(row, length), np.repeat(low, length) + inside] = np.repeat(color, length)
    return picture


def thick(
    picture: NDArray[np.uint32], row_height: int, top: int, height: int
) -> NDArray[np.uint32]:
    """Every row of a raster (R, W) as a stripe: (R * row_height, W), stripes at top, height."""
    rows, width = picture.shape
    tall = np.zeros((rows, row_height, width), dtype=np.uint32)
    tall[:, top : top + height] = picture[:, None]
    return tall.reshape(rows * row_height, width)
