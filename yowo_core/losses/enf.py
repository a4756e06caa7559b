"""ENFLoss: focal loss times a weight a class from its effective number of samples.

From the paper on Linknet, DIYAnchorBox, Center3D and ENFLoss, section 6.4, after the
class-balanced loss (Cui et al. 2019). It is the class term of a criterion: raw scores, targets
and how often each class was seen go in, named sums come out.
"""

from dataclasses import dataclass
from typing import Literal, NamedTuple, get_args

import torch
from torch import Tensor
from torch.nn.functional import log_softmax, logsigmoid

from yowo_core.errors import ConfigError

ClassWeight = Literal["inverse", "effective"]


@dataclass(frozen=True)
class ENFConfig:
    """alpha: how much sure scores are spared; beta: how soon further frames of a class add nothing.

    weight: 'effective' multiplies with the effective number (1 - beta^n) / (1 - beta) as the paper
    prints it, which favours frequent classes; 'inverse' with its inverse, as the class-balanced
    loss that it cites, which favours rare ones.
    """

    alpha: float = 2.0
    beta: float = 0.7
    weight: ClassWeight = "inverse"

    def __post_init__(self) -> None:
        """Refuse what the formula cannot take."""
        if not 0 <= self.alpha < float("inf"):
            raise ConfigError(f"ENFLoss's alpha is 0 or more, not {self.alpha}.")
        if not 0 <= self.beta < 1:
            raise ConfigError(f"ENFLoss's beta is in [0, 1), not {self.beta}.")
        if self.weight not in get_args(ClassWeight):
            known = ", ".join(get_args(ClassWeight))
            raise ConfigError(f"ENFLoss has no class weight {self.weight!r}; known: {known}.")


class ENFTerms(NamedTuple):
    """Sums over all rows: their total, what present and what absent classes add to it."""

    total: Tensor
    present: Tensor
    absent: Tensor


def class_weights(counts: Tensor, config: ENFConfig) -> Tensor:
    """Weights (C,), float64, of classes that were seen in counts (C,) frames.

    A class that was never seen weighs as one seen once, 1: its inverse would have no end, and
    with the weight 0 nothing would lower its scores.
    """
    seen = counts.to(torch.float64).clamp(min=1)
    number = (1 - config.beta**seen) / (1 - config.beta)
    return number if config.weight == "effective" else 1 / number


def enf_loss(logits: Tensor, targets: Tensor, counts: Tensor, config: ENFConfig) -> ENFTerms:
    """For classes that stand for themselves: logits and targets (..., C), counts (C,).

    Each class is a question of its own, p = sigmoid(logit), whose answers yes and no both have
    the class's weight w. Present costs w (1 - p)^alpha (-log p), absent w p^alpha (-log(1 - p)); a
    target t between 0 and 1 counts as t of the first and 1 - t of the second. With alpha and beta
    0 it is binary cross entropy.
    """
    weights = class_weights(counts, config).to(logits)
    yes, no = logsigmoid(logits), logsigmoid(-logits)
    # powers by way of the logarithm: no gradient is infinite, whatever alpha
    present = (weights * targets * (config.alpha * no).exp() * -yes).sum()
    absent = (weights * (1 - targets) * (config.alpha * yes).exp() * -no).sum()
    return ENFTerms(present + absent, present, absent)


def enf_loss_exclusive(
    logits: Tensor, targets: Tensor, counts: Tensor, config: ENFConfig
) -> ENFTerms:
    """For classes that exclude each other, such as YOWO's: logits and targets (..., C).

    p = softmax(logits); a class that is present costs w (1 - p)^alpha (-log p), an absent one
    nothing by itself.
    """
    weights = class_weights(counts, config).to(logits)
    log = log_softmax(logits, -1)
    # at p = 1 a power below 1 has no gradient
    doubt = (1 - log.exp()).clamp(min=torch.finfo(logits.dtype).tiny).pow(config.alpha)
    present = (weights * targets * doubt * -log).sum()
    return ENFTerms(present, present, torch.zeros_like(present))
