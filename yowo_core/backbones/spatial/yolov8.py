"""YOLOv8 without its detection layer: three feature maps of one picture (YOWOv3, section 3.2)."""

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from yowo_core.backbones.layers import ConvNormAct


@dataclass(frozen=True)
class YOLOv8Size:
    """Channels of the five stages and repeats of their blocks."""

    widths: tuple[int, int, int, int, int]
    depths: tuple[int, int, int]


SIZES = {
    "n": YOLOv8Size((16, 32, 64, 128, 256), (1, 2, 2)),
    "s": YOLOv8Size((32, 64, 128, 256, 512), (1, 2, 2)),
    "m": YOLOv8Size((48, 96, 192, 384, 576), (2, 4, 4)),
    "l": YOLOv8Size((64, 128, 256, 512, 512), (3, 6, 6)),
    "x": YOLOv8Size((80, 160, 320, 640, 640), (3, 6, 6)),
}


class Bottleneck(nn.Module):
    """Two 3x3 convolutions, with the input added where the network calls for it."""

    def __init__(self, channels: int, *, residual: bool) -> None:
        super().__init__()
        self.convs = nn.Sequential(
            ConvNormAct(channels, channels, 3), ConvNormAct(channels, channels, 3)
        )
        self.residual = residual

    def forward(self, x: Tensor) -> Tensor:
        """(B, C, H, W) -> the same shape."""
        out: Tensor = self.convs(x)
        return x + out if self.residual else out


class C2f(nn.Module):
    """Cross-stage block: two halves, one refined step by step, all steps concatenated."""

    def __init__(self, inputs: int, outputs: int, repeats: int, *, residual: bool) -> None:
        super().__init__()
        half = outputs // 2
        self.keep = ConvNormAct(inputs, half)
        self.refine = ConvNormAct(inputs, half)
        self.steps = nn.ModuleList(Bottleneck(half, residual=residual) for _ in range(repeats))
        self.merge = ConvNormAct((2 + repeats) * half, outputs)

    def forward(self, x: Tensor) -> Tensor:
        """(B, inputs, H, W) -> (B, outputs, H, W)."""
        parts = [self.keep(x), self.refine(x)]
        for step in self.steps:
            parts.append(step(parts[-1]))
        out: Tensor = self.merge(torch.cat(parts, 1))
        return out


