"""Torch-free table of the 3D backbones: what there is and in which widths."""

import difflib
from dataclasses import dataclass

from yowo_core.errors import ConfigError


@dataclass(frozen=True)
class TemporalChoice:
    """A 3D network and what may be chosen of it.

    `widths` multiply the channels of its layers. `options` are the arguments of
    `create_temporal` that shape it: last, shortcut, activation; the others mean nothing to it.
    """

    title: str
    widths: tuple[float, ...] = (1.0,)
    options: tuple[str, ...] = ()


TEMPORAL: dict[str, TemporalChoice] = {
    "resnet18": TemporalChoice("3D ResNet-18", options=("shortcut",)),
    "resnet34": TemporalChoice("3D ResNet-34", options=("shortcut",)),
    "resnet50": TemporalChoice("3D ResNet-50", options=("shortcut",)),
    "resnet101": TemporalChoice("3D ResNet-101", options=("shortcut",)),
    "resnext101": TemporalChoice("3D ResNeXt-101"),
    "shufflenet": TemporalChoice("3D ShuffleNet, 3 groups", (0.5, 1.0, 1.5, 2.0)),
    "shufflenetv2": TemporalChoice("3D ShuffleNetV2", (0.25, 0.5, 1.0, 1.5, 2.0), ("last",)),
    "mobilenet": TemporalChoice("3D MobileNet", (0.5, 1.0, 1.5, 2.0)),
    "mobilenetv2": TemporalChoice("3D MobileNetV2", (0.2, 0.45, 0.7, 1.0), ("activation",)),
    "i3d": TemporalChoice("I3D"),
}


def temporal_choice(name: str, width: float) -> TemporalChoice:
    """The table's row; ConfigError names what there is, the nearest first."""
    choice = TEMPORAL.get(name)
    if choice is None:
        near = difflib.get_close_matches(name, TEMPORAL, n=len(TEMPORAL), cutoff=0.0)
        raise ConfigError(f"No 3D backbone is called {name!r}; known ones: {', '.join(near)}.")
    if width not in choice.widths:
        near_widths = sorted(choice.widths, key=lambda known: abs(known - width))
        known = ", ".join(f"{w:g}" for w in near_widths)
        raise ConfigError(f"{choice.title} has no width {width:g}; known widths: {known}.")
    return choice
