"""The YOWOv3 criterion over task-aligned assignment (YOWOv3, section 5.1)."""

from dataclasses import dataclass, field
from typing import Literal, NamedTuple

import torch
from torch import Tensor
from torch.nn import functional

from yowo_core.assign.tal import Assignment, TALConfig, Truth, assign
from yowo_core.errors import ConfigError
from yowo_core.losses.enf import ENFConfig, enf_loss
from yowo_core.models.yowov3 import flatten_maps
from yowo_core.ops.anchors import boxes_to_distances, distances_to_boxes
from yowo_core.ops.dfl import distribution_focal_loss, expected_distance
from yowo_core.ops.iou import complete_iou


@dataclass(frozen=True)
class TALLossConfig:
    """Weights of the terms (equations 18 and 19) and the assignment under them.

    class_loss: what a class score costs, binary cross entropy or ENFLoss as enf says.
    """

    box: float = 7.5
    cls: float = 0.5
    dfl: float = 1.5
    assignment: TALConfig = field(default_factory=TALConfig)
    class_loss: Literal["bce", "enf"] = "bce"
    enf: ENFConfig = field(default_factory=ENFConfig)


class Losses(NamedTuple):
    """Weighted terms, their sum as total, and how many anchors were positive."""

    total: Tensor
    box: Tensor
    cls: Tensor
    dfl: Tensor
    positives: int


def tal_loss(
    maps: tuple[Tensor, ...],
    truth: Truth,
    config: TALLossConfig,
    class_counts: Tensor | None = None,
) -> Losses:
    """Raw maps of a batch and its truth -> losses, divided by the sum of targets (equation 17).

    class_counts (C,): frames in which each class is seen; ENFLoss needs them.
    """
    sides, logits, points, strides = flatten_maps(maps)
    boxes = distances_to_boxes(points, expected_distance(sides) * strides)
    grid = (points, strides)
    found = assign(boxes.detach(), logits.detach().sigmoid(), grid, truth, config.assignment)
    mass = found.classes.sum().clamp(min=1)
    cls = _class_term(logits, found.classes, config, class_counts)
    box, dfl = _box_terms(boxes, sides, grid, found)
    terms = (config.box * box / mass, config.cls * cls / mass, config.dfl * dfl / mass)
    return Losses(torch.stack(terms).sum(), *terms, int(found.positive.sum()))


def _class_term(
    logits: Tensor, targets: Tensor, config: TALLossConfig, counts: Tensor | None
) -> Tensor:
    if config.class_loss == "bce":
        return functional.binary_cross_entropy_with_logits(logits, targets, reduction="sum")
    if counts is None:
        raise ConfigError("ENFLoss needs to know in how many frames each class is seen.")
    return enf_loss(logits, targets, counts, config.enf).total


def _box_terms(
    boxes: Tensor, sides: Tensor, grid: tuple[Tensor, Tensor], found: Assignment
) -> tuple[Tensor, Tensor]:
    if not bool(found.positive.any()):
        return boxes.sum() * 0, sides.sum() * 0
    points, strides = (part.expand(len(boxes), -1, -1)[found.positive] for part in grid)
    target = found.boxes[found.positive]
    weight = found.classes[found.positive].sum(-1)
    box = (1 - complete_iou(boxes[found.positive], target)) * weight
    distances = boxes_to_distances(points, target) / strides
    dfl = distribution_focal_loss(sides[found.positive], distances) * weight
    return box.sum(), dfl.sum()
