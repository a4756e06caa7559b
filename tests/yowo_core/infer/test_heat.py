"""The colours of a map, and a picture under it."""

import numpy as np

from yowo_core.infer.heat import glow, laid_over, ramp


def test_colours_get_brighter_all_the_way() -> None:
    brightness = ramp().astype(float) @ [0.299, 0.587, 0.114]
    assert (np.diff(brightness) > -1).all()
    assert 60 < brightness[0] < 90
    assert brightness[-1] > 230


def test_where_nothing_is_seen_the_picture_stays_as_it_was() -> None:
    picture = np.full((40, 60, 3), 90, np.uint8)
    shown = np.zeros((8, 8), np.float32)
    shown[:4] = 1.0
    over = laid_over(picture, shown, 0.5)
    assert over.shape == picture.shape
    assert (over[-10:] == 90).all()
    np.testing.assert_allclose(over[0, 0], 0.5 * 90 + 0.5 * ramp()[255], atol=1)


def test_strength_is_the_opacity_of_the_strongest_place() -> None:
    shown = np.array([[0.0, 0.5, 1.0, 7.0]], np.float32)
    assert glow(shown, 1.0)[0, :, 3].tolist() == [0, 128, 255, 255]
    assert not glow(shown, 0.0)[..., 3].any()
