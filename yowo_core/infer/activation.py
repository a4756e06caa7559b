"""What a network looks at: where each branch's features speak for a class.

The map of a branch with features A (K channels) and class c is

    M = relu( sum over channels k of  dy/dA_k * A_k ),   y = sum over boxes b of s_b * logit(p_b)

with p_b the score of class c in box b before any box is dropped, and s_b the same number held
fixed, so that every box counts by how sure the network is of it. To first order M tells how much
of y each place of the features accounts for: where nothing depends on a place, it stays dark.

YOWO's figure 4 shows maps of the kind of Grad-CAM (Selvaraju et al. 2017), which multiplies A_k by
the mean of dy/dA_k over all places. That suits a network that averages its features over the
picture. A detector's score belongs to a place, and the mean would light up every place with the
same features, also those that no box was made of. So gradient and feature are multiplied place by
place (as in HiResCAM, Draelos and Carin 2020; docs/adr/0020). benchmarks/activation.py measures
both.
"""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from yowo_core.errors import ConfigError
from yowo_core.models.detector import Detector

_NO_DIVISION_BY_ZERO = 1e-6

_Maps = Tensor | tuple[Tensor, ...]


@dataclass(frozen=True, eq=False)
class Activation:
    """Where a network sees a class in one key frame.

    number: the class, a row of its scores. score: the best box's, 0..1. box: that box, (4,)
    x1, y1, x2, y2 in input pixels. maps: by branch ('2d', '3d') float32 (S, S) in 0..1 over the
    network's square input, 1 at the strongest place; all 0 when nothing speaks for the class.
    """

    number: int
    score: float
    box: NDArray[np.float32]
    maps: dict[str, NDArray[np.float32]]


def activation(
    network: Detector, clip: Tensor, place: int, number: int | None = None
) -> Activation:
    """Maps of every branch for a prepared clip (3, T, S, S) with its key frame at a place.

    number names a class; None takes that of the best box. The network should be in evaluation
    mode. ConfigError for a class that it does not have.
    """
    classes = network.config.num_classes
    if number is not None and not 0 <= number < classes:
        raise ConfigError(f"The model has no class number {number}: it has {classes}, from 0 on.")
    found = weigh(network, clip, place, number)
    best, size = int(found.scores.argmax()), int(clip.shape[-1])
    maps = {
        name: joined([placed(*part) for part in parts], size)
        for name, parts in found.evidence.items()
    }
    score, box = float(found.scores[best]), found.boxes[best].cpu().numpy()
    return Activation(found.number, score, box, maps)


@dataclass(frozen=True, eq=False)
class Weighed:
    """What maps are made of: boxes (A, 4), their scores (A,) of one class, and the evidence.

    evidence: by branch, each map of its features and the gradient of y for it, (1, K, ..., H, W).
    """

    number: int
    boxes: Tensor
    scores: Tensor
    evidence: dict[str, list[tuple[Tensor, Tensor]]]


def weigh(network: Detector, clip: Tensor, place: int, number: int | None = None) -> Weighed:
    """One pass there, and one back from the scores to the features; see `activation`."""
    with torch.enable_grad(), _features(network) as kept:
        boxes, scores = network.decode(network(clip[None], clip[None, :, place]))
        wanted = int(scores[0].detach().amax(0).argmax()) if number is None else number
        told = scores[0, :, wanted]
        # the gradient of a logit is that of its p, divided by p and by 1 - p
        y = (told / (1 - told.detach() + _NO_DIVISION_BY_ZERO)).sum()
        flat = [part for parts in kept.values() for part in parts]
        gradients = iter(torch.autograd.grad(y, flat, allow_unused=True))
    evidence = {
        name: [(part.detach(), _or_zeros(next(gradients), part)) for part in parts]
        for name, parts in kept.items()
    }
    return Weighed(wanted, boxes[0].detach(), told.detach(), evidence)


def share_inside(shown: NDArray[np.float32], box: Sequence[float]) -> float:
    """Which share of a map (H, W) lies in a box x1, y1, x2, y2 of its pixels; 0 for a dark map."""
    x1, y1, x2, y2 = (max(0, round(side)) for side in box)
    whole = float(shown.sum())
    return float(shown[y1:y2, x1:x2].sum()) / whole if whole > 0 else 0.0


def placed(features: Tensor, gradient: Tensor) -> Tensor:
    """Features and gradients (1, K, H, W) or (1, K, T, H, W) -> map (H, W), 0 or more."""
    told = (features * gradient).sum(1)[0]
    return (told.mean(0) if told.dim() == 3 else told).relu()


def joined(parts: list[Tensor], size: int) -> NDArray[np.float32]:
    """Maps of several levels enlarged to the input and added up, the strongest place 1."""
    large = [
        functional.interpolate(p[None, None], size=(size, size), mode="bilinear")[0, 0]
        for p in parts
    ]
    whole = torch.stack(large).sum(0)
    most = float(whole.max())
    shown = whole / most if most > 0 else whole
    return np.asarray(shown.cpu().numpy(), dtype=np.float32)


def _or_zeros(gradient: Tensor | None, like: Tensor) -> Tensor:
    return torch.zeros_like(like) if gradient is None else gradient


@contextmanager
def _features(network: Detector) -> Iterator[dict[str, list[Tensor]]]:
    """Meanwhile the branches' maps are kept, and gradients go back to them and no further."""
    kept: dict[str, list[Tensor]] = {name: [] for name in network.branches()}
    learning = [p for p in network.parameters() if p.requires_grad]
    with ExitStack() as stack:
        for name, branch in network.branches().items():
            stack.callback(_keep(kept, name, branch).remove)
        for parameter in learning:
            parameter.requires_grad_(False)
            stack.callback(parameter.requires_grad_, True)
        yield kept


def _keep(
    kept: dict[str, list[Tensor]], name: str, branch: nn.Module
) -> torch.utils.hooks.RemovableHandle:
    """A branch that uses what another one found keeps that connection."""

    def hook(_module: nn.Module, _given: object, out: _Maps) -> _Maps:
        parts = (out,) if isinstance(out, Tensor) else tuple(out)
        kept[name] = [p if p.requires_grad else p.detach().requires_grad_() for p in parts]
        return kept[name][0] if isinstance(out, Tensor) else tuple(kept[name])

    return branch.register_forward_hook(hook)
