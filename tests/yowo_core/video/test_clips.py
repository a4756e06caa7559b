"""Which frames make a clip."""

import random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from yowo_core.annotations import FrameRange
from yowo_core.video.clips import causal_clip, key_positions, normalised, random_clip, resized


def test_the_key_frame_is_last_where_the_past_suffices() -> None:
    frames, place = causal_clip(20, FrameRange(0, 100), 16, 1)
    assert place == 15
    assert frames.tolist() == list(range(5, 21))


def test_the_first_frames_look_ahead_instead_of_being_padded() -> None:
    frames, place = causal_clip(3, FrameRange(0, 100), 16, 1)
    assert place == 3
    assert frames.tolist() == list(range(16))


def test_a_clip_of_a_short_range_repeats_its_edge() -> None:
    frames, place = causal_clip(5, FrameRange(4, 8), 6, 1)
    assert frames[place] == 5
    assert frames.tolist() == [4, 5, 6, 7, 7, 7]


@given(
    start=st.integers(0, 50),
    extent=st.integers(1, 60),
    offset=st.integers(0, 59),
    length=st.integers(1, 20),
    stride=st.integers(1, 3),
)
def test_clips_stay_inside_and_hold_their_key_frame(
    start: int, extent: int, offset: int, length: int, stride: int
) -> None:
    bounds = FrameRange(start, start + extent)
    key = start + offset % extent
    first, last = key_positions(key, bounds, length, stride)
    assert 0 <= first <= last < length
    frames, place = random_clip(key, bounds, length, stride, random.Random(offset))
    assert frames[place] == key
    assert frames.min() >= bounds.start
    assert frames.max() < bounds.stop
    if extent > (length - 1) * stride + length * stride:
        assert np.all(np.diff(frames) == stride)


def test_normalising_is_the_textbook_formula() -> None:
    clip = np.array([0, 255], np.uint8).reshape(2, 1, 1, 1).repeat(3, -1)
    out = normalised(clip, (0.5, 0.25, 0.0), (0.5, 0.5, 1.0))
    assert out.shape == (3, 2, 1, 1)
    expected = np.array([[-1, 1], [-0.5, 1.5], [0, 1]], np.float32)
    np.testing.assert_allclose(out[:, :, 0, 0], expected, atol=1e-6)


@pytest.mark.parametrize("size", [8, 64])
def test_resizing_keeps_a_flat_colour(size: int) -> None:
    picture = np.full((32, 48, 3), (10, 20, 30), np.uint8)
    assert np.array_equal(resized(picture, size), np.full((size, size, 3), (10, 20, 30)))
