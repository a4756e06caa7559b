"""Run one of our networks with an official network's weights and compare what comes out.

A golden file holds the outputs of the official code for weights and a clip that `recipe.py`
makes anew from names and seeds, and names the manifest: keys and shapes of the official weights.
"""

import importlib.util
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from yowo_core.models.create import build
from yowo_core.models.detector import Detector
from yowo_core.models.official.families import FAMILIES, our_state, recognise

FIXTURES = Path(__file__).resolve().parents[3] / "shared" / "fixtures"
STARTS = tuple(f"{name}_" for name in (*FAMILIES, "yowonano"))
"""Beginnings of the names of manifests and goldens whose family is ours by now."""
RAW = 1e-4
"""Largest difference of raw outputs, whose standard deviation is 1."""
PIXELS = 5e-3
"""Largest difference of decoded boxes and scores, in pixels of the input."""

Array = NDArray[np.float32]
Manifest = list[tuple[str, list[int], str]]


@dataclass(frozen=True)
class Error:
    """The largest difference of one output, and what is allowed."""

    output: str
    largest: float
    allowed: float

    @property
    def fine(self) -> bool:
        """Whether the output equals the official one."""
        return self.largest <= self.allowed


@cache
def recipe(folder: Path = FIXTURES) -> ModuleType:
    """The module that makes weights and clips from names and seeds."""
    spec = importlib.util.spec_from_file_location("recipe", folder / "recipe.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def read_manifest(path: Path) -> Manifest:
    """Key, shape and type of every tensor of an official checkpoint."""
    rows = json.loads(path.read_text(encoding="utf-8"))
    return [(str(key), [int(n) for n in shape], str(kind)) for key, shape, kind in rows]


def network_of(manifest: Manifest) -> Detector:
    """Our network for an official checkpoint's keys and shapes, on the current device."""
    config = recognise({key: tuple(shape) for key, shape, _ in manifest})
    assert config is not None, "no family knows these keys and shapes"
    return build(config)


def compare(golden: Path, manifests: Path) -> list[Error]:
    """Every output of a golden file against our network's."""
    meta, stored = recipe().load_golden(golden)
    manifest = read_manifest(manifests / f"{meta['manifest']}.json")
    model = network_of(manifest).eval()
    weights = {k: torch.from_numpy(v) for k, v in recipe().fill(manifest, meta["rules"]).items()}
    model.load_state_dict(our_state(weights, model.config))
    set_eps(model, list(weights), meta.get("bn_eps_groups") or {})
    clip = torch.from_numpy(recipe().make_input(meta["input"]))
    with torch.no_grad():
        maps = model(clip, clip[:, :, -1])
        named = OUTPUTS[model.config.family](maps, *model.decode(maps))
    return [_error(name, info, stored, named) for name, info in meta["outputs"].items()]


def _error(
    name: str, info: dict[str, Any], stored: Mapping[str, Array], named: Mapping[str, Tensor]
) -> Error:
    allowed = PIXELS if name in DECODED else RAW
    if name not in named or list(named[name].shape) != info["shape"]:
        return Error(name, float("inf"), allowed)
    ours = named[name].double().numpy().reshape(-1)
    ours = ours[stored[f"{name}.idx"]] if f"{name}.idx" in stored else ours
    theirs = stored[name].astype(np.float64).reshape(-1)
    return Error(name, float(np.abs(ours - theirs).max()), allowed)


def set_eps(model: Detector, official: list[str], groups: Mapping[str, list[float]]) -> list[str]:
    """Give normalisations the eps that an official group of modules has; says which differed.

    The eps is in no checkpoint, and YOWOv3's depends on how its network was built.
    """
    family, differed = FAMILIES[model.config.family], []
    for key in official:
        group = next((g for g in groups if key.startswith(f"{g}.")), None)
        ours = family.our_key(key, model.config)
        if group is None or ours is None or not key.endswith(".running_var"):
            continue
        module = model.get_submodule(ours.rpartition(".")[0])
        assert isinstance(module, nn.BatchNorm2d | nn.BatchNorm3d)
        if not np.isclose(module.eps, groups[group][0], rtol=1e-6):
            module.eps = groups[group][0]
            differed.append(ours)
    return differed


def _single(maps: tuple[Tensor, ...], _boxes: Tensor, _scores: Tensor) -> dict[str, Tensor]:
    return {"raw": maps[0]}


def _yowov3(maps: tuple[Tensor, ...], boxes: Tensor, scores: Tensor) -> dict[str, Tensor]:
    centre, size = (boxes[..., :2] + boxes[..., 2:]) / 2, boxes[..., 2:] - boxes[..., :2]
    decoded = torch.cat((centre, size, scores), -1).transpose(1, 2)
    return {"decoded": decoded, **{f"raw.{level}": m for level, m in enumerate(maps)}}


def _yowov2(maps: tuple[Tensor, ...], boxes: Tensor, scores: Tensor) -> dict[str, Tensor]:
    named: dict[str, Tensor] = {}
    levels = torch.split(boxes, [m.shape[-2] * m.shape[-1] for m in maps], 1)
    for level, (raw, decoded) in enumerate(zip(maps, levels, strict=True)):
        named[f"conf_preds.{level}"] = raw[:, :1]
        named[f"cls_preds.{level}"] = raw[:, 1:-4]
        named[f"reg_preds.{level}"] = raw[:, -4:]
        named[f"decoded_box.{level}"] = decoded
    return named


Namer = Callable[[tuple[Tensor, ...], Tensor, Tensor], dict[str, Tensor]]
OUTPUTS: dict[str, Namer] = {
    "yowo": _single,
    "yowoplus": _single,
    "yowov2": _yowov2,
    "yowov3": _yowov3,
}
"""By family, our raw maps, boxes and scores under the names and in the form of golden files."""
DECODED = ("decoded", "boxes", *(f"decoded_box.{level}" for level in range(3)))
"""Outputs in pixels."""
