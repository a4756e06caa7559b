"""YOWOv2 (Yang and Dai 2023): FreeYOLO, a 3D network, six fusions, boxes without anchors."""

import math

import torch
from torch import Tensor, nn

from yowo_core.backbones.layers import Act, leaky, silu
from yowo_core.backbones.spatial import freeyolo
from yowo_core.backbones.spatial.freeyolo_blocks import Style
from yowo_core.backbones.temporal.choose import create_temporal
from yowo_core.models.configs.yowov2 import YOWOv2Config
from yowo_core.models.detector import TwoBranch
from yowo_core.models.fusion import CFAM, FusionStyle, fused
from yowo_core.ops.anchors import anchor_points

STRIDES = (8, 16, 32)
PRIOR = 0.01
"""Confidence and score of every class that an untrained network gives."""
_ACTIVATIONS: dict[str, Act] = {"leaky": leaky, "silu": silu}


class Task(nn.Module):
    """Features for classes or for boxes at three levels: fusion, then two 3x3 convolutions."""

    def __init__(self, spatial: tuple[int, ...], temporal: int, config: YOWOv2Config) -> None:
        super().__init__()
        act, width = _ACTIVATIONS[config.activation], config.width
        style = Style(act, separable=config.separable)
        fusion = FusionStyle(act, drop=nn.Dropout)
        self.fuse = nn.ModuleList(CFAM(c + temporal, width, fusion) for c in spatial)
        self.refine = nn.ModuleList(
            nn.Sequential(style.spread(width, width), style.spread(width, width)) for _ in spatial
        )

    def forward(self, maps: tuple[Tensor, ...], clip_map: Tensor) -> list[Tensor]:
        """2D maps of the levels and the 3D map (B, C, H/32, W/32) -> (B, width, H/s, W/s)."""
        parts = fused(self.fuse, maps, clip_map)
        return [layer(part) for layer, part in zip(self.refine, parts, strict=True)]


class YOWOv2(TwoBranch):
    """Clip and key frame -> raw maps, one a level: (B, 1 + classes + 4, H/s, W/s), s = 8, 16, 32.

    The channels are the logit of the confidence, the logits of the classes, and the box: its
    centre's way from the cell's centre and the logarithms of its sides, all in strides.
    """

    spatial: freeyolo.FreeYOLO

    def __init__(self, config: YOWOv2Config) -> None:
        super().__init__()
        self.config: YOWOv2Config = config
        self.spatial = freeyolo.FreeYOLO(config.spatial)
        temporal = create_temporal(config.temporal, config.temporal_width, last=False)
        self.temporal = temporal
        self.cls = Task(self.spatial.channels, temporal.channels, config)
        self.box = Task(self.spatial.channels, temporal.channels, config)
        self.confidence = _last_layers(config.width, 1)
        self.classes = _last_layers(config.width, config.num_classes)
        self.sides = _last_layers(config.width, 4)
        self._start_biases()

    def _start_biases(self) -> None:
        """Start with objects and classes as rare as PRIOR."""
        for layer in (*self.confidence, *self.classes):
            assert isinstance(layer, nn.Conv2d)
            assert layer.bias is not None
            nn.init.constant_(layer.bias, -math.log((1 - PRIOR) / PRIOR))

    def detect_on(self, clip_map: Tensor, key_frame: Tensor) -> tuple[Tensor, ...]:
        """Features of clips and their key frames (B, 3, H, W) -> raw maps of the three levels."""
        for_classes, for_boxes = self.spatial(key_frame)
        cls, box = self.cls(for_classes, clip_map), self.box(for_boxes, clip_map)
        return tuple(self._level(level, cls[level], box[level]) for level in range(len(STRIDES)))

    def _level(self, level: int, cls: Tensor, box: Tensor) -> Tensor:
        """One raw map; how sure a box is, is told from the features of boxes."""
        parts = self.confidence[level](box), self.classes[level](cls), self.sides[level](box)
        return torch.cat(parts, 1)

    def decode(self, maps: tuple[Tensor, ...]) -> tuple[Tensor, Tensor]:
        """See `Detector.decode`."""
        return decode(maps)

    def class_rows(self) -> dict[str, Tensor]:
        """See `Detector.class_rows`: one convolution a level has a row a class."""
        rows = torch.arange(self.config.num_classes)[:, None]
        names = [f"classes.{level}" for level in range(len(STRIDES))]
        return {f"{name}.{part}": rows for name in names for part in ("weight", "bias")}

    def branches(self) -> dict[str, nn.Module]:
        """See `Detector.branches`: of the 2D part the maps before it splits into two tasks."""
        return {"2d": self.spatial.fpn, "3d": self.temporal}


