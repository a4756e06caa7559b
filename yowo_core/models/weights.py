"""Our own weights: one safetensors file that also says how to rebuild the network."""

from pathlib import Path

import torch
from safetensors.torch import load_file, save_file
from torch import Tensor

from yowo_core.errors import CheckpointError
from yowo_core.models.card import ModelCard, read_card
from yowo_core.models.create import build
from yowo_core.models.detector import Detector


def save_model(
    path: Path, state: dict[str, Tensor], card: ModelCard, dtype: torch.dtype = torch.float16
) -> None:
    """Write weights in half precision and the card, all or nothing.

    Integers stay as they are, and so do tensors with a value that half precision cannot hold,
    such as the large variances of a normalisation.
    """
    tensors = {k: _shrunk(v, dtype).contiguous() for k, v in state.items()}
    partial = path.with_suffix(".partial")
    try:
        save_file(tensors, partial, card.as_metadata())
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)


def _shrunk(value: Tensor, dtype: torch.dtype) -> Tensor:
    if not value.is_floating_point():
        return value
    fits = bool(value.abs().max() <= torch.finfo(dtype).max) if value.numel() else True
    return value.to(dtype) if fits else value.float()


def load_model(path: Path) -> tuple[Detector, ModelCard]:
    """Rebuild a network in float32, evaluation mode; CheckpointError says what is wrong."""
    card = read_card(path)
    model = build(card.config)
    state = {k: v.float() if v.is_floating_point() else v for k, v in load_file(path).items()}
    try:
        model.load_state_dict(state)
    except RuntimeError as error:
        raise CheckpointError(
            f"{path}: the weights do not fit the network they name: {error}"
        ) from error
    return model.eval(), card
