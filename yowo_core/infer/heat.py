"""The colours of a map of 0..1, and such a map laid over a picture; free of torch."""

import cv2
import numpy as np
from numpy.typing import NDArray

_PURPLE = 90
STRENGTH = 0.75
"""How much of a picture the strongest place of a map covers, unless said otherwise."""


def ramp() -> NDArray[np.uint8]:
    """(256, 3) uint8 RGB: the colours of 0 to 1, each brighter than the one before.

    They begin where inferno is purple: its black would look like a shadow in the picture.
    """
    values = np.linspace(_PURPLE, 255, 256).round().astype(np.uint8)[:, None]
    return np.ascontiguousarray(cv2.applyColorMap(values, cv2.COLORMAP_INFERNO)[:, 0, ::-1])


def glow(shown: NDArray[np.float32], strength: float = STRENGTH) -> NDArray[np.uint8]:
    """Map (H, W) in 0..1 -> (H, W, 4) uint8 red, green, blue, opacity; 0 lets all through."""
    levels = np.rint(255 * np.clip(shown, 0, 1)).astype(np.uint8)
    out = np.empty((*levels.shape, 4), np.uint8)
    out[..., :3] = ramp()[levels]
    out[..., 3] = np.rint(levels * float(np.clip(strength, 0, 1))).astype(np.uint8)
    return out


def laid_over(
    picture: NDArray[np.uint8], shown: NDArray[np.float32], strength: float = STRENGTH
) -> NDArray[np.uint8]:
    """RGB picture (H, W, 3) uint8 with a map of any size stretched over it, the same shape."""
    size = (picture.shape[1], picture.shape[0])
    large = np.asarray(cv2.resize(shown, size, interpolation=cv2.INTER_LINEAR), np.float32)
    colours = glow(large, strength)
    share = colours[..., 3:].astype(np.float32) / 255
    mixed = picture * (1 - share) + colours[..., :3] * share
    return np.asarray(np.rint(mixed), dtype=np.uint8)
