"""YOWOv3: a YOLOv8 and a 3D network, fused at three levels (Nguyen et al. 2024)."""

from dataclasses import dataclass
from typing import ClassVar, Literal

from yowo_core.backbones.temporal.names import TEMPORAL, temporal_choice
from yowo_core.errors import ConfigError
from yowo_core.input_spec import OUR_INPUT, InputSpec
from yowo_core.models.configs.base import DetectorConfig
from yowo_core.models.configs.variant import Variant
from yowo_core.models.configs.yowov3_figures import TABLE_1_UCF24

SpatialSize = Literal["n", "s", "m", "l", "x"]
Head = Literal["decoupled", "coupled"]


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
    head: Head = "decoupled"
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


_SIZES: dict[SpatialSize, int] = {"n": 64, "s": 128, "m": 192, "l": 256, "x": 256}
"""YOLOv8's sizes, with the width of the head that table 1 was measured with."""

_WIDE = ("resnet101", "resnext101", "i3d")
"""3D networks beside which table 1 has a head of 256 channels for every size of YOLOv8."""

_NAMED: dict[str, tuple[SpatialSize, str, float]] = {
    "tiny": ("n", "shufflenetv2", 2.0),
    "medium": ("m", "shufflenetv2", 2.0),
    "large": ("m", "i3d", 1.0),
}
"""The three that the paper compares with other networks (section 6.2)."""

_LICENCE = "none stated; the 2D part is made from YOLOv8's, AGPL-3.0"


def _variant(name: str, title: str, plan: YOWOv3Config, paper: str) -> Variant:
    """A row with the paper's figures, which are those of the decoupled head."""
    place = (plan.spatial, plan.temporal, plan.temporal_width)
    cell = TABLE_1_UCF24.get(place) if plan.head == "decoupled" else None
    operations, parameters = cell or (None, None)
    if plan.head == "coupled":
        name, title = f"{name}-coupled", f"{title}, coupled head"
    where = paper if cell else "YOWOv3, section 3"
    return Variant(name, title, where, plan, parameters, operations, _LICENCE)


def _plan(size: SpatialSize, temporal: str, width: float, head: Head) -> YOWOv3Config:
    channels = 256 if temporal in _WIDE else _SIZES[size]
    return YOWOv3Config(size, temporal, width, channels, 24, head=head)


def _named(head: Head) -> tuple[Variant, ...]:
    return tuple(
        _variant(f"yowov3-{name}", f"YOWOv3-{name.title()}", _plan(*parts, head), "YOWOv3, table 3")
        for name, parts in _NAMED.items()
    )


def _grid(head: Head) -> tuple[Variant, ...]:
    """Every size of YOLOv8 with every 3D network in every width."""
    found = []
    for size in _SIZES:
        for temporal, choice in TEMPORAL.items():
            for width in choice.widths:
                times = f"{width}x" if len(choice.widths) > 1 else ""
                name = "-".join(filter(None, ("yowov3", size, temporal, times)))
                title = f"YOWOv3, YOLOv8{size} and {choice.title}, {times}".rstrip(", ")
                plan = _plan(size, temporal, width, head)
                found.append(_variant(name, title, plan, "YOWOv3, table 1"))
    return tuple(found)


VARIANTS = (*_named("decoupled"), *_named("coupled"), *_grid("decoupled"), *_grid("coupled"))
"""Published networks of the family, and all others that its parts make."""
