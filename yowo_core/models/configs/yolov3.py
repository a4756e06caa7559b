"""YOLOv3 (Redmon and Farhadi 2018), which sees the key frame alone: the single-frame baseline."""

from dataclasses import dataclass, replace
from typing import ClassVar

from yowo_core.input_spec import InputSpec
from yowo_core.models.configs.anchors import Anchors
from yowo_core.models.configs.nine_anchors import (
    ANCHORS,
    NineAnchorConfig,
    anchors_for,
)
from yowo_core.models.configs.variant import Variant

INPUT = InputSpec(length=1, mean=(0.0,) * 3, std=(1.0,) * 3, resize="linear", key="last")
"""Values of 0..1, as darknet feeds them; a clip is the key frame."""


@dataclass(frozen=True)
class YOLOv3Config(NineAnchorConfig):
    """Everything that shapes a YOLOv3 network.

    biased: convolutions have a bias before their normalisation. by_type: a head's channels hold
    the confidences of the anchors, then their classes, then their boxes. Both as in the weights
    that came with YOWO-Plus; darknet's own have neither.
    """

    family: ClassVar[str] = "yolov3"

    num_classes: int
    input: InputSpec = INPUT
    anchors: Anchors = ANCHORS["ucf24"]
    exclusive: int | None = 0
    biased: bool = False
    by_type: bool = False


def adapted(config: YOLOv3Config, name: str) -> YOLOv3Config:
    """The same network with a data set's anchors; ConfigError lists those that there are."""
    return replace(config, anchors=anchors_for(name, config.input.size))


VARIANTS: tuple[Variant, ...] = (
    Variant(
        "yolov3",
        "YOLOv3, key frame only",
        "YOLOv3",
        YOLOv3Config(24),
        weights_licence="public domain (darknet's own)",
    ),
)
"""Published networks of the family."""
