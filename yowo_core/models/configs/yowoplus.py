"""YOWO-Plus and YOWO-Nano: YOWO with another YOLOv2 and head (Yang 2022)."""

from dataclasses import dataclass, replace
from typing import ClassVar

from yowo_core.backbones.temporal.names import temporal_choice
from yowo_core.input_spec import InputSpec
from yowo_core.models.configs.anchors import AnchorConfig, Anchors, DataSet, data_set
from yowo_core.models.configs.variant import Variant

_PLAIN = InputSpec(mean=(0.0,) * 3, std=(1.0,) * 3, resize="bicubic", key="last")
_AVA = replace(_PLAIN, mean=(0.45,) * 3, std=(0.225,) * 3)

DATA_SETS: dict[str, DataSet] = {
    "ucf24": DataSet(24, ((22, 38), (40, 81), (51, 130), (73, 158), (112, 189)), _PLAIN),
    "jhmdb21": DataSet(21, ((30, 99), (53, 128), (56, 180), (98, 185), (157, 200)), _PLAIN),
    "ava": DataSet(80, ((23, 68), (41, 133), (68, 163), (105, 188), (165, 203)), _AVA, 14),
}
"""Anchors, values and excluding classes that the data set's weights were trained with."""


@dataclass(frozen=True)
class YOWOPlusConfig(AnchorConfig):
    """Everything that shapes a YOWO-Plus or YOWO-Nano network.

    temporal and temporal_width choose the 3D network: ResNeXt-101 makes a YOWO-Plus,
    ShuffleNetV2 of width 1 a YOWO-Nano.
    """

    family: ClassVar[str] = "yowoplus"

    temporal: str
    temporal_width: float
    num_classes: int
    input: InputSpec = _PLAIN
    anchors: Anchors = DATA_SETS["ucf24"].anchors
    exclusive: int | None = None

    def __post_init__(self) -> None:
        """Refuse what no network can be built of."""
        super().__post_init__()
        temporal_choice(self.temporal, self.temporal_width)


def adapted(config: YOWOPlusConfig, name: str) -> YOWOPlusConfig:
    """The same network set to a data set: anchors, values, excluding classes.

    ConfigError lists the names there are.
    """
    chosen = data_set(DATA_SETS, name)
    spec = replace(chosen.input, size=config.input.size, length=config.input.length)
    return replace(config, anchors=chosen.anchors, input=spec, exclusive=chosen.exclusive)


_LONG = replace(_PLAIN, length=32)
_PLUS = YOWOPlusConfig("resnext101", 1.0, 24)
_NANO = YOWOPlusConfig("shufflenetv2", 1.0, 24)
_PAPER = "YOWO-Plus, table 1"

VARIANTS: tuple[Variant, ...] = (
    Variant("yowo-plus", "YOWO-Plus", _PAPER, _PLUS, 121.4, 43.7),
    Variant(
        "yowo-plus-32",
        "YOWO-Plus, 32 frames",
        "YOWO-Plus, table 2",
        replace(_PLUS, input=_LONG),
    ),
    Variant("yowo-nano", "YOWO-Nano", _PAPER, _NANO, 72.7, 6.0),
    Variant(
        "yowo-nano-32",
        "YOWO-Nano, 32 frames",
        "YOWO-Plus, table 2",
        replace(_NANO, input=_LONG),
    ),
)
"""Published networks of the family."""
