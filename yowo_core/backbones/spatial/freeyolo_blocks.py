"""The parts that FreeYOLO's three sizes are put together from."""

from collections.abc import Iterable
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from yowo_core.backbones.layers import Act, ConvNormAct, silu


class SeparableConv(nn.Module):
    """A 3x3 convolution of each channel, then a 1x1 over all; both normalised and activated."""

    def __init__(self, inputs: int, outputs: int, act: Act) -> None:
        super().__init__()
        self.conv = nn.Conv2d(inputs, inputs, 3, 1, 1, groups=inputs, bias=False)
        self.norm = nn.BatchNorm2d(inputs, eps=1e-3, momentum=0.03)
        self.mix = nn.Conv2d(inputs, outputs, 1, bias=False)
        self.mix_norm = nn.BatchNorm2d(outputs, eps=1e-3, momentum=0.03)
        self.act = act()

    def forward(self, x: Tensor) -> Tensor:
        """(B, inputs, H, W) -> (B, outputs, H, W)."""
        out: Tensor = self.act(self.mix_norm(self.mix(self.act(self.norm(self.conv(x))))))
        return out


@dataclass(frozen=True)
class Style:
    """How a size builds its convolutions: the activation, and separable 3x3 or full ones."""

    act: Act
    separable: bool = False

    def point(self, inputs: int, outputs: int) -> nn.Module:
        """A 1x1 convolution."""
        return ConvNormAct(inputs, outputs, act=self.act)

    def spread(self, inputs: int, outputs: int) -> nn.Module:
        """A 3x3 convolution."""
        if self.separable:
            return SeparableConv(inputs, outputs, self.act)
        return ConvNormAct(inputs, outputs, 3, act=self.act)

    def halve(self, inputs: int, outputs: int) -> nn.Module:
        """A full 3x3 convolution of stride 2."""
        return ConvNormAct(inputs, outputs, 3, 2, act=self.act)


class Elan(nn.Module):
    """Efficient layer aggregation: two 1x1 views of the input, one of them worked on in steps.

    Both views and the result of every step are concatenated and merged.
    """

    def __init__(
        self, views: tuple[nn.Module, nn.Module], steps: Iterable[nn.Module], merge: nn.Module
    ) -> None:
        super().__init__()
        self.keep, self.refine = views
        self.steps = nn.ModuleList(steps)
        self.merge = merge

    def forward(self, x: Tensor) -> Tensor:
        """(B, inputs, H, W) -> (B, outputs, H, W)."""
        parts = [self.keep(x), self.refine(x)]
        for step in self.steps:
            parts.append(step(parts[-1]))
        out: Tensor = self.merge(torch.cat(parts, 1))
        return out


def body_elan(inputs: int, hidden: int, outputs: int, depth: int, style: Style) -> Elan:
    """The backbone's block: two steps of `depth` convolutions; merged with SiLU in every size."""
    views = style.point(inputs, hidden), style.point(inputs, hidden)
    steps = (nn.Sequential(*(style.spread(hidden, hidden) for _ in range(depth))) for _ in range(2))
    return Elan(views, steps, ConvNormAct(4 * hidden, outputs, act=silu))


@dataclass(frozen=True)
class NeckElan:
    """Proportions of the neck's blocks: hidden channels to inputs, a step's to hidden, steps."""

    hidden: float
    step: float
    steps: int

    def build(self, inputs: int, outputs: int, style: Style) -> Elan:
        """One block; every step is one convolution."""
        hidden = int(inputs * self.hidden)
        width = int(hidden * self.step)
        views = style.point(inputs, hidden), style.point(inputs, hidden)
        steps = [style.spread(width if i else hidden, width) for i in range(self.steps)]
        merge = style.point(2 * hidden + self.steps * width, outputs)
        return Elan(views, steps, merge)


class Downsample(nn.Module):
    """Halve the map twice, by max pool and by a strided convolution, and concatenate both."""

    def __init__(self, inputs: int, outputs: int, style: Style) -> None:
        super().__init__()
        half = outputs // 2
        self.pool = nn.MaxPool2d(2, 2)
        self.pooled = style.point(inputs, half)
        self.strided = nn.Sequential(style.point(inputs, half), style.halve(half, half))

    def forward(self, x: Tensor) -> Tensor:
        """(B, inputs, H, W) -> (B, outputs, H/2, W/2)."""
        return torch.cat((self.pooled(self.pool(x)), self.strided(x)), 1)


class SPPF(nn.Module):
    """Three 5x5 max pools in a row between two convolutions, all steps concatenated."""

    def __init__(self, squeeze: nn.Module, expand: nn.Module) -> None:
        super().__init__()
        self.squeeze, self.expand = squeeze, expand
        self.pool = nn.MaxPool2d(5, 1, 2)

    def forward(self, x: Tensor) -> Tensor:
        """(B, inputs, H, W) -> (B, outputs, H, W), as the two convolutions have them."""
        parts = [self.squeeze(x)]
        for _ in range(3):
            parts.append(self.pool(parts[-1]))
        out: Tensor = self.expand(torch.cat(parts, 1))
        return out


def plain_sppf(inputs: int, outputs: int) -> SPPF:
    """The nano size's pooling: convolutions with a bias, not normalised, not activated."""
    hidden = inputs // 2
    return SPPF(nn.Conv2d(inputs, hidden, 1), nn.Conv2d(4 * hidden, outputs, 1))


class PartialSPPF(nn.Module):
    """Pooling on one of two halves (cross stage partial)."""

    def __init__(self, inputs: int, outputs: int, style: Style) -> None:
        super().__init__()
        hidden = inputs // 2
        self.keep = style.point(inputs, hidden)
        self.refine = style.point(inputs, hidden)
        self.before = style.spread(hidden, hidden)
        self.pyramid = SPPF(style.point(hidden, hidden), style.point(4 * hidden, hidden))
        self.after = style.spread(hidden, hidden)
        self.merge = style.point(2 * hidden, outputs)

    def forward(self, x: Tensor) -> Tensor:
        """(B, inputs, H, W) -> (B, outputs, H, W)."""
        worked = self.after(self.pyramid(self.before(self.refine(x))))
        out: Tensor = self.merge(torch.cat((self.keep(x), worked), 1))
        return out
