"""Learning rate and weight averaging as functions of the update."""

import math

import torch
from torch import Tensor, nn


def learning_rate(update: int, peak: float, warmup: int, updates: int) -> float:
    """Linear from 0 over the warm-up, then half a cosine down to a hundredth of the peak."""
    if update < warmup:
        return peak * (update + 1) / warmup
    progress = (update - warmup) / max(1, updates - warmup)
    return peak * (0.01 + 0.99 * (1 + math.cos(math.pi * min(1.0, progress))) / 2)


@torch.no_grad()
def average_into(average: dict[str, Tensor], model: nn.Module, decay: float, update: int) -> None:
    """Move the averaged weights towards the model's; early updates count more.

    The decay grows as (1 + n) / (10 + n), so that the random start is soon forgotten.
    """
    now = min(decay, (1 + update) / (10 + update))
    for name, value in model.state_dict().items():
        if value.is_floating_point():
            average[name].lerp_(value, 1 - now)
        else:
            average[name].copy_(value)


def parameter_groups(model: nn.Module, weight_decay: float) -> list[dict[str, object]]:
    """Decay on weights of convolutions, none on normalisation, biases and gammas."""
    decayed = [p for p in model.parameters() if p.ndim > 1]
    plain = [p for p in model.parameters() if p.ndim <= 1]
    return [
        {"params": decayed, "weight_decay": weight_decay},
        {"params": plain, "weight_decay": 0.0},
    ]
