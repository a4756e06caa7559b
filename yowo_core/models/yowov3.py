"""YOWOv3 (Nguyen et al. 2024): YOLOv8 for the key frame, a 3D network for the clip, CFAM, DFL."""

import math

import torch
from torch import Tensor, nn

from yowo_core.backbones.layers import ConvNormAct
from yowo_core.backbones.spatial import yolov8
from yowo_core.backbones.temporal.choose import create_temporal
from yowo_core.models.configs.yowov3 import YOWOv3Config
from yowo_core.models.detector import TwoBranch
from yowo_core.models.fusion import CFAM, FusionStyle, fused
from yowo_core.ops.anchors import anchor_points, distances_to_boxes
from yowo_core.ops.dfl import BINS, expected_distance

STRIDES = (8, 16, 32)


def _two_convs(inputs: int, outputs: int) -> nn.Sequential:
    return nn.Sequential(ConvNormAct(inputs, outputs, 3), ConvNormAct(outputs, outputs, 3))


class Prediction(nn.Module):
    """The detection head of one task (equations 3, 4): fused maps -> raw maps, at three levels."""

    def __init__(self, width: int, outputs: int) -> None:
        super().__init__()
        self.predict = nn.ModuleList(
            nn.Sequential(*_two_convs(width, width), nn.Conv2d(width, outputs, 1)) for _ in STRIDES
        )

    def predicted(self, fused: list[Tensor]) -> list[Tensor]:
        """Fused maps (B, width, H/s, W/s) -> raw maps (B, outputs, H/s, W/s)."""
        return [layer(part) for layer, part in zip(self.predict, fused, strict=True)]

    def last_layers(self) -> list[nn.Conv2d]:
        """The final 1x1 convolution of each level."""
        return [m[-1] for m in self.predict if isinstance(m, nn.Sequential)]  # type: ignore[misc]


class Branch(Prediction):
    """One task (boxes or classes) from 2D map to raw prediction, at three levels.

    Decoupled head (equations 1, 2), fusion with the 3D map (3.5), detection head (3, 4).
    """

    def __init__(
        self, channels: tuple[tuple[int, ...], int], config: YOWOv3Config, outputs: int
    ) -> None:
        super().__init__(config.width, outputs)
        (spatial, temporal), width = channels, config.width
        self.decouple = nn.ModuleList(_two_convs(c, width) for c in spatial)
        self.fuse = nn.ModuleList(
            CFAM(width + temporal, width, FusionStyle(eps=config.fusion_eps)) for _ in spatial
        )

    def forward(self, maps: tuple[Tensor, ...], clip_map: Tensor) -> list[Tensor]:
        """2D maps of the levels and the 3D map (B, C, H/32, W/32) -> raw maps of the levels."""
        features = [layer(part) for layer, part in zip(self.decouple, maps, strict=True)]
        return self.predicted(fused(self.fuse, features, clip_map))


