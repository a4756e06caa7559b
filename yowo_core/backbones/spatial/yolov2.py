"""YOLOv2 on Darknet-19, up to its 425 COCO outputs, which serve as features (YOWO, 3.1.2)."""

from collections.abc import Callable

import torch
from torch import Tensor, nn

from yowo_core.backbones.layers import DarknetConv

STAGES: tuple[tuple[int, ...], ...] = (
    (32,),
    (64,),
    (128, 64, 128),
    (256, 128, 256),
    (512, 256, 512, 256, 512),
    (1024, 512, 1024, 512, 1024),
)
"""Output channels of Darknet-19's convolutions; a 2x2 max pool stands between two stages.

In a stage convolutions of 3x3 and 1x1 take turns.
"""


def space_to_depth(x: Tensor) -> Tensor:
    """(B, C, H, W) -> (B, 4C, H/2, W/2): each 2x2 cell becomes channels, cell position first.

    Output channel p * C + c holds position p (row by row) of input channel c. pixel_unshuffle
    counts the other way round.
    """
    batch, channels, height, width = x.shape
    cells = x.view(batch, channels, height // 2, 2, width // 2, 2)
    return cells.permute(0, 3, 5, 1, 2, 4).reshape(batch, 4 * channels, height // 2, width // 2)


def _ignore(_map: Tensor) -> None:
    pass


class YOLOv2(nn.Module):
    """Picture (B, 3, H, W) -> (B, 425, H/32, W/32); input sides must be multiples of 32.

    `biased` builds the network of YOWO-Plus and YOWO-Nano, whose convolutions keep a bias.
    """

    def __init__(self, *, biased: bool = False) -> None:
        super().__init__()

        def conv(inputs: int, outputs: int, kernel: int = 3) -> DarknetConv:
            return DarknetConv(inputs, outputs, kernel, biased=biased)

        self.stages = nn.ModuleList()
        inputs = 3
        for widths in STAGES:
            row = zip((inputs, *widths), widths, strict=False)
            self.stages.append(
                nn.Sequential(*(conv(a, b, 1 if i % 2 else 3) for i, (a, b) in enumerate(row)))
            )
            inputs = widths[-1]
        self.pool = nn.MaxPool2d(2, 2)
        self.deep = nn.Sequential(conv(1024, 1024), conv(1024, 1024))
        self.passthrough = conv(512, 64, 1)
        self.merge = conv(4 * 64 + 1024, 1024)
        self.channels = 425
        self.predict = nn.Conv2d(1024, self.channels, 1)

    def forward(self, picture: Tensor, tell: Callable[[Tensor], None] = _ignore) -> Tensor:
        """(B, 3, H, W) -> (B, 425, H/32, W/32).

        tell gets the maps that enter the second to the sixth stage on the way: (B, 32, H/2, W/2),
        (B, 64, H/4, W/4), (B, 128, H/8, W/8), (B, 256, H/16, W/16), (B, 512, H/32, W/32).
        """
        x = before = self.stages[0](picture)
        for stage in self.stages[1:]:
            entering = self.pool(x)
            tell(entering)
            before, x = x, stage(entering)
        fine = space_to_depth(self.passthrough(before))
        coarse = self.deep(x)
        out: Tensor = self.predict(self.merge(torch.cat((fine, coarse), 1)))
        return out


_LAYERS = (
    *((0, "stages.0.0"), (2, "stages.1.0")),
    *((4 + i, f"stages.2.{i}") for i in range(3)),
    *((8 + i, f"stages.3.{i}") for i in range(3)),
    *((12 + i, f"stages.4.{i}") for i in range(5)),
    *((18 + i, f"stages.5.{i}") for i in range(5)),
    *((23, "deep.0"), (24, "deep.1"), (26, "passthrough"), (29, "merge")),
)
"""Layer numbers of YOWO's own list, in which pools and routes count too."""

OFFICIAL_KEYS: tuple[tuple[str, str], ...] = (
    *((rf"^models\.{layer}\.conv\d+\.", f"{place}.conv.") for layer, place in _LAYERS),
    *((rf"^models\.{layer}\.bn\d+\.", f"{place}.norm.") for layer, place in _LAYERS),
    (r"^models\.30\.conv23\.", "predict."),
)
"""Renames that turn a key of YOWO's 2D checkpoint into ours."""

OFFICIAL_KEYS_BIASED: tuple[tuple[str, str], ...] = (
    (r"^backbone\.conv_1\.", "stages.0."),
    (r"^backbone\.conv_2\.", "stages.1."),
    (r"^backbone\.conv_3\.", "stages.2."),
    (r"^backbone\.conv_4\.", "stages.3."),
    (r"^backbone\.conv_5\.", "stages.4."),
    (r"^backbone\.conv_6\.", "stages.5."),
    (r"^convsets_1\.", "deep."),
    (r"^route_layer\.", "passthrough."),
    (r"^convsets_2\.", "merge."),
    (r"^pred\.", "predict."),
    (r"\.convs\.0\.", ".conv."),
    (r"\.convs\.1\.", ".norm."),
)
"""Renames for the 2D checkpoints of YOWO-Plus and YOWO-Nano (`biased`)."""
