"""The display matrix, worked by hand: the pixel at (p, q) is shown at (ap + cq, bp + dq)."""

from typing import cast

import av
import numpy as np
import pytest

from yowo_core.video.picture import Orientation, orientation_of

ONE = 1 << 16
STORED = np.array([[1, 2, 3], [4, 5, 6]], np.uint8)[..., None]


class Tagged:
    """Stands for a frame that carries a display matrix."""

    def __init__(self, a: int, b: int, c: int, d: int) -> None:
        matrix = np.array([a, b, 0, c, d, 0, 0, 0, 1 << 30], np.int32)
        self.side_data = {"DISPLAYMATRIX": matrix.tobytes()}


@pytest.mark.parametrize(
    ("matrix", "shown"),
    [
        ((ONE, 0, 0, ONE), [[1, 2, 3], [4, 5, 6]]),
        ((-ONE, 0, 0, -ONE), [[6, 5, 4], [3, 2, 1]]),
        ((0, ONE, -ONE, 0), [[4, 1], [5, 2], [6, 3]]),
        ((0, -ONE, ONE, 0), [[3, 6], [2, 5], [1, 4]]),
        ((-ONE, 0, 0, ONE), [[3, 2, 1], [6, 5, 4]]),
        ((ONE, 0, 0, -ONE), [[4, 5, 6], [1, 2, 3]]),
        ((0, ONE, ONE, 0), [[1, 4], [2, 5], [3, 6]]),
        ((0, -ONE, -ONE, 0), [[6, 3], [5, 2], [4, 1]]),
    ],
)
def test_all_eight_orientations(matrix: tuple[int, int, int, int], shown: list[list[int]]) -> None:
    orientation = orientation_of(cast(av.VideoFrame, Tagged(*matrix)))
    turned = orientation.apply(STORED)
    assert turned[..., 0].tolist() == shown
    assert orientation.size(3, 2) == (len(shown[0]), len(shown))
    assert turned.flags.c_contiguous


def test_a_frame_without_a_tag_stays_as_it_is() -> None:
    assert orientation_of(av.VideoFrame(16, 16, "rgb24")) == Orientation()
