"""Depth to space on numbers worked by hand."""

import pytest
import torch

from yowo_core.errors import ConfigError
from yowo_core.ops.scale_transfer import depth_to_space


def test_four_channels_of_a_point_become_its_square_row_by_row() -> None:
    # two points beside each other, eight channels: 0..7 of the left one, 10..17 of the right one
    x = torch.stack((torch.arange(8.0), torch.arange(8.0) + 10), 1)[None, :, None, :]
    assert x.shape == (1, 8, 1, 2)
    got = depth_to_space(x, 2)
    assert got[0].tolist() == [
        [[0, 1, 10, 11], [2, 3, 12, 13]],
        [[4, 5, 14, 15], [6, 7, 16, 17]],
    ]


def test_one_point_of_sixteen_channels_becomes_a_square_of_four() -> None:
    got = depth_to_space(torch.arange(16.0).view(1, 16, 1, 1), 4)
    assert got[0, 0].tolist() == [[0, 1, 2, 3], [4, 5, 6, 7], [8, 9, 10, 11], [12, 13, 14, 15]]


def test_a_factor_of_one_changes_nothing() -> None:
    x = torch.randn(2, 3, 4, 5)
    assert torch.equal(depth_to_space(x, 1), x)


def test_channels_that_do_not_divide_are_named() -> None:
    with pytest.raises(ConfigError, match=r"18 channels .* multiple of 16"):
        depth_to_space(torch.zeros(1, 18, 1, 1), 4)
