"""Linknet: YOWO with a 3D ResNet-18 that the key frame's features are added to."""

from dataclasses import dataclass
from typing import ClassVar, Literal, get_args

from yowo_core.errors import ConfigError
from yowo_core.input_spec import InputSpec
from yowo_core.models.configs.anchors import AnchorConfig, Anchors
from yowo_core.models.configs.variant import Variant
from yowo_core.models.configs.yowo import DATA_SETS

LinkKind = Literal["expand", "conv3d", "expand-conv3d", "bottleneck"]
_SET = DATA_SETS["jhmdb21"]


@dataclass(frozen=True)
class LinknetConfig(AnchorConfig):
    """Everything that shapes a Linknet; link is what a link does (`yowo_core/models/linknet.py`).

    The backbones are those of the paper's experiments, YOLOv2 and 3D ResNet-18; anchors, values
    and exclusive are those of YOWO for J-HMDB-21, on which the paper trains.
    """

    family: ClassVar[str] = "linknet"

    link: LinkKind
    num_classes: int
    input: InputSpec = _SET.input
    anchors: Anchors = _SET.anchors
    exclusive: int | None = _SET.exclusive

    def __post_init__(self) -> None:
        """Refuse links that there are not."""
        super().__post_init__()
        if self.link not in get_args(LinkKind):
            known = ", ".join(get_args(LinkKind))
            raise ConfigError(f"No link is called {self.link!r}; links: {known}.")


def _variant(link: LinkKind, title: str, place: str) -> Variant:
    return Variant(
        f"linknet-{link}",
        f"Linknet, {title}",
        f"Linknet, {place}",
        LinknetConfig(link, _SET.classes),
        weights_licence="none published",
    )


VARIANTS: tuple[Variant, ...] = (
    _variant("expand", "repeated", "table 2"),
    _variant("conv3d", "a convolution", "table 2"),
    _variant("expand-conv3d", "repeated, then a convolution", "table 2"),
    _variant("bottleneck", "two convolutions", "section 6.1"),
)
"""The paper gives neither parameters nor operations, and publishes no weights."""
