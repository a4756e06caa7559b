"""3D ShuffleNetV2 (Resource Efficient 3D CNNs, Koepueklue et al. 2019) for clips."""

import torch
from torch import Tensor, nn

STAGE_WIDTHS: dict[float, tuple[int, int, int]] = {
    0.25: (32, 64, 128),
    0.5: (48, 96, 192),
    1.0: (116, 232, 464),
    1.5: (176, 352, 704),
    2.0: (224, 488, 976),
}
STAGE_REPEATS = (4, 8, 4)


def _pointwise(inputs: int, outputs: int) -> list[nn.Module]:
    return [
        nn.Conv3d(inputs, outputs, 1, bias=False),
        nn.BatchNorm3d(outputs),
        nn.ReLU(inplace=True),
    ]


def _depthwise(channels: int, stride: int) -> list[nn.Module]:
    return [
        nn.Conv3d(channels, channels, 3, stride, 1, groups=channels, bias=False),
        nn.BatchNorm3d(channels),
    ]


def shuffle_two(x: Tensor) -> Tensor:
    """Interleave the two halves of the channels: (B, C, T, H, W) -> the same shape."""
    batch, channels, *rest = x.shape
    return x.view(batch, 2, channels // 2, *rest).transpose(1, 2).reshape(batch, channels, *rest)


class Unit(nn.Module):
    """One ShuffleNetV2 unit; with stride 2 both branches see the whole input and widen it."""

    def __init__(self, inputs: int, outputs: int, stride: int) -> None:
        super().__init__()
        half = outputs // 2
        self.split = stride == 1
        self.shortcut = (
            nn.Identity()
            if self.split
            else nn.Sequential(*_depthwise(inputs, 2), *_pointwise(inputs, half))
        )
        entry = half if self.split else inputs
        self.main = nn.Sequential(
            *_pointwise(entry, half), *_depthwise(half, stride), *_pointwise(half, half)
        )

    def forward(self, x: Tensor) -> Tensor:
        """(B, inputs, T, H, W) -> (B, outputs, T / stride, H / stride, W / stride)."""
        kept, worked = x.chunk(2, 1) if self.split else (x, x)
        return shuffle_two(torch.cat((self.shortcut(kept), self.main(worked)), 1))


class ShuffleNetV2(nn.Module):
    """Clip (B, 3, T, H, W) -> features (B, channels, H/32, W/32), averaged over what time is left.

    16 frames leave one step of time, longer clips more. `channels` is 1024, or 2048 at width 2.
    """

    def __init__(self, width: float) -> None:
        super().__init__()
        stages = STAGE_WIDTHS[width]
        self.channels = 2048 if width == 2.0 else 1024
        self.stem = nn.Sequential(
            nn.Conv3d(3, 24, 3, (1, 2, 2), 1, bias=False),
            nn.BatchNorm3d(24),
            nn.ReLU(inplace=True),
        )
        self.pool = nn.MaxPool3d(3, 2, 1)
        units: list[nn.Module] = []
        inputs = 24
        for outputs, repeats in zip(stages, STAGE_REPEATS, strict=True):
            for index in range(repeats):
                units.append(Unit(inputs, outputs, 2 if index == 0 else 1))
                inputs = outputs
        self.units = nn.Sequential(*units)
        self.last = nn.Sequential(*_pointwise(inputs, self.channels))

    def forward(self, clip: Tensor) -> Tensor:
        """(B, 3, T, H, W) -> (B, channels, H/32, W/32)."""
        features: Tensor = self.last(self.units(self.pool(self.stem(clip))))
        return features.mean(2)


OFFICIAL_KEYS: tuple[tuple[str, str], ...] = (
    (r"^conv1\.", "stem."),
    (r"^features\.(\d+)\.banch1\.", r"units.\1.shortcut."),
    (r"^features\.(\d+)\.banch2\.", r"units.\1.main."),
    (r"^conv_last\.", "last."),
)
"""Renames that turn a key of the official 3D checkpoints into ours, applied in this order."""