def _last_layers(width: int, outputs: int) -> nn.ModuleList:
    return nn.ModuleList(nn.Conv2d(width, outputs, 1) for _ in STRIDES)


LARGEST = 1000.0
"""Strides that a box can be wide; without a bound an untrained network's may be endless."""


def flatten_maps(maps: tuple[Tensor, ...]) -> tuple[Tensor, Tensor, Tensor]:
    """All levels in one row of A places, finest first.

    Returns logits of the confidence (B, A, 1) and of the classes (B, A, C), and sides (B, A, 4).
    """
    flat = torch.cat([m.flatten(2) for m in maps], 2).transpose(1, 2)
    return flat[..., :1], flat[..., 1:-4], flat[..., -4:]


def sides_to_boxes(sides: Tensor, points: Tensor, strides: Tensor) -> Tensor:
    """Sides (..., A, 4) at points (A, 2) with strides (A, 1) -> boxes x1, y1, x2, y2 in pixels."""
    centre = points + sides[..., :2] * strides
    half = sides[..., 2:].clamp(max=math.log(LARGEST)).exp() * strides / 2
    return torch.cat((centre - half, centre + half), -1)


def decode(maps: tuple[Tensor, ...]) -> tuple[Tensor, Tensor]:
    """Raw maps -> boxes (B, A, 4) x1, y1, x2, y2 in input pixels and scores (B, A, C) in 0..1.

    A score is the geometric mean of confidence and class.
    """
    confidence, classes, sides = flatten_maps(maps)
    shapes = [(int(m.shape[-2]), int(m.shape[-1])) for m in maps]
    points, strides = anchor_points(shapes, STRIDES, maps[0].device)
    scores = (confidence.sigmoid() * classes.sigmoid()).sqrt()
    return sides_to_boxes(sides, points, strides), scores


OFFICIAL_KEYS: tuple[tuple[str, str], ...] = (
    (r"^(cls|reg)_channel_encoders\.(\d)\.fuse_convs\.", r"\1.fuse.\2."),
    (r"^heads\.(\d)\.(cls|reg)_head\.", r"\2.refine.\1."),
    (r"^(cls|reg)\.fuse\.(\d)\.([01])\.convs\.", r"\1.fuse.\2.before.\3."),
    (r"^(cls|reg)\.fuse\.(\d)\.2\.", r"\1.fuse.\2.attention."),
    (r"^(cls|reg)\.fuse\.(\d)\.3\.convs\.", r"\1.fuse.\2.after."),
    (r"^(cls|reg)\.fuse\.(\d)\.5\.", r"\1.fuse.\2.out.1."),
    (r"\.convs\.0\.", ".conv."),
    (r"\.convs\.1\.", ".norm."),
    (r"\.convs\.3\.", ".mix."),
    (r"\.convs\.4\.", ".mix_norm."),
    (r"^reg\.", "box."),
    (r"^conf_preds\.", "confidence."),
    (r"^cls_preds\.", "classes."),
    (r"^reg_preds\.", "sides."),
)
"""Renames of an official checkpoint's head; the backbones have tables of their own."""
