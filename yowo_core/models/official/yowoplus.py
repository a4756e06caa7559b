"""Official YOWO-Plus and YOWO-Nano checkpoints."""

from yowo_core.backbones.spatial import yolov2
from yowo_core.models import yowoplus
from yowo_core.models.configs.anchors import data_set_of
from yowo_core.models.configs.base import DetectorConfig
from yowo_core.models.configs.yowoplus import DATA_SETS, YOWOPlusConfig
from yowo_core.models.official.renames import renamed
from yowo_core.models.official.temporal import Shapes, our_temporal_key, recognise_temporal

CLIP, PICTURE = "backbone_3d.", "backbone_2d."
_HEAD = "pred.weight"
ANCHORS = 5
"""Of every official file, which does not hold the anchors themselves."""


def recognise(shapes: Shapes) -> DetectorConfig | None:
    """The configuration of an official file, None when it is of another family.

    Anchors and values are those of the data set with that many classes. Files do not tell
    whether they were trained with 16 or 32 frames: 16 are taken.
    """
    rows = shapes.get(_HEAD, (0,))[0]
    fused = any(k.startswith("channel_encoder.") for k in shapes)
    if rows % ANCHORS or rows // ANCHORS <= 5 or not fused:
        return None
    clip = {k.removeprefix(CLIP): s for k, s in shapes.items() if k.startswith(CLIP)}
    temporal = recognise_temporal(clip)
    if temporal is None:
        return None
    classes = rows // ANCHORS - 5
    of = data_set_of(DATA_SETS, classes)
    return YOWOPlusConfig(
        temporal.name, temporal.width, classes, of.input, of.anchors, of.exclusive
    )


def our_key(official: str, config: DetectorConfig) -> str | None:
    """Our name of an official tensor."""
    assert isinstance(config, YOWOPlusConfig)
    if official.startswith(CLIP):
        return "temporal." + our_temporal_key(config.temporal, official.removeprefix(CLIP))
    if official.startswith(PICTURE):
        return "spatial." + renamed(official.removeprefix(PICTURE), yolov2.OFFICIAL_KEYS_BIASED)
    return renamed(official, yowoplus.OFFICIAL_KEYS)
