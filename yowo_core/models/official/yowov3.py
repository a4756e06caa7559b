"""Official YOWOv3 checkpoints."""

from yowo_core.backbones.spatial import yolov8
from yowo_core.input_spec import InputSpec
from yowo_core.models import yowov3
from yowo_core.models.configs.base import DetectorConfig
from yowo_core.models.configs.yowov3 import SpatialSize, YOWOv3Config
from yowo_core.models.official.renames import renamed
from yowo_core.models.official.temporal import Shapes, our_temporal_key, recognise_temporal

INPUT = InputSpec(resize="bicubic", key="last")
_SIZES: dict[int, SpatialSize] = {16: "n", 32: "s", 48: "m", 64: "l", 80: "x"}
_FIRST = "net2D.net.p1.0.conv.weight"


def recognise(shapes: Shapes) -> DetectorConfig | None:
    """The configuration of an official file, None when it is of another family.

    The eps of the fusion is that of the official evaluation.
    """
    clip = {k.removeprefix("net3D."): s for k, s in shapes.items() if k.startswith("net3D.")}
    temporal = recognise_temporal(clip)
    size = _SIZES.get(shapes.get(_FIRST, (0,))[0])
    last = shapes.get("detection_head.cls.0.2.weight")
    width = shapes.get("detection_head.box.0.0.conv.weight")
    if temporal is None or size is None or last is None or width is None:
        return None
    coupled = any(key.startswith("fusion.fusion.") for key in shapes)
    return YOWOv3Config(
        size,
        temporal.name,
        temporal.width,
        width[0],
        last[0],
        INPUT,
        head="coupled" if coupled else "decoupled",
        fusion_eps=1e-5,
    )


def our_key(official: str, config: DetectorConfig) -> str | None:
    """Our name of an official tensor; None for constants that we do not store."""
    assert isinstance(config, YOWOv3Config)
    if official in yowov3.OFFICIAL_CONSTANTS:
        return None
    if official.startswith("net3D."):
        return "temporal." + our_temporal_key(config.temporal, official.removeprefix("net3D."))
    if official.startswith("net2D."):
        return "spatial." + renamed(official.removeprefix("net2D."), yolov8.OFFICIAL_KEYS)
    return renamed(official, yowov3.OFFICIAL_KEYS)
