"""The convolution blocks that 2D networks are made of."""

from collections.abc import Callable

from torch import Tensor, nn

Act = Callable[[], nn.Module]
"""Makes a fresh activation."""


def silu() -> nn.Module:
    """The activation of YOLOv8-style networks."""
    return nn.SiLU(inplace=True)


def leaky() -> nn.Module:
    """The activation of darknet-style networks: slope 0.1 below zero."""
    return nn.LeakyReLU(0.1, inplace=True)


def relu() -> nn.Module:
    """The activation of the first YOWO's fusion."""
    return nn.ReLU(inplace=True)


class ConvNormAct(nn.Module):
    """2D convolution without bias, batch normalisation (eps 1e-3, momentum 0.03), SiLU or `act`."""

    def __init__(
        self, inputs: int, outputs: int, kernel: int = 1, stride: int = 1, *, act: Act = silu
    ) -> None:
        super().__init__()
        self.conv = nn.Conv2d(inputs, outputs, kernel, stride, kernel // 2, bias=False)
        self.norm = nn.BatchNorm2d(outputs, eps=1e-3, momentum=0.03)
        self.act = act()

    def forward(self, x: Tensor) -> Tensor:
        """(B, inputs, H, W) -> (B, outputs, H / stride, W / stride)."""
        out: Tensor = self.act(self.norm(self.conv(x)))
        return out


class DarknetConv(nn.Module):
    """2D convolution, batch normalisation (eps 1e-5, momentum 0.1), LeakyReLU 0.1.

    `biased` gives the convolution a bias although a normalisation follows: it changes nothing
    that could be learnt, but some published weights have it.
    """

    def __init__(
        self,
        inputs: int,
        outputs: int,
        kernel: int,
        stride: int = 1,
        *,
        biased: bool = False,
        act: Act = leaky,
    ) -> None:
        super().__init__()
        self.conv = nn.Conv2d(inputs, outputs, kernel, stride, kernel // 2, bias=biased)
        self.norm = nn.BatchNorm2d(outputs)
        self.act = act()

    def forward(self, x: Tensor) -> Tensor:
        """(B, inputs, H, W) -> (B, outputs, H / stride, W / stride)."""
        out: Tensor = self.act(self.norm(self.conv(x)))
        return out
