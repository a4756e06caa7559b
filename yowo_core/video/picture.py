"""Decoded frames as arrays of pixels, turned the way they are to be seen."""

import numpy as np
from av.video.frame import VideoFrame
from numpy.typing import NDArray

Pixels = NDArray[np.uint8]


def quarter_turns(picture: VideoFrame) -> int:
    """Counter-clockwise quarter turns (0..3) that the frame's rotation tag asks for."""
    return round(picture.rotation / 90) % 4


def to_pixels(picture: VideoFrame, layout: str, size: tuple[int, int], turns: int) -> Pixels:
    """The frame as (H, W, channels) uint8 in a layout such as rgb24 or bgra, C-contiguous.

    size is the width and height before turning; a frame that differs from it is scaled.
    """
    pixels = picture.to_ndarray(format=layout, width=size[0], height=size[1])
    turned = np.rot90(pixels, turns) if turns else pixels
    return np.ascontiguousarray(turned, dtype=np.uint8)
