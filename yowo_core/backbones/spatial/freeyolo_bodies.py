"""FreeYOLO's backbones: ShuffleNetV2 for nano, ELAN networks for tiny and large."""

from collections.abc import Iterable

import torch
from torch import Tensor, nn

from yowo_core.backbones.layers import silu
from yowo_core.backbones.spatial.freeyolo_blocks import Downsample, Style, body_elan


def _norm(channels: int) -> nn.Module:
    return nn.BatchNorm2d(channels, eps=1e-3, momentum=0.03)


def _pointwise(inputs: int, outputs: int) -> list[nn.Module]:
    return [nn.Conv2d(inputs, outputs, 1, bias=False), _norm(outputs), nn.ReLU(inplace=True)]


def _depthwise(channels: int, stride: int) -> list[nn.Module]:
    conv = nn.Conv2d(channels, channels, 3, stride, 1, groups=channels, bias=False)
    return [conv, _norm(channels)]


class ShuffleUnit(nn.Module):
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
        """(B, inputs, H, W) -> (B, outputs, H / stride, W / stride), halves interleaved."""
        kept, worked = x.chunk(2, 1) if self.split else (x, x)
        out = torch.stack((self.shortcut(kept), self.main(worked)), 2)
        return out.flatten(1, 2)


class ShuffleBody(nn.Module):
    """ShuffleNetV2 of width 1: maps at strides 8, 16 and 32 with 116, 232 and 464 channels."""

    channels = (116, 232, 464)

    def __init__(self) -> None:
        super().__init__()
        self.stem = nn.Sequential(
            nn.Conv2d(3, 24, 3, 2, 1, bias=False), _norm(24), nn.ReLU(inplace=True)
        )
        self.pool = nn.MaxPool2d(3, 2, 1)
        inputs = (24, *self.channels)
        rows = zip(inputs, self.channels, (4, 8, 4), strict=False)
        self.stage2, self.stage3, self.stage4 = (
            nn.Sequential(*(ShuffleUnit(b if i else a, b, 1 if i else 2) for i in range(repeats)))
            for a, b, repeats in rows
        )

    def forward(self, picture: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """(B, 3, H, W) -> the maps at strides 8, 16, 32."""
        fine = self.stage2(self.pool(self.stem(picture)))
        middle = self.stage3(fine)
        return fine, middle, self.stage4(middle)


class ElanBody(nn.Module):
    """Five stages, each halves the map; the last three give the result."""

    def __init__(self, stages: Iterable[nn.Module], channels: tuple[int, int, int]) -> None:
        super().__init__()
        self.stage1, self.stage2, self.stage3, self.stage4, self.stage5 = stages
        self.channels = channels

    def forward(self, picture: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """(B, 3, H, W) -> the maps at strides 8, 16, 32."""
        fine = self.stage3(self.stage2(self.stage1(picture)))
        middle = self.stage4(fine)
        return fine, middle, self.stage5(middle)


def tiny_body(style: Style) -> ElanBody:
    """One convolution a step, plain max pools between the stages."""
    stages = [
        style.halve(3, 32),
        nn.Sequential(style.halve(32, 64), body_elan(64, 32, 64, 1, style)),
    ]
    for inputs, outputs in ((64, 128), (128, 256), (256, 512)):
        block = body_elan(inputs, inputs // 2, outputs, 1, style)
        stages.append(nn.Sequential(nn.MaxPool2d(2, 2), block))
    return ElanBody(stages, (128, 256, 512))


def large_body() -> ElanBody:
    """Two convolutions a step, pools and strided convolutions side by side."""
    style = Style(silu)
    stem = nn.Sequential(style.spread(3, 32), style.halve(32, 64), style.spread(64, 64))
    stages = [stem, nn.Sequential(style.halve(64, 128), body_elan(128, 64, 256, 2, style))]
    for inputs, hidden, outputs in ((256, 128, 512), (512, 256, 1024), (1024, 256, 1024)):
        block = body_elan(inputs, hidden, outputs, 2, style)
        stages.append(nn.Sequential(Downsample(inputs, inputs, style), block))
    return ElanBody(stages, (512, 1024, 1024))
