"""Heat maps of boxes on numbers worked by hand."""

import math

import pytest
import torch

from yowo_core.ops.heat_maps import centre_targets, gaussian_radius, heat_maps, key_points


def test_corners_may_move_until_the_overlap_is_the_least_allowed() -> None:
    # 8 x 8 and a quarter: (8 - 2r)^2 = 16, r = 2; 20 x 5 and 0.56: (20 - 2r)(5 - 2r) = 56, so
    # 4r^2 - 50r + 44 = 0, r = (50 - sqrt(2500 - 704)) / 8
    sizes = torch.tensor([[8.0, 8.0], [20.0, 5.0]])
    assert gaussian_radius(sizes[0], 0.25).item() == pytest.approx(2)
    assert gaussian_radius(sizes[1], 0.56).item() == pytest.approx((50 - math.sqrt(1796)) / 8)


@pytest.mark.parametrize("least", [0.1, 0.3, 0.7])
@pytest.mark.parametrize("size", [(10.0, 10.0), (40.0, 3.0), (2.0, 17.0)])
def test_no_move_within_the_radius_loses_more(least: float, size: tuple[float, float]) -> None:
    """Inwards exactly the least; outwards and sideways more of it is left."""
    width, height = size
    r = float(gaussian_radius(torch.tensor(size), least))
    inwards = (width - 2 * r) * (height - 2 * r) / (width * height)
    outwards = width * height / ((width + 2 * r) * (height + 2 * r))
    common = (width - r) * (height - r)
    assert inwards == pytest.approx(least, abs=1e-4)
    assert outwards > least
    assert common / (2 * width * height - common) > least


def test_key_points_are_the_centre_and_the_middles_of_left_top_right_bottom() -> None:
    (points,) = key_points(torch.tensor([[2.0, 4, 10, 20]])).tolist()
    assert points == [[6, 12], [2, 12], [6, 4], [10, 12], [6, 20]]


def test_heat_is_one_in_the_points_cell_and_falls_with_a_third_of_the_radius() -> None:
    (heat,) = heat_maps(torch.tensor([[[1.7, 0.2]]]), torch.tensor([3.0]), (2, 4))
    falls = [math.exp(-square / 2) for square in (1, 0, 1, 4)]
    assert heat[0].tolist() == pytest.approx(falls)
    assert heat[1].tolist() == pytest.approx([fall * math.exp(-1 / 2) for fall in falls])


def test_of_two_points_the_nearer_or_wider_one_heats_a_cell() -> None:
    points = torch.tensor([[[0.5, 0.5]], [[4.5, 0.5]]])
    (heat,) = heat_maps(points, torch.tensor([3.0, 6.0]), (1, 5))
    wide, narrow = (
        [math.exp(-d * d / 8) for d in range(5)],
        [math.exp(-d * d / 2) for d in range(5)],
    )
    expected = [max(narrow[x], wide[4 - x]) for x in range(5)]
    assert heat[0].tolist() == pytest.approx(expected)


def test_a_very_small_radius_leaves_a_single_cell() -> None:
    (heat,) = heat_maps(torch.tensor([[[1.0, 1.0]]]), torch.tensor([0.0]), (3, 3))
    assert heat[1, 1] == 1
    assert heat.sum() == pytest.approx(1, abs=1e-6)


def test_targets_of_a_box() -> None:
    targets = centre_targets(torch.tensor([[4.0, 8, 14, 24]]), (8, 6), 4)
    # centre 9, 16 pixels: 2.25, 4 cells; sides 10, 16 pixels: 2.5, 4 cells
    assert targets.mask.nonzero().tolist() == [[4, 2]]
    assert targets.offset[:, 4, 2].tolist() == [0.25, 0]
    assert targets.size[:, 4, 2].tolist() == [2.5, 4]
    assert targets.offset.count_nonzero() == 1
    assert targets.size.count_nonzero() == 2
    peaks = [(m == 1).nonzero().tolist() for m in targets.heat]
    # left 4, 16; top 9, 8; right 14, 16; bottom 9, 24
    assert peaks == [[[4, 2]], [[4, 1]], [[2, 2]], [[4, 3]], [[6, 2]]]


def test_points_on_the_far_edges_belong_to_the_last_cells() -> None:
    targets = centre_targets(torch.tensor([[0.0, 0, 32, 16]]), (4, 8), 4)
    peaks = [(m == 1).nonzero().tolist() for m in targets.heat]
    assert peaks[3] == [[2, 7]]
    assert peaks[4] == [[3, 4]]


def test_of_two_centres_in_one_cell_the_smaller_box_has_it() -> None:
    boxes = torch.tensor([[3.0, 3, 7, 7], [0.0, 0, 12, 12]])
    for order in (boxes, boxes.flip(0)):
        targets = centre_targets(order, (4, 4), 4)
        assert targets.size[:, 1, 1].tolist() == [1, 1]
        assert targets.offset[:, 1, 1].tolist() == [0.25, 0.25]


def test_a_picture_without_boxes_has_no_heat() -> None:
    targets = centre_targets(torch.zeros(0, 4), (2, 3), 4)
    assert targets.heat.shape == (5, 2, 3)
    assert not targets.heat.any()
    assert not targets.mask.any()
