"""Official YOLOv3 weights: darknet's own file, and the one that came with YOWO-Plus."""

import re
from collections.abc import Iterator
from dataclasses import replace

from yowo_core.backbones.spatial import darknet53
from yowo_core.models import yolov3
from yowo_core.models.configs.base import DetectorConfig
from yowo_core.models.configs.nine_anchors import COCO, COCO_SIZE
from yowo_core.models.configs.yolov3 import INPUT, YOLOv3Config
from yowo_core.models.official.renames import renamed
from yowo_core.models.official.temporal import Shapes
from yowo_core.models.pyramid import ANCHORS

_DARKNET_HEAD = "models.81.conv59.weight"
_HEAD = "head_det_3.weight"
_DARKNET = re.compile(r"^models\.(\d+)\.(conv|bn)\d+\.(\w+)$")


def recognise(shapes: Shapes) -> DetectorConfig | None:
    """The configuration of an official file, None when it is of another family.

    Input and anchors are those of COCO, which the weights were trained on. Nobody says in which
    order the file that came with YOWO-Plus has a head's channels: taken is that of the heads of
    YOWO-Plus, confidences before classes before boxes.
    """
    darknet = _DARKNET_HEAD in shapes
    rows = shapes.get(_DARKNET_HEAD if darknet else _HEAD, (0,))[0]
    if rows % ANCHORS or rows // ANCHORS <= 5:
        return None
    spec, classes = replace(INPUT, size=COCO_SIZE), rows // ANCHORS - 5
    biased = "head_conv_0.convs.0.bias" in shapes
    return YOLOv3Config(classes, spec, COCO, biased=biased, by_type=not darknet)


def our_key(official: str, config: DetectorConfig) -> str | None:
    """Our name of an official tensor."""
    assert isinstance(config, YOLOv3Config)
    found = _DARKNET.match(official)
    if found:
        module, kind = _LAYERS[int(found[1])], "norm" if found[2] == "bn" else "conv"
        inside = "" if module.endswith("predict") else f"{kind}."
        return f"{module}.{inside}{found[3]}"
    if official.startswith("backbone."):
        return "spatial." + renamed(official, darknet53.OFFICIAL_KEYS)
    return renamed(official, yolov3.OFFICIAL_KEYS)


def _darknet_layers() -> Iterator[tuple[int, str]]:
    """Darknet's number of each layer with a convolution, and our module."""
    yield 0, "spatial.stem"
    layer = 1
    for stage, (_, repeats) in enumerate(darknet53.STAGES):
        yield layer, f"spatial.stages.{stage}.0"
        for block in range(repeats):
            yield layer + 1 + 3 * block, f"spatial.stages.{stage}.{block + 1}.squeeze"
            yield layer + 2 + 3 * block, f"spatial.stages.{stage}.{block + 1}.expand"
        layer += 1 + 3 * repeats
    for level, first in ((2, 75), (1, 87), (0, 99)):
        for number in range(5):
            yield first + number, f"pyramid.blocks.{level}.{number}"
        yield first + 5, f"heads.{level}.integrate"
        yield first + 6, f"heads.{level}.predict"
    yield 84, "pyramid.ups.1"
    yield 96, "pyramid.ups.0"


_LAYERS = dict(_darknet_layers())
