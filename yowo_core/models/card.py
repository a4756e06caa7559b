"""What a weights file says of itself, read without loading a tensor; free of torch."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from safetensors import SafetensorError, safe_open

from yowo_core.errors import CheckpointError, ConfigError
from yowo_core.models.configs.base import DetectorConfig
from yowo_core.models.configs.stored import config_from_json, config_to_json


@dataclass(frozen=True)
class ModelCard:
    """Network, class names in the order of its outputs, and facts of its training."""

    config: DetectorConfig
    labels: tuple[str, ...]
    facts: dict[str, Any]

    def as_metadata(self) -> dict[str, str]:
        """The card as the text fields of a safetensors file."""
        return {
            "config": json.dumps(config_to_json(self.config)),
            "labels": json.dumps(self.labels),
            "facts": json.dumps(self.facts),
        }


def read_card(path: Path) -> ModelCard:
    """The card of a weights file; CheckpointError says what is wrong with the file."""
    if not path.is_file():
        raise CheckpointError(f"{path}: no such model file. Check the path or choose another.")
    try:
        with safe_open(path, framework="numpy") as file:
            metadata = file.metadata() or {}
    except (SafetensorError, OSError) as error:
        raise CheckpointError(
            f"{path} is no safetensors file or is damaged ({error}). Choose a model saved by yowo."
        ) from error
    if "backbone" in metadata:
        raise CheckpointError(
            f"{path} is a backbone, no whole model: it can only be where a training starts."
        )
    try:
        config = config_from_json(json.loads(metadata["config"]))
        labels = tuple(json.loads(metadata["labels"]))
        return ModelCard(config, labels, json.loads(metadata.get("facts", "{}")))
    except (KeyError, ValueError, ConfigError) as error:
        raise CheckpointError(
            f"{path} holds no description of its network ({error}). Choose a model saved by yowo."
        ) from error
