"""Start from a trained model: known classes keep their rows of the last layer."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

from yowo_core.errors import CheckpointError, ConfigError
from yowo_core.events import Classes
from yowo_core.formats.whole_file import replacing
from yowo_core.models.card import read_card
from yowo_core.models.classes import take_over
from yowo_core.models.configs.base import DetectorConfig
from yowo_core.models.configs.stored import config_from_json, config_to_json
from yowo_core.models.detector import Detector
from yowo_core.models.variants import variant
from yowo_core.models.weights import load_model
from yowo_core.train.config import TrainConfig
from yowo_core.train.run_folder import has_state

NETWORK = "network.json"


def network_of(run_dir: Path, config: TrainConfig, classes: int) -> DetectorConfig:
    """The network that a run trains: the base's if it has one, else that of its name.

    It is noted in the run folder before the first update, so a run can be gone on with when its
    base is no longer there. Until something is learnt the folder may be prepared anew for
    another network, so only then the note counts.
    """
    note = run_dir / NETWORK
    if note.is_file() and has_state(run_dir):
        try:
            return config_from_json(json.loads(note.read_text(encoding="utf-8")))
        except (ValueError, TypeError) as error:
            raise ConfigError(f"{note} is no description of a network ({error}).") from error
    if config.base:
        found: Any = read_card(Path(config.base)).config
        network: DetectorConfig = replace(found, num_classes=classes)
    else:
        network = variant(config.model).config(classes)
    with replacing(note) as file:
        file.write(json.dumps(config_to_json(network)))
    return network


def start_from(base: Path, model: Detector, classes: tuple[str, ...]) -> Classes:
    """Copy the base's weights into model, class rows by name; says what became of each class."""
    source, card = load_model(base)
    try:
        fresh = take_over(model, source, classes, card.labels)
    except CheckpointError as error:
        raise CheckpointError(f"{base} is another network than the one to be trained.") from error
    known = tuple(name for name in classes if name in card.labels)
    dropped = tuple(name for name in card.labels if name not in classes)
    return Classes(known, fresh, dropped)
