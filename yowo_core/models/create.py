"""Build a network from its name or its configuration."""

from collections.abc import Callable
from typing import Any

from yowo_core.models.center3d import Center3D
from yowo_core.models.configs.anchors import Anchors, with_anchors
from yowo_core.models.configs.base import DetectorConfig
from yowo_core.models.configs.center3d import Center3DConfig
from yowo_core.models.configs.improved_yowo import ImprovedYOWOConfig
from yowo_core.models.configs.linknet import LinknetConfig
from yowo_core.models.configs.yolov3 import YOLOv3Config
from yowo_core.models.configs.yowo import YOWOConfig
from yowo_core.models.configs.yowoplus import YOWOPlusConfig
from yowo_core.models.configs.yowov2 import YOWOv2Config
from yowo_core.models.configs.yowov3 import YOWOv3Config
from yowo_core.models.detector import Detector
from yowo_core.models.improved_yowo import ImprovedYOWO
from yowo_core.models.linknet import Linknet
from yowo_core.models.variants import variant
from yowo_core.models.yolov3 import YOLOv3
from yowo_core.models.yowo import YOWO
from yowo_core.models.yowoplus import YOWOPlus
from yowo_core.models.yowov2 import YOWOv2
from yowo_core.models.yowov3 import YOWOv3

NETWORKS: dict[type[DetectorConfig], Callable[[Any], Detector]] = {
    Center3DConfig: Center3D,
    YOWOConfig: YOWO,
    YOWOPlusConfig: YOWOPlus,
    YOWOv2Config: YOWOv2,
    YOWOv3Config: YOWOv3,
    ImprovedYOWOConfig: ImprovedYOWO,
    YOLOv3Config: YOLOv3,
    LinknetConfig: Linknet,
}
"""The network of each family's configuration."""


def create_model(name: str, num_classes: int, anchors: Anchors | None = None) -> Detector:
    """A freshly initialised network by variant name; ConfigError lists the known names.

    anchors take the place of the variant's; ConfigError for a family without anchor boxes.
    """
    config = variant(name).config(num_classes)
    return build(config if anchors is None else with_anchors(config, anchors))


def build(config: DetectorConfig) -> Detector:
    """A freshly initialised network of exactly this configuration."""
    return NETWORKS[type(config)](config)
