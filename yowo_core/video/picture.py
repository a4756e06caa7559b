"""Decoded frames as arrays of pixels, turned the way they are to be seen."""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import cast

import numpy as np
from av.buffer import Buffer
from av.video.frame import VideoFrame
from av.video.reformatter import VideoReformatter
from numpy.typing import NDArray

Pixels = NDArray[np.uint8]


@dataclass(frozen=True)
class Orientation:
    """How a stored picture is turned for showing: first transposed, then mirrored."""

    transposed: bool = False
    flip_rows: bool = False
    flip_columns: bool = False

    def size(self, width: int, height: int) -> tuple[int, int]:
        """Width and height of the shown picture for those of the stored one."""
        return (height, width) if self.transposed else (width, height)

    def apply(self, pixels: Pixels) -> Pixels:
        """The picture (H, W, C) as it is shown, C-contiguous."""
        turned = pixels.swapaxes(0, 1) if self.transposed else pixels
        rows = slice(None, None, -1 if self.flip_rows else 1)
        columns = slice(None, None, -1 if self.flip_columns else 1)
        return np.ascontiguousarray(turned[rows, columns])


def orientation_of(picture: VideoFrame) -> Orientation:
    """What the frame's rotation tag asks for, to the nearest quarter turn.

    The tag is the display matrix (a b u, c d v, x y w) of ISO/IEC 14496-12, 6.2.2: the pixel at
    (p, q) is shown at (ap + cq, bp + dq).
    """
    side_data = cast(Mapping[str, Buffer], picture.side_data)
    if "DISPLAYMATRIX" not in side_data:
        return Orientation()
    matrix = np.frombuffer(bytes(side_data["DISPLAYMATRIX"]), np.int32)
    a, b, c, d = (int(matrix[place]) for place in (0, 1, 3, 4))
    if abs(b) + abs(c) > abs(a) + abs(d):
        return Orientation(True, flip_rows=b < 0, flip_columns=c < 0)
    return Orientation(False, flip_rows=d < 0, flip_columns=a < 0)


class PixelMaker:
    """Makes arrays of one video's stored frames, in the orientation of its first.

    A frame's own conversion would leave a scaler of 100 to 250 KB with every frame in the cache;
    this one scaler serves all.
    """

    def __init__(self, first: VideoFrame) -> None:
        self._width, self._height = first.width, first.height
        self.orientation = orientation_of(first)
        self._reformatter = VideoReformatter()

    @property
    def size(self) -> tuple[int, int]:
        """Width and height of the arrays."""
        return self.orientation.size(self._width, self._height)

    def shown_aspect(self, stored: Fraction | None) -> Fraction:
        """Width over height of a pixel as the arrays lie; 1 where the file does not say."""
        aspect = stored or Fraction(1)
        return 1 / aspect if self.orientation.transposed else aspect

    def pixels(self, picture: VideoFrame, layout: str) -> Pixels:
        """The frame as (H, W, channels) uint8 in a layout such as rgb24 or bgra, C-contiguous.

        A frame of another size, as in a stream that changes its size midway, is scaled.
        """
        converted = self._reformatter.reformat(
            picture, width=self._width, height=self._height, format=layout
        )
        stored = cast(Pixels, converted.to_ndarray())
        if converted is picture:  # nothing to convert: the array would be the cached frame itself
            stored = stored.copy()
        return self.orientation.apply(stored)
