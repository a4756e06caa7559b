"""Box maths of tensors on numbers worked by hand."""

import math

import pytest
import torch

from yowo_core.ops.anchors import anchor_points, boxes_to_distances, distances_to_boxes
from yowo_core.ops.dfl import distribution_focal_loss, expected_distance
from yowo_core.ops.iou import complete_iou, iou


def test_iou_of_half_overlap_is_a_third() -> None:
    assert float(iou(torch.tensor([0.0, 0, 2, 2]), torch.tensor([1.0, 0, 3, 2]))) == pytest.approx(
        1 / 3
    )


def test_complete_iou_subtracts_distance_and_shape() -> None:
    first, second = torch.tensor([0.0, 0, 2, 2]), torch.tensor([1.0, 0, 3, 2])
    # same shape: IoU 1/3 less squared centre distance 1 over squared diagonal 3^2 + 2^2
    assert float(complete_iou(first, second)) == pytest.approx(1 / 3 - 1 / 13)
    tall = torch.tensor([0.0, 0, 2, 4])
    angle = 4 / math.pi**2 * (math.atan(1) - math.atan(0.5)) ** 2
    expected = 0.5 - 1 / 20 - angle**2 / (0.5 + angle)
    assert float(complete_iou(first, tall)) == pytest.approx(expected, abs=1e-5)


def test_complete_iou_has_a_gradient_where_boxes_do_not_touch() -> None:
    far = torch.tensor([10.0, 10, 12, 12], requires_grad=True)
    complete_iou(far, torch.tensor([0.0, 0, 2, 2])).backward()  # type: ignore[no-untyped-call]
    assert far.grad is not None
    assert float(far.grad.abs().sum()) > 0


def test_points_are_cell_centres_row_by_row() -> None:
    points, strides = anchor_points([(1, 2), (1, 1)], [8, 16], torch.device("cpu"))
    assert points.tolist() == [[4, 4], [12, 4], [8, 8]]
    assert strides[:, 0].tolist() == [8, 8, 16]


def test_distances_and_boxes_are_inverse() -> None:
    points = torch.tensor([[10.0, 20.0]])
    boxes = torch.tensor([[4.0, 5.0, 30.0, 40.0]])
    assert distances_to_boxes(points, boxes_to_distances(points, boxes)).tolist() == boxes.tolist()


def test_equal_bins_decode_to_their_mean() -> None:
    assert float(expected_distance(torch.zeros(1, 4, 16))[0, 0]) == pytest.approx(7.5)


def test_the_loss_of_a_distribution_on_the_right_bins_is_its_entropy() -> None:
    logits = torch.full((1, 4, 16), -50.0)
    logits[..., 2] = math.log(0.75)
    logits[..., 3] = math.log(0.25)
    target = torch.full((1, 4), 2.25)
    entropy = -(0.75 * math.log(0.75) + 0.25 * math.log(0.25))
    assert float(distribution_focal_loss(logits, target)[0]) == pytest.approx(entropy, abs=1e-5)
