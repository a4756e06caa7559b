"""Augmentation moves pictures and boxes together."""

import random

import numpy as np

from yowo_core.data.transforms import (
    AugmentConfig,
    Crop,
    cropped,
    cropped_boxes,
    random_crop,
    recoloured,
)


def _square() -> np.ndarray:
    picture = np.zeros((1, 64, 64, 3), np.uint8)
    picture[0, 16:32, 8:40] = 255
    return picture


def _seen(picture: np.ndarray) -> list[int]:
    ys, xs = np.nonzero(picture[0, :, :, 0] > 127)
    return [int(xs.min()), int(ys.min()), int(xs.max()) + 1, int(ys.max()) + 1]


def test_box_and_picture_stay_together_through_any_crop() -> None:
    boxes = np.array([[8, 16, 40, 32]]) / 64
    for seed in range(40):
        crop = random_crop(AugmentConfig(jitter=0.2), random.Random(seed))
        moved, kept = cropped_boxes(boxes, crop, 64)
        assert kept.all()
        np.testing.assert_allclose(_seen(cropped(_square(), crop, 64)), moved[0], atol=1.0)


def test_the_whole_picture_comes_back_unchanged() -> None:
    clip = np.random.default_rng(0).integers(0, 255, (2, 32, 32, 3), np.uint8)
    assert np.array_equal(cropped(clip, Crop(), 32), clip)


def test_mirroring_twice_is_nothing() -> None:
    clip = np.random.default_rng(0).integers(0, 255, (2, 32, 32, 3), np.uint8)
    mirrored = Crop(mirrored=True)
    assert np.array_equal(cropped(cropped(clip, mirrored, 32), mirrored, 32), clip)
    assert np.array_equal(cropped(clip, mirrored, 32), clip[:, :, ::-1])


def test_boxes_that_leave_the_crop_are_dropped() -> None:
    boxes = np.array([[0.0, 0, 0.1, 0.1], [0.5, 0.5, 0.9, 0.9]])
    moved, kept = cropped_boxes(boxes, Crop(0.2, 0.2, 1.0, 1.0), 80)
    assert kept.tolist() == [False, True]
    np.testing.assert_allclose(moved, [[30, 30, 70, 70]])


def test_colours_change_alike_in_every_frame() -> None:
    clip = np.random.default_rng(0).integers(0, 255, (1, 8, 8, 3), np.uint8).repeat(3, 0)
    out = recoloured(clip, AugmentConfig(), random.Random(1))
    assert np.array_equal(out[0], out[2])
    assert not np.array_equal(out, clip)


def test_no_change_of_colour_keeps_grey_as_it_is() -> None:
    clip = np.full((1, 4, 4, 3), 77, np.uint8)
    same = AugmentConfig(hue=0.1, saturation=1.0, value=1.0)
    assert np.array_equal(recoloured(clip, same, random.Random(3)), clip)
