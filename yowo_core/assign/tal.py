"""Task-aligned assignment: which anchors answer for which ground truth (YOWOv3, section 4.2)."""

from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import Tensor

from yowo_core.ops.iou import complete_iou


@dataclass(frozen=True)
class TALConfig:
    """top_k anchors a box by score^alpha * CIoU^beta, centres within radius strides of its own.

    soft_labels scales positives as in equation 9; the official UCF101-24 recipe leaves it off.
    """

    top_k: int = 10
    alpha: float = 0.5
    beta: float = 6.0
    radius: float = 2.5
    soft_labels: bool = False


class Truth(NamedTuple):
    """Padded ground truth: boxes (B, M, 4) in input pixels, classes (B, M, C) 0/1, real (B, M)."""

    boxes: Tensor
    classes: Tensor
    real: Tensor


class Assignment(NamedTuple):
    """For every anchor: positive (B, A), its box (B, A, 4), class targets (B, A, C) in 0..1."""

    positive: Tensor
    boxes: Tensor
    classes: Tensor


@torch.no_grad()
def assign(
    boxes: Tensor, scores: Tensor, grid: tuple[Tensor, Tensor], truth: Truth, config: TALConfig
) -> Assignment:
    """Match predictions (B, A, 4) pixels and (B, A, C) probabilities with the truth.

    grid holds anchor points (A, 2) in pixels and strides (A, 1). An anchor in the top k of
    several boxes goes to the one with the highest CIoU.
    """
    if truth.boxes.shape[1] == 0:
        return Assignment(
            torch.zeros_like(boxes[..., 0], dtype=torch.bool),
            torch.zeros_like(boxes),
            torch.zeros_like(scores),
        )
    allowed = candidates(truth, grid, config.radius)
    overlap = complete_iou(boxes[:, None], truth.boxes[:, :, None]).clamp(min=0)
    metric = _alignment(scores, overlap, truth.classes, config) * allowed
    chosen = _top_k(metric, config.top_k) & allowed
    chosen &= _wins(overlap, chosen)
    owner = chosen.float().argmax(1)
    positive = chosen.any(1)
    index = owner[..., None]
    target_boxes = truth.boxes.gather(1, index.expand(-1, -1, 4))
    classes = truth.classes.gather(1, index.expand(-1, -1, truth.classes.shape[-1]))
    weight = positive.float()
    if config.soft_labels:
        weight = weight * _soft(metric, overlap, chosen).gather(1, owner[:, None])[:, 0]
    return Assignment(positive, target_boxes, classes * weight[..., None])


def candidates(truth: Truth, grid: tuple[Tensor, Tensor], radius: float) -> Tensor:
    """(B, M, A) bool: the anchor's centre lies in the box, within radius strides of its centre."""
    points, strides = grid
    low = points - truth.boxes[:, :, None, :2]
    high = truth.boxes[:, :, None, 2:] - points
    inside = torch.cat((low, high), -1).amin(-1) > 0
    centre = (truth.boxes[..., :2] + truth.boxes[..., 2:]) / 2
    gap: Tensor = torch.linalg.vector_norm(points - centre[:, :, None], dim=-1)
    near = gap <= radius * strides[:, 0]
    return inside & near & truth.real[..., None]


def _alignment(scores: Tensor, overlap: Tensor, classes: Tensor, config: TALConfig) -> Tensor:
    count = classes.sum(-1, keepdim=True).clamp(min=1)
    probability = torch.einsum("bmc,bac->bma", classes / count, scores)
    return probability.pow(config.alpha) * overlap.pow(config.beta)


def _top_k(metric: Tensor, k: int) -> Tensor:
    best = metric.topk(min(k, metric.shape[-1]), -1).indices
    return torch.zeros_like(metric, dtype=torch.bool).scatter_(-1, best, value=True)


def _wins(overlap: Tensor, chosen: Tensor) -> Tensor:
    best = overlap.masked_fill(~chosen, -1).argmax(1, keepdim=True)
    return torch.zeros_like(chosen).scatter_(1, best, value=True)


def _soft(metric: Tensor, overlap: Tensor, chosen: Tensor) -> Tensor:
    metric, overlap = metric * chosen, overlap * chosen
    scale = overlap.amax(-1, keepdim=True) / metric.amax(-1, keepdim=True).clamp(min=1e-9)
    return metric * scale
