"""Optical flow as a network sees it."""

import cv2
import numpy as np

from yowo_core.input_spec import InputSpec
from yowo_core.video.clips import normalised
from yowo_core.video.flow import FARTHEST, flow_of


def _moving(right: int, down: int, frames: int = 4) -> np.ndarray:
    """A blurred pattern that moves so many pixels a frame."""
    noise = np.random.default_rng(3).integers(0, 256, (160, 160, 3), dtype=np.uint8)
    pattern = cv2.GaussianBlur(noise, (0, 0), 4)
    pattern = cv2.normalize(pattern, pattern, 0, 255, cv2.NORM_MINMAX)
    starts = [(40 - down * t, 40 - right * t) for t in range(frames)]
    return np.stack([pattern[y : y + 96, x : x + 96] for y, x in starts])


def test_flow_tells_how_far_and_where_to() -> None:
    flow = flow_of(_moving(3, -4))
    middle = flow[:, :, 30:60, 30:60]
    np.testing.assert_allclose(middle[0], 3 / FARTHEST, atol=0.02)
    np.testing.assert_allclose(middle[1], -4 / FARTHEST, atol=0.02)
    np.testing.assert_allclose(middle[2], 5 / FARTHEST, atol=0.02)
    assert np.array_equal(flow[:, 0], flow[:, 1])


def test_what_stands_still_has_none() -> None:
    assert np.abs(flow_of(_moving(0, 0))).max() < 0.01
    assert not flow_of(_moving(0, 0, frames=1)).any()


def test_flow_stands_behind_the_colours() -> None:
    clip = _moving(3, 0)
    plain = InputSpec(length=4, size=96, mean=(0.0,) * 3, std=(1.0,) * 3)
    seen = normalised(clip, InputSpec(4, 1, 96, (0.0,) * 3, (1.0,) * 3, flow=True))
    assert seen.shape == (6, 4, 96, 96)
    assert np.array_equal(seen[:3], normalised(clip, plain))
    assert np.array_equal(seen[3:], flow_of(clip))
