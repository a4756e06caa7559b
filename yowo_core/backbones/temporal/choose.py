"""Build a 3D backbone by name."""

from collections.abc import Callable
from typing import Literal

from yowo_core.backbones.temporal import (
    i3d,
    mobilenet,
    mobilenetv2,
    resnet,
    resnext,
    shufflenet,
    shufflenetv2,
)
from yowo_core.backbones.temporal.names import temporal_choice
from yowo_core.backbones.temporal.network import TemporalNetwork
from yowo_core.errors import ConfigError

Activation = Literal["relu6", "silu"]

OFFICIAL_KEYS: dict[str, tuple[tuple[str, str], ...]] = {
    **dict.fromkeys(("resnet18", "resnet34", "resnet50", "resnet101"), resnet.OFFICIAL_KEYS),
    "resnext101": resnext.OFFICIAL_KEYS,
    "shufflenet": shufflenet.OFFICIAL_KEYS,
    "shufflenetv2": shufflenetv2.OFFICIAL_KEYS,
    "mobilenet": mobilenet.OFFICIAL_KEYS,
    "mobilenetv2": mobilenetv2.OFFICIAL_KEYS,
    "i3d": i3d.OFFICIAL_KEYS,
}
"""By name, the renames from official keys (behind the prefix of the 3D part) to ours, in order."""


def create_temporal(
    name: str,
    width: float = 1.0,
    *,
    last: bool = True,
    shortcut: resnet.Shortcut = "B",
    activation: Activation = "silu",
) -> TemporalNetwork:
    """A freshly initialised 3D backbone of `names.TEMPORAL`; the others are ConfigErrors.

    An option only shapes the networks whose row in the table names it.
    """
    temporal_choice(name, width)
    _known("shortcut", shortcut, ("A", "B"))
    _known("activation", activation, tuple(mobilenetv2.ACTIVATIONS))
    if name.startswith("resnet"):
        return resnet.ResNet(int(name.removeprefix("resnet")), shortcut)
    builders: dict[str, Callable[[], TemporalNetwork]] = {
        "resnext101": resnext.ResNeXt,
        "shufflenet": lambda: shufflenet.ShuffleNet(width),
        "shufflenetv2": lambda: shufflenetv2.ShuffleNetV2(width, last=last),
        "mobilenet": lambda: mobilenet.MobileNet(width),
        "mobilenetv2": lambda: mobilenetv2.MobileNetV2(width, activation),
        "i3d": i3d.I3D,
    }
    return builders[name]()


def _known(option: str, value: str, values: tuple[str, ...]) -> None:
    if value not in values:
        raise ConfigError(f"{option} {value!r} is unknown; known: {', '.join(values)}.")
