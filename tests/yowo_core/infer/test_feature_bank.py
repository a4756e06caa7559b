"""The feature bank averages the right clips, makes each once, and says when it cannot."""

from collections import Counter
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from torch import nn

from yowo_core.annotations import FrameRange
from yowo_core.errors import ConfigError, VideoError
from yowo_core.infer.engine import open_engine
from yowo_core.infer.feature_bank import clips_around, detect_with_bank
from yowo_core.infer.pipeline import ClipChoice, detect_frames
from yowo_core.infer.postprocess import PostprocessConfig, to_detections
from yowo_core.infer.torch_engine import TorchEngine
from yowo_core.input_spec import InputSpec
from yowo_core.models.card import ModelCard
from yowo_core.models.configs.yowo import YOWOConfig
from yowo_core.models.create import build
from yowo_core.models.weights import save_model
from yowo_core.models.yowo import YOWO
from yowo_core.structures import Detections
from yowo_core.video import VideoReader, open_video
from yowo_core.video.clips import normalised, resized

SPEC = InputSpec(16, size=64, mean=(0.0,) * 3, std=(1.0,) * 3, resize="bicubic", key="last")
ALL = PostprocessConfig(min_score=0)


@pytest.mark.parametrize(
    ("key", "frames", "first", "last"),
    [
        (100, 200, 9, 16),  # frames 72..135, from 28 before to 35 behind
        (99, 200, 8, 15),
        (3, 200, 0, 3),
        (4, 200, 0, 4),
        (199, 200, 21, 24),
        (0, 5, 0, 0),
        (20, 41, 0, 5),
    ],
)
def test_eight_clips_stand_around_a_key_frame(key: int, frames: int, first: int, last: int) -> None:
    clips = clips_around(key, frames)
    assert (clips.start, clips.stop - 1) == (first, last)
    assert key // 8 in clips


class Traced:
    """An engine whose features are the clip's mean value; it notes what it was asked."""

    labels: tuple[str, ...] = ("a",)
    spec = replace(SPEC, size=32)
    device = "cpu"

    def __init__(self) -> None:
        self.made: Counter[float] = Counter()
        self.asked: list[tuple[float, float]] = []

    def clip_map(self, clip: NDArray[np.float32]) -> NDArray[np.float32]:
        assert clip.shape == (3, 8, 32, 32)
        value = np.round(clip[:, :, 0, 0].mean(0) * 255)
        self.made[float(value[0])] += 1
        return np.full((1, 1, 1), value.mean(), np.float32)

    def run_on(
        self, clip_map: NDArray[np.float32], key_frame: NDArray[np.float32]
    ) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        self.asked.append((float(clip_map[0, 0, 0]), round(float(key_frame[0, 0, 0]) * 255)))
        return np.array([[0, 0, 9, 9]], np.float32), np.array([[0.5]], np.float32)

    def run(
        self, clip: NDArray[np.float32], key_frame: NDArray[np.float32]
    ) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        raise AssertionError(clip, key_frame)


def _numbered(reader: VideoReader, monkeypatch: pytest.MonkeyPatch, lost: set[int]) -> list[int]:
    """Each frame shows its own number; says which were decoded."""
    decoded: list[int] = []

    def frame(index: int) -> NDArray[np.uint8]:
        decoded.append(index)
        if index in lost:
            raise VideoError("damaged")
        return np.full((64, 96, 3), index, np.uint8)

    monkeypatch.setattr(reader, "frame", frame)
    return decoded


