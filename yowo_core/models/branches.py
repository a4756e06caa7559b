"""Weights of a backbone file into a network's 2D or 3D part."""

from collections.abc import Iterable
from pathlib import Path

import torch
from safetensors.torch import load_file
from torch import Tensor, nn

from yowo_core.errors import CheckpointError
from yowo_core.models.branch_card import SEEN, Backbone, Branch, read_branch_card
from yowo_core.models.detector import Detector

PLACES: dict[Branch, str] = {"2d": "spatial", "3d": "temporal"}
"""Where a network has its 2D and 3D part."""
COUNTER = "num_batches_tracked"
_SHOWN = 10


def load_branch(model: Detector, path: Path, branch: Branch | None = None) -> tuple[str, ...]:
    """Put a backbone file into the part of a network that it is for; the rest stays as it is.

    Returns the tensors of that part that no file has and that stay as they were: only the
    convolved shortcuts of ResNet-18 and 34, whose published weights have shortcuts without
    weights. Two differences are bridged: a last convolution that the network does not have is
    left out, and biases before a normalisation are set to zero, or taken over by its mean.

    branch: what the caller expects the file to be. CheckpointError for the other part, for a
    network without that part, and when any tensor is missing, left over or of another shape.
    """
    card = read_branch_card(path)
    backbone = card.backbone
    if branch is not None and backbone.branch != branch:
        raise CheckpointError(
            f"{path} holds a network for {SEEN[backbone.branch]} ({backbone.title}); "
            f"one for {SEEN[branch]} is wanted here."
        )
    place = PLACES[backbone.branch]
    part = getattr(model, place, None)
    if not isinstance(part, nn.Module):
        raise CheckpointError(f"The network has no part for {SEEN[backbone.branch]}.")
    fresh = _put(part, _read(path), backbone, path)
    return tuple(f"{place}.{name}" for name in fresh)


def _read(path: Path) -> dict[str, Tensor]:
    return {k: v.float() if v.is_floating_point() else v for k, v in load_file(path).items()}


def _put(
    part: nn.Module, given: dict[str, Tensor], backbone: Backbone, path: Path
) -> tuple[str, ...]:
    own = part.state_dict()
    suited = _suited(given, own, backbone)
    counted = {k for k in own if k.endswith(COUNTER)}
    missing = [k for k in own if k not in suited and k not in counted]
    allowed = [k for k in missing if backbone.shortcut == "A" and ".shortcut." in k]
    wrong = [k for k in missing if k not in allowed]
    wrong += [k for k, v in suited.items() if k not in own or v.shape != own[k].shape]
    if wrong:
        raise CheckpointError(
            f"{path} holds {backbone.title}, which is not this network's part for "
            f"{SEEN[backbone.branch]}: {_listed(wrong)} do not go together."
        )
    part.load_state_dict(own | suited)
    return tuple(allowed)


def _suited(
    given: dict[str, Tensor], own: dict[str, Tensor], backbone: Backbone
) -> dict[str, Tensor]:
    """The file's tensors, but for the differences that make none in what the network computes."""
    suited = dict(given)
    if backbone.name == "shufflenetv2" and not any(k.startswith("last.") for k in own):
        suited = {k: v for k, v in suited.items() if not k.startswith("last.")}
    for name, value in given.items():
        norm = f"{name.removesuffix('conv.bias')}norm."
        if name.endswith(".conv.bias") and name not in own and f"{norm}running_mean" in suited:
            del suited[name]  # a normalisation subtracts its mean after the bias is added
            suited[f"{norm}running_mean"] = suited[f"{norm}running_mean"] - value
    for name, value in own.items():
        norm = f"{name.removesuffix('conv.bias')}norm.weight"
        if name.endswith(".conv.bias") and name not in suited and norm in suited:
            suited[name] = torch.zeros_like(value)
    return suited


def _listed(names: Iterable[str]) -> str:
    found = sorted(names)
    rest = len(found) - _SHOWN
    more = f" and {rest} more" if rest > 0 else ""
    return f"{len(found)} tensors ({', '.join(found[:_SHOWN])}{more})"
