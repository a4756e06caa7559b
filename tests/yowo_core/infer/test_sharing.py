"""One pass of the 3D network for several key frames: the same clips, the same boxes and scores."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from typer.testing import CliRunner

from yowo_core.annotations import FrameRange
from yowo_core.cli.main import app
from yowo_core.errors import ConfigError, DataError
from yowo_core.formats import yowo_csv
from yowo_core.infer.engine import ClipEngine, detect, detect_shared, open_engine
from yowo_core.infer.pipeline import (
    ChunkStore,
    ClipChoice,
    analyse,
    clips,
    detect_frames,
    key_groups,
)
from yowo_core.infer.postprocess import PostprocessConfig
from yowo_core.input_spec import InputSpec
from yowo_core.models.card import ModelCard
from yowo_core.models.configs.yowov3 import YOWOv3Config
from yowo_core.models.create import build
from yowo_core.models.weights import save_model
from yowo_core.video import open_video
from yowo_core.video.clips import resized

SPEC = InputSpec(length=8, size=64)
SHARED = ClipChoice(share=4)
ALL = PostprocessConfig(min_score=0.0)


def _saved(folder: Path, spec: InputSpec = SPEC) -> Path:
    torch.manual_seed(0)
    config = YOWOv3Config("n", "shufflenetv2", 0.25, 16, 2, spec)
    path = folder / f"{spec.key}.safetensors"
    save_model(path, build(config).state_dict(), ModelCard(config, ("a", "b"), {}))
    return path


@pytest.fixture
def model(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("YOWO_CACHE", str(tmp_path / "cache"))
    return _saved(tmp_path)


def test_groups_are_those_of_the_whole_video() -> None:
    bounds = FrameRange(0, 11)
    whole = list(key_groups(FrameRange(0, 11), bounds, 2, 2))
    assert whole == [
        ([0, 2], 1),
        ([1, 3], 4),
        ([4, 6], 5),
        ([5, 7], 8),
        ([8, 10], 9),
        ([9], 11),
    ]
    assert list(key_groups(FrameRange(6, 9), bounds, 2, 2)) == [*whole[2:4], whole[4]]
    assert list(key_groups(FrameRange(3, 5), bounds, 1, 1)) == [([3], 4), ([4], 5)]


@pytest.mark.parametrize("stride", [1, 2, 3, 7])  # 7: the clip is longer than the video
@pytest.mark.parametrize("share", [2, 5, 8])
@pytest.mark.parametrize("part", [FrameRange(0, 40), FrameRange(23, 40), FrameRange(31, 34)])
def test_every_frame_is_in_the_clip_that_serves_it(
    square_clip: Path, stride: int, share: int, part: FrameRange
) -> None:
    spec = InputSpec(length=8, stride=stride, size=32)
    served: list[int] = []
    with open_video(square_clip) as reader:
        pictures = [resized(reader.frame(i), 32) for i in range(40)]
        for keys, clip, places, _ in clips(reader, spec, part, ClipChoice(share=share)):
            served += keys
            for key, place in zip(keys, places, strict=True):
                assert np.array_equal(clip[place], pictures[key])
            inside = np.clip(keys[0] + (np.arange(8) - places[0]) * stride, 0, 39)
            assert np.array_equal(clip, np.stack([pictures[i] for i in inside]))
            if stride * 7 < 40 - stride:
                assert len(set(inside.tolist())) == 8
    assert sorted(served) == list(range(part.start, part.stop))


@pytest.mark.parametrize("backend", ["torch", pytest.param("onnx", marks=pytest.mark.slow)])
def test_shared_passes_give_what_single_ones_give(
    square_clip: Path, model: Path, backend: str
) -> None:
    single = open_engine(model, "torch", "cpu", 1)
    shared = open_engine(model, backend, "cpu", 1, share=4)
    part, size = FrameRange(3, 14), (96, 64)
    with open_video(square_clip) as reader:
        found = list(detect_frames(reader, shared, part, ALL, SHARED))
        alone = {
            key: detect(single, clip, place, size, ALL)
            for keys, clip, places, _ in clips(reader, SPEC, part, SHARED)
            for key, place in zip(keys, places, strict=True)
        }
    assert [frame for frame, _ in found] == list(range(3, 14))
    allowed = 0 if backend == "torch" else 1e-3
    for frame, detections in found:
        assert len(detections)
        np.testing.assert_allclose(detections.boxes, alone[frame].boxes, atol=allowed)
        np.testing.assert_allclose(detections.scores, alone[frame].scores, atol=allowed)


def test_the_clip_is_seen_once_for_all_its_key_frames(model: Path) -> None:
    engine = open_engine(model, "torch", "cpu", 1, share=4)
    network = engine._network  # type: ignore[attr-defined]
    seen: list[torch.Tensor] = []
    network.temporal.register_forward_hook(lambda _module, _given, made: seen.append(made))
    clip = np.random.default_rng(0).integers(0, 256, (8, 64, 64, 3), np.uint8)
    assert len(detect_shared(engine, clip, [2, 3, 4, 5], (96, 64), ALL)) == 4
    assert len(seen) == 1


def test_a_shared_analysis_that_goes_on_equals_one_in_a_go(
    square_clip: Path, model: Path, tmp_path: Path
) -> None:
    engine = open_engine(model, "torch", "cpu", 1, share=4)
    part, options = FrameRange(0, 24), (PostprocessConfig(), SHARED)
    with open_video(square_clip) as reader:
        source = (reader, engine)
        whole = analyse(source, part, ChunkStore(tmp_path / "a", 2), options, lambda _n: True)
        begun = ChunkStore(tmp_path / "b", 2)
        assert len(analyse(source, part, begun, options, lambda done: done < 10)) == 10
        rest = analyse(source, part, ChunkStore(tmp_path / "b", 2), options, lambda _n: True)
    for frame in range(24):
        assert np.array_equal(rest[frame].boxes, whole[frame].boxes)


def test_detect_shares_on_request(square_clip: Path, model: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.csv"
    arguments = ["detect", str(square_clip), "--model", str(model), "--out", str(out)]
    options = ["--share", "4", "--backend", "torch", "--frames", "4:11"]
    done = CliRunner().invoke(app, [*arguments, *options])
    assert done.exit_code == 0, done.output
    tubes = [t for v in yowo_csv.read(out).annotations.videos for t in v.tubes]
    assert {f for t in tubes for f in t.frames.tolist()} == set(range(4, 11))


def test_what_cannot_be_shared_is_said(model: Path, tmp_path: Path) -> None:
    for backend in ("torch", "onnx"):
        with pytest.raises(ConfigError, match=r"8 frames, which cannot serve 9 .*--share 8"):
            open_engine(model, backend, "cpu", 1, share=9)
        with pytest.raises(ConfigError, match="key frame last"):
            open_engine(_saved(tmp_path, replace(SPEC, key="last")), backend, "cpu", 1, share=2)
    with pytest.raises(ConfigError, match="Leave out --share"):
        ClipChoice(causal=True, share=2)
    with pytest.raises(ConfigError, match="not 0"):
        ClipChoice(share=0)


def _apart(model: Path, backend: str) -> ClipEngine:
    engine = open_engine(model, backend, "cpu", 1, share=4)
    assert isinstance(engine, ClipEngine)
    return engine


@pytest.mark.slow
def test_graphs_refuse_what_they_were_not_made_for_with_both_sizes(model: Path) -> None:
    engine = _apart(model, "onnx")
    for frames, side in ((8, 96), (4, 64)):
        told = rf"{frames} frames of {side}x{side} .* wants 8 frames of 64x64 "
        with pytest.raises(DataError, match=told):
            engine.clip_map(np.zeros((3, frames, side, side), np.float32))
    seen = engine.clip_map(np.zeros((3, 8, 64, 64), np.float32))
    with pytest.raises(DataError, match=r"key frame has 64x32 .* wants 64x64 "):
        engine.run_on(seen, np.zeros((3, 32, 64), np.float32))


def test_on_torch_only_the_length_of_a_clip_is_free(model: Path) -> None:
    """The feature bank's clips have a length of their own."""
    engine = _apart(model, "torch")
    seen = engine.clip_map(np.zeros((3, 4, 64, 64), np.float32))
    assert seen.shape[1:] == (2, 2)
    with pytest.raises(DataError, match=r"4 frames of 96x96 .* wants 4 frames of 64x64 "):
        engine.clip_map(np.zeros((3, 4, 96, 96), np.float32))
    with pytest.raises(DataError, match=r"key frame has 64x32 .* wants 64x64 "):
        engine.run_on(seen, np.zeros((3, 32, 64), np.float32))
