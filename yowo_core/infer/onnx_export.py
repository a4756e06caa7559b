"""Turn a model file into an ONNX graph that ends in decoded boxes and scores."""

import json
import logging
import tempfile
import warnings
from pathlib import Path

import onnx
import torch
from torch import Tensor, nn

from yowo_core.infer.feature_bank import CLIP
from yowo_core.infer.onnx_cache import Part
from yowo_core.input_spec import spec_to_json
from yowo_core.models.detector import Detector, TwoBranch, two_branches
from yowo_core.models.weights import load_model

OPSET = 18


class _Decoded(nn.Module):
    """Network and decode as one graph."""

    def __init__(self, network: Detector) -> None:
        super().__init__()
        self.network = network

    def forward(self, clip: Tensor, key_frame: Tensor) -> tuple[Tensor, Tensor]:
        """Clip and key frame of one video -> boxes (1, A, 4), scores (1, A, C)."""
        return self.network.decode(self.network(clip, key_frame))


class _Clip(nn.Module):
    """The 3D part alone."""

    def __init__(self, network: TwoBranch) -> None:
        super().__init__()
        self.network = network

    def forward(self, clip: Tensor) -> Tensor:
        """Clip -> its map, for every key frame of it."""
        return self.network.clip_map(clip)


class _OnClip(nn.Module):
    """All that comes behind the 3D part, with decode."""

    def __init__(self, network: TwoBranch) -> None:
        super().__init__()
        self.network = network

    def forward(self, clip_map: Tensor, key_frame: Tensor) -> tuple[Tensor, Tensor]:
        """A clip's map and one of its frames -> boxes (1, A, 4), scores (1, A, C)."""
        return self.network.decode(self.network.detect_on(clip_map, key_frame))


class ExpMish(nn.Module):
    """Mish, x tanh(ln(1 + e^x)), by one exponential.

    ONNX Runtime's softplus takes two thirds of CSPDarknet-53's time, its exponential next to none.
    """

    def forward(self, x: Tensor) -> Tensor:
        """Any shape -> the same shape."""
        grown = x.clamp(max=20.0).exp()  # from there on the factor is 1 in single precision
        ratio = grown * (grown + 2)
        return x * (ratio / (ratio + 2))


def with_quick_mish(network: nn.Module) -> None:
    """Put `ExpMish` in the place of every Mish inside a network."""
    for parent in list(network.modules()):
        for name, child in parent.named_children():
            if isinstance(child, nn.Mish):
                setattr(parent, name, ExpMish())


def _parted(
    network: Detector, clip: Tensor, part: Part
) -> tuple[nn.Module, dict[str, Tensor], list[str]]:
    """The module to export, its inputs by name, the names of its outputs."""
    key_frame = clip[:, :, 0]
    if part == "whole":
        return _Decoded(network), {"clip": clip, "key_frame": key_frame}, ["boxes", "scores"]
    apart = two_branches(network)
    if part in {"clip", "bank"}:
        return _Clip(apart), {"clip": clip}, ["clip_map"]
    with torch.inference_mode():
        clip_map = torch.zeros_like(apart.clip_map(clip))
    return _OnClip(apart), {"clip_map": clip_map, "key_frame": key_frame}, ["boxes", "scores"]


def export(model: Path, target: Path, part: Part = "whole") -> None:
    """Write a graph of a model with its labels and input as metadata, all or nothing.

    ConfigError when only a part is wanted of a network that has no 3D part on its own.
    """
    network, card = load_model(model)
    with_quick_mish(network)
    spec = card.config.input
    length = CLIP if part == "bank" else spec.length
    clip = torch.zeros(1, spec.channels, length, spec.size, spec.size)
    module, inputs, outputs = _parted(network, clip, part)
    logging.getLogger("torch.onnx").setLevel(logging.ERROR)
    with tempfile.TemporaryDirectory(dir=target.parent) as folder, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the exporter warns of its own future
        partial = Path(folder) / "graph.onnx"
        torch.onnx.export(
            module.eval(),
            tuple(inputs.values()),
            str(partial),
            input_names=list(inputs),
            output_names=outputs,
            opset_version=OPSET,
            dynamo=True,
            external_data=False,
            verbose=False,
        )
        graph = onnx.load(str(partial))
        described = {
            "labels": json.dumps(card.labels),
            "input": json.dumps(spec_to_json(spec)),
        }
        onnx.helper.set_model_props(graph, described)
        onnx.save(graph, str(partial))
        partial.replace(target)
