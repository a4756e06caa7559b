"""Distances to box sides as distributions (Generalized Focal Loss, Li et al. 2020)."""

import torch
from torch import Tensor
from torch.nn import functional

BINS = 16


def expected_distance(logits: Tensor) -> Tensor:
    """Mean of the distribution over bins 0..15: (..., 4, 16) logits -> (..., 4) in strides."""
    bins = torch.arange(logits.shape[-1], dtype=logits.dtype, device=logits.device)
    return (logits.softmax(-1) * bins).sum(-1)


def distribution_focal_loss(logits: Tensor, target: Tensor) -> Tensor:
    """Cross entropy to the two bins around each distance (equation 6 of the paper).

    logits: (N, 4, 16). target: (N, 4) in strides, clamped to the representable range.
    Returns (N,), the mean over the four sides.
    """
    bins = logits.shape[-1]
    target = target.clamp(0, bins - 1 - 0.01)
    left = target.long()
    weight_right = target - left
    flat = logits.reshape(-1, bins)
    loss_left = functional.cross_entropy(flat, left.reshape(-1), reduction="none")
    loss_right = functional.cross_entropy(flat, left.reshape(-1) + 1, reduction="none")
    mixed = loss_left * (1 - weight_right).reshape(-1) + loss_right * weight_right.reshape(-1)
    return mixed.reshape(target.shape).mean(-1)
