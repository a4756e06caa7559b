"""YOWO in all its forms: built, run, decoded, saved, loaded, exported, given other classes."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from yowo_core.errors import ConfigError
from yowo_core.infer.engine import open_engine
from yowo_core.input_spec import InputSpec
from yowo_core.models.card import ModelCard
from yowo_core.models.classes import take_over
from yowo_core.models.configs import yowo, yowoplus
from yowo_core.models.configs.base import DetectorConfig
from yowo_core.models.configs.stored import config_from_json, config_to_json
from yowo_core.models.configs.yowo import YOWOConfig
from yowo_core.models.configs.yowoplus import YOWOPlusConfig
from yowo_core.models.create import build, create_model
from yowo_core.models.variants import variant
from yowo_core.models.weights import load_model, save_model
from yowo_core.models.yowo import YOWO
from yowo_core.models.yowoplus import YOWOPlus

VARIANTS = (*yowo.VARIANTS, *yowoplus.VARIANTS)
NAMES = [v.name for v in VARIANTS]
SMALL = InputSpec(length=8, size=64)
CLIP_ONLY = YOWOConfig("shufflenetv2", 0.25, 3, SMALL, exclusive=2, branches=("3d",), cfam=False)
"""The lightest form: a 3D network and a head."""


@pytest.mark.parametrize("name", NAMES)
def test_every_variant_gives_one_grid_of_cells_at_every_size(name: str) -> None:
    plan: Any = variant(name).config(4)
    with torch.device("meta"):
        model = build(plan).eval()
        for size in (160, 224, 320):
            clip = torch.empty(1, plan.input.channels, plan.input.length, size, size)
            (raw,) = model(clip, clip[:, :, -1])
            boxes, scores = model.decode((raw,))
            cells = 5 * (size // 32) ** 2
            assert raw.shape == (1, 45, size // 32, size // 32)
            assert boxes.shape == (1, cells, 4)
            assert scores.shape == (1, cells, 4)


@pytest.mark.parametrize("name", NAMES)
def test_configurations_survive_json(name: str) -> None:
    plan = variant(name).plan
    assert config_from_json(config_to_json(plan)) == plan


def _parameters(name: str) -> float:
    with torch.device("meta"):
        return sum(p.numel() for p in create_model(name, 24).parameters()) / 1e6


@pytest.mark.parametrize("name", ["yowo-resnext101", "yowo-plus", "yowo-nano"])
def test_parameters_are_the_papers(name: str) -> None:
    """121.4 M in the papers; the official networks have 121.10 (see the table of costs)."""
    assert _parameters(name) == pytest.approx(variant(name).parameters, rel=0.003)


def test_a_branch_of_flow_costs_its_network_and_its_part_of_the_fusion() -> None:
    """A second ResNeXt-101 (47.53 M without classifier) and 2048 x 1024 weights more."""
    with torch.device("meta"):
        second = create_model("yowo-flow", 24).branches()["flow-3d"]
        count = sum(p.numel() for p in second.parameters()) / 1e6
    added = _parameters("yowo-flow") - _parameters("yowo-resnext101")
    assert added == pytest.approx(count + 2048 * 1024 / 1e6)


def test_ablations_have_the_parts_they_name() -> None:
    with torch.device("meta"):
        parts = {n: list(create_model(n, 24).branches()) for n in ("yowo-2d", "yowo-3d")}
        head = build(variant("yowo-2d-3d").config(24)).class_rows()["head.weight"]
        both = create_model("yowo-2d-3d", 24)
    assert parts == {"yowo-2d": ["2d"], "yowo-3d": ["3d"]}
    assert head.shape == (24, 5)
    assert both.state_dict()["head.weight"].shape == (145, 2048 + 425, 1, 1)
    assert not any(key.startswith("fusion") for key in both.state_dict())


def test_the_clip_is_put_before_the_key_frame_and_the_other_way_round_in_plus() -> None:
    """The fused map's first channels are those of the 3D network in YOWO, of the 2D in Plus."""
    for name, place in (("yowo-shufflenetv2", slice(2048, None)), ("yowo-nano", slice(0, 425))):
        model = create_model(name, 2).eval()
        assert isinstance(model, YOWO | YOWOPlus)
        seen: list[torch.Tensor] = []
        model.fusion.register_forward_pre_hook(lambda _m, given, s=seen: s.append(given[0]))
        clip = torch.zeros(1, 3, 8, 64, 64)
        with torch.no_grad():
            for key_frame in (torch.zeros(1, 3, 64, 64), torch.ones(1, 3, 64, 64)):
                model(clip, key_frame)
            differs = (seen[0] != seen[1]).any(0).flatten(1).any(1)
        expected = torch.zeros(len(differs), dtype=torch.bool)
        expected[place] = True
        assert torch.equal(differs, expected)


def test_flow_goes_to_its_own_networks() -> None:
    spec = replace(SMALL, flow=True)
    config = replace(CLIP_ONLY, input=spec, branches=("3d", "flow-3d"))
    model = build(config).eval()
    assert isinstance(model, YOWO)
    clip = torch.randn(1, 6, 8, 64, 64)
    with torch.no_grad():
        both = model.clip_map(clip)
        parts = [model.branches()[b](c) for b, c in (("3d", clip[:, :3]), ("flow-3d", clip[:, 3:]))]
    assert torch.equal(both, torch.cat(parts, 1))


