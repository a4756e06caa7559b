"""Center3D: its size on paper, boxes back from their targets, every way a network is used."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from typer.testing import CliRunner

from yowo_core.backbones.spatial.yolov8 import YOLOv8
from yowo_core.cli.main import app
from yowo_core.errors import ConfigError
from yowo_core.formats import yowo_csv
from yowo_core.infer.activation import activation
from yowo_core.infer.engine import open_engine
from yowo_core.input_spec import InputSpec
from yowo_core.models.card import ModelCard
from yowo_core.models.center3d import Center3D, decode
from yowo_core.models.classes import take_over
from yowo_core.models.configs.center3d import Center3DConfig
from yowo_core.models.configs.stored import config_from_json, config_to_json
from yowo_core.models.create import build, create_model
from yowo_core.models.variants import variant
from yowo_core.models.weights import load_model, save_model
from yowo_core.ops.heat_maps import centre_targets

SMALL = Center3DConfig("n", 4, 3, InputSpec(length=8, size=64), head_width=8, peaks=20)


def _net(config: Center3DConfig) -> Center3D:
    """Untrained, for use."""
    model = build(config).eval()
    assert isinstance(model, Center3D)
    return model


def _conv(kernel: int, inputs: int, outputs: int) -> int:
    """A 2D convolution without bias and its normalisation's factors and shifts."""
    return kernel**2 * inputs * outputs + 2 * outputs


def _c2f(inputs: int, outputs: int, repeats: int) -> int:
    half = outputs // 2
    ends = 2 * _conv(1, inputs, half) + _conv(1, (2 + repeats) * half, outputs)
    return ends + repeats * 2 * _conv(3, half, half)


def _first_stage() -> int:
    """YOLOv8n's backbone, its way up to stride 4, three heads of 64 channels."""
    down = sum(_conv(3, a, b) for a, b in ((3, 16), (16, 32), (32, 64), (64, 128), (128, 256)))
    blocks = sum(_c2f(c, c, n) for c, n in ((32, 1), (64, 2), (128, 2), (256, 1)))
    pooling = _conv(1, 256, 128) + _conv(1, 512, 256)
    up = _c2f(256 + 128, 128, 1) + _c2f(128 + 64, 64, 1) + _c2f(64 + 32, 32, 1)
    heads = sum(_conv(3, 32, 64) + 64 * outputs + outputs for outputs in (5, 2, 2))
    return down + blocks + pooling + up + heads


def _second_stage(width: int, inputs: int = 5) -> int:
    """Seven 3x3x3 convolutions, each with a normalisation."""
    pairs = [(inputs, width), (width, width), (width, 2 * width)]
    pairs += [(2 * width, 2 * width), (2 * width, 4 * width), *[(4 * width, 4 * width)] * 2]
    return sum(27 * a * b + 2 * b for a, b in pairs)


def test_parameters_are_those_counted_on_paper() -> None:
    with torch.device("meta"):
        model = create_model("center3d", 21)
    counted = _first_stage() + _second_stage(32) + 21 * 128 + 21
    assert counted == 2_831_438
    assert sum(p.numel() for p in model.parameters()) == counted


def test_the_first_stage_has_yolov8s_names() -> None:
    """So that weights of a YOLOv8 may be taken into it."""
    with torch.device("meta"):
        ours, theirs = create_model("center3d", 2), YOLOv8("n").state_dict()
    body = {
        key.removeprefix("spatial.body."): value.shape
        for key, value in ours.state_dict().items()
        if key.startswith("spatial.body.")
    }
    shared = {key: shape for key, shape in body.items() if not key.startswith("top_down2.")}
    assert {k: v.shape for k, v in theirs.items() if k in shared} == shared
    ways = {k.split(".")[0] for k in theirs if k not in shared}
    assert ways == {"down3", "down4", "bottom_up4", "bottom_up5"}


BOXES = torch.tensor([[10.0, 20, 70, 150], [100.0, 30, 131, 99], [3.0, 180, 220, 221]])
"""Made-up boxes in a picture of 224 pixels, most confident first."""
CONFIDENCE = (0.9, 0.7, 0.5)


def _maps_of(boxes: torch.Tensor) -> tuple[torch.Tensor, ...]:
    """What a network would give that has found these boxes exactly, with CONFIDENCE."""
    targets = centre_targets(boxes, (56, 56), 4)
    heat = torch.full((5, 56, 56), -9.0)
    for box, confidence in zip(boxes, CONFIDENCE, strict=True):
        own = centre_targets(box[None], (56, 56), 4).heat * confidence
        heat = heat.maximum(own.logit(eps=1e-6))
    return heat[None], targets.offset[None], targets.size[None], torch.zeros(1, 2, 7, 7)


