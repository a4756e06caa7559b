"""Center3D: actors as points of a heat map, their actions from the heat maps of a clip."""

from dataclasses import dataclass
from typing import ClassVar

from yowo_core.errors import ConfigError
from yowo_core.input_spec import OUR_INPUT, InputSpec
from yowo_core.models.configs.base import DetectorConfig
from yowo_core.models.configs.variant import Variant
from yowo_core.models.configs.yowov3 import SpatialSize


@dataclass(frozen=True)
class Center3DConfig(DetectorConfig):
    """Everything that shapes a Center3D network.

    spatial is the YOLOv8 whose fine map the first stage reads, head_width the channels inside its
    heads; width is that of the first of the 3D network's three stages, each of which doubles it.
    peaks is the number of boxes that come out, likely or not.
    """

    family: ClassVar[str] = "center3d"

    spatial: SpatialSize
    width: int
    num_classes: int
    input: InputSpec = OUR_INPUT
    head_width: int = 64
    peaks: int = 100

    def __post_init__(self) -> None:
        """Refuse sizes that no network can have."""
        super().__post_init__()
        if self.spatial not in ("n", "s", "m", "l", "x"):
            raise ConfigError(f"No YOLOv8 has the size {self.spatial!r}; sizes: n, s, m, l, x.")
        if self.width < 1 or self.head_width < 1:
            raise ConfigError(f"A width of {self.width} or {self.head_width} channels is none.")
        if self.input.flow:
            raise ConfigError("Center3D sees pictures only: its input cannot have optical flow.")
        if self.peaks < 1:
            raise ConfigError(f"A detector gives at least one box, not {self.peaks}.")


VARIANTS = (
    Variant(
        "center3d",
        "Center3D",
        "Linknet, DIYAnchorBox, Center3D, ENFLoss, section 6.3",
        Center3DConfig("n", 32, 21),
        weights_licence="none published",
    ),
)
"""Published networks of the family: the paper tells no sizes, so these are ours."""