def test_every_clip_is_made_once_and_every_frame_decoded_once(
    square_clip: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = Traced()
    with open_video(square_clip) as reader:
        decoded = _numbered(reader, monkeypatch, set())
        found = list(detect_with_bank(reader, engine, FrameRange(0, 40), ALL))
    assert [key for key, _ in found] == list(range(40)) == decoded
    assert engine.made == Counter([0.0, 8.0, 16.0, 24.0, 32.0])
    middles = [3.5, 11.5, 19.5, 27.5, 35.5]
    for key, clips in ((0, middles[:4]), (4, middles), (39, middles[1:])):
        assert engine.asked[key][0] == pytest.approx(sum(clips) / len(clips))
        assert engine.asked[key][1] == key


def test_a_part_uses_what_is_around_it_and_damaged_frames_have_no_detections(
    square_clip: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = Traced()
    with open_video(square_clip) as reader:
        decoded = _numbered(reader, monkeypatch, {37})
        whole = FrameRange(36, 39)
        found = dict(detect_frames(reader, engine, whole, ALL, ClipChoice(bank=True)))
    assert decoded == list(range(8, 40))
    assert {f: len(d) for f, d in found.items()} == {36: 1, 37: 0, 38: 1}
    assert [key for _, key in engine.asked] == [36, 38]


@pytest.fixture
def trained(tmp_path: Path) -> Path:
    config = YOWOConfig("shufflenetv2", 0.25, 2, SPEC, branches=("3d",), cfam=False)
    torch.manual_seed(5)
    model = build(config)
    for module in model.modules():
        if isinstance(module, nn.BatchNorm3d):
            module.momentum = None
    clip = nn.functional.interpolate(torch.rand(4, 3, 4, 6, 6), (8, 64, 64), mode="trilinear")
    with torch.no_grad():
        model(clip, clip[:, :, -1])  # so that maps vary, as those of a trained network do
    card = ModelCard(config, ("a", "b"), {})
    save_model(tmp_path / "m", model.state_dict(), card, torch.float32)
    return tmp_path / "m"


def _boxes(found: Detections) -> NDArray[np.float32]:
    return np.concatenate((found.boxes, found.scores), 1)


def test_the_networks_features_are_averaged(square_clip: Path, trained: Path) -> None:
    """Frame 10 of 40, worked out by the network itself: all five clips, the last frame."""
    engine = TorchEngine(trained, "cpu", 1)
    part = FrameRange(10, 11)
    with open_video(square_clip) as reader:
        found = dict(detect_frames(reader, engine, part, ALL, ClipChoice(bank=True)))
        plain = dict(detect_frames(reader, engine, part, ALL, ClipChoice()))
        pictures = np.stack([resized(reader.frame(i), 64, "bicubic") for i in range(40)])
    network = engine._network
    assert isinstance(network, YOWO)
    clips = torch.from_numpy(normalised(pictures, SPEC)).reshape(3, 5, 8, 64, 64).transpose(0, 1)
    with torch.no_grad():
        mean = network.clip_map(clips).mean(0, keepdim=True)
        boxes, scores = network.decode(network.detect_on(mean, clips[:1, :, 0]))
    wanted = to_detections(boxes[0].numpy(), scores[0].numpy(), (96, 64), 64, ALL)
    np.testing.assert_allclose(_boxes(found[10]), _boxes(wanted), atol=1e-3)
    banked, single = _boxes(found[10]), _boxes(plain[10])
    assert banked.shape != single.shape or np.abs(banked - single).max() > 0.1


def test_onnx_runtime_banks_the_same(
    square_clip: Path, trained: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("YOWO_CACHE", str(tmp_path / "cache"))
    part = FrameRange(10, 12)
    found = []
    for backend in ("torch", "onnx"):
        engine = open_engine(trained, backend, "cpu", 1, bank=True)
        with open_video(square_clip) as reader:
            found.append(dict(detect_frames(reader, engine, part, ALL, ClipChoice(bank=True))))
    for key in (10, 11):
        np.testing.assert_allclose(_boxes(found[0][key]), _boxes(found[1][key]), atol=5e-3)


def test_what_cannot_be_banked_is_told(
    square_clip: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("YOWO_CACHE", str(tmp_path / "cache"))
    for other in ({"causal": True}, {"still": True}):
        with pytest.raises(ConfigError, match="32 frames before and after"):
            ClipChoice(bank=True, **other)
    spec = replace(SPEC, length=1, size=32)
    config = YOWOConfig("shufflenetv2", 0.25, 2, spec, branches=("2d",), cfam=False)
    card = ModelCard(config, ("a", "b"), {})
    save_model(tmp_path / "still", build(config).state_dict(), card)
    engine = open_engine(tmp_path / "still", "torch", "cpu", 1, bank=True)
    with open_video(square_clip) as reader, pytest.raises(ConfigError, match="no part that"):
        next(detect_with_bank(reader, engine, FrameRange(0, 1), ALL))
    with pytest.raises(ConfigError, match="no part that"):
        open_engine(tmp_path / "still", "onnx", "cpu", 1, bank=True)
