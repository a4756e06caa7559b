"""3D MobileNetV2 (Resource Efficient 3D CNNs, Koepueklue et al. 2019) for clips."""

from torch import Tensor, nn

from yowo_core.backbones.temporal.layers import depthwise, pointwise, stem
from yowo_core.backbones.temporal.network import TemporalNetwork

STEM_WIDTH = 32
LAST_WIDTH = 1280
STAGES = (
    (1, 16, 1, 1),
    (6, 24, 2, 2),
    (6, 32, 3, 2),
    (6, 64, 4, 2),
    (6, 96, 3, 1),
    (6, 160, 3, 2),
    (6, 320, 1, 1),
)
"""Expansion, channels at width 1, blocks, and stride (all three axes) of the first of them."""

ACTIVATIONS: dict[str, type[nn.Module]] = {"relu6": nn.ReLU6, "silu": nn.SiLU}


class InvertedResidual(nn.Module):
    """Widen, filter each channel, narrow without activation; added to an input of its shape."""

    def __init__(
        self, inputs: int, outputs: int, stride: int, expansion: int, activation: type[nn.Module]
    ) -> None:
        super().__init__()
        inner = inputs * expansion
        self.adds = stride == 1 and inputs == outputs
        widen = pointwise(inputs, inner, activation=activation) if expansion > 1 else []
        self.main = nn.Sequential(
            *widen,
            *depthwise(inner, stride, activation=activation),
            *pointwise(inner, outputs, activation=None),
        )

    def forward(self, x: Tensor) -> Tensor:
        """(B, inputs, T, H, W) -> (B, outputs, T / stride, H / stride, W / stride)."""
        out: Tensor = self.main(x)
        return x + out if self.adds else out


class MobileNetV2(TemporalNetwork):
    """16 frames leave one step of time, longer clips more. `channels` is 1280 at every width.

    `activation` is "relu6" in the paper and in YOWO, "silu" in YOWOv3.
    """

    channels = LAST_WIDTH

    def __init__(self, width: float, activation: str = "silu") -> None:
        super().__init__()
        act = ACTIVATIONS[activation]
        inputs = int(STEM_WIDTH * width)
        self.stem = stem(inputs, act)
        blocks: list[nn.Module] = []
        for expansion, wide, repeats, first_stride in STAGES:
            outputs = int(wide * width)
            for index in range(repeats):
                stride = first_stride if index == 0 else 1
                blocks.append(InvertedResidual(inputs, outputs, stride, expansion, act))
                inputs = outputs
        self.blocks = nn.Sequential(*blocks)
        self.last = nn.Sequential(*pointwise(inputs, LAST_WIDTH, activation=act))

    def features(self, clip: Tensor) -> Tensor:
        """(B, 3, T, H, W) -> (B, 1280, T/16, H/32, W/32)."""
        out: Tensor = self.last(self.blocks(self.stem(clip)))
        return out


OFFICIAL_KEYS: tuple[tuple[str, str], ...] = (
    (r"^features\.0\.", "stem."),
    (r"^features\.18\.", "last."),
    *((rf"^features\.{index + 1}\.conv\.", f"blocks.{index}.main.") for index in range(17)),
)
"""Renames that turn a key of the official 3D checkpoints into ours, applied in this order."""
