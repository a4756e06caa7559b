"""3D ResNet (Can Spatiotemporal 3D CNNs Retrace the History of 2D CNNs, Hara et al. 2018)."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from torch import Tensor, nn
from torch.nn import functional

from yowo_core.backbones.temporal.network import TemporalNetwork

Shortcut = Literal["A", "B"]


@dataclass(frozen=True)
class Stages:
    """Blocks of the four stages, channels inside a block and behind it, groups of the 3x3x3.

    A bottleneck has 1x1x1 convolutions around one of 3x3x3; other blocks have two of 3x3x3.
    """

    repeats: tuple[int, int, int, int]
    inner: tuple[int, int, int, int]
    outer: tuple[int, int, int, int]
    bottleneck: bool = True
    groups: int = 1


_PLAIN = (64, 128, 256, 512)
_WIDENED = (256, 512, 1024, 2048)
DEPTHS = {
    18: Stages((2, 2, 2, 2), _PLAIN, _PLAIN, bottleneck=False),
    34: Stages((3, 4, 6, 3), _PLAIN, _PLAIN, bottleneck=False),
    50: Stages((3, 4, 6, 3), _PLAIN, _WIDENED),
    101: Stages((3, 4, 23, 3), _PLAIN, _WIDENED),
}


class ThinnedShortcut(nn.Module):
    """Shortcut A: every stride-th place of the input, with channels of zeros behind it."""

    def __init__(self, added: int, stride: int) -> None:
        super().__init__()
        self.added, self.stride = added, stride

    def forward(self, x: Tensor) -> Tensor:
        """(B, C, T, H, W) -> (B, C + added, T / stride, H / stride, W / stride)."""
        thin = functional.avg_pool3d(x, 1, self.stride)
        return functional.pad(thin, (0, 0, 0, 0, 0, 0, 0, self.added))


def _conv(inputs: int, outputs: int, kernel: int, stride: int = 1, groups: int = 1) -> nn.Conv3d:
    return nn.Conv3d(inputs, outputs, kernel, stride, kernel // 2, groups=groups, bias=False)


class Block(nn.Module):
    """Convolutions beside a shortcut, which is the input where the shape stays the same."""

    def __init__(self, shape: Stages, stage: int, inputs: int, stride: int, kind: Shortcut) -> None:
        super().__init__()
        inner, outer = shape.inner[stage], shape.outer[stage]
        convs = (
            [_conv(inputs, inner, 1), _conv(inner, inner, 3, stride, shape.groups)]
            if shape.bottleneck
            else [_conv(inputs, inner, 3, stride)]
        )
        convs.append(_conv(inner, outer, 1 if shape.bottleneck else 3))
        layers: list[nn.Module] = []
        for conv in convs:
            layers += [conv, nn.BatchNorm3d(conv.out_channels), nn.ReLU(inplace=True)]
        self.main = nn.Sequential(*layers[:-1])
        self.shortcut = _shortcut(inputs, outer, stride, kind)

    def forward(self, x: Tensor) -> Tensor:
        """(B, inputs, T, H, W) -> (B, outer, T / stride, H / stride, W / stride)."""
        return functional.relu(self.main(x) + self.shortcut(x), inplace=True)


def _shortcut(inputs: int, outputs: int, stride: int, kind: Shortcut) -> nn.Module:
    if stride == 1 and inputs == outputs:
        return nn.Identity()
    if kind == "A":
        return ThinnedShortcut(outputs - inputs, stride)
    return nn.Sequential(_conv(inputs, outputs, 1, stride), nn.BatchNorm3d(outputs))


Change = Callable[[int, Tensor], Tensor]


def _unchanged(_layer: int, x: Tensor) -> Tensor:
    return x


class StagedNetwork(TemporalNetwork):
    """Stem, pool and four stages of blocks, which a caller may also run one by one.

    For 16 frames, T after `stem`, `pool`, `layer1`, ... `layer4` is 16, 8, 8, 4, 2, 1, and the
    side of a picture of 224 is 112, 56, 56, 28, 14, 7. `stage_channels` are those of the layers.
    """

    def __init__(self, shape: Stages, shortcut: Shortcut) -> None:
        super().__init__()
        self.stem = nn.Sequential(
            nn.Conv3d(3, 64, 7, (1, 2, 2), 3, bias=False),
            nn.BatchNorm3d(64),
            nn.ReLU(inplace=True),
        )
        self.pool = nn.MaxPool3d(3, 2, 1)
        self.layer1 = _stage(shape, 0, 64, shortcut)
        self.layer2 = _stage(shape, 1, shape.outer[0], shortcut)
        self.layer3 = _stage(shape, 2, shape.outer[1], shortcut)
        self.layer4 = _stage(shape, 3, shape.outer[2], shortcut)
        self.stage_channels = shape.outer
        self.channels = shape.outer[3]

    def forward(self, clip: Tensor, change: Change = _unchanged) -> Tensor:
        """(B, 3, T, H, W) -> (B, channels, H/32, W/32).

        change gets 0 to 3 and the map that leaves layer 1 to 4, and says what goes on from there.
        """
        return self.features(clip, change).mean(2)

    def features(self, clip: Tensor, change: Change = _unchanged) -> Tensor:
        """(B, 3, T, H, W) -> (B, channels, T/16, H/32, W/32)."""
        x: Tensor = self.pool(self.stem(clip))
        for number, layer in enumerate((self.layer1, self.layer2, self.layer3, self.layer4)):
            x = change(number, layer(x))
        return x


def _stage(shape: Stages, stage: int, inputs: int, shortcut: Shortcut) -> nn.Sequential:
    blocks = [Block(shape, stage, inputs, 1 if stage == 0 else 2, shortcut)]
    blocks += [
        Block(shape, stage, shape.outer[stage], 1, shortcut)
        for _ in range(shape.repeats[stage] - 1)
    ]
    return nn.Sequential(*blocks)


class ResNet(StagedNetwork):
    """3D ResNet of depth 18, 34, 50 or 101; `channels` is 512, 512, 2048 or 2048.

    Where a block changes its input's shape, shortcut A pads it with zeros and B convolves it.
    YOWO's ResNet-18 has A, as the Kinetics weights of depths 18 and 34; all others have B.
    """

    def __init__(self, depth: int, shortcut: Shortcut = "B") -> None:
        super().__init__(DEPTHS[depth], shortcut)


OFFICIAL_KEYS: tuple[tuple[str, str], ...] = (
    (r"^conv1\.", "stem.0."),
    (r"^bn1\.", "stem.1."),
    (r"\.conv1\.", ".main.0."),
    (r"\.bn1\.", ".main.1."),
    (r"\.conv2\.", ".main.3."),
    (r"\.bn2\.", ".main.4."),
    (r"\.conv3\.", ".main.6."),
    (r"\.bn3\.", ".main.7."),
    (r"\.downsample\.", ".shortcut."),
)
"""Renames that turn a key of the official 3D checkpoints into ours, applied in this order."""
