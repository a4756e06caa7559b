"""Intersection over union of tensors of boxes, and its complete form (CIoU)."""

import math

import torch
from torch import Tensor

EPS = 1e-7


def iou(first: Tensor, second: Tensor) -> Tensor:
    """Element-wise IoU of boxes (..., 4) x1, y1, x2, y2; shapes broadcast."""
    low = torch.maximum(first[..., :2], second[..., :2])
    high = torch.minimum(first[..., 2:], second[..., 2:])
    inter = (high - low).clamp(min=0).prod(-1)
    area_first = (first[..., 2:] - first[..., :2]).clamp(min=0).prod(-1)
    area_second = (second[..., 2:] - second[..., :2]).clamp(min=0).prod(-1)
    return inter / (area_first + area_second - inter + EPS)


def complete_iou(predicted: Tensor, target: Tensor) -> Tensor:
    """CIoU in -1..1 (Distance-IoU Loss, Zheng et al. 2019, equations 10 to 12).

    The trade-off weight is a constant for the gradient, as the paper prescribes.
    """
    overlap = iou(predicted, target)
    size_p, size_t = predicted[..., 2:] - predicted[..., :2], target[..., 2:] - target[..., :2]
    low = torch.minimum(predicted[..., :2], target[..., :2])
    high = torch.maximum(predicted[..., 2:], target[..., 2:])
    diagonal = (high - low).pow(2).sum(-1) + EPS
    centre_p = (predicted[..., :2] + predicted[..., 2:]) / 2
    centre_t = (target[..., :2] + target[..., 2:]) / 2
    distance = (centre_p - centre_t).pow(2).sum(-1)
    angle = torch.atan(size_t[..., 0] / (size_t[..., 1] + EPS)) - torch.atan(
        size_p[..., 0] / (size_p[..., 1] + EPS)
    )
    shape = (4 / math.pi**2) * angle.pow(2)
    with torch.no_grad():
        weight = shape / (1 - overlap + shape + EPS)
    return overlap - distance / diagonal - weight * shape