class YOWOv3(TwoBranch):
    """Clip and key frame -> raw maps, one a level: (B, 64 + classes, H/s, W/s), s = 8, 16, 32.

    The first 64 channels are four sides x 16 bins, the rest class logits.
    """

    def __init__(self, config: YOWOv3Config) -> None:
        super().__init__()
        self.config: YOWOv3Config = config
        self.spatial = yolov8.YOLOv8(config.spatial)
        self.temporal = create_temporal(config.temporal, config.temporal_width)
        channels = (self.spatial.channels, self.temporal.channels)
        self.box, self.cls = self._heads(channels, config)
        self._start_biases()

    def _heads(
        self, channels: tuple[tuple[int, ...], int], config: YOWOv3Config
    ) -> tuple[Prediction, Prediction]:
        outputs = (4 * BINS, config.num_classes)
        if config.head == "decoupled":
            box, cls = (Branch(channels, config, count) for count in outputs)
            return box, cls
        self.fuse = nn.ModuleList(
            CFAM(c + channels[1], config.width, FusionStyle(eps=config.fusion_eps))
            for c in channels[0]
        )
        return Prediction(config.width, outputs[0]), Prediction(config.width, outputs[1])

    def _start_biases(self) -> None:
        """Start with rare classes and boxes of head_prior strides a side.

        Bins weighted by r^k have the mean head_prior for the r found by bisection; equal bins
        (r = 1) give 7.5.
        """
        ratio = _ratio_with_mean(self.config.head_prior)
        side = torch.arange(BINS) * math.log(ratio)
        for layer in self.box.last_layers():
            assert layer.bias is not None
            with torch.no_grad():
                layer.bias.copy_((1.0 + side - side.mean()).repeat(4))
        size, classes = self.config.input.size, self.config.num_classes
        for layer, stride in zip(self.cls.last_layers(), STRIDES, strict=True):
            assert layer.bias is not None
            nn.init.constant_(layer.bias, math.log(5 / classes / (size / stride) ** 2))

    def detect_on(self, clip_map: Tensor, key_frame: Tensor) -> tuple[Tensor, ...]:
        """Features of clips and their key frames (B, 3, H, W) -> raw maps of the three levels."""
        maps = self.spatial(key_frame)
        if self.config.head == "decoupled":
            boxes, classes = self.box(maps, clip_map), self.cls(maps, clip_map)
        else:
            shared = fused(self.fuse, maps, clip_map)
            boxes, classes = self.box.predicted(shared), self.cls.predicted(shared)
        return tuple(torch.cat(pair, 1) for pair in zip(boxes, classes, strict=True))

    def decode(self, maps: tuple[Tensor, ...]) -> tuple[Tensor, Tensor]:
        """See `Detector.decode`."""
        return decode(maps)

    def class_rows(self) -> dict[str, Tensor]:
        """See `Detector.class_rows`: the last convolution of each level has a row a class."""
        rows = torch.arange(self.config.num_classes)[:, None]
        last = len(self.cls.predict[0]) - 1  # type: ignore[arg-type]
        names = [f"cls.predict.{level}.{last}" for level in range(len(STRIDES))]
        return {f"{name}.{part}": rows for name in names for part in ("weight", "bias")}


def _ratio_with_mean(mean: float) -> float:
    low, high = 1e-6, 1.0
    for _ in range(60):
        middle = (low + high) / 2
        weights = [middle**k for k in range(BINS)]
        got = sum(k * w for k, w in enumerate(weights)) / sum(weights)
        low, high = (middle, high) if got < mean else (low, middle)
    return high


def flatten_maps(maps: tuple[Tensor, ...]) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """All levels in one row of A anchors.

    Returns side logits (B, A, 4, 16), class logits (B, A, C), points (A, 2), strides (A, 1).
    """
    flat = torch.cat([m.flatten(2) for m in maps], 2).transpose(1, 2)
    sides, classes = flat[..., : 4 * BINS].contiguous(), flat[..., 4 * BINS :]
    shapes = [(int(m.shape[-2]), int(m.shape[-1])) for m in maps]
    points, strides = anchor_points(shapes, STRIDES, maps[0].device)
    return sides.view(*sides.shape[:2], 4, BINS), classes, points, strides


def decode(maps: tuple[Tensor, ...]) -> tuple[Tensor, Tensor]:
    """Raw maps -> boxes (B, A, 4) x1, y1, x2, y2 in input pixels and scores (B, A, C) in 0..1."""
    sides, classes, points, strides = flatten_maps(maps)
    boxes = distances_to_boxes(points, expected_distance(sides) * strides)
    return boxes, classes.sigmoid()


OFFICIAL_KEYS: tuple[tuple[str, str], ...] = (
    (r"^decoupled_head\.(box|cls)\.", r"\1.decouple."),
    (r"^fusion\.(box|cls)\.", r"\1.fuse."),
    (r"^fusion\.fusion\.", "fuse."),
    (r"^detection_head\.(box|cls)\.", r"\1.predict."),
    (r"\.conv_bn_relu1\.", ".before.0."),
    (r"\.conv_bn_relu2\.", ".before.1."),
    (r"\.sc\.gamma$", ".attention.gamma"),
    (r"\.conv_bn_relu3\.", ".after."),
    (r"\.conv_out\.", ".out."),
)
"""Renames of an official checkpoint's head; the backbones have tables of their own."""

OFFICIAL_CONSTANTS = ("detection_head.dfl.conv.weight",)
"""Keys of an official checkpoint that hold no learnt value."""
