"""YOWOv3-Tiny gives the official network's numbers for the official network's weights."""

import importlib.util
import json
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
import torch
from torch import nn

from yowo_core.models.create import build, create_model
from yowo_core.models.official import our_state
from yowo_core.models.variants import variant
from yowo_core.models.yowov3 import YOWOv3, decode


def _recipe(shared: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location("recipe", shared / "fixtures" / "recipe.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _set_eps(model: YOWOv3, group: str, eps: float) -> None:
    roots: dict[str, list[nn.Module]] = {
        "net2D": [model.spatial],
        "net3D": [model.temporal],
        "decoupled_head": [model.box.decouple, model.cls.decouple],
        "fusion": [model.box.fuse, model.cls.fuse],
        "detection_head": [model.box.predict, model.cls.predict],
    }
    for root in roots[group]:
        for module in root.modules():
            if isinstance(module, nn.BatchNorm2d | nn.BatchNorm3d):
                module.eps = eps


@pytest.mark.shared
@pytest.mark.parametrize("name", ["yowov3_T_ucf24", "yowov3_T_ucf24_ckptpath_eps1e-5"])
def test_outputs_equal_the_official_network(shared: Path, name: str) -> None:
    recipe = _recipe(shared)
    meta, _ = recipe.load_golden(shared / "fixtures" / "goldens" / f"{name}.npz")
    manifest = json.loads(
        (shared / "fixtures" / "manifests" / f"{meta['manifest']}.json").read_text()
    )
    weights = recipe.fill(manifest, meta["rules"])
    model = build(variant("yowov3-tiny").config(24)).eval()
    assert isinstance(model, YOWOv3)
    model.load_state_dict(our_state({k: torch.from_numpy(v) for k, v in weights.items()}))
    for group, values in meta["bn_eps_groups"].items():
        _set_eps(model, group, values[0])
    clip = torch.from_numpy(recipe.make_input(meta["input"]))
    with torch.no_grad():
        maps = model(clip, clip[:, :, -1])
        boxes, scores = decode(maps)
    centre, size = (boxes[..., :2] + boxes[..., 2:]) / 2, boxes[..., 2:] - boxes[..., :2]
    decoded = torch.cat((centre, size, scores), -1).transpose(1, 2)
    outputs = {"decoded": decoded.numpy()} | {f"raw.{i}": m.numpy() for i, m in enumerate(maps)}
    errors = recipe.verify(shared / "fixtures" / "goldens" / f"{name}.npz", outputs)
    assert errors["decoded"][0] < 5e-3
    assert max(errors[f"raw.{i}"][0] for i in range(3)) < 1e-4


def test_parameter_count_is_the_papers() -> None:
    """10.15 M in table 1; the paper's tool counts the 16 constants of the DFL layer too."""
    model = create_model("yowov3-tiny", 24)
    assert sum(p.numel() for p in model.parameters()) + 16 == pytest.approx(10.15e6, rel=5e-4)


def test_untrained_boxes_have_the_prior_side() -> None:
    model = create_model("yowov3-tiny", 3).eval()
    assert isinstance(model, YOWOv3)
    for layer in model.box.last_layers():
        nn.init.zeros_(layer.weight)
    with torch.no_grad():
        boxes, _ = decode(model(torch.zeros(1, 3, 16, 224, 224), torch.zeros(1, 3, 224, 224)))
    sides = (boxes[0, :, 2] - boxes[0, :, 0]).numpy()
    np.testing.assert_allclose(sides[[0, 800, 1000]], 2 * 2.5 * np.array([8, 16, 32]), rtol=1e-3)
