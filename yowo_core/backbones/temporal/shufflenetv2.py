"""3D ShuffleNetV2 (Resource Efficient 3D CNNs, Koepueklue et al. 2019) for clips."""

import torch
from torch import Tensor, nn

from yowo_core.backbones.temporal.layers import depthwise, pointwise, shuffle, stem
from yowo_core.backbones.temporal.network import TemporalNetwork

STAGE_WIDTHS: dict[float, tuple[int, int, int]] = {
    0.25: (32, 64, 128),
    0.5: (48, 96, 192),
    1.0: (116, 232, 464),
    1.5: (176, 352, 704),
    2.0: (224, 488, 976),
}
STAGE_REPEATS = (4, 8, 4)


class Unit(nn.Module):
    """One ShuffleNetV2 unit; with stride 2 both branches see the whole input and widen it."""

    def __init__(self, inputs: int, outputs: int, stride: int) -> None:
        super().__init__()
        half = outputs // 2
        self.split = stride == 1
        self.shortcut = (
            nn.Identity()
            if self.split
            else nn.Sequential(*depthwise(inputs, 2), *pointwise(inputs, half))
        )
        entry = half if self.split else inputs
        self.main = nn.Sequential(
            *pointwise(entry, half), *depthwise(half, stride), *pointwise(half, half)
        )

    def forward(self, x: Tensor) -> Tensor:
        """(B, inputs, T, H, W) -> (B, outputs, T / stride, H / stride, W / stride)."""
        kept, worked = x.chunk(2, 1) if self.split else (x, x)
        return shuffle(torch.cat((self.shortcut(kept), self.main(worked)), 1), 2)


class ShuffleNetV2(TemporalNetwork):
    """16 frames leave one step of time, longer clips more.

    With `last`, as in YOWO and YOWOv3, a 1x1x1 convolution follows, and `channels` is 1024 (2048
    at width 2); without it, as in YOWO-Nano and YOWOv2, the width of the last stage.
    """

    def __init__(self, width: float, *, last: bool = True) -> None:
        super().__init__()
        stages = STAGE_WIDTHS[width]
        widened = 2048 if width == 2.0 else 1024
        self.channels = widened if last else stages[-1]
        self.stem = stem(24)
        self.pool = nn.MaxPool3d(3, 2, 1)
        units: list[nn.Module] = []
        inputs = 24
        for outputs, repeats in zip(stages, STAGE_REPEATS, strict=True):
            for index in range(repeats):
                units.append(Unit(inputs, outputs, 2 if index == 0 else 1))
                inputs = outputs
        self.units = nn.Sequential(*units)
        self.last = nn.Sequential(*pointwise(inputs, widened)) if last else nn.Identity()

    def features(self, clip: Tensor) -> Tensor:
        """(B, 3, T, H, W) -> (B, channels, T/16, H/32, W/32)."""
        out: Tensor = self.last(self.units(self.pool(self.stem(clip))))
        return out


OFFICIAL_KEYS: tuple[tuple[str, str], ...] = (
    (r"^conv1\.", "stem."),
    (r"^features\.(\d+)\.banch1\.", r"units.\1.shortcut."),
    (r"^features\.(\d+)\.banch2\.", r"units.\1.main."),
    (r"^conv_last\.", "last."),
)
"""Renames that turn a key of the official 3D checkpoints into ours, applied in this order."""