def test_boxes_come_back_from_their_targets() -> None:
    boxes, scores = decode(_maps_of(BOXES), 10)
    assert boxes.shape == (1, 10, 4)
    assert scores.shape == (1, 10, 2)
    torch.testing.assert_close(boxes[0, :3], BOXES, atol=1e-4, rtol=0)
    halves = [c / 2 for c in CONFIDENCE]  # an undecided class has probability 1/2
    assert scores[0, :3, 0].tolist() == pytest.approx(halves, abs=1e-5)
    assert scores[0, 3:].max() < 1e-3


def test_actors_in_one_clip_do_what_the_map_says_at_their_centres() -> None:
    """The centres (40, 85) and (115.5, 64.5) are in columns 1 and 3 of 32 pixels."""
    heat, offset, size, classes = _maps_of(BOXES)
    classes[0, 0, :, :3], classes[0, 1, :, :3] = 9, -9
    classes[0, 0, :, 3:], classes[0, 1, :, 3:] = -9, 9
    _, scores = decode((heat, offset, size, classes), 3)
    assert scores[0, :2].argmax(1).tolist() == [0, 1]
    assert scores[0, 0].tolist() == pytest.approx([0.9, 0], abs=2e-3)


def test_a_size_below_nothing_gives_an_empty_box() -> None:
    heat, offset, size, classes = _maps_of(BOXES)
    boxes, _ = decode((heat, offset, -size, classes), 3)
    assert (boxes[0, :, 2:] == boxes[0, :, :2]).all()


def test_every_size_of_picture_gives_its_maps() -> None:
    with torch.device("meta"):
        model = create_model("center3d", 4).eval()
        for size in (160, 224, 320):
            maps = model(torch.empty(2, 3, 16, size, size), torch.empty(2, 3, size, size))
            fine, coarse = size // 4, size // 32
            shapes = [(2, 5, fine, fine), *[(2, 2, fine, fine)] * 2, (2, 4, coarse, coarse)]
            assert [tuple(m.shape) for m in maps] == shapes
            boxes, scores = model.decode(maps)
            assert (boxes.shape, scores.shape) == ((2, 100, 4), (2, 100, 4))


def test_untrained_it_doubts_everything_and_boxes_are_half_the_picture() -> None:
    model = _net(SMALL)
    for head in (model.spatial.heat, model.spatial.offset, model.spatial.size):
        torch.nn.init.zeros_(head.last.weight)
    torch.nn.init.zeros_(model.classes.weight)
    with torch.no_grad():
        boxes, scores = model.decode(model(torch.rand(1, 3, 8, 64, 64), torch.rand(1, 3, 64, 64)))
    assert torch.allclose(boxes[..., 2:] - boxes[..., :2], torch.tensor(32.0))
    assert torch.allclose(scores, torch.tensor(0.1 / (1 + 3)))


def test_the_second_stage_sees_heat_of_every_frame_in_its_order() -> None:
    model = _net(SMALL)
    seen: list[torch.Tensor] = []
    model.temporal.register_forward_pre_hook(lambda _m, given: seen.append(given[0]))
    clip = torch.rand(2, 3, 8, 64, 64)
    with torch.no_grad():
        model.clip_map(clip)
        alone = model.detect_on(model.clip_map(clip), clip[:, :, 5])[0].sigmoid()
    assert seen[0].shape == (2, 5, 8, 16, 16)
    torch.testing.assert_close(seen[0][:, :, 5], alone)


def test_an_actor_as_large_as_the_picture_is_seen_whole() -> None:
    """One output sees 59 cells, 236 pixels.

    Seven convolutions of 3, whose cells are 1, 2, 2, 4, 4, 8, 8 cells of the heat maps apart, add
    twice that each to the first cell.
    """
    network = _net(SMALL).temporal
    heat = torch.ones(1, 5, 1, 128, 128, requires_grad=True)
    for layer in network.modules():
        if isinstance(layer, torch.nn.Conv3d):
            torch.nn.init.constant_(layer.weight, 1.0)
    network(heat)[0, 0, 8, 8].backward()
    assert heat.grad is not None
    seen = heat.grad[0, :, 0].sum((0, 1)).nonzero().flatten()
    assert int(seen[-1] - seen[0] + 1) == 1 + 2 * (1 + 2 + 2 + 4 + 4 + 8 + 8) == 59


def test_the_map_of_the_key_frame_is_the_2d_branch_and_no_other_frames() -> None:
    model = _net(SMALL)
    seen: dict[str, list[torch.Tensor]] = {"2d": [], "3d": []}
    for name, part in model.branches().items():
        part.register_forward_hook(lambda _m, _g, out, kept=seen[name]: kept.append(out))
    with torch.no_grad():
        model(torch.rand(1, 3, 8, 64, 64), torch.rand(1, 3, 64, 64))
    assert [tuple(t.shape) for t in seen["2d"]] == [(1, 32, 16, 16)]
    assert [tuple(t.shape) for t in seen["3d"]] == [(1, 16, 2, 2)]


