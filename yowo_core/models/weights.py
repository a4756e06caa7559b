"""Our own weights: one safetensors file that also says how to rebuild the network."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor

from yowo_core.errors import CheckpointError, ConfigError
from yowo_core.models.create import build
from yowo_core.models.variants import YOWOv3Config, config_from_json, config_to_json
from yowo_core.models.yowov3 import YOWOv3


@dataclass(frozen=True)
class ModelCard:
    """What a weights file says of itself: network, class names in order, training facts."""

    config: YOWOv3Config
    labels: tuple[str, ...]
    facts: dict[str, Any]


def save_model(
    path: Path, state: dict[str, Tensor], card: ModelCard, dtype: torch.dtype = torch.float16
) -> None:
    """Write weights in half precision (integers as they are) and the card, all or nothing."""
    tensors = {
        k: (v.to(dtype) if v.is_floating_point() else v).contiguous() for k, v in state.items()
    }
    metadata = {
        "config": json.dumps(config_to_json(card.config)),
        "labels": json.dumps(card.labels),
        "facts": json.dumps(card.facts),
    }
    partial = path.with_suffix(".partial")
    save_file(tensors, partial, metadata)
    partial.replace(path)


def read_card(path: Path) -> ModelCard:
    """The card alone, without building the network."""
    return _read(path)[0]


def load_model(path: Path) -> tuple[YOWOv3, ModelCard]:
    """Rebuild a network in float32, evaluation mode; CheckpointError says what is wrong."""
    card, state = _read(path)
    model = build(card.config)
    try:
        model.load_state_dict(state)
    except RuntimeError as error:
        raise CheckpointError(
            f"{path}: the weights do not fit the network they name: {error}"
        ) from error
    return model.eval(), card


def _read(path: Path) -> tuple[ModelCard, dict[str, Tensor]]:
    if not path.is_file():
        raise CheckpointError(
            f"{path}: no such model file. Check the path or choose another model."
        )
    try:
        with safe_open(path, framework="pt") as file:
            metadata = file.metadata() or {}
            state = {k: _as_float(file.get_tensor(k)) for k in file.keys()}  # noqa: SIM118 no mapping
    except (SafetensorError, OSError) as error:
        raise CheckpointError(
            f"{path} is no safetensors file or is damaged ({error}). Choose a model saved by yowo."
        ) from error
    try:
        config = config_from_json(json.loads(metadata["config"]))
        labels = tuple(json.loads(metadata["labels"]))
        return ModelCard(config, labels, json.loads(metadata.get("facts", "{}"))), state
    except (KeyError, ValueError, ConfigError) as error:
        raise CheckpointError(
            f"{path} holds no description of its network ({error}). Choose a model saved by yowo."
        ) from error


def _as_float(tensor: Tensor) -> Tensor:
    return tensor.float() if tensor.is_floating_point() else tensor
