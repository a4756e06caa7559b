"""FreeYOLO without its last layers: features for classes and for boxes, as YOWOv2 uses it."""

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from yowo_core.backbones.layers import leaky, silu
from yowo_core.backbones.spatial.freeyolo_blocks import (
    Downsample,
    NeckElan,
    PartialSPPF,
    Style,
    plain_sppf,
)
from yowo_core.backbones.spatial.freeyolo_bodies import (
    ElanBody,
    ShuffleBody,
    large_body,
    tiny_body,
)

Triple = tuple[Tensor, Tensor, Tensor]


@dataclass(frozen=True)
class FreeYOLOSize:
    """What differs between the sizes.

    `base` is the neck's width at stride 8, `deepest` that of the map which enters the neck,
    `dim` the width of all six results.
    """

    body: Callable[[], ShuffleBody | ElanBody]
    pooling: Callable[[int, int], nn.Module]
    deepest: int
    halve: Callable[[int, int], nn.Module]
    elan: NeckElan
    style: Style
    base: int
    dim: int


_NANO = Style(leaky, separable=True)
_TINY = Style(leaky)
_LARGE = Style(silu)


def _pooled(inputs: int, outputs: int) -> nn.Module:
    return nn.Sequential(nn.MaxPool2d(2, 2), _NANO.point(inputs, outputs))


SIZES = {
    "nano": FreeYOLOSize(
        body=ShuffleBody,
        pooling=plain_sppf,
        deepest=232,
        halve=_pooled,
        elan=NeckElan(0.25, 1.0, 2),
        style=_NANO,
        base=64,
        dim=64,
    ),
    "tiny": FreeYOLOSize(
        body=lambda: tiny_body(_TINY),
        pooling=lambda inputs, outputs: PartialSPPF(inputs, outputs, _TINY),
        deepest=256,
        halve=_TINY.halve,
        elan=NeckElan(0.25, 1.0, 2),
        style=_TINY,
        base=64,
        dim=64,
    ),
    "large": FreeYOLOSize(
        body=large_body,
        pooling=lambda inputs, outputs: PartialSPPF(inputs, outputs, _LARGE),
        deepest=512,
        halve=lambda inputs, outputs: Downsample(inputs, outputs, _LARGE),
        elan=NeckElan(0.5, 0.5, 4),
        style=_LARGE,
        base=128,
        dim=256,
    ),
}


class PaFPN(nn.Module):
    """Path-aggregation neck: coarse to fine and back, then three maps of `dim` channels."""

    def __init__(self, size: FreeYOLOSize, fine: int, middle: int) -> None:
        super().__init__()
        base, point, deepest = size.base, size.style.point, size.deepest
        self.up = nn.Upsample(scale_factor=2.0, mode="nearest")
        self.reduce5 = point(deepest, 2 * base)
        self.lateral4 = point(middle, 2 * base)
        self.top_down4 = size.elan.build(4 * base, 2 * base, size.style)
        self.reduce4 = point(2 * base, base)
        self.lateral3 = point(fine, base)
        self.top_down3 = size.elan.build(2 * base, base, size.style)
        self.down3 = size.halve(base, 2 * base)
        self.bottom_up4 = size.elan.build(4 * base, 2 * base, size.style)
        self.down4 = size.halve(2 * base, 4 * base)
        self.bottom_up5 = size.elan.build(4 * base + deepest, 4 * base, size.style)
        widths = (base, 2 * base, 4 * base)
        self.widen = nn.ModuleList(size.style.spread(width, 2 * width) for width in widths)
        self.project = nn.ModuleList(point(2 * width, size.dim) for width in widths)

    def forward(self, fine: Tensor, middle: Tensor, deep: Tensor) -> tuple[Tensor, ...]:
        """The backbone's maps at strides 8, 16, 32 -> (B, dim, H/s, W/s) for the same strides."""
        wide = torch.cat((self.up(self.reduce5(deep)), self.lateral4(middle)), 1)
        down = self.top_down4(wide)
        n3 = self.top_down3(torch.cat((self.up(self.reduce4(down)), self.lateral3(fine)), 1))
        n4 = self.bottom_up4(torch.cat((self.down3(n3), down), 1))
        n5 = self.bottom_up5(torch.cat((self.down4(n4), deep), 1))
        rows = zip(self.project, self.widen, (n3, n4, n5), strict=True)
        return tuple(project(widen(level)) for project, widen, level in rows)


class Head(nn.Module):
    """One level's two branches of two 3x3 convolutions each."""

    def __init__(self, dim: int, style: Style) -> None:
        super().__init__()
        self.cls = nn.Sequential(style.spread(dim, dim), style.spread(dim, dim))
        self.reg = nn.Sequential(style.spread(dim, dim), style.spread(dim, dim))

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """(B, dim, H, W) -> features for classes and features for boxes, of the same shape."""
        return self.cls(x), self.reg(x)


