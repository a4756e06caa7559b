"""Improved YOWO (Zhuo et al. 2024): the clip's map at three scales, two fusions, YOLOv3's heads."""

import torch
from torch import Tensor, nn

from yowo_core.backbones.layers import DarknetConv
from yowo_core.backbones.spatial.cspdarknet53 import CSPDarknet53
from yowo_core.backbones.temporal.choose import create_temporal
from yowo_core.models.configs.improved_yowo import ImprovedYOWOConfig
from yowo_core.models.detector import TwoBranch
from yowo_core.models.pyramid import (
    ANCHORS,
    STRIDES,
    DropBlock,
    Pyramid,
    ScaleHead,
    SqueezeExcite,
    decode_scales,
    head_class_rows,
    start_biases,
)
from yowo_core.ops.drop_block import scheduled
from yowo_core.ops.scale_transfer import depth_to_space

FACTORS = tuple(STRIDES[-1] // stride for stride in STRIDES)
"""How much the clip's map is enlarged for each scale."""


def _fusion(inputs: int, width: int) -> nn.Sequential:
    """The first fusion of a scale: 1x1 to width, 3x3 to twice as much."""
    return nn.Sequential(DarknetConv(inputs, width, 1), DarknetConv(width, 2 * width, 3))


class ImprovedYOWO(TwoBranch):
    """Clip and key frame -> raw maps (B, 3(5 + classes), H/s, W/s), s = 8, 16, 32.

    Each scale's 2D map stands before the clip's map, brought to its size by depth to space.
    """

    def __init__(self, config: ImprovedYOWOConfig) -> None:
        super().__init__()
        self.config: ImprovedYOWOConfig = config
        self.spatial = CSPDarknet53()
        self.temporal = create_temporal(config.temporal, config.temporal_width)
        widths, clip = config.widths, self.temporal.channels
        self.fuse = nn.ModuleList(
            _fusion(channels + clip // factor**2, width)
            for channels, factor, width in zip(self.spatial.channels, FACTORS, widths, strict=True)
        )
        self.pyramid = Pyramid([2 * width for width in widths], widths, 3)
        self.drop = DropBlock(config.drop_size, config.drop_probability)
        self.heads = nn.ModuleList(self._head(width) for width in widths)
        start_biases(self.heads, config.num_classes)

    def _head(self, width: int) -> ScaleHead:
        outputs = ANCHORS * (5 + self.config.num_classes)
        weigh = SqueezeExcite(2 * width, self.config.reduction)
        return ScaleHead(width, outputs, weigh=weigh)

    def detect_on(self, clip_map: Tensor, key_frame: Tensor) -> tuple[Tensor, ...]:
        """Features of clips and any key frames (B, 3, H, W) of them -> raw maps of the scales."""
        first = [
            fusion(torch.cat((part, depth_to_space(clip_map, factor)), 1))
            for fusion, part, factor in zip(
                self.fuse, self.spatial(key_frame), FACTORS, strict=True
            )
        ]
        second = self.pyramid(first)
        return tuple(head(self.drop(p)) for head, p in zip(self.heads, second, strict=True))

    def decode(self, maps: tuple[Tensor, ...]) -> tuple[Tensor, Tensor]:
        """See `Detector.decode`."""
        return decode_scales(maps, self.config.anchors, self.config.exclusive)

    def class_rows(self) -> dict[str, Tensor]:
        """See `Detector.class_rows`."""
        return head_class_rows(self.config.num_classes)

    def schedule_drop(self, progress: float) -> None:
        """Set DropBlock for a share 0..1 of the training: it begins at 0."""
        self.drop.probability = scheduled(self.config.drop_probability, progress)
