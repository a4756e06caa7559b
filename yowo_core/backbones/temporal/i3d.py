"""I3D, Inception-v1 inflated to 3D (Quo Vadis, Carreira and Zisserman 2017), up to Mixed_5c."""

from collections import OrderedDict
from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional

from yowo_core.backbones.temporal.network import TemporalNetwork

Triple = tuple[int, int, int]

MIXED: dict[str, tuple[int, int, int, int, int, int]] = {
    "3b": (64, 96, 128, 16, 32, 32),
    "3c": (128, 128, 192, 32, 96, 64),
    "4b": (192, 96, 208, 16, 48, 64),
    "4c": (160, 112, 224, 24, 64, 64),
    "4d": (128, 128, 256, 24, 64, 64),
    "4e": (112, 144, 288, 32, 64, 64),
    "4f": (256, 160, 320, 32, 128, 128),
    "5b": (256, 160, 320, 32, 128, 128),
    "5c": (384, 192, 384, 48, 128, 128),
}
"""Channels of a block: 1x1x1 | 1x1x1 then 3x3x3 | 1x1x1 then 3x3x3 | pool then 1x1x1."""


def same_padding(size: int, kernel: int, stride: int) -> tuple[int, int]:
    """Zeros before and after `size` values for ceil(size / stride) results, the odd one after."""
    missing = max(kernel - (size % stride or stride), 0)
    return missing // 2, missing - missing // 2


class SamePad(nn.Module):
    """Zeros around a map, as many as kernel and stride ask of its size ("same" of TensorFlow)."""

    def __init__(self, kernel: Triple, stride: Triple) -> None:
        super().__init__()
        self.kernel, self.stride = kernel, stride

    def forward(self, x: Tensor) -> Tensor:
        """(B, C, T, H, W) -> the same with larger T, H, W."""
        pads: list[int] = []
        for size, kernel, stride in zip(x.shape[2:], self.kernel, self.stride, strict=True):
            pads = [*same_padding(size, kernel, stride), *pads]  # `pad` wants the last axis first
        return functional.pad(x, pads)


def _pool(kernel: Triple, stride: Triple) -> nn.Sequential:
    return nn.Sequential(SamePad(kernel, stride), nn.MaxPool3d(kernel, stride))


class ConvUnit(nn.Module):
    """Convolution without bias, padded to the same size, normalisation (eps 1e-3), ReLU."""

    def __init__(self, inputs: int, outputs: int, kernel: int = 1, stride: int = 1) -> None:
        super().__init__()
        # at stride 1 an odd kernel asks for equal sides, which the convolution pads by itself
        even = stride == 1
        self.pad = nn.Identity() if even else SamePad((kernel,) * 3, (stride,) * 3)
        inside = kernel // 2 if even else 0
        self.conv = nn.Conv3d(inputs, outputs, kernel, stride, inside, bias=False)
        self.norm = nn.BatchNorm3d(outputs, eps=1e-3, momentum=0.01)

    def forward(self, x: Tensor) -> Tensor:
        """(B, inputs, T, H, W) -> (B, outputs, T / stride, H / stride, W / stride)."""
        return functional.relu(self.norm(self.conv(self.pad(x))), inplace=True)


class Mixed(nn.Module):
    """Inception block: four branches side by side, concatenated."""

    def __init__(self, inputs: int, widths: Sequence[int]) -> None:
        super().__init__()
        plain, in1, out1, in2, out2, pooled = widths
        self.branches = nn.ModuleList(
            (
                nn.Sequential(ConvUnit(inputs, plain)),
                nn.Sequential(ConvUnit(inputs, in1), ConvUnit(in1, out1, 3)),
                nn.Sequential(ConvUnit(inputs, in2), ConvUnit(in2, out2, 3)),
                nn.Sequential(nn.MaxPool3d(3, 1, 1), ConvUnit(inputs, pooled)),
            )
        )
        self.channels = plain + out1 + out2 + pooled

    def forward(self, x: Tensor) -> Tensor:
        """(B, inputs, T, H, W) -> (B, channels, T, H, W)."""
        return torch.cat([branch(x) for branch in self.branches], 1)


class I3D(TemporalNetwork):
    """8 frames leave one step of time, 16 leave two. `channels` is 1024."""

    def __init__(self) -> None:
        super().__init__()
        layers: OrderedDict[str, nn.Module] = OrderedDict()
        layers["conv1a"] = ConvUnit(3, 64, 7, 2)
        layers["pool2a"] = _pool((1, 3, 3), (1, 2, 2))
        layers["conv2b"] = ConvUnit(64, 64)
        layers["conv2c"] = ConvUnit(64, 192, 3)
        layers["pool3a"] = _pool((1, 3, 3), (1, 2, 2))
        inputs = 192
        for name, widths in MIXED.items():
            if name == "4b":
                layers["pool4a"] = _pool((3, 3, 3), (2, 2, 2))
            if name == "5b":
                layers["pool5a"] = _pool((2, 2, 2), (2, 2, 2))
            block = Mixed(inputs, widths)
            layers[f"mixed{name}"], inputs = block, block.channels
        self.layers = nn.Sequential(layers)
        self.channels = inputs

    def features(self, clip: Tensor) -> Tensor:
        """(B, 3, T, H, W) -> (B, 1024, T/8, H/32, W/32)."""
        out: Tensor = self.layers(clip)
        return out


OFFICIAL_KEYS: tuple[tuple[str, str], ...] = (
    (r"^Conv3d_(1a|2b|2c)_\dx\d\.", r"layers.conv\1."),
    (r"^Mixed_(\d\w)\.", r"layers.mixed\1."),
    (r"\.b0\.", ".branches.0.0."),
    (r"\.b([12])a\.", r".branches.\1.0."),
    (r"\.b([123])b\.", r".branches.\1.1."),
    (r"\.conv3d\.", ".conv."),
    (r"\.bn\.", ".norm."),
)
"""Renames that turn a key of the official 3D checkpoints into ours, applied in this order."""
