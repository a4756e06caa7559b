"""Every published backbone file that is known: which network it is, what of it is not needed."""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cache, partial

import torch
from torch import nn

from yowo_core.backbones.spatial import freeyolo, yolov2, yolov8
from yowo_core.backbones.temporal.choose import create_temporal
from yowo_core.backbones.temporal.names import TEMPORAL
from yowo_core.models.branch_card import Backbone
from yowo_core.models.importing import licences
from yowo_core.models.importing.matching import Place, Shape
from yowo_core.models.importing.yolov8_names import DETECTION, yowov3_places
from yowo_core.models.official.renames import renamed
from yowo_core.models.official.temporal import our_temporal_key

Renames = Iterable[tuple[str, str]]


@dataclass(frozen=True)
class KnownBackbone:
    """A kind of backbone file.

    mark: a tensor that only files of this kind have, "" for 3D backbones. places: where a tensor
    belongs in our network. dropped: pattern of the names that are left out, and why.
    """

    backbone: Backbone
    title: str
    mark: str
    places: Callable[[str], Iterable[Place]]
    dropped: str
    why: str
    licence: str


def shapes_of(backbone: Backbone) -> dict[str, Shape]:
    """Names and shapes of our network's tensors."""
    with torch.device("meta"):
        network = build_backbone(backbone)
    return {name: tuple(value.shape) for name, value in network.state_dict().items()}


def build_backbone(backbone: Backbone) -> nn.Module:
    """The network of a backbone, freshly initialised."""
    if backbone.branch == "3d":
        return create_temporal(
            backbone.name, backbone.width, last=backbone.last, shortcut=backbone.shortcut
        )
    builders: dict[str, Callable[[], nn.Module]] = {
        "yolov8": lambda: yolov8.YOLOv8(backbone.size),
        "freeyolo": lambda: freeyolo.FreeYOLO(backbone.size),
        "yolov2": lambda: yolov2.YOLOv2(biased=backbone.biased),
    }
    return builders[backbone.name]()


@cache
def known_backbones() -> tuple[KnownBackbone, ...]:
    """All of them."""
    return (*_yolov8(), *_freeyolo(), *_yolov2(), *_temporal())


_NOTHING = r"^$"
_DETECTS = "its own detection layers; our networks have heads of their own"


def _yolov8() -> Iterator[KnownBackbone]:
    for size in yolov8.SIZES:
        backbone = Backbone("2d", "yolov8", size)
        yield KnownBackbone(
            backbone,
            f"YOLOv8 {size} of Ultralytics",
            "model.0.conv.weight",
            _ultralytics,
            DETECTION,
            _DETECTS,
            licences.YOLOV8,
        )
        yield KnownBackbone(
            backbone,
            f"YOLOv8 {size} as the official YOWOv3 keeps it",
            "net.p1.0.conv.weight",
            partial(_by_table, yolov8.OFFICIAL_KEYS),
            r"^head\.",
            _DETECTS,
            licences.YOLOV8,
        )


def _ultralytics(key: str) -> Iterator[Place]:
    for place in yowov3_places(key):
        yield Place(renamed(place.name, yolov8.OFFICIAL_KEYS), place.half)


def _by_table(table: Renames, key: str) -> tuple[Place, ...]:
    return (Place(renamed(key, table)),)


_FREEYOLO_MARKS = {
    "nano": "backbone.conv1.0.weight",
    "tiny": "backbone.layer_1.convs.0.weight",
    "large": "backbone.layer_1.0.convs.0.weight",
}


def _freeyolo() -> Iterator[KnownBackbone]:
    for size, mark in _FREEYOLO_MARKS.items():
        yield KnownBackbone(
            Backbone("2d", "freeyolo", size),
            f"FreeYOLO {size}",
            mark,
            partial(_by_table, freeyolo.OFFICIAL_KEYS[size]),
            freeyolo.OFFICIAL_UNUSED,
            _DETECTS,
            licences.FREEYOLO,
        )


def _yolov2() -> Iterator[KnownBackbone]:
    """Whole, because YOWO takes its outputs as features."""
    yield KnownBackbone(
        Backbone("2d", "yolov2", biased=True),
        "YOLOv2 of PyTorch_YOWO",
        "backbone.conv_1.0.convs.0.weight",
        partial(_by_table, yolov2.OFFICIAL_KEYS_BIASED),
        _NOTHING,
        "",
        licences.PYTORCH_YOWO,
    )
    yield KnownBackbone(
        Backbone("2d", "yolov2"),
        "YOLOv2 of darknet",
        "models.0.conv1.weight",
        partial(_by_table, yolov2.OFFICIAL_KEYS),
        _NOTHING,
        "",
        licences.DARKNET,
    )


CLASSIFIERS = r"^(fc|classifier|logits)\."
"""The layer that names the whole clip's action; dropped by name, for some have as many rows."""


def _temporal() -> Iterator[KnownBackbone]:
    for name, choice in TEMPORAL.items():
        padded = name in {"resnet18", "resnet34"}
        for width in choice.widths:
            backbone = Backbone("3d", name, width=width, shortcut="A" if padded else "B")
            yield KnownBackbone(
                backbone,
                f"{choice.title}{f' {width:g}x' if len(choice.widths) > 1 else ''}",
                "",
                partial(_of_clip, name),
                CLASSIFIERS,
                "the layer that names a whole clip's action",
                licences.of_temporal(name),
            )


def _of_clip(name: str, key: str) -> tuple[Place, ...]:
    return (Place(our_temporal_key(name, key)),)


def is_dropped(known: KnownBackbone, key: str) -> bool:
    """Whether a tensor of such a file is not needed."""
    return re.match(known.dropped, key) is not None
