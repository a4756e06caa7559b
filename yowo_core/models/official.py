"""Names of official checkpoints' tensors in our networks."""

import re
from collections.abc import Iterable, Mapping

from torch import Tensor

from yowo_core.backbones.spatial import yolov8
from yowo_core.backbones.temporal import shufflenetv2
from yowo_core.errors import CheckpointError
from yowo_core.models import yowov3

_PARTS = {
    "net2D.": ("spatial.", yolov8.OFFICIAL_KEYS),
    "net3D.": ("temporal.", shufflenetv2.OFFICIAL_KEYS),
}


def our_key(official: str) -> str | None:
    """Our name of an official YOWOv3 tensor; None for constants that we do not store."""
    if official in yowov3.OFFICIAL_CONSTANTS or official.endswith((".total_ops", ".total_params")):
        return None
    for prefix, (ours, renames) in _PARTS.items():
        if official.startswith(prefix):
            return ours + _renamed(official.removeprefix(prefix), renames)
    return _renamed(official, yowov3.OFFICIAL_KEYS)


def _renamed(key: str, renames: Iterable[tuple[str, str]]) -> str:
    for pattern, replacement in renames:
        key = re.sub(pattern, replacement, key)
    return key


def our_state(official: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """An official state dict under our names; two tensors for one name are an error."""
    ours: dict[str, Tensor] = {}
    for key, value in official.items():
        name = our_key(key)
        if name is None:
            continue
        if name in ours:
            raise CheckpointError(f"Two tensors of the checkpoint map to {name}; one is {key}.")
        ours[name] = value
    return ours