class FreeYOLO(nn.Module):
    """Picture -> features for classes and for boxes, each at strides 8, 16 and 32.

    Input sides must be multiples of 32. `channels` are those of the three levels of either kind.
    """

    def __init__(self, size: str) -> None:
        super().__init__()
        parts = SIZES[size]
        self.body = parts.body()
        fine, middle, deep = self.body.channels
        self.neck = parts.pooling(deep, parts.deepest)
        self.fpn = PaFPN(parts, fine, middle)
        self.heads = nn.ModuleList(Head(parts.dim, parts.style) for _ in range(3))
        self.channels = (parts.dim, parts.dim, parts.dim)

    def forward(self, picture: Tensor) -> tuple[Triple, Triple]:
        """(B, 3, H, W) -> class features and box features, (B, dim, H/s, W/s) for s = 8, 16, 32."""
        fine, middle, deep = self.body(picture)
        levels = self.fpn(fine, middle, self.neck(deep))
        pairs = [head(level) for head, level in zip(self.heads, levels, strict=True)]
        (c3, r3), (c4, r4), (c5, r5) = pairs
        return (c3, c4, c5), (r3, r4, r5)


_BODY = (
    (r"^backbone\.conv1\.", "body.stem."),
    (r"^backbone\.stage(\d)\.", r"body.stage\1."),
    (r"^backbone\.layer_(\d)\.", r"body.stage\1."),
    (r"\.branch1\.", ".shortcut."),
    (r"\.branch2\.", ".main."),
    (r"^(body\.stage[345]\.0)\.cv1\.", r"\1.pooled."),
    (r"^(body\.stage[345]\.0)\.cv2\.", r"\1.strided."),
    (r"^(body\.stage\d\.1)\.cv3\.", r"\1.steps.0."),
    (r"^(body\.stage\d\.1)\.cv4\.", r"\1.steps.1."),
)
_PLAIN_POOLING = (
    (r"^neck\.cv1\.convs\.0\.", "neck.squeeze."),
    (r"^neck\.cv2\.convs\.0\.", "neck.expand."),
)
_PARTIAL_POOLING = (
    (r"^neck\.m\.0\.", "neck.before."),
    (r"^neck\.m\.1\.cv1\.", "neck.pyramid.squeeze."),
    (r"^neck\.m\.1\.cv2\.", "neck.pyramid.expand."),
    (r"^neck\.m\.2\.", "neck.after."),
    (r"^neck\.cv3\.", "neck.merge."),
)
_NECK_AND_HEADS = (
    (r"^fpn\.cv1\.", "fpn.reduce5."),
    (r"^fpn\.cv2\.", "fpn.lateral4."),
    (r"^fpn\.cv3\.", "fpn.reduce4."),
    (r"^fpn\.cv4\.", "fpn.lateral3."),
    (r"^fpn\.mp1\.", "fpn.down3."),
    (r"^fpn\.mp2\.", "fpn.down4."),
    (r"^(fpn\.down[34])\.cv1\.", r"\1.pooled."),
    (r"^(fpn\.down[34])\.cv2\.", r"\1.strided."),
    (r"^fpn\.head_elan_1\.", "fpn.top_down4."),
    (r"^fpn\.head_elan_2\.", "fpn.top_down3."),
    (r"^fpn\.head_elan_3\.", "fpn.bottom_up4."),
    (r"^fpn\.head_elan_4\.", "fpn.bottom_up5."),
    (r"^(fpn\.\w+)\.cv3\.", r"\1.steps."),
    (r"^fpn\.head_conv_1\.", "fpn.widen.0."),
    (r"^fpn\.head_conv_2\.", "fpn.widen.1."),
    (r"^fpn\.head_conv_3\.", "fpn.widen.2."),
    (r"^fpn\.out_layers\.", "fpn.project."),
    (r"^non_shared_heads\.(\d)\.(cls|reg)_feats\.", r"heads.\1.\2."),
    (r"\.cv1\.", ".keep."),
    (r"\.cv2\.", ".refine."),
    (r"\.out\.", ".merge."),
    (r"\.convs\.0\.", ".conv."),
    (r"\.convs\.1\.", ".norm."),
    (r"\.convs\.3\.", ".mix."),
    (r"\.convs\.4\.", ".mix_norm."),
)

OFFICIAL_KEYS: dict[str, tuple[tuple[str, str], ...]] = {
    "nano": (*_BODY, *_PLAIN_POOLING, *_NECK_AND_HEADS),
    "tiny": (*_BODY, *_PARTIAL_POOLING, *_NECK_AND_HEADS),
    "large": (*_BODY, *_PARTIAL_POOLING, *_NECK_AND_HEADS),
}
"""Renames by size that turn a key of the official 2D checkpoints into ours, applied in order."""

OFFICIAL_UNUSED = r"^(obj|cls|reg)_preds\."
"""Keys of FreeYOLO's own checkpoints that hold its last layers, which are not part of this."""
