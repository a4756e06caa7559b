"""Nine anchors for networks with three scales; free of torch."""

from yowo_core.errors import ConfigError
from yowo_core.models.configs.anchors import AnchorConfig, Anchors


def _scaled(anchors: Anchors, factor: float) -> Anchors:
    """Anchors for an input that is so many times as large."""
    return tuple((width * factor, height * factor) for width, height in anchors)


COCO: Anchors = (
    (10, 13),
    (16, 30),
    (33, 23),
    (30, 61),
    (62, 45),
    (59, 119),
    (116, 90),
    (156, 198),
    (373, 326),
)
"""Of YOLOv3 (section 2.3), in pixels of an input of COCO_SIZE."""
COCO_SIZE = 416
_SIZE = 224

ANCHORS: dict[str, Anchors] = {
    "ucf24": (
        (19, 31),
        (32, 59),
        (39, 95),
        (59, 98),
        (48, 138),
        (65, 166),
        (84, 134),
        (89, 189),
        (128, 200),
    ),
    "jhmdb21": (
        (27, 75),
        (36, 116),
        (43, 160),
        (65, 120),
        (58, 180),
        (79, 187),
        (104, 190),
        (135, 193),
        (186, 205),
    ),
    "coco": _scaled(COCO, _SIZE / COCO_SIZE),
}
"""In pixels of an input of 224; by k-means with 1 - IoU on the boxes of the training videos."""


class NineAnchorConfig(AnchorConfig):
    """Base of configurations with three anchors at each of three scales, the smallest first."""

    def __post_init__(self) -> None:
        """Refuse another number of anchors."""
        super().__post_init__()
        if len(self.anchors) != 9:
            raise ConfigError(f"Three scales want nine anchors, not {len(self.anchors)}.")


def anchors_for(name: str, size: int) -> Anchors:
    """A data set's anchors for an input of size pixels; ConfigError lists those that there are."""
    if name not in ANCHORS:
        raise ConfigError(f"There are no anchors for {name!r}; there are: {', '.join(ANCHORS)}.")
    return _scaled(ANCHORS[name], size / _SIZE)
