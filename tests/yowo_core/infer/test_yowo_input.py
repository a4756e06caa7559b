"""What YOWO's networks are fed on the way from a video to detections, against work by hand."""

from dataclasses import replace
from importlib.resources import files
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from PIL import Image
from torch import nn
from typer.testing import CliRunner

from yowo_core.annotations import FrameRange
from yowo_core.cli.main import app
from yowo_core.infer.pipeline import ClipChoice, detect_frames
from yowo_core.infer.postprocess import PostprocessConfig, to_detections
from yowo_core.input_spec import OUR_INPUT, InputSpec
from yowo_core.models.card import ModelCard
from yowo_core.models.configs.yowo import Branch, YOWOConfig
from yowo_core.models.configs.yowoplus import YOWOPlusConfig, adapted
from yowo_core.models.create import build
from yowo_core.models.detector import Detector
from yowo_core.models.variants import variant
from yowo_core.models.weights import save_model
from yowo_core.video import open_video

CLIP = Path(str(files("resources"))) / "demo" / "one-by-one-person-detection.mp4"
KEY = 3
Array = NDArray[np.float32]


def _plain(picture: NDArray[np.uint8]) -> Array:
    """UCF101-24 and J-HMDB-21, and all of YOWO-Plus: Pillow's bicubic, values 0 to 1."""
    small = Image.fromarray(picture).resize((224, 224), Image.Resampling.BICUBIC)
    return (np.asarray(small) / 255).astype(np.float32)


def _plus_ava(picture: NDArray[np.uint8]) -> Array:
    return np.asarray((_plain(picture) - 0.45) / 0.225, np.float32)


def _ava(picture: NDArray[np.uint8]) -> Array:
    """YOWO on AVA: OpenCV's bilinear, not smoothed before it shrinks."""
    small = cv2.resize(picture, (224, 224), interpolation=cv2.INTER_LINEAR)
    return ((np.asarray(small) / 255 - 0.45) / 0.225).astype(np.float32)


def _plus_for_ava() -> InputSpec:
    plan = variant("yowo-plus").config(80)
    assert isinstance(plan, YOWOPlusConfig)
    return adapted(plan, "ava").input


CASES = [
    pytest.param(variant("yowo-resnext101").plan.input, 16, _plain, id="yowo"),
    pytest.param(variant("yowo-resnext101-ava").plan.input, 32, _ava, id="yowo-ava"),
    pytest.param(variant("yowo-plus").plan.input, 16, _plain, id="plus"),
    pytest.param(_plus_for_ava(), 16, _plus_ava, id="plus-ava"),
]


class Small:
    """A light network as an engine that is fed as another network is."""

    labels: tuple[str, ...] = ("a", "b")
    device = "cpu"

    def __init__(self, model: Detector, spec: InputSpec) -> None:
        self.model, self.spec = model.eval(), spec
        self.seen: list[tuple[Array, Array]] = []

    @torch.inference_mode()
    def run(self, clip: Array, key_frame: Array) -> tuple[Array, Array]:
        self.seen.append((clip, key_frame))
        maps = self.model(torch.from_numpy(clip)[None], torch.from_numpy(key_frame)[None])
        boxes, scores = self.model.decode(maps)
        return boxes[0].numpy(), scores[0].numpy()


@pytest.fixture(scope="module")
def network() -> Detector:
    torch.manual_seed(1)
    model = build(YOWOConfig("shufflenetv2", 0.25, 2, branches=("3d",), cfam=False))
    for module in model.modules():
        if isinstance(module, nn.BatchNorm3d):
            module.momentum = None
    clip = nn.functional.interpolate(torch.rand(4, 3, 4, 6, 6), (8, 64, 64), mode="trilinear")
    with torch.no_grad():
        model(clip, clip[:, :, -1])  # so that maps vary, as those of a trained network do
        model.get_submodule("head").get_parameter("weight").mul_(0.05)  # sizes are exponentials
    return model


