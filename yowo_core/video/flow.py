"""Optical flow of a clip as pictures of three channels; free of torch."""

import cv2
import numpy as np
from numpy.typing import NDArray

FARTHEST = 20.0
"""Pixels of the clip from one frame to the next that are 1; what moves farther is 1 too."""


def flow_of(clip: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Clip (T, H, W, 3) uint8 RGB -> (3, T, H, W): x, y and length of what moved, -1..1.

    Each frame has the flow from the frame before it, found by OpenCV's DIS; the first one, which
    has none before it, that of the second. Three channels let any network for colours see it.
    """
    greys = [cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY) for picture in clip]
    out = np.zeros((3, *clip.shape[:3]), np.float32)
    finder = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_FAST)
    for place in range(1, len(greys)):
        moved = finder.calc(greys[place - 1], greys[place], None)  # type: ignore[call-overload]
        across, down = moved[..., 0] / FARTHEST, moved[..., 1] / FARTHEST
        out[:, place] = across, down, np.hypot(across, down)
    if len(greys) > 1:
        out[:, 0] = out[:, 1]
    return np.clip(out, -1, 1, out=out)
