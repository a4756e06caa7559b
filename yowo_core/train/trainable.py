"""Which networks can be trained; free of torch, so that it is told before anything is prepared."""

from pathlib import Path
from typing import Final

from yowo_core.errors import ConfigError
from yowo_core.models.card import read_card
from yowo_core.models.configs.base import DetectorConfig
from yowo_core.models.variants import variant
from yowo_core.train.config import TrainConfig

FAMILIES: Final = ("yowov3",)
"""Families of networks that have a criterion and an assignment of labels."""


def is_trainable(network: DetectorConfig) -> bool:
    """Whether networks of its family can be trained."""
    return network.family in FAMILIES


def check_trainable(network: DetectorConfig) -> None:
    """ConfigError for a network that can only be used."""
    if not is_trainable(network):
        raise ConfigError(
            f"Networks of the family {network.family} can be used but not trained yet. "
            "Train a YOWOv3, such as yowov3-tiny."
        )


def check_start(config: TrainConfig) -> None:
    """ConfigError for a training whose network, or whose base's, cannot be trained or is unknown.

    CheckpointError when the base is no model file.
    """
    named = variant(config.model)
    check_trainable(read_card(Path(config.base)).config if config.base else named.plan)