class SPPF(nn.Module):
    """Spatial pyramid pooling: three 5x5 max pools in a row, concatenated."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.squeeze = ConvNormAct(channels, channels // 2)
        self.expand = ConvNormAct(channels * 2, channels)
        self.pool = nn.MaxPool2d(5, 1, 2)

    def forward(self, x: Tensor) -> Tensor:
        """(B, C, H, W) -> the same shape."""
        parts = [self.squeeze(x)]
        for _ in range(3):
            parts.append(self.pool(parts[-1]))
        out: Tensor = self.expand(torch.cat(parts, 1))
        return out


class TopDown(nn.Module):
    """Backbone and the way back up of the neck, which every YOLOv8 here begins with.

    Input sides must be multiples of 32.
    """

    def __init__(self, size: str) -> None:
        super().__init__()
        (w1, w2, w3, w4, w5), (d1, d2, d3) = SIZES[size].widths, SIZES[size].depths
        self.stage1 = ConvNormAct(3, w1, 3, 2)
        self.stage2 = nn.Sequential(ConvNormAct(w1, w2, 3, 2), C2f(w2, w2, d1, residual=True))
        self.stage3 = nn.Sequential(ConvNormAct(w2, w3, 3, 2), C2f(w3, w3, d2, residual=True))
        self.stage4 = nn.Sequential(ConvNormAct(w3, w4, 3, 2), C2f(w4, w4, d3, residual=True))
        self.stage5 = nn.Sequential(
            ConvNormAct(w4, w5, 3, 2), C2f(w5, w5, d1, residual=True), SPPF(w5)
        )
        self.up = nn.Upsample(scale_factor=2.0, mode="nearest")
        self.top_down4 = C2f(w4 + w5, w4, d1, residual=False)
        self.top_down3 = C2f(w3 + w4, w3, d1, residual=False)

    def up_to_8(self, picture: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """(B, 3, H, W) -> the backbone's maps at strides 4 and 32, the neck's at 8 and 16."""
        p2 = self.stage2(self.stage1(picture))
        p3 = self.stage3(p2)
        p4 = self.stage4(p3)
        p5 = self.stage5(p4)
        n4 = self.top_down4(torch.cat((self.up(p5), p4), 1))
        n3 = self.top_down3(torch.cat((self.up(n4), p3), 1))
        return p2, p5, n3, n4


class YOLOv8(TopDown):
    """Backbone and path-aggregation neck; forward gives maps at strides 8, 16 and 32.

    Input sides must be multiples of 32. `channels` are those of the three maps.
    """

    def __init__(self, size: str) -> None:
        super().__init__(size)
        (_, _, w3, w4, w5), (d1, _, _) = SIZES[size].widths, SIZES[size].depths
        self.down3 = ConvNormAct(w3, w3, 3, 2)
        self.bottom_up4 = C2f(w3 + w4, w4, d1, residual=False)
        self.down4 = ConvNormAct(w4, w4, 3, 2)
        self.bottom_up5 = C2f(w4 + w5, w5, d1, residual=False)
        self.channels = (w3, w4, w5)

    def forward(self, picture: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """(B, 3, H, W) -> (B, w3, H/8, W/8), (B, w4, H/16, W/16), (B, w5, H/32, W/32)."""
        _, p5, n3, n4 = self.up_to_8(picture)
        m4 = self.bottom_up4(torch.cat((self.down3(n3), n4), 1))
        m5 = self.bottom_up5(torch.cat((self.down4(m4), p5), 1))
        return n3, m4, m5


class FineYOLOv8(TopDown):
    """YOLOv8 whose neck goes on up to stride 4 instead of down again: one fine map.

    What it shares with YOLOv8 has the same names. `channels` are those of the map.
    """

    def __init__(self, size: str) -> None:
        super().__init__(size)
        (_, w2, w3, _, _), (d1, _, _) = SIZES[size].widths, SIZES[size].depths
        self.top_down2 = C2f(w2 + w3, w2, d1, residual=False)
        self.channels = w2

    def forward(self, picture: Tensor) -> Tensor:
        """(B, 3, H, W) -> (B, w2, H/4, W/4)."""
        p2, _, n3, _ = self.up_to_8(picture)
        out: Tensor = self.top_down2(torch.cat((self.up(n3), p2), 1))
        return out


OFFICIAL_KEYS: tuple[tuple[str, str], ...] = (
    (r"^net\.p1\.0\.", "stage1."),
    (r"^net\.p([2-5])\.", r"stage\1."),
    (r"^fpn\.h1\.", "top_down4."),
    (r"^fpn\.h2\.", "top_down3."),
    (r"^fpn\.h3\.", "down3."),
    (r"^fpn\.h4\.", "bottom_up4."),
    (r"^fpn\.h5\.", "down4."),
    (r"^fpn\.h6\.", "bottom_up5."),
    (r"^stage5\.2\.conv1\.", "stage5.2.squeeze."),
    (r"^stage5\.2\.conv2\.", "stage5.2.expand."),
    (r"\.conv1\.(conv|norm)\.", r".keep.\1."),
    (r"\.conv2\.(conv|norm)\.", r".refine.\1."),
    (r"\.conv3\.(conv|norm)\.", r".merge.\1."),
    (r"\.res_m\.(\d+)\.res_m\.(\d+)\.", r".steps.\1.convs.\2."),
)
"""Renames that turn a key of the official 2D checkpoints into ours, applied in this order."""
