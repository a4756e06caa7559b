"""Every official 3D backbone has, under our names, exactly the tensors of ours."""

import json
import re
from functools import lru_cache
from pathlib import Path
from typing import Any

import pytest
import torch

from yowo_core.backbones.temporal.choose import OFFICIAL_KEYS, create_temporal
from yowo_core.backbones.temporal.names import TEMPORAL

PREFIXES = ("net3D.", "backbone_3d.backbone.", "backbone_3d.")
NAMED = re.compile(r"_(resnet18|resnet50|resnet101|resnext101|i3d)_")
WIDE = re.compile(r"_(mobilenetv2|mobilenet|shufflenetv2|shufflenet)_([\d.]+)x")
DEEP = re.compile(r"_(resnet|resnext)_(\d+)$")
PUBLISHED = {
    "yowonano": ("shufflenetv2", 1.0),
    "yowov2_nano": ("shufflenetv2", 1.0),
    "yowov2_tiny": ("shufflenetv2", 2.0),
    "yowov2_medium": ("shufflenetv2", 2.0),
    "yowov2_large": ("resnext101", 1.0),
    "yowoplus": ("resnext101", 1.0),
    "yowov3_T": ("shufflenetv2", 2.0),
    "yowov3_M": ("shufflenetv2", 2.0),
    "yowov3_L": ("i3d", 1.0),
    "i3d": ("i3d", 1.0),
}
CLASSIFIERS = ("fc.", "classifier.", "logits.")

Shapes = dict[str, tuple[int, ...]]


def _network_of(stem: str) -> tuple[str, float]:
    """The 3D backbone and its width that a manifest's name tells."""
    if found := NAMED.search(stem):
        return found[1], 1.0
    if found := WIDE.search(stem):
        return found[1], float(found[2])
    if found := DEEP.search(stem):
        return found[1] + found[2], 1.0
    return next(net for start, net in PUBLISHED.items() if stem.startswith(start))


def _official(path: Path, name: str, prefixes: tuple[str, ...]) -> Shapes:
    rows = json.loads(path.read_text(encoding="utf-8"))
    prefix = next(p for p in prefixes if any(key.startswith(p) for key, _, _ in rows))
    relative = {k.removeprefix(prefix): s for k, s, _ in rows if k.startswith(prefix)}
    kept = {k: tuple(s) for k, s in relative.items() if not k.startswith(CLASSIFIERS)}
    renamed = {_renamed(key, name): shape for key, shape in kept.items()}
    assert len(renamed) == len(kept)
    return renamed


def _renamed(key: str, name: str) -> str:
    for pattern, replacement in OFFICIAL_KEYS[name]:
        key = re.sub(pattern, replacement, key)
    return key


@lru_cache
def _ours(name: str, width: float, *, last: bool, shortcut: Any) -> Shapes:
    with torch.device("meta"):
        network = create_temporal(name, width, last=last, shortcut=shortcut)
    return {key: tuple(value.shape) for key, value in network.state_dict().items()}


def _uncounted(shapes: Shapes) -> Shapes:
    return {k: s for k, s in shapes.items() if not k.endswith("num_batches_tracked")}


@pytest.mark.shared
@pytest.mark.parametrize("name", [n for n in TEMPORAL if n != "resnet34"])
def test_the_3d_part_of_every_official_model_is_ours(shared: Path, name: str) -> None:
    paths = sorted((shared / "fixtures" / "manifests").glob("*.json"))
    paths = [path for path in paths if _network_of(path.stem)[0] == name]
    assert paths
    for path in paths:
        last = not path.stem.startswith(("yowonano", "yowov2"))
        padded = path.stem.startswith("yowo_resnet18")
        ours = _ours(*_network_of(path.stem), last=last, shortcut="A" if padded else "B")
        assert _official(path, name, PREFIXES) == ours, path.stem


@pytest.mark.shared
@pytest.mark.parametrize("name", TEMPORAL)
def test_every_published_backbone_is_ours(shared: Path, name: str) -> None:
    folder = shared / "fixtures" / "backbones"
    found = [
        path for start in ("k400", "k600", "hmdb51", "i3d") for path in folder.glob(f"{start}_*")
    ]
    paths = [path for path in found if _network_of(path.stem)[0] == name]
    assert paths
    for path in paths:
        padded = name in {"resnet18", "resnet34"}
        ours = _ours(*_network_of(path.stem), last=True, shortcut="A" if padded else "B")
        official = _official(path, name, ("module.", ""))
        assert _uncounted(official) == _uncounted(ours), path.stem
