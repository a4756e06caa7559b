"""Center3D: a CenterNet on every frame, a 3D network over its heat maps (CMU, section 6.3).

The paper says that a CenterNet finds key points, width and height of actors in each frame, that a
3D network names the action from the clip's heat maps, and leaves the rest open. Here it is so:

- The first stage is a YOLOv8 with its neck led on to stride 4, CenterNet's, and one head each for
  heat maps, offset and size. Smallest size: it runs on every frame of a clip.
- Key points are a box's centre and the middles of its sides: boxes are all that is labelled.
  Their way from the centre, which the paper also learns, is half of the box's size, already there.
- The 3D network sees heat maps as they are, in 0..1, at stride 4; the paper shrank them for want
  of memory and blames its accuracy on that. It ends at stride 32 and averages over what is left
  of time. One of its outputs sees 59 cells, 236 pixels: an actor as large as the picture.
- An actor's action is read from the 3D network's map at the actor's centre in the key frame, so
  two actors in one clip may do different things. Actions may be several at once.
- A clip's map does not know which frame is the key frame, so one serves all its frames.

The reasons stand in docs/adr/0017-center3d.md.
"""

import math

import torch
from torch import Tensor, nn

from yowo_core.backbones.layers import ConvNormAct
from yowo_core.backbones.spatial.yolov8 import FineYOLOv8
from yowo_core.models.configs.center3d import Center3DConfig
from yowo_core.models.detector import TwoBranch
from yowo_core.ops.heat_maps import POINTS
from yowo_core.ops.peaks import at_places, at_points, peaks

STRIDE = 4
"""Pixels to a cell of the first stage's maps; the 3D network's are eight times as large."""
CLASS_STRIDE = 32
PRIOR = 0.1
"""Heat that an untrained network gives everywhere (CenterNet)."""


class Head(nn.Module):
    """3x3 and 1x1 convolution; untrained, it gives about `start` everywhere."""

    def __init__(self, inputs: int, width: int, outputs: int, start: float) -> None:
        super().__init__()
        self.spread = ConvNormAct(inputs, width, 3)
        self.last = nn.Conv2d(width, outputs, 1)
        assert self.last.bias is not None
        nn.init.constant_(self.last.bias, start)

    def forward(self, x: Tensor) -> Tensor:
        """(B, inputs, H, W) -> (B, outputs, H, W)."""
        out: Tensor = self.last(self.spread(x))
        return out


class CenterNet(nn.Module):
    """First stage: where key points are in a picture, and the boxes around its centres."""

    def __init__(self, config: Center3DConfig) -> None:
        super().__init__()
        self.body = FineYOLOv8(config.spatial)
        inputs, width = self.body.channels, config.head_width
        self.heat = Head(inputs, width, len(POINTS), math.log(PRIOR / (1 - PRIOR)))
        self.offset = Head(inputs, width, 2, 0.5)
        self.size = Head(inputs, width, 2, config.input.size / 2 / STRIDE)

    def forward(self, pictures: Tensor) -> Tensor:
        """(B, 3, S, S) -> heat in 0..1 (B, 5, S/4, S/4), all that the second stage sees."""
        heat: Tensor = self.heat(self.body(pictures))
        return heat.sigmoid()


class HeatMapNetwork(nn.Module):
    """Second stage: heat maps of a clip (B, inputs, T, H, W) -> (B, channels, H/8, W/8).

    Three stages of 3x3x3 convolutions, two, two and three; the first of each halves the picture,
    in the second and third stage also time.
    """

    def __init__(self, inputs: int, width: int) -> None:
        super().__init__()
        widths = (inputs, width, 2 * width, 4 * width)
        layers: list[nn.Module] = []
        for before, after, time in zip(widths, widths[1:], (1, 2, 2), strict=False):
            layers += _spread(before, after, (time, 2, 2)) + _spread(after, after, (1, 1, 1))
        self.layers = nn.Sequential(*layers, *_spread(widths[-1], widths[-1], (1, 1, 1)))
        self.channels = widths[-1]

    def forward(self, heat: Tensor) -> Tensor:
        """(B, inputs, T, H, W) -> (B, channels, H/8, W/8), averaged over what time is left."""
        out: Tensor = self.layers(heat)
        return out.mean(2)


def _spread(inputs: int, outputs: int, stride: tuple[int, int, int]) -> list[nn.Module]:
    conv = nn.Conv3d(inputs, outputs, 3, stride, 1, bias=False)
    return [conv, nn.BatchNorm3d(outputs), nn.ReLU(inplace=True)]


class Center3D(TwoBranch):
    """Clip and key frame -> heat, offset, size of the key frame, classes of the clip, all raw.

    heat (B, 5, S/4, S/4), logits for each of `POINTS`; offset and size (B, 2, S/4, S/4) as in
    `CentreTargets`; classes (B, C, S/32, S/32), logits.
    """

    spatial: CenterNet

    def __init__(self, config: Center3DConfig) -> None:
        super().__init__()
        self.config: Center3DConfig = config
        self.spatial = CenterNet(config)
        self.temporal = HeatMapNetwork(len(POINTS), config.width)
        self.classes = nn.Conv2d(self.temporal.channels, config.num_classes, 1)
        assert self.classes.bias is not None
        nn.init.constant_(self.classes.bias, -math.log(config.num_classes))
        self.key_map = nn.Identity()

    def clip_map(self, clip: Tensor) -> Tensor:
        """(B, 3, T, S, S) -> what the heat maps of its frames tell (B, 4 * width, S/32, S/32)."""
        frames = clip.transpose(1, 2)
        heat = self.spatial(frames.flatten(0, 1)).unflatten(0, frames.shape[:2])
        out: Tensor = self.temporal(heat.transpose(1, 2))
        return out

    def detect_on(self, clip_map: Tensor, key_frame: Tensor) -> tuple[Tensor, ...]:
        """See `TwoBranch.detect_on`."""
        features = self.key_map(self.spatial.body(key_frame))
        stage = self.spatial
        found = (stage.heat(features), stage.offset(features), stage.size(features))
        return *found, self.classes(clip_map)

    def decode(self, maps: tuple[Tensor, ...]) -> tuple[Tensor, Tensor]:
        """See `Detector.decode`; A is at most `peaks` of the configuration."""
        return decode(maps, self.config.peaks)

    def class_rows(self) -> dict[str, Tensor]:
        """See `Detector.class_rows`: the last convolution has a row a class."""
        rows = torch.arange(self.config.num_classes)[:, None]
        return {"classes.weight": rows, "classes.bias": rows}

    def branches(self) -> dict[str, nn.Module]:
        """See `Detector.branches`; through the 2D one passes the key frame's map alone."""
        return {"2d": self.key_map, "3d": self.temporal}


def decode(maps: tuple[Tensor, ...], most: int) -> tuple[Tensor, Tensor]:
    """Raw maps -> boxes (B, A, 4) x1, y1, x2, y2 in input pixels and scores (B, A, C) in 0..1.

    A = min(most, cells). A box for each of the highest peaks of the centres' heat; scores are the
    heat there times the probability of each class at the centre, and 0 where there was no peak.
    """
    heat, offset, size, classes = maps
    found, places = peaks(heat[:, 0], most)
    width = heat.shape[3]
    cells = torch.stack((places % width, places // width), -1)
    centres = cells + at_places(offset, places)
    half = at_places(size, places).clamp(min=0) / 2
    boxes = torch.cat((centres - half, centres + half), -1) * STRIDE
    likely = at_points(classes, centres * (STRIDE / CLASS_STRIDE)).sigmoid()
    return boxes, found.sigmoid()[..., None] * likely
