"""YOWOv2 on a real clip: saved, loaded, run by torch and by ONNX Runtime, the same detections."""

from dataclasses import replace
from importlib.resources import files
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from yowo_core.annotations import FrameRange
from yowo_core.infer.engine import open_engine
from yowo_core.infer.pipeline import ClipChoice, clips, detect_frames
from yowo_core.infer.postprocess import PostprocessConfig
from yowo_core.input_spec import InputSpec
from yowo_core.models.card import ModelCard
from yowo_core.models.configs.variant import Variant
from yowo_core.models.configs.yowov2 import VARIANTS, YOWOv2Config
from yowo_core.models.create import build
from yowo_core.models.fusion import ChannelAttention
from yowo_core.models.weights import save_model
from yowo_core.structures import Detections
from yowo_core.video import open_video
from yowo_core.video.clips import normalised

CLIP = Path(str(files("resources"))) / "demo" / "one-by-one-person-detection.mp4"
EVERYTHING = PostprocessConfig(min_score=0.0)


def _saved(config: YOWOv2Config, path: Path, seen: Tensor) -> Path:
    """A network whose maps vary over the picture, as trained ones do and fresh ones hardly.

    Its normalisations know the clips that it has seen, (B, 3, T, S, S).
    """
    torch.manual_seed(0)
    model = build(config)
    for module in model.modules():
        if isinstance(module, nn.BatchNorm2d | nn.BatchNorm3d):
            module.momentum = None
        if isinstance(module, ChannelAttention):
            nn.init.constant_(module.gamma, 0.5)
    with torch.no_grad():
        model(seen, seen[:, :, -1])
        for weight in model.get_submodule("sides").parameters():
            weight.mul_(0.2)  # sides of boxes are exponentials
    save_model(path, model.state_dict(), ModelCard(config, ("walk", "read"), {}))
    return path


def _clips(spec: InputSpec, *keys: int) -> Tensor:
    """Clips of the real video as a network gets them."""
    with open_video(CLIP) as reader:
        found = [next(clips(reader, spec, FrameRange(k, k + 1), ClipChoice()))[1] for k in keys]
    return torch.from_numpy(np.stack([normalised(clip, spec) for clip in found]))


def _detections(model: Path, backend: str) -> Detections:
    engine = open_engine(model, backend, "cpu", 2)
    with open_video(CLIP) as reader:
        part = FrameRange(100, 101)
        ((_, found),) = detect_frames(reader, engine, part, EVERYTHING, ClipChoice())
    return found


def _same_on_both_backends(config: YOWOv2Config, folder: Path) -> None:
    model = _saved(config, folder / "model.safetensors", _clips(config.input, 100, 300))
    by_torch, by_onnx = _detections(model, "torch"), _detections(model, "onnx")
    assert len(by_torch.boxes) > 1
    np.testing.assert_allclose(by_onnx.boxes, by_torch.boxes, atol=5e-3 * 768 / config.input.size)
    np.testing.assert_allclose(by_onnx.scores, by_torch.scores, atol=1e-4)


@pytest.fixture(autouse=True)
def _own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("YOWO_CACHE", str(tmp_path / "cache"))


def test_a_small_one_detects_the_same_on_both_backends(tmp_path: Path) -> None:
    spec = replace(VARIANTS[0].plan.input, length=8, size=96)
    config = YOWOv2Config("tiny", "mobilenet", 0.5, 16, 2, spec, activation="leaky")
    _same_on_both_backends(config, tmp_path)


@pytest.mark.slow
@pytest.mark.parametrize("size", [160, 224, 320])
@pytest.mark.parametrize("row", VARIANTS, ids=lambda row: row.name)
def test_every_variant_detects_the_same_on_both_backends(
    row: Variant, size: int, tmp_path: Path
) -> None:
    config = row.config(2)
    assert isinstance(config, YOWOv2Config)
    _same_on_both_backends(replace(config, input=replace(config.input, size=size)), tmp_path)
