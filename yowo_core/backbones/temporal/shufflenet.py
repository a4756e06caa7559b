"""3D ShuffleNet with three groups (Resource Efficient 3D CNNs, Koepueklue et al. 2019)."""

import torch
from torch import Tensor, nn
from torch.nn import functional

from yowo_core.backbones.temporal.layers import depthwise, pointwise, shuffle, stem
from yowo_core.backbones.temporal.network import TemporalNetwork

GROUPS = 3
STEM_WIDTH = 24
STAGE_WIDTHS = (240, 480, 960)
STAGE_REPEATS = (4, 8, 4)


class Unit(nn.Module):
    """Grouped 1x1x1 convolutions around a depth-wise one, with the channels shuffled between.

    With stride 1 the input is added, with stride 2 its average is put behind the result. An
    entry of 24 channels (width 1) is not grouped, others are, as in the published weights.
    """

    def __init__(self, inputs: int, outputs: int, stride: int) -> None:
        super().__init__()
        inner = outputs // 4
        self.adds = stride == 1
        entry_groups = 1 if inputs == STEM_WIDTH else GROUPS
        self.squeeze = nn.Sequential(*pointwise(inputs, inner, groups=entry_groups))
        self.depth = nn.Sequential(*depthwise(inner, stride))
        made = outputs if self.adds else outputs - inputs
        self.expand = nn.Sequential(*pointwise(inner, made, activation=None, groups=GROUPS))

    def forward(self, x: Tensor) -> Tensor:
        """(B, inputs, T, H, W) -> (B, outputs, T / stride, H / stride, W / stride)."""
        made: Tensor = self.expand(self.depth(shuffle(self.squeeze(x), GROUPS)))
        out = x + made if self.adds else torch.cat((made, halved(x)), 1)
        return functional.relu(out, inplace=True)


def halved(x: Tensor) -> Tensor:
    """Average over 2x3x3 at every second place: (B, C, T, H, W) -> (B, C, T/2, H/2, W/2).

    An odd last step in time, which the published network cannot take, is averaged with itself.
    """
    if x.shape[2] % 2:
        x = torch.cat((x, x[:, :, -1:]), 2)
    return functional.avg_pool3d(x, (2, 3, 3), 2, (0, 1, 1))


class ShuffleNet(TemporalNetwork):
    """16 frames leave one step of time, longer clips more. `channels` is 960 x width."""

    def __init__(self, width: float) -> None:
        super().__init__()
        inputs = int(STEM_WIDTH * width)
        self.stem = stem(inputs)
        self.pool = nn.MaxPool3d(3, 2, 1)
        stages: list[nn.Module] = []
        for wide, repeats in zip(STAGE_WIDTHS, STAGE_REPEATS, strict=True):
            outputs = int(wide * width)
            units = [Unit(inputs, outputs, 2)]
            units += [Unit(outputs, outputs, 1) for _ in range(repeats - 1)]
            stages.append(nn.Sequential(*units))
            inputs = outputs
        self.stages = nn.Sequential(*stages)
        self.channels = inputs

    def features(self, clip: Tensor) -> Tensor:
        """(B, 3, T, H, W) -> (B, channels, T/16, H/32, W/32)."""
        out: Tensor = self.stages(self.pool(self.stem(clip)))
        return out


OFFICIAL_KEYS: tuple[tuple[str, str], ...] = (
    (r"^conv1\.", "stem."),
    (r"^layer1\.", "stages.0."),
    (r"^layer2\.", "stages.1."),
    (r"^layer3\.", "stages.2."),
    (r"\.conv1\.", ".squeeze.0."),
    (r"\.bn1\.", ".squeeze.1."),
    (r"\.conv2\.", ".depth.0."),
    (r"\.bn2\.", ".depth.1."),
    (r"\.conv3\.", ".expand.0."),
    (r"\.bn3\.", ".expand.1."),
)
"""Renames that turn a key of the official 3D checkpoints into ours, applied in this order."""
