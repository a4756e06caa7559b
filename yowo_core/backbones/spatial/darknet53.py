"""Darknet-53, the backbone of YOLOv3 (Redmon and Farhadi 2018)."""

from torch import Tensor, nn

from yowo_core.backbones.layers import DarknetConv

STAGES: tuple[tuple[int, int], ...] = ((64, 1), (128, 2), (256, 8), (512, 8), (1024, 4))
"""Channels and residual blocks of the five stages; each halves the picture first."""


class Residual(nn.Module):
    """A 1x1 convolution to half the channels and a 3x3 back, added to the input."""

    def __init__(self, channels: int, *, biased: bool) -> None:
        super().__init__()
        self.squeeze = DarknetConv(channels, channels // 2, 1, biased=biased)
        self.expand = DarknetConv(channels // 2, channels, 3, biased=biased)

    def forward(self, x: Tensor) -> Tensor:
        """(B, C, H, W) -> the same shape."""
        out: Tensor = x + self.expand(self.squeeze(x))
        return out


class Darknet53(nn.Module):
    """Picture -> maps at strides 8, 16 and 32 with 256, 512 and 1024 channels.

    Input sides must be multiples of 32. `biased` builds convolutions with a bias, as in the
    YOLOv3 weights that were published with YOWO-Plus.
    """

    def __init__(self, *, biased: bool = False) -> None:
        super().__init__()
        self.stem = DarknetConv(3, 32, 3, biased=biased)
        self.stages = nn.ModuleList()
        inputs = 32
        for outputs, repeats in STAGES:
            halve = DarknetConv(inputs, outputs, 3, 2, biased=biased)
            blocks = (Residual(outputs, biased=biased) for _ in range(repeats))
            self.stages.append(nn.Sequential(halve, *blocks))
            inputs = outputs
        self.channels = (256, 512, 1024)

    def forward(self, picture: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """(B, 3, H, W) -> (B, 256, H/8, W/8), (B, 512, H/16, W/16), (B, 1024, H/32, W/32)."""
        fine = self.stages[2](self.stages[1](self.stages[0](self.stem(picture))))
        middle = self.stages[3](fine)
        return fine, middle, self.stages[4](middle)


def _stage(number: int) -> tuple[tuple[str, str], ...]:
    """Renames of a stage; the first official one also holds the stem."""
    official, shift = rf"^backbone\.layer_{number + 1}\.", int(number == 0)
    ours = f"stages.{number}."
    blocks = (
        (rf"{official}{1 + shift}\.module_list\.{block}\.", f"{ours}{block + 1}.")
        for block in range(STAGES[number][1])
    )
    return ((rf"{official}{shift}\.convs", f"{ours}0.convs"), *blocks)


OFFICIAL_KEYS: tuple[tuple[str, str], ...] = (
    (r"^backbone\.layer_1\.0\.", "stem."),
    *(rename for number in range(len(STAGES)) for rename in _stage(number)),
    (r"^(stages\.\d\.[1-9])\.0\.", r"\1.squeeze."),
    (r"^(stages\.\d\.[1-9])\.1\.", r"\1.expand."),
    (r"\.convs\.0\.", ".conv."),
    (r"\.convs\.1\.", ".norm."),
)
"""Renames that turn a `backbone.` key of a published YOLOv3 into ours, applied in this order."""