def test_an_untrained_yowo_plus_expects_little() -> None:
    model = create_model("yowo-nano", 3)
    assert isinstance(model, YOWOPlus)
    assert model.head.bias is not None
    bias = model.head.bias.detach()
    assert bias[: 5 * (1 + 3)].sigmoid().tolist() == pytest.approx([0.01] * 20)
    assert not torch.allclose(bias[20:], bias[:20])


@pytest.mark.parametrize("config", [CLIP_ONLY, YOWOPlusConfig("shufflenetv2", 0.25, 3, SMALL)])
def test_rows_of_shared_classes_are_taken_over(config: DetectorConfig) -> None:
    labels, known = ("run", "sit", "eat", "run fast"), ("eat", "walk", "sit")
    changed: Any = config
    source, model = build(config), build(replace(changed, num_classes=4))
    assert take_over(model, source, labels, known) == ("run", "run fast")
    clip = torch.randn(1, 3, 8, 64, 64)
    with torch.no_grad():
        mine, theirs = (m.eval()(clip, clip[:, :, -1])[0] for m in (model, source))
    rows, old = model.class_rows()["head.weight"], source.class_rows()["head.weight"]
    assert torch.equal(mine[0, rows[1]], theirs[0, old[2]])
    assert torch.equal(mine[0, rows[2]], theirs[0, old[0]])
    boxes, old_boxes = model.decode((mine,))[0], source.decode((theirs,))[0]
    assert torch.allclose(boxes, old_boxes)


FLOW = replace(CLIP_ONLY, input=replace(SMALL, flow=True), branches=("3d", "flow-3d"))


def test_onnx_runtime_gives_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _same_on_both_backends(FLOW, tmp_path, monkeypatch)


@pytest.mark.slow
@pytest.mark.parametrize("size", [160, 224, 320])
@pytest.mark.parametrize("name", NAMES)
def test_every_variant_leaves_for_onnx_unchanged(
    name: str, size: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan: Any = variant(name).config(3)
    sized = replace(plan, input=replace(plan.input, size=size))
    _same_on_both_backends(sized, tmp_path, monkeypatch)


def _same_on_both_backends(
    config: DetectorConfig, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Saved, loaded, and the same boxes and scores from torch and from ONNX Runtime."""
    monkeypatch.setenv("YOWO_CACHE", str(folder / "cache"))
    model, path = build(config), folder / "m.safetensors"
    card = ModelCard(config, tuple(str(n) for n in range(config.num_classes)), {})
    save_model(path, model.state_dict(), card)
    loaded, read = load_model(path)
    assert read == card
    assert loaded.config == config
    spec = config.input
    shape = (spec.channels, spec.length, spec.size, spec.size)
    clip = np.random.default_rng(0).standard_normal(shape).astype(np.float32)
    key = np.ascontiguousarray(clip[:, -1])
    torch_engine, onnx_engine = (open_engine(path, b, "cpu", 2) for b in ("torch", "onnx"))
    mine, theirs = onnx_engine.run(clip, key), torch_engine.run(clip, key)
    np.testing.assert_allclose(mine[0], theirs[0], atol=5e-3)
    np.testing.assert_allclose(mine[1], theirs[1], atol=1e-4)
    assert theirs[1].max() > 0


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"branches": ()}, "at least one"),
        ({"branches": ("2d", "3d")}, "in the order"),
        ({"branches": ("3d", "sound")}, "in the order"),
        ({"branches": ("3d", "flow-2d")}, "optical flow"),
        ({"input": replace(SMALL, flow=True)}, "optical flow"),
        ({"temporal": "resnext102"}, "resnext101"),
        ({"temporal_width": 3.0}, "width"),
        ({"anchors": ()}, "at least one"),
        ({"anchors": ((1.0, -2.0),)}, "above 0"),
        ({"anchors": ((1.0, 2.0, 3.0),)}, "a width and a height"),
        ({"exclusive": -1}, "exclude"),
        ({"num_classes": 0}, "at least one class"),
    ],
)
def test_what_cannot_be_built_is_refused_in_words(change: dict[str, Any], told: str) -> None:
    with pytest.raises(ConfigError, match=told):
        replace(CLIP_ONLY, **change)


def test_anchors_are_chosen_by_a_data_sets_name() -> None:
    plain = YOWOConfig("resnet18", 1.0, 7)
    assert plain.anchors == yowo.DATA_SETS["ucf24"].anchors
    ava = yowo.adapted(plain, "ava")
    assert ava.num_classes == 7
    assert ava.anchors[0] == pytest.approx((22.92032, 68.34656))
    assert (ava.exclusive, ava.input.length, ava.input.resize) == (14, 32, "linear")
    long = replace(YOWOPlusConfig("resnext101", 1.0, 80), input=InputSpec(32, size=320))
    adapted = yowoplus.adapted(long, "ava")
    assert (adapted.input.length, adapted.input.size) == (32, 320)
    assert adapted.input.mean == (0.45, 0.45, 0.45)
    with pytest.raises(ConfigError, match="jhmdb21"):
        yowo.adapted(plain, "imagenet")
