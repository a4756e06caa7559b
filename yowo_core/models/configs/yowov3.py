"""YOWOv3: a YOLOv8 and a 3D network, fused at three levels (Nguyen et al. 2024)."""

from dataclasses import dataclass
from typing import ClassVar, Literal

from yowo_core.errors import ConfigError
from yowo_core.input_spec import OUR_INPUT, InputSpec
from yowo_core.models.configs.base import DetectorConfig

SpatialSize = Literal["n", "s", "m", "l", "x"]


@dataclass(frozen=True)
class YOWOv3Config(DetectorConfig):
    """Everything that shapes a YOWOv3 network.

    width is the number of channels between the decoupled head and the detection head (the
    paper leaves it out). head_prior is the side in strides to which an untrained box decodes:
    7.5 is the mean of 16 equal bins, as in the official network, whose coarsest level then
    never wins a positive.
    """

    family: ClassVar[str] = "yowov3"

    spatial: SpatialSize
    temporal: Literal["shufflenetv2"]
    temporal_width: float
    width: int
    num_classes: int
    input: InputSpec = OUR_INPUT
    head_prior: float = 2.5

    def __post_init__(self) -> None:
        """Refuse sizes that no network can have."""
        super().__post_init__()
        if not 0 < self.head_prior <= 7.5:
            raise ConfigError(f"head_prior {self.head_prior} is not in (0, 7.5] strides.")
