"""Start from a trained model: known classes keep their rows of the last layer."""

from pathlib import Path

import torch
from torch import Tensor

from yowo_core.errors import CheckpointError
from yowo_core.events import Classes
from yowo_core.models.variants import YOWOv3Config
from yowo_core.models.weights import load_model
from yowo_core.models.yowov3 import YOWOv3


def start_from(base: Path, model: YOWOv3, classes: tuple[str, ...]) -> Classes:
    """Copy the base's weights into model, class rows by name; says what became of each class."""
    source, card = load_model(base)
    if _shape(card.config) != _shape(model.config):
        raise CheckpointError(f"{base} is another network than the one to be trained.")
    rows = {name: card.labels.index(name) for name in classes if name in card.labels}
    own, theirs = model.state_dict(), source.state_dict()
    for name, value in theirs.items():
        own[name] = _rows(own[name], value, classes, rows) if _by_class(name) else value
    model.load_state_dict(own)
    fresh = tuple(c for c in classes if c not in rows)
    dropped = tuple(c for c in card.labels if c not in rows)
    return Classes(tuple(rows), fresh, dropped)


def _shape(config: YOWOv3Config) -> tuple[object, ...]:
    return (config.spatial, config.temporal, config.temporal_width, config.width, config.input)


def _by_class(name: str) -> bool:
    return name.startswith("cls.predict.") and name.split(".")[3] == "2"


def _rows(own: Tensor, theirs: Tensor, classes: tuple[str, ...], rows: dict[str, int]) -> Tensor:
    mixed = own.clone()
    for place, name in enumerate(classes):
        if name in rows:
            mixed[place] = theirs[rows[name]]
    return torch.as_tensor(mixed)
