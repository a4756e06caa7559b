"""Which frames make a clip."""

import random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from yowo_core.annotations import FrameRange
from yowo_core.input_spec import InputSpec
from yowo_core.video.clips import (
    causal_clip,
    centred_clip,
    key_positions,
    normalised,
    random_clip,
    resized,
)


def test_the_key_frame_is_last_where_the_past_suffices() -> None:
    frames, place = causal_clip(20, FrameRange(0, 100), InputSpec())
    assert place == 15
    assert frames.tolist() == list(range(5, 21))


def test_the_first_frames_look_ahead_instead_of_being_padded() -> None:
    frames, place = causal_clip(3, FrameRange(0, 100), InputSpec())
    assert place == 3
    assert frames.tolist() == list(range(16))


def test_a_clip_of_a_short_range_repeats_its_edge() -> None:
    frames, place = causal_clip(5, FrameRange(4, 8), InputSpec(length=6))
    assert frames[place] == 5
    assert frames.tolist() == [4, 5, 6, 7, 7, 7]


def test_a_network_that_wants_the_key_frame_last_gets_the_first_frame_repeated() -> None:
    spec = InputSpec(length=6, stride=2, key="last")
    for chosen in (causal_clip, centred_clip):
        frames, place = chosen(5, FrameRange(0, 100), spec)
        assert place == 5
        assert frames.tolist() == [0, 0, 0, 1, 3, 5]


def test_each_filter_gives_other_pixels() -> None:
    picture = np.random.default_rng(0).integers(0, 256, (60, 90, 3), np.uint8)
    by_pillow = np.array(Image.fromarray(picture).resize((32, 32), Image.Resampling.BICUBIC))
    made = {how: resized(picture, 32, how) for how in ("area", "bicubic", "linear")}
    np.testing.assert_array_equal(made["bicubic"], by_pillow)
    assert np.abs(made["linear"].astype(int) - made["area"]).max() > 20
    assert np.abs(made["bicubic"].astype(int) - made["area"]).max() > 20


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
    spec = InputSpec(length=length, stride=stride)
    first, last = key_positions(key, bounds, spec)
    assert 0 <= first <= last < length
    frames, place = random_clip(key, bounds, spec, random.Random(offset))
    assert frames[place] == key
    assert frames.min() >= bounds.start
    assert frames.max() < bounds.stop
    if extent > (length - 1) * stride + length * stride:
        assert np.all(np.diff(frames) == stride)


def test_normalising_is_the_textbook_formula() -> None:
    clip = np.array([0, 255], np.uint8).reshape(2, 1, 1, 1).repeat(3, -1)
    out = normalised(clip, InputSpec(mean=(0.5, 0.25, 0.0), std=(0.5, 0.5, 1.0)))
    assert out.shape == (3, 2, 1, 1)
    expected = np.array([[-1, 1], [-0.5, 1.5], [0, 1]], np.float32)
    np.testing.assert_allclose(out[:, :, 0, 0], expected, atol=1e-6)


@pytest.mark.parametrize("size", [8, 64])
def test_resizing_keeps_a_flat_colour(size: int) -> None:
    picture = np.full((32, 48, 3), (10, 20, 30), np.uint8)
    assert np.array_equal(resized(picture, size), np.full((size, size, 3), (10, 20, 30)))
