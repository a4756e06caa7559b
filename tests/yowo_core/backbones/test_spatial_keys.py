"""Every published checkpoint of a 2D network has exactly our tensors, under other names."""

import json
import re
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest
import torch
from torch import nn

from yowo_core.backbones.spatial import cspdarknet53, darknet53, freeyolo, yolov2

Renames = Iterable[tuple[str, str]]
Shapes = dict[str, tuple[int, ...]]


def _renamed(key: str, renames: Renames) -> str:
    for pattern, replacement in renames:
        key = re.sub(pattern, replacement, key)
    return key


def _official(path: Path, prefix: str, renames: Renames) -> Shapes:
    entries = [(key, shape) for key, shape, _ in json.loads(path.read_text())]
    found = [(key, tuple(shape)) for key, shape in entries if key.startswith(prefix)]
    named = {_renamed(key.removeprefix(prefix), renames): shape for key, shape in found}
    assert len(named) == len(found), "two tensors got one name"
    return named


def _ours(make: Callable[[], nn.Module]) -> Shapes:
    with torch.device("meta"):
        return {key: tuple(value.shape) for key, value in make().state_dict().items()}


def _manifests(shared: Path, pattern: str) -> list[Path]:
    return sorted((shared / "fixtures" / "manifests").glob(pattern))


@pytest.mark.shared
def test_yolov2_is_the_one_of_every_yowo_checkpoint(shared: Path) -> None:
    paths = _manifests(shared, "yowo_*.json")
    assert len(paths) == 10
    for path in paths:
        official = _official(path, "backbone_2d.", yolov2.OFFICIAL_KEYS)
        assert official == _ours(yolov2.YOLOv2), path.name


@pytest.mark.shared
def test_biased_yolov2_is_the_one_of_yowo_plus_and_nano(shared: Path) -> None:
    ours = _ours(lambda: yolov2.YOLOv2(biased=True))
    paths = [*_manifests(shared, "yowoplus_*.json"), *_manifests(shared, "yowonano_*.json")]
    assert len(paths) == 6
    for path in paths:
        assert _official(path, "backbone_2d.", yolov2.OFFICIAL_KEYS_BIASED) == ours, path.name
    alone = shared / "fixtures" / "backbones" / "yolov2_coco_pytorch.json"
    assert _official(alone, "", yolov2.OFFICIAL_KEYS_BIASED) == ours


@pytest.mark.shared
def test_darknet53_is_the_backbone_of_yolov3(shared: Path) -> None:
    path = shared / "fixtures" / "backbones" / "yolov3_coco_pytorch.json"
    official = _official(path, "backbone.", [])
    renamed = {_renamed(f"backbone.{k}", darknet53.OFFICIAL_KEYS): v for k, v in official.items()}
    assert renamed == _ours(lambda: darknet53.Darknet53(biased=True))


@pytest.mark.shared
@pytest.mark.parametrize(
    ("size", "users"), [("nano", ["nano"]), ("tiny", ["tiny"]), ("large", ["medium", "large"])]
)
def test_freeyolo_is_the_one_of_every_yowov2_checkpoint(
    shared: Path, size: str, users: list[str]
) -> None:
    ours, renames = _ours(lambda: freeyolo.FreeYOLO(size)), freeyolo.OFFICIAL_KEYS[size]
    paths = [path for user in users for path in _manifests(shared, f"yowov2_{user}_*.json")]
    assert len(paths) == 2 * len(users)
    for path in paths:
        assert _official(path, "backbone_2d.backbone.", renames) == ours, path.name
    alone = _official(
        shared / "fixtures" / "backbones" / f"yolo_free_{size}_coco.json", "", renames
    )
    unused = {key for key in alone if re.match(freeyolo.OFFICIAL_UNUSED, key)}
    assert len(unused) == 18
    assert {key: shape for key, shape in alone.items() if key not in unused} == ours


def _darknet_file(path: Path, names: str, prefix: str, renames: Renames) -> Shapes:
    """The shapes in a darknet weights file under our names, for keys that start so."""
    found: Shapes = {}
    for block in json.loads(path.read_text())["blocks"]:
        for array, shape in block["arrays"]:
            key = block[names][array]
            if key.startswith(prefix):
                found[_renamed(key.removeprefix("backbone_2d."), renames)] = tuple(shape)
    return found


def _stored(shapes: Shapes) -> Shapes:
    """Darknet's files count no batches."""
    return {k: v for k, v in shapes.items() if not k.endswith("num_batches_tracked")}


@pytest.mark.shared
def test_darknet_weights_files_fill_both_networks(shared: Path) -> None:
    folder = shared / "fixtures" / "backbones"
    v2 = _darknet_file(
        folder / "darknet_yolov2_weights.json", "yowo", "backbone_2d.", yolov2.OFFICIAL_KEYS
    )
    assert v2 == _stored(_ours(yolov2.YOLOv2))
    v3 = _darknet_file(
        folder / "darknet_yolov3_weights.json", "yowo_plus", "backbone.", darknet53.OFFICIAL_KEYS
    )
    assert v3 == _stored(_ours(darknet53.Darknet53))


def _parameters(make: Callable[[], nn.Module]) -> int:
    with torch.device("meta"):
        return sum(p.numel() for p in make().parameters())


def _residual_stage(width: int, repeats: int) -> int:
    """Weights and normalisations of a Darknet-53 stage, worked out from the paper's table."""
    half = width // 2
    return (9 * half * width + 2 * width) + repeats * (
        width * half + 2 * half + 9 * half * width + 2 * width
    )


def test_darknet53_has_the_papers_layers() -> None:
    stages = sum(
        _residual_stage(w, n) for w, n in ((64, 1), (128, 2), (256, 8), (512, 8), (1024, 4))
    )
    assert _parameters(darknet53.Darknet53) == 27 * 32 + 64 + stages


def _partial_stage(width: int, repeats: int, part: int) -> int:
    """Weights and normalisations of a CSPDarknet-53 stage, worked out from YOLOv4's table."""
    half = width // 2
    halve = 9 * half * width + 2 * width
    parts = 2 * (width * part + 2 * part) + (part * part + 2 * part)
    block = part * half + 2 * half + 9 * half * part + 2 * part
    return halve + parts + repeats * block + 2 * part * width + 2 * width


def test_cspdarknet53_has_the_papers_layers() -> None:
    expected = 27 * 32 + 64 + _partial_stage(64, 1, 64)
    expected += sum(
        _partial_stage(w, n, w // 2) for w, n in ((128, 2), (256, 8), (512, 8), (1024, 4))
    )
    assert _parameters(cspdarknet53.CSPDarknet53) == expected == 26_617_184
