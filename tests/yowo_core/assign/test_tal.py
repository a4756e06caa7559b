"""Task-aligned assignment on numbers worked by hand."""

import pytest
import torch

from yowo_core.assign.tal import TALConfig, Truth, assign, candidates
from yowo_core.ops.anchors import anchor_points
from yowo_core.ops.iou import complete_iou

GRID = anchor_points([(8, 8)], [8], torch.device("cpu"))


def _truth(boxes: list[list[float]], classes: list[list[int]]) -> Truth:
    return Truth(
        torch.tensor([boxes], dtype=torch.float32),
        torch.tensor([classes], dtype=torch.float32),
        torch.ones(1, len(boxes), dtype=torch.bool),
    )


def test_only_centres_inside_the_box_and_near_its_own_centre_are_allowed() -> None:
    truth = _truth([[0, 0, 64, 16]], [[1]])
    allowed = candidates(truth, GRID, radius=2.5).reshape(8, 8)
    assert allowed[:2].sum() == 8  # x = 20, 28, 36, 44 lie within 20 px of (32, 8), two rows
    assert not allowed[2:].any()


def test_the_best_overlapping_predictions_win() -> None:
    truth = _truth([[16, 16, 48, 48]], [[0, 1]])
    boxes = torch.tensor([0.0, 0, 64, 64]).expand(1, 64, 4).clone()
    boxes[0, 27] = torch.tensor([16.0, 16, 48, 48])  # the cell with centre (28, 28)
    scores = torch.full((1, 64, 2), 0.5)
    found = assign(boxes, scores, GRID, truth, TALConfig(top_k=1))
    assert found.positive.nonzero().tolist() == [[0, 27]]
    assert found.classes[0, 27].tolist() == [0, 1]
    assert found.boxes[0, 27].tolist() == [16, 16, 48, 48]


def test_an_anchor_of_two_boxes_goes_to_the_one_it_overlaps_more() -> None:
    truth = _truth([[16, 16, 48, 48], [8, 8, 48, 48]], [[1], [1]])
    boxes = torch.tensor([16.0, 16, 48, 48]).expand(1, 64, 4).clone()
    found = assign(boxes, torch.full((1, 64, 1), 0.5), GRID, truth, TALConfig(top_k=64))
    assert found.boxes[0, 27].tolist() == [16, 16, 48, 48]


def test_soft_labels_scale_the_best_match_to_its_overlap() -> None:
    truth = _truth([[16, 16, 48, 48]], [[1]])
    boxes = torch.tensor([0.0, 0, 64, 64]).expand(1, 64, 4).clone()
    boxes[0, 27] = torch.tensor([16.0, 16, 48, 48])
    boxes[0, 28] = torch.tensor([16.0, 16, 48, 40])
    config = TALConfig(top_k=2, soft_labels=True)
    found = assign(boxes, torch.full((1, 64, 1), 0.5), GRID, truth, config)
    # equal scores: what is left of the metric is the ratio of CIoU to the sixth
    second = complete_iou(boxes[0, 28], truth.boxes[0, 0]) ** 6
    assert float(found.classes[0, 27]) == pytest.approx(1.0)
    assert float(found.classes[0, 28]) == pytest.approx(float(second))


def test_an_empty_picture_has_no_positive() -> None:
    empty = Truth(torch.zeros(1, 0, 4), torch.zeros(1, 0, 2), torch.zeros(1, 0, dtype=torch.bool))
    found = assign(torch.zeros(1, 64, 4), torch.zeros(1, 64, 2), GRID, empty, TALConfig())
    assert not found.positive.any()
    assert found.classes.shape == (1, 64, 2)


def test_padding_is_never_assigned() -> None:
    truth = _truth([[16, 16, 48, 48]], [[1]])._replace(real=torch.zeros(1, 1, dtype=torch.bool))
    boxes = torch.tensor([16.0, 16, 48, 48]).expand(1, 64, 4)
    assert not assign(boxes, torch.ones(1, 64, 1), GRID, truth, TALConfig()).positive.any()
