"""YOLOv3: the single-frame baseline, and both published weights of it under our names."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from yowo_core.infer.engine import open_engine
from yowo_core.models.card import ModelCard
from yowo_core.models.configs.stored import config_from_json, config_to_json
from yowo_core.models.configs.yolov3 import INPUT, YOLOv3Config, adapted
from yowo_core.models.create import build, create_model
from yowo_core.models.official.families import our_state, recognise
from yowo_core.models.variants import variant
from yowo_core.models.weights import load_model, save_model
from yowo_core.video.clips import normalised
from yowo_core.weights import darknet

Shapes = dict[str, tuple[int, ...]]


def _ours(config: Any) -> Shapes:
    with torch.device("meta"):
        return {key: tuple(value.shape) for key, value in build(config).state_dict().items()}


def _stored(shapes: Shapes) -> Shapes:
    """Darknet's files count no batches."""
    return {k: v for k, v in shapes.items() if not k.endswith("num_batches_tracked")}


def test_the_variant_gives_three_scales_of_the_key_frame_alone() -> None:
    plan: Any = variant("yolov3").config(4)
    assert config_from_json(config_to_json(plan)) == plan
    with torch.device("meta"):
        model = build(plan).eval()
        for size in (160, 224, 320):
            clip = torch.empty(1, 3, 1, size, size)
            maps = model(clip, clip[:, :, 0])
            boxes, scores = model.decode(maps)
            assert [m.shape for m in maps] == [(1, 27, size // s, size // s) for s in (8, 16, 32)]
            assert boxes.shape[1] == 3 * sum((size // s) ** 2 for s in (8, 16, 32))
            assert scores.shape[-1] == 4


def test_parameters_are_those_of_the_published_file() -> None:
    """62,001,757 numbers of COCO's 80 classes, of which 2 x 26,304 are running averages."""
    with torch.device("meta"):
        model = create_model("yolov3", 80)
    averages = sum(b.numel() for n, b in model.named_buffers() if ".running_" in n)
    assert sum(p.numel() for p in model.parameters()) + averages == darknet.floats_of("yolov3")


def test_values_are_those_of_darknet() -> None:
    clip = np.array([0, 51, 255], np.uint8).repeat(3).reshape(1, 1, 3, 3)
    got = normalised(clip, YOLOv3Config(2).input)
    np.testing.assert_allclose(got[:, 0, 0], [[0, 0.2, 1]] * 3, atol=1e-6)
    assert (INPUT.length, INPUT.resize) == (1, "linear")


@pytest.mark.shared
def test_the_file_that_came_with_yowo_plus_is_ours(shared: Path) -> None:
    path = shared / "fixtures" / "backbones" / "yolov3_coco_pytorch.json"
    official = {key: tuple(shape) for key, shape, _ in json.loads(path.read_text())}
    config = recognise(official)
    assert isinstance(config, YOLOv3Config)
    assert (config.num_classes, config.input.size) == (80, 416)
    assert config.biased
    assert config.by_type
    assert our_state(official, config) == _ours(config)
    assert sum(np.prod(s) for k, s in official.items() if ".running_" not in k) == pytest.approx(
        61_975_453, abs=200
    )


def _read_names() -> list[tuple[str, tuple[int, ...]]]:
    """Names and shapes that our reader gives the arrays of darknet's file, in its order."""
    blocks = darknet.NETWORKS["yolov3"]
    return [row for number, block in enumerate(blocks, 1) for row in darknet._arrays(block, number)]


def test_darknets_own_file_is_ours() -> None:
    official = dict(_read_names())
    config = recognise(official)
    assert isinstance(config, YOLOv3Config)
    assert config.num_classes == 80
    assert not config.biased
    assert not config.by_type
    assert our_state(official, config) == _stored(_ours(config))


@pytest.mark.shared
def test_both_files_name_the_same_tensor_alike(shared: Path) -> None:
    """Darknet's order of the heads is another one; the fixture says what each array is."""
    path = shared / "fixtures" / "backbones" / "darknet_yolov3_weights.json"
    blocks = json.loads(path.read_text())["blocks"]
    known = [block["yowo_plus"][array] for block in blocks for array, _ in block["arrays"]]
    pairs = {ours: theirs for (ours, _), theirs in zip(_read_names(), known, strict=True)}
    config = YOLOv3Config(80)
    named = our_state({key: pairs[key] for key in pairs}, config)
    assert named == {our: their for their in known for our in our_state({their: 0}, config)}


def test_nothing_is_made_of_heads_that_are_none() -> None:
    assert recognise({"head_det_3.weight": (14, 1024, 1, 1)}) is None
    assert recognise({"models.81.conv59.weight": (15, 1024, 1, 1)}) is None


def test_class_rows_follow_the_order_of_the_channels() -> None:
    for by_type, expected in ((False, [5, 12, 19]), (True, [3, 5, 7])):
        with torch.device("meta"):
            model = build(YOLOv3Config(2, by_type=by_type))
        with torch.device("cpu"):
            rows = model.class_rows()["heads.1.predict.weight"]
        assert rows[0].tolist() == expected


def test_anchors_fit_the_input() -> None:
    large = YOLOv3Config(2, replace(INPUT, size=416))
    assert adapted(large, "coco").anchors[0] == pytest.approx((10, 13))


@pytest.mark.slow
@pytest.mark.parametrize("size", [160, 224, 320])
def test_the_variant_leaves_for_onnx_unchanged(
    size: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("YOWO_CACHE", str(tmp_path / "cache"))
    config = YOLOv3Config(3, replace(INPUT, size=size))
    path = tmp_path / "m.safetensors"
    save_model(path, build(config).state_dict(), ModelCard(config, ("a", "b", "c"), {}))
    assert load_model(path)[0].config == config
    clip = np.random.default_rng(0).random((3, 1, size, size)).astype(np.float32)
    key = np.ascontiguousarray(clip[:, 0])
    torch_engine, onnx_engine = (open_engine(path, b, "cpu", 2) for b in ("torch", "onnx"))
    mine, theirs = onnx_engine.run(clip, key), torch_engine.run(clip, key)
    np.testing.assert_allclose(mine[0], theirs[0], atol=5e-3)
    np.testing.assert_allclose(mine[1], theirs[1], atol=1e-4)
