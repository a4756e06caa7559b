"""What YOLOv3 and the improved YOWO have in common: a feature pyramid and heads at three scales."""

import math
from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional

from yowo_core.backbones.layers import DarknetConv
from yowo_core.models.anchored import by_anchor, by_type, decode
from yowo_core.models.configs.anchors import Anchors
from yowo_core.ops.drop_block import drop_block

STRIDES = (8, 16, 32)
ANCHORS = 3
"""Of each scale, whose cells answer for the sizes near their own."""
PRIOR = 0.01
"""Confidence and class scores of an untrained network (improved YOWO, section 3.3)."""

Maps = tuple[Tensor, Tensor, Tensor]
"""Of the strides 8, 16 and 32, in this order."""


class DropBlock(nn.Module):
    """Drop squares of the map while training; see `drop_block`.

    probability is a plain number, no part of the weights: a training may raise it as it goes on.
    """

    def __init__(self, size: int, probability: float) -> None:
        super().__init__()
        self.size, self.probability = size, probability

    def forward(self, x: Tensor) -> Tensor:
        """(B, C, H, W) -> the same shape; evaluation drops nothing."""
        return drop_block(x, self.probability, self.size) if self.training else x


class SqueezeExcite(nn.Module):
    """Weigh channels by what the whole map holds (Hu et al. 2018, equations 2 to 4).

    A bottleneck of channels / reduction between the averages of the channels and their weights.
    """

    def __init__(self, channels: int, reduction: int) -> None:
        super().__init__()
        self.squeeze = nn.Linear(channels, channels // reduction)
        self.excite = nn.Linear(channels // reduction, channels)

    def forward(self, x: Tensor) -> Tensor:
        """(B, C, H, W) -> the same shape, each channel times a weight of 0..1."""
        mean = x.mean((2, 3))
        weights: Tensor = self.excite(functional.relu(self.squeeze(mean))).sigmoid()
        return x * weights[:, :, None, None]


def narrowing(inputs: int, width: int, count: int, *, biased: bool = False) -> nn.Sequential:
    """An odd number of convolutions, 1x1 to width and 3x3 to twice as much in turn."""
    layers: list[nn.Module] = []
    for number in range(count):
        kernel, outputs = (3, 2 * width) if number % 2 else (1, width)
        layers.append(DarknetConv(inputs, outputs, kernel, biased=biased))
        inputs = outputs
    return nn.Sequential(*layers)


class Pyramid(nn.Module):
    """Narrow each scale's map, coarsest first, and hand it on to the next finer one.

    Handed on by a 1x1 convolution and nearest enlarging, it stands before the finer map.
    """

    def __init__(
        self,
        inputs: Sequence[int],
        widths: Sequence[int],
        convolutions: int,
        *,
        biased: bool = False,
    ) -> None:
        super().__init__()
        handed = (widths[0], widths[1], 0)
        self.blocks = nn.ModuleList(
            narrowing(inputs[level] + handed[level], widths[level], convolutions, biased=biased)
            for level in range(3)
        )
        self.ups = nn.ModuleList(
            DarknetConv(widths[level + 1], widths[level], 1, biased=biased) for level in range(2)
        )

    def forward(self, maps: Sequence[Tensor]) -> Maps:
        """Maps of the three scales -> maps of the widths."""
        coarse = self.blocks[2](maps[2])
        middle = self.blocks[1](torch.cat((self._handed(1, coarse), maps[1]), 1))
        return self.blocks[0](torch.cat((self._handed(0, middle), maps[0]), 1)), middle, coarse

    def _handed(self, level: int, coarser: Tensor) -> Tensor:
        return functional.interpolate(self.ups[level](coarser), scale_factor=2.0, mode="nearest")


class ScaleHead(nn.Module):
    """A scale's raw map: 3x3 to twice the width, weighed channels if wanted, 1x1 with bias."""

    def __init__(
        self, width: int, outputs: int, *, biased: bool = False, weigh: nn.Module | None = None
    ) -> None:
        super().__init__()
        self.integrate = DarknetConv(width, 2 * width, 3, biased=biased)
        self.weigh = weigh if weigh is not None else nn.Identity()
        self.predict = nn.Conv2d(2 * width, outputs, 1)

    def forward(self, x: Tensor) -> Tensor:
        """(B, width, H, W) -> (B, outputs, H, W)."""
        out: Tensor = self.predict(self.weigh(self.integrate(x)))
        return out


def start_biases(heads: nn.ModuleList, classes: int, *, types: bool = False) -> None:
    """Confidences and class scores begin at PRIOR, boxes at their anchors."""
    rows = torch.zeros(ANCHORS, 5 + classes)
    rows[:, 4:] = math.log(PRIOR / (1 - PRIOR))
    prior = torch.cat((rows[:, 4], rows[:, 5:].flatten(), rows[:, :4].flatten()))
    for head in heads:
        assert isinstance(head, ScaleHead)
        assert head.predict.bias is not None
        with torch.no_grad():
            head.predict.bias.copy_(prior if types else rows.flatten())


def head_class_rows(classes: int, *, types: bool = False) -> dict[str, Tensor]:
    """`Detector.class_rows` of three heads named `heads`."""
    step, first = (classes, ANCHORS) if types else (5 + classes, 5)
    rows = torch.arange(classes)[:, None] + torch.arange(ANCHORS) * step + first
    return {
        f"heads.{level}.predict.{part}": rows for level in range(3) for part in ("weight", "bias")
    }


def decode_scales(
    maps: tuple[Tensor, ...], anchors: Anchors, exclusive: int | None, *, types: bool = False
) -> tuple[Tensor, Tensor]:
    """Raw maps of the scales -> boxes (B, A, 4) x1, y1, x2, y2 in input pixels, scores (B, A, C).

    anchors: nine, the smallest first, three a scale; a score is confidence times class score.
    types: channels hold confidences, then classes, then boxes, instead of anchor after anchor.
    """
    parted = by_type if types else by_anchor
    found = [
        decode(parted(raw, ANCHORS), anchors[level * ANCHORS :][:ANCHORS], stride, exclusive)
        for level, (raw, stride) in enumerate(zip(maps, STRIDES, strict=True))
    ]
    return torch.cat([boxes for boxes, _ in found], 1), torch.cat([s for _, s in found], 1)
