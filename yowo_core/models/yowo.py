"""YOWO (Koepueklue et al. 2019): YOLOv2 for the key frame, a 3D network for the clip, CFAM."""

import torch
from torch import Tensor, nn

from yowo_core.backbones.layers import relu
from yowo_core.backbones.spatial.yolov2 import YOLOv2
from yowo_core.backbones.temporal.choose import create_temporal
from yowo_core.backbones.temporal.network import TemporalNetwork
from yowo_core.models.anchored import anchor_rows, by_anchor, decode
from yowo_core.models.configs.yowo import CELL, Branch, YOWOConfig
from yowo_core.models.detector import TwoBranch
from yowo_core.models.fusion import CFAM, FusionStyle

WIDTH = 1024
"""Channels of the fused map."""
STYLE = FusionStyle(relu, eps=1e-5, momentum=0.1)
PLACES: dict[Branch, str] = {
    "3d": "temporal",
    "flow-3d": "flow_temporal",
    "2d": "spatial",
    "flow-2d": "flow_spatial",
}
"""Names of the branches' networks in the module."""


class YOWO(TwoBranch):
    """Clip and key frame -> one raw map (B, A(5 + classes), H/32, W/32), anchor after anchor.

    The head is one 1x1 convolution without bias. In the ablation without CFAM (table 2, "simple
    concatenation") it sees the branches' maps as they are: 425 channels of the key frame alone,
    those of the 3D network alone, or both one after the other.

    With flow, clip (B, 6, T, S, S) and key frame (B, 6, S, S) have three channels of colour and
    three of optical flow, each triple for networks of their own.
    """

    def __init__(self, config: YOWOConfig) -> None:
        super().__init__()
        self.config: YOWOConfig = config
        channels = 0
        for branch in config.branches:
            network = _network(branch, config)
            self.add_module(PLACES[branch], network)
            channels += network.channels
        self.fusion = CFAM(channels, WIDTH, STYLE) if config.cfam else nn.Identity()
        rows = len(config.anchors) * (5 + config.num_classes)
        self.head = nn.Conv2d(WIDTH if config.cfam else channels, rows, 1, bias=False)

    def clip_map(self, clip: Tensor) -> Tensor:
        """Maps of the 3D branches (B, C, H/32, W/32), one after the other; C may be 0."""
        maps = self._maps(clip, [b for b in self.config.branches if b.endswith("3d")])
        batch, _, _, height, width = clip.shape
        return torch.cat(maps, 1) if maps else clip.new_zeros(batch, 0, height // 32, width // 32)

    def detect_on(self, clip_map: Tensor, key_frame: Tensor) -> tuple[Tensor, ...]:
        """See `TwoBranch.detect_on`."""
        maps = self._maps(key_frame, [b for b in self.config.branches if b.endswith("2d")])
        if clip_map.shape[1]:
            maps = [clip_map, *maps]
        return (self.head(self.fusion(torch.cat(maps, 1))),)

    def _maps(self, seen: Tensor, branches: list[Branch]) -> list[Tensor]:
        """What each branch makes of its three channels of a clip or of a picture."""
        colour, flow = seen[:, :3], seen[:, 3:]
        return [
            self.get_submodule(PLACES[b])(flow if b.startswith("flow") else colour)
            for b in branches
        ]

    def decode(self, maps: tuple[Tensor, ...]) -> tuple[Tensor, Tensor]:
        """See `Detector.decode`."""
        config = self.config
        return decode(
            by_anchor(maps[0], len(config.anchors)), config.anchors, CELL, config.exclusive
        )

    def class_rows(self) -> dict[str, Tensor]:
        """See `Detector.class_rows`."""
        return {"head.weight": anchor_rows(len(self.config.anchors), self.config.num_classes)}

    def branches(self) -> dict[str, nn.Module]:
        """See `Detector.branches`; flow branches are there too."""
        return {b: self.get_submodule(PLACES[b]) for b in self.config.branches}


def _network(branch: Branch, config: YOWOConfig) -> YOLOv2 | TemporalNetwork:
    """A branch's network. The light depths of ResNet have shortcuts of kind A."""
    if branch.endswith("2d"):
        return YOLOv2()
    shallow = config.temporal in {"resnet18", "resnet34"}
    return create_temporal(
        config.temporal,
        config.temporal_width,
        shortcut="A" if shallow else "B",
        activation="relu6",
    )


OFFICIAL_KEYS: tuple[tuple[str, str], ...] = (
    (r"^cfam\.", "fusion."),
    (r"\.conv_bn_relu1\.", ".before.0."),
    (r"\.conv_bn_relu2\.", ".before.1."),
    (r"\.sc\.gamma$", ".attention.gamma"),
    (r"\.conv_bn_relu3\.", ".after."),
    (r"\.conv_out\.", ".out."),
    (r"^conv_final\.", "head."),
)
"""Renames of an official checkpoint's fusion and head; the backbones have tables of their own."""
