"""Official YOWOv2 checkpoints."""

from yowo_core.backbones.spatial import freeyolo
from yowo_core.models import yowov2
from yowo_core.models.configs.base import DetectorConfig
from yowo_core.models.configs.yowov2 import SpatialSize, YOWOv2Config
from yowo_core.models.official.renames import renamed
from yowo_core.models.official.temporal import Shapes, our_temporal_key, recognise_temporal

_SPATIAL, _TEMPORAL = "backbone_2d.backbone.", "backbone_3d.backbone."
_FIRST: dict[str, SpatialSize] = {
    "backbone.conv1.0.weight": "nano",
    "backbone.layer_1.convs.0.weight": "tiny",
    "backbone.layer_1.0.convs.0.weight": "large",
}
"""The first tensor of FreeYOLO, which each size names in its own way."""


def recognise(shapes: Shapes) -> DetectorConfig | None:
    """The configuration of an official file, None when it is of another family.

    Shapes do not tell the activation: the official networks have SiLU with the large FreeYOLO.
    Neither do they tell the clip's length: a file for 32 frames is equal to one for 16.
    """
    size = next((s for key, s in _FIRST.items() if _SPATIAL + key in shapes), None)
    last = shapes.get("cls_preds.0.weight")
    clip = {k.removeprefix(_TEMPORAL): s for k, s in shapes.items() if k.startswith(_TEMPORAL)}
    temporal = recognise_temporal(clip)
    if size is None or last is None or len(last) != 4 or temporal is None:
        return None
    return YOWOv2Config(
        size,
        temporal.name,
        temporal.width,
        last[1],
        last[0],
        activation="silu" if size == "large" else "leaky",
        separable="heads.0.cls_head.0.convs.3.weight" in shapes,
    )


def our_key(official: str, config: DetectorConfig) -> str | None:
    """Our name of an official tensor; every tensor has one."""
    assert isinstance(config, YOWOv2Config)
    if official.startswith(_TEMPORAL):
        return "temporal." + our_temporal_key(config.temporal, official.removeprefix(_TEMPORAL))
    if official.startswith(_SPATIAL):
        renames = freeyolo.OFFICIAL_KEYS[config.spatial]
        return "spatial." + renamed(official.removeprefix(_SPATIAL), renames)
    return renamed(official, yowov2.OFFICIAL_KEYS)