def test_both_branches_show_where_they_look(tmp_path: Path) -> None:
    """Heat that was no peak is minus infinity, and still every value is a number."""
    model, _ = load_model(_lively(SMALL, tmp_path / "m.safetensors"))
    seen = activation(model, torch.randn(3, 8, 64, 64), 4)
    assert set(seen.maps) == {"2d", "3d"}
    for shown in seen.maps.values():
        assert shown.shape == (64, 64)
        assert shown.max() == pytest.approx(1)
        assert np.isfinite(shown).all()


def test_rows_of_shared_classes_are_taken_over() -> None:
    source, model = build(SMALL), build(replace(SMALL, num_classes=2))
    assert take_over(model, source, ("sit", "run"), ("eat", "walk", "sit")) == ("run",)
    clip = torch.rand(1, 3, 8, 64, 64)
    with torch.no_grad():
        mine, theirs = (m.eval()(clip, clip[:, :, 3]) for m in (model, source))
    assert torch.equal(mine[3][:, 0], theirs[3][:, 2])
    assert all(torch.equal(a, b) for a, b in zip(mine[:3], theirs[:3], strict=True))


def _lively(config: Center3DConfig, path: Path) -> Path:
    """A saved network with random weights whose heat has clear peaks."""
    torch.manual_seed(0)
    model = _net(config).train()
    for layer in model.modules():
        if isinstance(layer, torch.nn.BatchNorm2d):
            layer.momentum = 1.0
    with torch.no_grad():
        model.spatial(torch.randn(2, 3, config.input.size, config.input.size))
        model.spatial.heat.last.weight.mul_(4)
    labels = tuple(f"action {n}" for n in range(config.num_classes))
    save_model(path, model.state_dict(), ModelCard(config, labels, {}))
    return path


def _same_on_both_backends(config: Center3DConfig, path: Path) -> None:
    spec = config.input
    shape = (3, spec.length, spec.size, spec.size)
    clip = np.random.default_rng(1).standard_normal(shape).astype(np.float32)
    key = np.ascontiguousarray(clip[:, spec.length // 2])
    ours, theirs = (open_engine(path, backend, "cpu", 2) for backend in ("torch", "onnx"))
    (boxes, scores), (onnx_boxes, onnx_scores) = ours.run(clip, key), theirs.run(clip, key)
    cells = (spec.size // 4) ** 2
    assert boxes.shape == onnx_boxes.shape == (min(config.peaks, cells), 4)
    real = scores.max(1) > 0
    assert real.sum() >= 3
    np.testing.assert_allclose(onnx_boxes[real], boxes[real], atol=5e-3)
    np.testing.assert_allclose(onnx_scores, scores, atol=1e-4)


def test_saved_loaded_and_exported_it_gives_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("YOWO_CACHE", str(tmp_path / "cache"))
    path = _lively(SMALL, tmp_path / "m.safetensors")
    loaded, card = load_model(path)
    assert isinstance(loaded, Center3D)
    assert card.config == loaded.config == SMALL
    _same_on_both_backends(SMALL, path)


@pytest.mark.slow
@pytest.mark.parametrize("size", [160, 224, 320])
def test_the_published_form_leaves_for_onnx_unchanged(
    size: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("YOWO_CACHE", str(tmp_path / "cache"))
    plan: Any = variant("center3d").config(5)
    config = replace(plan, input=replace(plan.input, size=size))
    _same_on_both_backends(config, _lively(config, tmp_path / "m.safetensors"))


def test_yowo_detect_finds_actors_with_all_their_scores(square_clip: Path, tmp_path: Path) -> None:
    path, out = _lively(SMALL, tmp_path / "m.safetensors"), tmp_path / "out.csv"
    call = ["detect", str(square_clip), "--model", str(path), "--out", str(out)]
    done = CliRunner().invoke(app, [*call, "--backend", "torch", "--frames", "4:9", "--events"])
    assert done.exit_code == 0, done.output
    assert json.loads(done.stdout.splitlines()[-1])["event"] == "finished"
    read = yowo_csv.read(out)
    assert not read.problems
    assert [label.name for label in read.annotations.labels] == [f"action {n}" for n in range(3)]
    frames = {f for t in read.annotations.videos[0].tubes for f in t.frames.tolist()}
    assert frames
    assert frames <= set(range(4, 9))


def test_configurations_survive_json() -> None:
    for config in (SMALL, variant("center3d").plan):
        assert config_from_json(config_to_json(config)) == config


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"spatial": "xs"}, "n, s, m, l, x"),
        ({"width": 0}, "0"),
        ({"head_width": 0}, "channels"),
        ({"peaks": 0}, "at least one box"),
        ({"num_classes": 0}, "at least one class"),
        ({"input": InputSpec(flow=True)}, "optical flow"),
    ],
)
def test_what_cannot_be_built_is_refused_in_words(change: dict[str, Any], told: str) -> None:
    with pytest.raises(ConfigError, match=told):
        replace(SMALL, **change)


def test_an_untrained_network_expects_each_class_as_often_as_the_others() -> None:
    model = _net(replace(SMALL, num_classes=21))
    assert model.classes.bias is not None
    assert model.classes.bias.sigmoid().tolist() == pytest.approx([1 / 22] * 21)
