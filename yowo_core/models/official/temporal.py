"""Which 3D backbone the tensors of an official file are."""

from collections.abc import Iterator, Mapping
from functools import cache
from typing import NamedTuple

import torch

from yowo_core.backbones.temporal.choose import OFFICIAL_KEYS, create_temporal
from yowo_core.backbones.temporal.names import TEMPORAL
from yowo_core.backbones.temporal.resnet import Shortcut
from yowo_core.models.official.renames import renamed

Shapes = Mapping[str, tuple[int, ...]]


class FoundTemporal(NamedTuple):
    """A 3D backbone as `create_temporal` builds it, and how many of its tensors are there."""

    name: str
    width: float
    last: bool
    shortcut: Shortcut
    share: float


def our_temporal_key(name: str, official: str) -> str:
    """Our name of a tensor of a 3D backbone, both without the prefix of the 3D part."""
    return renamed(official, OFFICIAL_KEYS[name])


def recognise_temporal(shapes: Shapes) -> FoundTemporal | None:
    """The 3D backbone that most of the tensors fit; None when not even half of any is there.

    shapes: those behind the prefix of the 3D part. Counters of normalisations do not count:
    some files have none.
    """
    best: FoundTemporal | None = None
    counted = sum(not key.endswith("num_batches_tracked") for key in shapes)
    for name in TEMPORAL:
        ours = {our_temporal_key(name, key): shape for key, shape in shapes.items()}
        for width, last, shortcut in _choices(name):
            wanted = _shapes(name, width, last, shortcut)
            hits = sum(ours.get(key) == shape for key, shape in wanted.items())
            share = hits / max(len(wanted), counted)  # a ResNet-50 is whole inside a ResNet-101
            if share > (best.share if best else 0.5):
                best = FoundTemporal(name, width, last, shortcut, share)
    return best


def _choices(name: str) -> Iterator[tuple[float, bool, Shortcut]]:
    """Every form of a backbone, the one with more tensors first: of equals it is taken."""
    choice = TEMPORAL[name]
    shortcuts: tuple[Shortcut, ...] = ("B", "A") if "shortcut" in choice.options else ("B",)
    for width in choice.widths:
        for last in (True, False) if "last" in choice.options else (True,):
            for shortcut in shortcuts:
                yield width, last, shortcut


@cache
def _shapes(name: str, width: float, last: bool, shortcut: Shortcut) -> dict[str, tuple[int, ...]]:
    with torch.device("meta"):
        network = create_temporal(name, width, last=last, shortcut=shortcut)
    state = network.state_dict()
    return {k: tuple(v.shape) for k, v in state.items() if not k.endswith("num_batches_tracked")}
