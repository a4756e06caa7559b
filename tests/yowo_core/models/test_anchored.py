"""Heads with anchor boxes, against numbers worked out by hand."""

import math

import pytest
import torch

from yowo_core.models.anchored import anchor_boxes, by_anchor, by_type, class_scores, decode

ANCHORS = ((20.0, 40.0), (64.0, 16.0))


def test_an_anchor_is_moved_and_scaled_from_its_cell() -> None:
    """Second anchor, cell x 2, y 1 of 3 x 2: sigmoid(0) is half a cell, exp(ln 2) doubles."""
    raw = torch.zeros(1, 2 * (5 + 3), 2, 3)
    second = 8
    raw[0, second : second + 5, 1, 2] = torch.tensor([0, math.log(3), math.log(2), 0, math.log(4)])
    raw[0, second + 5, 1, 2] = math.log(2)
    boxes, scores = decode(by_anchor(raw, 2), ANCHORS, 32, None)
    row = 6 + 3 + 2  # six cells of the first anchor, a row of three, two cells
    centre_x, centre_y = 2.5 * 32, 1.75 * 32
    expected = [centre_x - 64, centre_y - 8, centre_x + 64, centre_y + 8]
    assert boxes[0, row].tolist() == pytest.approx(expected, rel=1e-6)
    assert scores[0, row].tolist() == pytest.approx([0.8 * 0.5, 0.8 * 0.25, 0.8 * 0.25])
    assert boxes[0, 0].tolist() == [6, -4, 26, 36]
    assert boxes.shape == (1, 12, 4)


def test_no_box_is_endless() -> None:
    raw = torch.zeros(1, 1, 1, 1, 4)
    raw[..., 2:] = 1e4
    box = anchor_boxes(raw, ((20.0, 40.0),), 32)[0, 0, 0, 0]
    assert (box[2:] - box[:2]).tolist() == pytest.approx([20_000, 40_000])


def test_both_orders_of_channels_say_the_same() -> None:
    """YOWO's order anchor by anchor, put by hand into YOWO-Plus's order by type."""
    raw = torch.randn(2, 2 * (5 + 3), 4, 5)
    first, second = raw[:, :8], raw[:, 8:]
    sorted_by_type = torch.cat(
        [first[:, 4:5], second[:, 4:5], first[:, 5:], second[:, 5:], first[:, :4], second[:, :4]], 1
    )
    mine, theirs = by_anchor(raw, 2), by_type(sorted_by_type, 2)
    for one, other in zip(mine, theirs, strict=True):
        assert torch.equal(one, other)


@pytest.mark.parametrize(
    ("exclusive", "expected"),
    [
        (None, [0.25, 0.25, 0.5]),
        (2, [0.5, 0.5, 2 / 3]),
        (0, [0.5, 0.5, 2 / 3]),
        (7, [0.25, 0.25, 0.5]),
    ],
)
def test_the_first_classes_exclude_each_other(exclusive: int | None, expected: list[float]) -> None:
    logits = torch.tensor([0.0, 0.0, math.log(2)])
    assert class_scores(logits, exclusive).tolist() == pytest.approx(expected)


def test_poses_share_one_and_the_rest_does_not() -> None:
    scores = class_scores(torch.tensor([3.0, 1.0, 2.0, 5.0]), 2)
    assert float(scores[:2].sum()) == pytest.approx(1)
    assert float(scores[2:].sum()) > 1.8
