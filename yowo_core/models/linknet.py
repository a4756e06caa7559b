"""Linknet (section 6.1 of its paper): YOWO whose 3D network also sees the key frame's features.

Three links bring a map of Darknet-19 into 3D ResNet-18. The paper's figure 1 draws them from
"Conv1" to "ConvBlock2", from "Conv3" to "ConvBlock3" and from "Conv3" to "ConvBlock4", where the
figure's numbers are convolutions in a row. Expanding must give the shape of the 3D map without a
parameter, and only one choice does, for any size of the input: what leaves Darknet-19's second,
third and fourth stage through their pool is added to what leaves ResNet-18's layers 1, 2 and 3.

    Darknet-19 stage   convolutions   ResNet-18 layer   channels   cells of
    2                  1              1                 64          4 pixels
    3                  3              2                 128         8 pixels
    4                  3              3                 256        16 pixels

Why the kinds of link are as they are stands in docs/adr/0021-linknet-links.md.
"""

import torch
from torch import Tensor, nn

from yowo_core.backbones.spatial.yolov2 import YOLOv2
from yowo_core.backbones.temporal.resnet import ResNet
from yowo_core.input_spec import check_pair
from yowo_core.models.anchored import anchor_rows, by_anchor, decode
from yowo_core.models.configs.linknet import LinkKind, LinknetConfig
from yowo_core.models.configs.yowo import CELL
from yowo_core.models.detector import Detector
from yowo_core.models.fusion import CFAM
from yowo_core.models.yowo import STYLE, WIDTH

TAPPED = slice(1, 4)
"""Of the maps that enter Darknet-19's stages 2 to 6, those that are linked."""
NARROWED = 4
"""A bottleneck's first convolution leaves one channel of so many, as ResNet's own."""


class Link(nn.Module):
    """A key frame's map (B, C, H, W) as a map of t frames (B, C, t, H, W).

    'expand' repeats it. 'conv3d' convolves it as a clip of one frame, 3x3 places wide, and
    repeats what comes out. 'expand-conv3d' repeats it first, so that the convolution is 3x3x3 and
    the first and last frame, which see zeros beside them, come to differ. 'bottleneck' repeats
    it, then narrows it by 1x1x1 and widens it again by 3x3x3, with a ReLU between.
    """

    def __init__(self, kind: LinkKind, channels: int) -> None:
        super().__init__()
        self.one_frame = kind == "conv3d"
        self.layers = _layers(kind, channels)

    def forward(self, picture_map: Tensor, frames: int) -> Tensor:
        """(B, C, H, W) and t -> (B, C, t, H, W)."""
        clip = picture_map[:, :, None]
        if not self.one_frame:
            clip = clip.expand(-1, -1, frames, -1, -1)
        out: Tensor = self.layers(clip)
        return out.expand(-1, -1, frames, -1, -1)


def _layers(kind: LinkKind, channels: int) -> nn.Module:
    if kind == "conv3d":
        return nn.Conv3d(channels, channels, (1, 3, 3), padding=(0, 1, 1))
    if kind == "expand-conv3d":
        return nn.Conv3d(channels, channels, 3, padding=1)
    if kind == "bottleneck":
        narrow = channels // NARROWED
        return nn.Sequential(
            nn.Conv3d(channels, narrow, 1), nn.ReLU(), nn.Conv3d(narrow, channels, 3, padding=1)
        )
    return nn.Identity()


class Linknet(Detector):
    """Clip and key frame -> one raw map (B, A(5 + classes), H/32, W/32), anchor after anchor.

    Behind the backbones it is YOWO, with the same names of its parts.
    """

    def __init__(self, config: LinknetConfig) -> None:
        super().__init__()
        self.config: LinknetConfig = config
        self.spatial = YOLOv2()
        self.temporal = ResNet(18, "A")
        linked = self.temporal.stage_channels[:3]
        self.links = nn.ModuleList(Link(config.link, channels) for channels in linked)
        self.fusion = CFAM(self.temporal.channels + self.spatial.channels, WIDTH, STYLE)
        rows = len(config.anchors) * (5 + config.num_classes)
        self.head = nn.Conv2d(WIDTH, rows, 1, bias=False)

    def forward(self, clip: Tensor, key_frame: Tensor) -> tuple[Tensor, ...]:
        """See `Detector.forward`; DataError for sides that are no multiples of 32."""
        check_pair(clip.shape, key_frame.shape)
        entering: list[Tensor] = []
        picture_map = self.spatial(key_frame, entering.append)
        linked = entering[TAPPED]

        def with_link(layer: int, x: Tensor) -> Tensor:
            if layer >= len(linked):
                return x
            added: Tensor = self.links[layer](linked[layer], x.shape[2])
            return x + added

        clip_map = self.temporal(clip, with_link)
        return (self.head(self.fusion(torch.cat((clip_map, picture_map), 1))),)

    def decode(self, maps: tuple[Tensor, ...]) -> tuple[Tensor, Tensor]:
        """See `Detector.decode`."""
        config = self.config
        raw = by_anchor(maps[0], len(config.anchors))
        return decode(raw, config.anchors, CELL, config.exclusive)

    def class_rows(self) -> dict[str, Tensor]:
        """See `Detector.class_rows`."""
        return {"head.weight": anchor_rows(len(self.config.anchors), self.config.num_classes)}

    def branches(self) -> dict[str, nn.Module]:
        """See `Detector.branches`."""
        return {"2d": self.spatial, "3d": self.temporal}
