"""3D MobileNet (Resource Efficient 3D CNNs, Koepueklue et al. 2019) for clips."""

from torch import Tensor, nn

from yowo_core.backbones.temporal.layers import depthwise, pointwise, stem
from yowo_core.backbones.temporal.network import TemporalNetwork

STEM_WIDTH = 32
STAGES = ((64, 1, 2), (128, 2, 2), (256, 2, 2), (512, 6, 2), (1024, 2, 1))
"""Channels at width 1, blocks, and stride in time, height and width of the first of them."""


class MobileNet(TemporalNetwork):
    """16 frames leave one step of time, longer clips more. `channels` is 1024 x width."""

    def __init__(self, width: float) -> None:
        super().__init__()
        inputs = int(STEM_WIDTH * width)
        self.stem = stem(inputs)
        blocks: list[nn.Module] = []
        for wide, repeats, first_stride in STAGES:
            outputs = int(wide * width)
            for index in range(repeats):
                stride = first_stride if index == 0 else 1
                steps = depthwise(inputs, stride, activation=nn.ReLU) + pointwise(inputs, outputs)
                blocks.append(nn.Sequential(*steps))
                inputs = outputs
        self.blocks = nn.Sequential(*blocks)
        self.channels = inputs

    def features(self, clip: Tensor) -> Tensor:
        """(B, 3, T, H, W) -> (B, channels, T/16, H/32, W/32)."""
        out: Tensor = self.blocks(self.stem(clip))
        return out


OFFICIAL_KEYS: tuple[tuple[str, str], ...] = (
    (r"^features\.0\.", "stem."),
    *((rf"^features\.{index + 1}\.", f"blocks.{index}.") for index in range(13)),
    (r"\.conv1\.", ".0."),
    (r"\.bn1\.", ".1."),
    (r"\.conv2\.", ".3."),
    (r"\.bn2\.", ".4."),
)
"""Renames that turn a key of the official 3D checkpoints into ours, applied in this order."""
