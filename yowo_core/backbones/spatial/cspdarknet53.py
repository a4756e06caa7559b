"""CSPDarknet-53, the backbone of YOLOv4 (Bochkovskiy et al. 2020), with Mish throughout."""

import torch
from torch import Tensor, nn

from yowo_core.backbones.layers import DarknetConv

STAGES: tuple[tuple[int, int], ...] = ((64, 1), (128, 2), (256, 8), (512, 8), (1024, 4))
"""Channels and residual blocks of the five stages; each halves the picture first."""


def _mish() -> nn.Module:
    return nn.Mish(inplace=True)


def _conv(inputs: int, outputs: int, kernel: int = 1, stride: int = 1) -> DarknetConv:
    return DarknetConv(inputs, outputs, kernel, stride, act=_mish)


class Residual(nn.Module):
    """A 1x1 and a 3x3 convolution, added to the input."""

    def __init__(self, channels: int, inner: int) -> None:
        super().__init__()
        self.convs = nn.Sequential(_conv(channels, inner), _conv(inner, channels, 3))

    def forward(self, x: Tensor) -> Tensor:
        """(B, C, H, W) -> the same shape."""
        out: Tensor = x + self.convs(x)
        return out


class Stage(nn.Module):
    """Halve the picture, send one part past the residual blocks, join both (cross stage partial).

    Each part has half of the stage's channels, in the first stage all of them.
    """

    def __init__(self, inputs: int, outputs: int, repeats: int, *, first: bool) -> None:
        super().__init__()
        part = outputs if first else outputs // 2
        inner = outputs // 2
        self.halve = _conv(inputs, outputs, 3, 2)
        self.keep = _conv(outputs, part)
        self.enter = _conv(outputs, part)
        self.blocks = nn.Sequential(*(Residual(part, inner) for _ in range(repeats)))
        self.leave = _conv(part, part)
        self.merge = _conv(2 * part, outputs)

    def forward(self, x: Tensor) -> Tensor:
        """(B, inputs, H, W) -> (B, outputs, H/2, W/2)."""
        x = self.halve(x)
        worked = self.leave(self.blocks(self.enter(x)))
        out: Tensor = self.merge(torch.cat((worked, self.keep(x)), 1))
        return out


class CSPDarknet53(nn.Module):
    """Picture -> maps at strides 8, 16 and 32 with 256, 512 and 1024 channels.

    Input sides must be multiples of 32. Modules stand in the order of darknet's weights file.
    """

    def __init__(self) -> None:
        super().__init__()
        self.stem = _conv(3, 32, 3)
        widths = (32, *(outputs for outputs, _ in STAGES))
        self.stages = nn.ModuleList(
            Stage(widths[i], outputs, repeats, first=i == 0)
            for i, (outputs, repeats) in enumerate(STAGES)
        )
        self.channels = (256, 512, 1024)

    def forward(self, picture: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """(B, 3, H, W) -> (B, 256, H/8, W/8), (B, 512, H/16, W/16), (B, 1024, H/32, W/32)."""
        fine = self.stages[2](self.stages[1](self.stages[0](self.stem(picture))))
        middle = self.stages[3](fine)
        return fine, middle, self.stages[4](middle)
