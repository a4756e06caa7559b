"""Turn a model file into an ONNX graph that ends in decoded boxes and scores."""

import json
import logging
import tempfile
import warnings
from pathlib import Path

import onnx
import torch
from torch import Tensor, nn

from yowo_core.input_spec import spec_to_json
from yowo_core.models.detector import Detector
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


def export(model: Path, target: Path) -> None:
    """Write the graph of a model with its labels and input as metadata, all or nothing."""
    network, card = load_model(model)
    spec = card.config.input
    clip = torch.zeros(1, spec.channels, spec.length, spec.size, spec.size)
    logging.getLogger("torch.onnx").setLevel(logging.ERROR)
    with tempfile.TemporaryDirectory(dir=target.parent) as folder, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the exporter warns of its own future
        partial = Path(folder) / "graph.onnx"
        torch.onnx.export(
            _Decoded(network).eval(),
            (clip, clip[:, :, 0]),
            str(partial),
            input_names=["clip", "key_frame"],
            output_names=["boxes", "scores"],
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
