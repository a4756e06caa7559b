"""Rows of layers that several 3D backbones are made of."""

from torch import Tensor, nn


def stem(outputs: int, activation: type[nn.Module] = nn.ReLU) -> nn.Sequential:
    """First layer of the light networks: 3x3x3 convolution that halves the picture, not time."""
    return nn.Sequential(
        nn.Conv3d(3, outputs, 3, (1, 2, 2), 1, bias=False),
        nn.BatchNorm3d(outputs),
        activation(inplace=True),
    )


def pointwise(
    inputs: int, outputs: int, *, activation: type[nn.Module] | None = nn.ReLU, groups: int = 1
) -> list[nn.Module]:
    """1x1x1 convolution, normalisation and, unless None, activation."""
    layers = [
        nn.Conv3d(inputs, outputs, 1, groups=groups, bias=False),
        nn.BatchNorm3d(outputs),
    ]
    return layers if activation is None else [*layers, activation(inplace=True)]


def depthwise(
    channels: int, stride: int, *, activation: type[nn.Module] | None = None
) -> list[nn.Module]:
    """3x3x3 convolution of each channel for itself, normalisation and, if given, activation."""
    layers = [
        nn.Conv3d(channels, channels, 3, stride, 1, groups=channels, bias=False),
        nn.BatchNorm3d(channels),
    ]
    return layers if activation is None else [*layers, activation(inplace=True)]


def shuffle(x: Tensor, groups: int) -> Tensor:
    """Interleave groups of channels: (B, C, T, H, W) -> the same shape."""
    batch, channels, *rest = x.shape
    apart = x.view(batch, groups, channels // groups, *rest)
    return apart.transpose(1, 2).reshape(batch, channels, *rest)
