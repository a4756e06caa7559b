"""YOWOv2: FreeYOLO and a 3D network, fused twice at three levels, without anchors."""

from dataclasses import dataclass, replace
from typing import ClassVar, Literal

from yowo_core.backbones.temporal.names import temporal_choice
from yowo_core.errors import ConfigError
from yowo_core.input_spec import InputSpec
from yowo_core.models.configs.base import DetectorConfig
from yowo_core.models.configs.variant import Variant

SpatialSize = Literal["nano", "tiny", "large"]
Activation = Literal["leaky", "silu"]

_BYTE = 1 / 255
INPUT = InputSpec(mean=(0.0, 0.0, 0.0), std=(_BYTE, _BYTE, _BYTE), resize="bicubic", key="last")
"""Values as they stand in the picture, 0..255; the clip ends with its key frame."""


@dataclass(frozen=True)
class YOWOv2Config(DetectorConfig):
    """Everything that shapes a YOWOv2 network.

    spatial is the size of FreeYOLO; temporal and temporal_width name the 3D network, which has
    no convolution behind its last stage. width is the number of channels from the fusion to the
    last layers, activation what stands behind their convolutions; with separable the heads'
    convolutions are of each channel for itself, then of single places, as in nano.
    """

    family: ClassVar[str] = "yowov2"

    spatial: SpatialSize
    temporal: str
    temporal_width: float
    width: int
    num_classes: int
    input: InputSpec = INPUT
    activation: Activation = "silu"
    separable: bool = False

    def __post_init__(self) -> None:
        """Refuse what no network can have."""
        super().__post_init__()
        temporal_choice(self.temporal, self.temporal_width)
        if self.spatial not in ("nano", "tiny", "large"):
            raise ConfigError(
                f"No FreeYOLO has the size {self.spatial!r}; sizes: nano, tiny, large."
            )
        if self.activation not in ("leaky", "silu"):
            raise ConfigError(
                f"No activation is called {self.activation!r}; there are: leaky, silu."
            )
        if self.width < 1:
            raise ConfigError(f"A network of {self.width} channels is none.")


_SOURCE = "YOWOv2, README of the official code"
_LICENCE = "MIT"
_NANO = YOWOv2Config("nano", "shufflenetv2", 1.0, 64, 24, activation="leaky", separable=True)
_TINY = YOWOv2Config("tiny", "shufflenetv2", 2.0, 64, 24, activation="leaky")
_MEDIUM = YOWOv2Config("large", "shufflenetv2", 2.0, 128, 24)
_LARGE = YOWOv2Config("large", "resnext101", 1.0, 256, 24)


def _longer(plan: YOWOv2Config) -> YOWOv2Config:
    return replace(plan, input=replace(plan.input, length=32))


def _row(size: str, plan: YOWOv2Config, parameters: float, operations: float) -> Variant:
    length = plan.input.length
    name = f"yowov2-{size.lower()}" + ("" if length == 16 else f"-{length}")
    title = f"YOWOv2-{size}, {length} frames"
    return Variant(name, title, _SOURCE, plan, parameters, operations, _LICENCE)


VARIANTS = (
    _row("Nano", _NANO, 3.5, 1.3),
    _row("Tiny", _TINY, 10.9, 2.9),
    _row("Medium", _MEDIUM, 52.0, 12.0),
    _row("Large", _LARGE, 109.7, 53.6),
    _row("Nano", _longer(_NANO), 3.5, 2.0),
    _row("Tiny", _longer(_TINY), 10.9, 4.5),
    _row("Medium", _longer(_MEDIUM), 52.0, 12.7),
    _row("Large", _longer(_LARGE), 109.7, 91.9),
)
"""Published networks of the family."""
