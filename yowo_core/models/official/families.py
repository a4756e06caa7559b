"""Every family with official checkpoints: what a state dict is, and its tensors under our names."""

from collections.abc import Mapping
from typing import Protocol, TypeVar

from yowo_core.errors import CheckpointError
from yowo_core.models.configs.base import DetectorConfig
from yowo_core.models.official import yolov3, yowo, yowoplus, yowov2, yowov3
from yowo_core.models.official.temporal import Shapes

T = TypeVar("T")


class OfficialFamily(Protocol):
    """A module of this package."""

    def recognise(self, shapes: Shapes) -> DetectorConfig | None:
        """The configuration that official keys and shapes tell, None for other families."""
        ...

    def our_key(self, official: str, config: DetectorConfig) -> str | None:
        """Our name of an official tensor; None for constants that we do not store."""
        ...


FAMILIES: dict[str, OfficialFamily] = {
    "yowo": yowo,
    "yowoplus": yowoplus,
    "yowov2": yowov2,
    "yowov3": yowov3,
    "yolov3": yolov3,
}
"""By the family's name in configurations."""

STRAY = (".total_ops", ".total_params")
"""Ends of keys that a counter of operations left in official files."""


def recognise(shapes: Shapes) -> DetectorConfig | None:
    """What network an official state dict is; None when no family knows it."""
    kept = {key: shape for key, shape in shapes.items() if not key.endswith(STRAY)}
    for family in FAMILIES.values():
        config = family.recognise(kept)
        if config is not None:
            return config
    return None


def our_state(official: Mapping[str, T], config: DetectorConfig) -> dict[str, T]:
    """Tensors of an official state dict under our names; two for one name are an error."""
    ours: dict[str, T] = {}
    family = FAMILIES[config.family]
    for key, value in official.items():
        name = None if key.endswith(STRAY) else family.our_key(key, config)
        if name is None:
            continue
        if name in ours:
            raise CheckpointError(f"Two tensors of the checkpoint map to {name}; one is {key}.")
        ours[name] = value
    return ours