def _found(network: Detector, spec: InputSpec) -> tuple[Array, tuple[Array, Array]]:
    """Boxes with scores by way of the pipeline, and the clip and key frame that it fed."""
    engine = Small(network, spec)
    with open_video(CLIP) as reader:
        part = FrameRange(KEY, KEY + 1)
        found = dict(detect_frames(reader, engine, part, PostprocessConfig(0.0), ClipChoice()))
    return np.concatenate((found[KEY].boxes, found[KEY].scores), 1), engine.seen[0]


@pytest.mark.parametrize(("spec", "length", "prepared"), CASES)
def test_detections_are_those_of_a_clip_made_by_hand(
    network: Detector, spec: InputSpec, length: int, prepared: Any
) -> None:
    """The clip ends at frame 3; its first frames repeat frame 0."""
    with open_video(CLIP) as reader:
        numbers = [max(0, KEY - length + 1 + step) for step in range(length)]
        pictures = {n: prepared(reader.frame(n)) for n in set(numbers)}
        size = (reader.width, reader.height)
    clip = np.stack([pictures[n] for n in numbers]).transpose(3, 0, 1, 2)
    boxes, scores = Small(network, spec).run(clip, np.ascontiguousarray(clip[:, -1]))
    wanted = to_detections(boxes, scores, size, 224, PostprocessConfig(0.0))
    found, fed = _found(network, spec)
    np.testing.assert_allclose(fed[0], clip, atol=1e-5)
    np.testing.assert_allclose(fed[1], clip[:, -1], atol=1e-5)
    expected = np.concatenate((wanted.boxes, wanted.scores), 1)
    np.testing.assert_allclose(found, expected, atol=2e-2)


def test_each_part_of_the_preparation_is_missed(network: Detector) -> None:
    """So the test above fails when values, filter, place or length are forgotten."""
    spec = variant("yowo-resnext101").plan.input
    right, _ = _found(network, spec)
    for forgotten in (
        replace(spec, mean=OUR_INPUT.mean, std=OUR_INPUT.std),
        replace(spec, resize="area"),
        replace(spec, key="anywhere"),
        replace(spec, length=spec.length // 2),
    ):
        wrong, _ = _found(network, forgotten)
        assert wrong.shape != right.shape or np.abs(wrong - right).max() > 0.1


def test_flow_comes_from_the_videos_own_frames(square_clip: Path, tmp_path: Path) -> None:
    """The square moves right by a pixel a frame: its flow is positive in x, nothing in y."""
    spec = InputSpec(8, 1, 96, (0.0,) * 3, (1.0,) * 3, "bicubic", "last", flow=True)
    branches: tuple[Branch, ...] = ("3d", "flow-3d")
    config = YOWOConfig("shufflenetv2", 0.25, 2, spec, branches=branches, cfam=False)
    engine = Small(build(config), spec)
    with open_video(square_clip) as reader:
        part = FrameRange(20, 22)
        found = dict(detect_frames(reader, engine, part, PostprocessConfig(0.0), ClipChoice()))
    assert sorted(found) == [20, 21]
    across, down = engine.seen[0][0][3:5]
    edge = across[-1][np.abs(across[-1]) > 0.02]
    assert len(edge) > 100
    assert float(np.median(edge)) == pytest.approx(1 / 20, abs=0.015)
    assert abs(float(np.median(down[-1]))) < 0.01
    model, out = tmp_path / "flow.safetensors", tmp_path / "out.csv"
    save_model(model, build(config).state_dict(), ModelCard(config, ("a", "b"), {}))
    call = ["detect", str(square_clip), "--model", str(model), "--out", str(out)]
    done = CliRunner().invoke(
        app, [*call, "--frames", "3:5", "--feature-bank", "--backend", "torch"]
    )
    assert done.exit_code == 0, done.output
    assert out.is_file()
