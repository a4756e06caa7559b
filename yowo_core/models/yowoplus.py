"""YOWO-Plus and YOWO-Nano (Yang 2022): YOWO with another YOLOv2, fusion and head."""

import math

import torch
from torch import Tensor, nn

from yowo_core.backbones.layers import leaky
from yowo_core.backbones.spatial.yolov2 import YOLOv2
from yowo_core.backbones.temporal.choose import create_temporal
from yowo_core.models.anchored import by_type, decode
from yowo_core.models.configs.yowoplus import YOWOPlusConfig
from yowo_core.models.detector import TwoBranch
from yowo_core.models.fusion import CFAM, FusionStyle

CELL = 32
WIDTH = 1024
STYLE = FusionStyle(leaky, eps=1e-5, momentum=0.1, drop=nn.Dropout)
PRIOR = 0.01
"""Confidence and class scores of an untrained network."""


class YOWOPlus(TwoBranch):
    """Clip and key frame -> one raw map (B, A(5 + classes), H/32, W/32).

    Its channels are A confidences, A times the classes, A times four numbers of a box.
    """

    def __init__(self, config: YOWOPlusConfig) -> None:
        super().__init__()
        self.config: YOWOPlusConfig = config
        self.spatial = YOLOv2(biased=True)
        self.temporal = create_temporal(config.temporal, config.temporal_width, last=False)
        seen = self.spatial.channels + self.temporal.channels
        self.fusion = CFAM(seen, WIDTH, STYLE)
        anchors, classes = len(config.anchors), config.num_classes
        self.head = nn.Conv2d(WIDTH, anchors * (5 + classes), 1)
        assert self.head.bias is not None
        with torch.no_grad():
            self.head.bias[: anchors * (1 + classes)] = math.log(PRIOR / (1 - PRIOR))

    def detect_on(self, clip_map: Tensor, key_frame: Tensor) -> tuple[Tensor, ...]:
        """See `TwoBranch.detect_on`."""
        both = torch.cat((self.spatial(key_frame), clip_map), 1)
        return (self.head(self.fusion(both)),)

    def decode(self, maps: tuple[Tensor, ...]) -> tuple[Tensor, Tensor]:
        """See `Detector.decode`."""
        config = self.config
        return decode(by_type(maps[0], len(config.anchors)), config.anchors, CELL, config.exclusive)

    def class_rows(self) -> dict[str, Tensor]:
        """See `Detector.class_rows`: behind the confidences, each anchor's classes in a row."""
        anchors, classes = len(self.config.anchors), self.config.num_classes
        starts = torch.arange(anchors) * classes + anchors
        rows = torch.arange(classes)[:, None] + starts
        return {"head.weight": rows, "head.bias": rows}


OFFICIAL_KEYS: tuple[tuple[str, str], ...] = (
    (r"^channel_encoder\.fuse_convs\.0\.convs\.", "fusion.before.0."),
    (r"^channel_encoder\.fuse_convs\.1\.convs\.", "fusion.before.1."),
    (r"^channel_encoder\.fuse_convs\.2\.gamma$", "fusion.attention.gamma"),
    (r"^channel_encoder\.fuse_convs\.3\.convs\.", "fusion.after."),
    (r"^channel_encoder\.fuse_convs\.5\.", "fusion.out.1."),
    (r"^pred\.", "head."),
)
"""Renames of an official checkpoint's fusion and head; the backbones have tables of their own."""
