"""YOWOv3: a YOLOv8 and a 3D network, fused at three levels (Nguyen et al. 2024)."""

from dataclasses import dataclass
from typing import ClassVar, Literal

from yowo_core.backbones.temporal.names import temporal_choice
from yowo_core.errors import ConfigError
from yowo_core.input_spec import OUR_INPUT, InputSpec
from yowo_core.models.configs.base import DetectorConfig
from yowo_core.models.configs.variant import Variant

SpatialSize = Literal["n", "s", "m", "l", "x"]


@dataclass(frozen=True)
class YOWOv3Config(DetectorConfig):
    """Everything that shapes a YOWOv3 network.

    temporal and temporal_width name the 3D network. width is the number of channels between the
    decoupled head and the detection head (the paper leaves it out); with a coupled head boxes and
    classes share one fusion a level. fusion_eps is the eps of the fusion's normalisations: the
    official network has 1e-3 when it is trained and 1e-5 when it is evaluated. head_prior is the
    side in strides to which an untrained box decodes: 7.5 is the mean of 16 equal bins, as in the
    official network, whose coarsest level then never wins a positive.
    """

    family: ClassVar[str] = "yowov3"

    spatial: SpatialSize
    temporal: str
    temporal_width: float
    width: int
    num_classes: int
    input: InputSpec = OUR_INPUT
    head_prior: float = 2.5
    head: Literal["decoupled", "coupled"] = "decoupled"
    fusion_eps: float = 1e-3

    def __post_init__(self) -> None:
        """Refuse sizes that no network can have."""
        super().__post_init__()
        temporal_choice(self.temporal, self.temporal_width)
        if self.spatial not in ("n", "s", "m", "l", "x"):
            raise ConfigError(f"No YOLOv8 has the size {self.spatial!r}; sizes: n, s, m, l, x.")
        if self.head not in ("decoupled", "coupled"):
            raise ConfigError(f"No head is called {self.head!r}; heads: decoupled, coupled.")
        if self.width < 1 or not 0 < self.fusion_eps < 1:
            raise ConfigError(f"Width {self.width} or fusion_eps {self.fusion_eps} is impossible.")
        if not 0 < self.head_prior <= 7.5:
            raise ConfigError(f"head_prior {self.head_prior} is not in (0, 7.5] strides.")


VARIANTS = (
    Variant(
        "yowov3-tiny",
        "YOWOv3-Tiny",
        "YOWOv3, table 3",
        YOWOv3Config("n", "shufflenetv2", 2.0, 64, 24),
        10.15,
        2.79,
    ),
)
"""Published networks of the family."""
