"""Peaks of maps and features read at them, on numbers worked by hand."""

import math

import pytest
import torch

from yowo_core.ops.peaks import at_places, at_points, peaks


def test_peaks_exceed_their_eight_neighbours_and_come_highest_first() -> None:
    heat = torch.tensor([[1.0, 2, 0, 5], [0, 3, 0, 0], [0, 0, 0, 4]])
    values, places = peaks(heat[None], 4)
    # 3 beats 1 and 2 beside it; 5 and 4 are two rows apart; the fourth place is filled up
    assert values[0].tolist() == [5, 4, 3, -math.inf]
    assert places[0, :3].tolist() == [3, 11, 5]


def test_more_boxes_than_cells_are_not_asked_for() -> None:
    values, places = peaks(torch.zeros(2, 2, 3), 100)
    assert values.shape == places.shape == (2, 6)


def test_pictures_of_a_batch_are_looked_at_apart() -> None:
    heat = torch.zeros(2, 3, 3)
    heat[0, 0, 0] = heat[1, 2, 1] = 1
    assert peaks(heat, 1)[1].tolist() == [[0], [7]]


def test_features_at_places_counted_row_by_row() -> None:
    maps = torch.arange(12.0).view(1, 2, 2, 3)
    assert at_places(maps, torch.tensor([[5, 0]])).tolist() == [[[5, 11], [0, 6]]]


@pytest.mark.parametrize(
    ("point", "read"),
    [
        ((0.5, 0.5), 0.0),  # a cell's middle
        ((2.5, 1.5), 5.0),
        ((1.0, 0.5), 0.5),  # between two middles
        ((1.0, 1.0), 2.0),  # between four: (0 + 1 + 3 + 4) / 4
        ((0.75, 0.5), 0.25),
        ((-3.0, 0.5), 0.0),  # beyond the picture as at its edge
        ((3.0, 9.0), 5.0),
    ],
)
def test_features_between_cells_are_mixed(point: tuple[float, float], read: float) -> None:
    maps = torch.arange(6.0).view(1, 1, 2, 3)
    assert at_points(maps, torch.tensor([[point]])).item() == pytest.approx(read, abs=1e-6)
