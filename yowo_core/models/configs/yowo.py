"""YOWO: YOLOv2 and a 3D network, fused on one grid of cells (Koepueklue et al. 2019)."""

from dataclasses import dataclass, replace
from typing import Any, ClassVar, Literal

from yowo_core.backbones.temporal.names import temporal_choice
from yowo_core.errors import ConfigError
from yowo_core.input_spec import InputSpec
from yowo_core.models.configs.anchors import AnchorConfig, Anchors, DataSet, data_set
from yowo_core.models.configs.variant import Variant

Branch = Literal["3d", "flow-3d", "2d", "flow-2d"]
BRANCHES: tuple[Branch, ...] = ("3d", "flow-3d", "2d", "flow-2d")
"""In the order in which their maps are put together."""

CELL = 32
"""Side of a cell in pixels of the input; the paper's anchors are in cells."""


LICENCE = "CC BY-NC 4.0 (non-commercial)"
"""Of the authors' weights."""


def _in_pixels(*cells: tuple[float, float]) -> Anchors:
    return tuple((CELL * width, CELL * height) for width, height in cells)


_PLAIN = InputSpec(mean=(0.0,) * 3, std=(1.0,) * 3, resize="bicubic", key="last")
_AVA = InputSpec(32, mean=(0.45,) * 3, std=(0.225,) * 3, resize="linear", key="last")

DATA_SETS: dict[str, DataSet] = {
    "ucf24": DataSet(
        24,
        _in_pixels(
            (0.70458, 1.18803),
            (1.26654, 2.55121),
            (1.59382, 4.08321),
            (2.30548, 4.94180),
            (3.52332, 5.91979),
        ),
        _PLAIN,
    ),
    "jhmdb21": DataSet(
        21,
        _in_pixels(
            (0.95878, 3.10197),
            (1.67204, 4.0040),
            (1.75482, 5.64937),
            (3.09299, 5.80857),
            (4.91803, 6.25225),
        ),
        _PLAIN,
    ),
    "ava": DataSet(
        80,
        _in_pixels(
            (0.71626, 2.13583),
            (1.28967, 4.15014),
            (2.12714, 5.09344),
            (3.27212, 5.87423),
            (5.16303, 6.33821),
        ),
        _AVA,
        exclusive=14,
    ),
}
"""What the weights of each data set were trained with; anchors by k-means on its boxes."""


@dataclass(frozen=True)
class YOWOConfig(AnchorConfig):
    """Everything that shapes a YOWO network.

    temporal and temporal_width choose the 3D network. branches are what the head sees: "3d" the
    clip, "2d" the key frame, "flow-3d" and "flow-2d" the same networks for the clip's optical
    flow (the paper promises such a branch). cfam is the fusion with attention; without it maps
    are only put together, as in the paper's ablation (table 2).
    """

    family: ClassVar[str] = "yowo"

    temporal: str
    temporal_width: float
    num_classes: int
    input: InputSpec = _PLAIN
    anchors: Anchors = DATA_SETS["ucf24"].anchors
    exclusive: int | None = None
    branches: tuple[Branch, ...] = ("3d", "2d")
    cfam: bool = True

    def __post_init__(self) -> None:
        """Refuse what no network can be built of."""
        super().__post_init__()
        temporal_choice(self.temporal, self.temporal_width)
        if not self.branches or self.branches != tuple(b for b in BRANCHES if b in self.branches):
            raise ConfigError(
                f"Branches {self.branches}: choose at least one, each once, in the order "
                f"{', '.join(BRANCHES)}."
            )
        sees_flow = any(branch.startswith("flow") for branch in self.branches)
        if sees_flow != self.input.flow:
            raise ConfigError(
                "A network sees optical flow when its input has it: set both input.flow and a "
                "flow branch, or neither."
            )


def adapted(config: YOWOConfig, name: str) -> YOWOConfig:
    """The same network set to a data set: anchors, values, clip length, excluding classes.

    ConfigError lists the names there are.
    """
    chosen = data_set(DATA_SETS, name)
    spec = replace(chosen.input, size=config.input.size, flow=config.input.flow)
    return replace(config, anchors=chosen.anchors, input=spec, exclusive=chosen.exclusive)


def _backbone(name: str, title: str, width: float, operations: float) -> Variant:
    plan = YOWOConfig(name, width, 24)
    found = Variant(f"yowo-{name}", f"YOWO, {title}", "YOWO, table 5", plan)
    return replace(found, weights_licence=LICENCE, temporal_operations=operations)


def _resnext(name: str, title: str, where: str, spec: InputSpec, **changed: Any) -> Variant:
    plan = replace(YOWOConfig("resnext101", 1.0, 24), input=spec, **changed)
    return Variant(name, f"YOWO, {title}", f"YOWO, {where}", plan, weights_licence=LICENCE)


def _for(name: str) -> Variant:
    """The first of the backbones as set to another data set than UCF101-24."""
    plan = adapted(YOWOConfig("resnext101", 1.0, DATA_SETS[name].classes), name)
    title = f"YOWO, 3D ResNeXt-101, {name}"
    return Variant(f"yowo-resnext101-{name}", title, "YOWO, table 5", plan, weights_licence=LICENCE)


_BACKBONES = (
    replace(
        _backbone("resnext101", "3D ResNeXt-101", 1.0, 38.6), parameters=121.4, operations=43.7
    ),
    _backbone("resnet101", "3D ResNet-101", 1.0, 54.7),
    _backbone("resnet50", "3D ResNet-50", 1.0, 39.3),
    _backbone("resnet18", "3D ResNet-18", 1.0, 33.3),
    _backbone("shufflenet", "3D ShuffleNet 2.0x", 2.0, 2.2),
    _backbone("shufflenetv2", "3D ShuffleNetV2 2.0x", 2.0, 1.8),
    _backbone("mobilenet", "3D MobileNet 2.0x", 2.0, 2.6),
    _backbone("mobilenetv2", "3D MobileNetV2 1.0x", 1.0, 2.2),
)

_STILL, _SHORT, _LONG = (replace(_PLAIN, length=n) for n in (1, 8, 32))
_FLOW = replace(_PLAIN, flow=True)

VARIANTS: tuple[Variant, ...] = (
    *_BACKBONES,
    _for("jhmdb21"),
    _for("ava"),
    _resnext("yowo-resnext101-8", "3D ResNeXt-101, 8 frames", "table 4", _SHORT),
    _resnext("yowo-resnext101-32", "3D ResNeXt-101, 32 frames", "table 8", _LONG),
    _resnext("yowo-2d", "key frame only", "table 2", _STILL, branches=("2d",), cfam=False),
    _resnext("yowo-3d", "clip only", "table 2", _SHORT, branches=("3d",), cfam=False),
    _resnext("yowo-2d-3d", "without CFAM", "table 2", _SHORT, cfam=False),
    _resnext(
        "yowo-flow", "with optical flow", "section 1", _FLOW, branches=("3d", "flow-3d", "2d")
    ),
)
"""Published networks of the family. Figures of a whole network are those of YOWO-Plus, table 1."""
