"""Every network by name: built, run, decoded, saved, loaded, and the same on ONNX Runtime.

Small ones of every kind on small clips by default; with -m slow all of them and ONNX, at 160, 224
and 320 pixels and at their own length, which takes hours: choose some with -k.
"""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import onnxruntime
import pytest
import torch
from torch import Tensor, nn

from yowo_core.infer.onnx_export import export
from yowo_core.models.card import ModelCard
from yowo_core.models.configs.base import DetectorConfig
from yowo_core.models.costs import resized
from yowo_core.models.create import build
from yowo_core.models.detector import Detector
from yowo_core.models.fusion import ChannelAttention
from yowo_core.models.variants import VARIANTS, variant
from yowo_core.models.weights import load_model, save_model

LABELS = ("walk", "read", "sit")
REPRESENTATIVE = {
    "yowo-2d": (96, 1),
    "yowo-nano": (64, 8),
    "yowov2-nano": (96, 8),
    "yowov3-tiny": (160, 4),
    "center3d": (64, 4),
    "improved-yowo-i3d": (64, 16),
    "linknet-expand": (64, 8),
    "yolov3": (64, 1),
    "yowov3-n-mobilenet-0.5x-coupled": (96, 8),
    "yowov3-n-mobilenetv2-0.2x": (64, 16),
}
"""Pixels and frames on which each runs in the default tests."""


@pytest.fixture(autouse=True)
def _one_thread() -> Iterator[None]:
    """Small work is not quicker on several threads, and waits for each of them when others work."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def _config(name: str, size: int, length: int | None = None) -> DetectorConfig:
    return resized(variant(name).config(len(LABELS)), size, length)


def _clips(config: DetectorConfig) -> Tensor:
    """Two random clips as the network is fed them."""
    spec = config.input
    draw = np.random.default_rng(7).random((2, spec.channels, spec.length, spec.size, spec.size))
    clips = torch.from_numpy(draw.astype(np.float32))
    for channel in range(3):
        clips[:, channel] = (clips[:, channel] - spec.mean[channel]) / spec.std[channel]
    return clips


@torch.no_grad()
def _lively(config: DetectorConfig, clips: Tensor) -> Detector:
    """A fresh network whose maps vary as trained ones do, with weights of half precision.

    Its normalisations know the clips, its attention is on.
    """
    torch.manual_seed(0)
    network = build(config)
    for module in network.modules():
        if isinstance(module, nn.BatchNorm2d | nn.BatchNorm3d):
            module.momentum = None
        if isinstance(module, ChannelAttention):
            nn.init.constant_(module.gamma, 0.5)
    network(clips, clips[:, :, -1])
    rounded = {k: v.half().to(v.dtype) for k, v in network.state_dict().items()}
    network.load_state_dict(rounded)
    return network.eval()


@torch.no_grad()
def _detected(network: Detector, clips: Tensor) -> tuple[Tensor, Tensor]:
    """Boxes (A, 4) and scores (A, C) of the first clip."""
    boxes, scores = network.decode(network(clips[:1], clips[:1, :, -1]))
    return boxes[0], scores[0]


def _runs_and_comes_back(config: DetectorConfig, folder: Path) -> tuple[Path, Tensor, Tensor]:
    """A file of the network, and what it gives for the first clip."""
    clips = _clips(config)
    network = _lively(config, clips)
    boxes, scores = _detected(network, clips)
    assert boxes.shape[1:] == (4,)
    assert scores.shape == (len(boxes), len(LABELS))
    assert torch.isfinite(boxes).all()
    assert (boxes[:, 2:] >= boxes[:, :2]).all()
    assert 0 <= scores.min() < scores.max() <= 1
    path = folder / "model.safetensors"
    save_model(path, network.state_dict(), ModelCard(config, LABELS, {}))
    loaded, card = load_model(path)
    assert card.config == config
    again = _detected(loaded, clips)
    assert torch.equal(again[0], boxes)
    assert torch.equal(again[1], scores)
    return path, boxes, scores


def _same_on_onnx(path: Path, config: DetectorConfig, boxes: Tensor, scores: Tensor) -> None:
    graph = path.with_suffix(".onnx")
    export(path, graph)
    session = onnxruntime.InferenceSession(str(graph), providers=["CPUExecutionProvider"])
    clip = _clips(config)[:1].numpy()
    fed = {"clip": clip, "key_frame": np.ascontiguousarray(clip[:, :, -1])}
    wanted = {i.name for i in session.get_inputs()}
    found = session.run(["boxes", "scores"], {k: v for k, v in fed.items() if k in wanted})
    exact = _in_double_precision(path, config)
    for ours, torchs, right, least in zip(found, (boxes, scores), exact, (5e-3, 1e-4), strict=True):
        # a random network enlarges float32's own error, on ONNX Runtime as here
        own = float((torchs - right).abs().max())
        np.testing.assert_allclose(ours[0], torchs.numpy(), atol=max(least, 10 * own), rtol=1e-5)


@torch.no_grad()
def _in_double_precision(path: Path, config: DetectorConfig) -> tuple[Tensor, Tensor]:
    network, _ = load_model(path)
    boxes, scores = _detected(network.double(), _clips(config).double())
    return boxes.float(), scores.float()


def test_every_kind_of_network_has_a_representative() -> None:
    assert {variant(n).plan.family for n in REPRESENTATIVE} == {v.plan.family for v in VARIANTS}


@pytest.mark.parametrize("name", REPRESENTATIVE)
def test_a_network_is_built_run_decoded_saved_and_loaded(name: str, tmp_path: Path) -> None:
    _runs_and_comes_back(_config(name, *REPRESENTATIVE[name]), tmp_path)


@pytest.mark.slow
@pytest.mark.parametrize("size", [160, 224, 320])
@pytest.mark.parametrize("name", [v.name for v in VARIANTS])
def test_every_network_works_everywhere(name: str, size: int, tmp_path: Path) -> None:
    config = _config(name, size)
    path, boxes, scores = _runs_and_comes_back(config, tmp_path)
    _same_on_onnx(path, config, boxes, scores)
    path.unlink()
