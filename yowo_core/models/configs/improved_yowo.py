"""Improved YOWO (Zhuo et al. 2024): three scales, and the key frame anywhere in its clip."""

from dataclasses import dataclass, replace
from typing import ClassVar

from yowo_core.backbones.temporal.names import temporal_choice
from yowo_core.errors import ConfigError
from yowo_core.input_spec import InputSpec
from yowo_core.models.configs.anchors import Anchors
from yowo_core.models.configs.nine_anchors import ANCHORS, NineAnchorConfig, anchors_for
from yowo_core.models.configs.variant import Variant

INPUT = InputSpec(mean=(0.0,) * 3, std=(1.0,) * 3)


@dataclass(frozen=True)
class ImprovedYOWOConfig(NineAnchorConfig):
    """Everything that shapes an improved YOWO.

    temporal and temporal_width choose the 3D network. widths are the pyramid's channels at
    strides 8, 16 and 32; the paper leaves them out. reduction: of the channels inside the heads'
    squeeze and excitation. drop_size and drop_probability: of DropBlock at the end of a training.
    """

    family: ClassVar[str] = "improved-yowo"

    temporal: str
    temporal_width: float
    num_classes: int
    input: InputSpec = INPUT
    anchors: Anchors = ANCHORS["ucf24"]
    exclusive: int | None = 0
    widths: tuple[int, ...] = (128, 256, 512)
    reduction: int = 16
    drop_size: int = 3
    drop_probability: float = 0.1

    def __post_init__(self) -> None:
        """Refuse what no network can be built of."""
        super().__post_init__()
        temporal_choice(self.temporal, self.temporal_width)
        if len(self.widths) != 3 or min(self.widths) < 1:
            raise ConfigError(f"Three scales want three widths of at least 1, not {self.widths}.")
        if not 1 <= self.reduction <= 2 * min(self.widths):
            raise ConfigError(f"Reduction {self.reduction} leaves no channel of {self.widths}.")
        if self.drop_size < 1 or not 0 <= self.drop_probability < 1:
            raise ConfigError(
                f"DropBlock cannot drop squares of {self.drop_size} with probability "
                f"{self.drop_probability}."
            )


def adapted(config: ImprovedYOWOConfig, name: str) -> ImprovedYOWOConfig:
    """The same network with a data set's anchors; ConfigError lists those that there are."""
    return replace(config, anchors=anchors_for(name, config.input.size))


_SHORT = replace(INPUT, length=8)
_MEGABYTES = 373 * 2**20 / 4 / 1e6
"""The paper's "parameters" are 373 MB of float32, as YOWO's 121.1 million are 462."""


def _variant(
    temporal: str, title: str, figures: tuple[float | None, float | None], *, short: bool = False
) -> Variant:
    plan = ImprovedYOWOConfig(temporal, 1.0, 24, _SHORT if short else INPUT)
    name = f"improved-yowo-{temporal}" + ("-8" if short else "")
    title = f"Improved YOWO, {title}" + (", 8 frames" if short else "")
    return Variant(name, title, "Improved YOWO, table 4", plan, *figures)


VARIANTS: tuple[Variant, ...] = (
    _variant("resnext101", "3D ResNeXt-101", (_MEGABYTES, 45.8)),
    _variant("resnext101", "3D ResNeXt-101", (_MEGABYTES, 27.0), short=True),
    _variant("i3d", "I3D", (None, None)),
    _variant("i3d", "I3D", (None, None), short=True),
)
"""Published networks of the family; the text has I3D, the table of costs ResNeXt-101."""
