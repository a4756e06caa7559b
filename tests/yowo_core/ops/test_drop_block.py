"""DropBlock on numbers worked by hand, and on the average."""

import pytest
import torch

from yowo_core.ops.drop_block import corner_rate, drop_block, kept_points, scheduled


def test_a_corner_drops_the_square_to_its_right_and_below() -> None:
    corners = torch.tensor([[0, 0, 0], [0, 1, 0], [0, 0, 0]], dtype=torch.bool)[None, None]
    assert kept_points(corners, 2)[0, 0].int().tolist() == [
        [1, 1, 1, 1],
        [1, 0, 0, 1],
        [1, 0, 0, 1],
        [1, 1, 1, 1],
    ]


def test_squares_may_overlap_and_stay_inside() -> None:
    corners = torch.tensor([[1, 0], [1, 1]], dtype=torch.bool)[None, None]
    assert kept_points(corners, 3)[0, 0].int().tolist() == [
        [0, 0, 0, 1],
        [0, 0, 0, 0],
        [0, 0, 0, 0],
        [0, 0, 0, 0],
    ]


def test_the_rate_of_corners_is_equation_1() -> None:
    # 7 x 7 points, squares of 3: 0.1 / 9 * 49 / 25
    assert corner_rate(0.1, 3, (7, 7)) == pytest.approx(0.1 / 9 * 49 / 25)
    assert corner_rate(0.3, 1, (4, 5)) == pytest.approx(0.3)


def test_what_is_kept_is_scaled_so_that_the_sum_stays() -> None:
    torch.manual_seed(3)
    x = torch.ones(4, 8, 14, 14)
    dropped = drop_block(x, 0.2, 3)
    values = sorted(set(dropped.flatten().tolist()))
    assert len(values) == 2
    assert values[0] == 0
    assert float(dropped.sum()) == pytest.approx(x.numel(), rel=1e-5)


def test_on_average_the_wanted_share_goes() -> None:
    torch.manual_seed(0)
    share = (drop_block(torch.ones(64, 32, 14, 14), 0.1, 3) == 0).float().mean()
    assert float(share) == pytest.approx(0.1, abs=0.01)  # a little less: squares overlap


def test_a_map_smaller_than_the_square_is_dropped_whole_or_not_at_all() -> None:
    torch.manual_seed(0)
    left = (drop_block(torch.ones(1, 400, 2, 2), 0.25, 5) > 0).float().mean((2, 3))
    assert set(left.flatten().tolist()) == {0.0, 1.0}
    assert float(left.mean()) == pytest.approx(0.75, abs=0.08)


def test_nothing_is_drawn_without_a_probability() -> None:
    x = torch.randn(1, 2, 4, 4)
    assert drop_block(x, 0.0, 3) is x


def test_the_probability_grows_evenly() -> None:
    assert [scheduled(0.2, p) for p in (-1, 0, 0.5, 1, 2)] == pytest.approx([0, 0, 0.1, 0.2, 0.2])
