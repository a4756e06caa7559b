"""3D backbones leave for ONNX by torch's dynamo exporter and compute the same there."""

import logging
import warnings
from pathlib import Path

import numpy as np
import onnxruntime
import pytest
import torch
from torch import nn

from yowo_core.backbones.temporal.choose import create_temporal
from yowo_core.backbones.temporal.names import TEMPORAL


def _lively(network: nn.Module) -> nn.Module:
    """The network with convolutions that keep the spread of their input, so that none fades."""
    torch.manual_seed(3)
    for module in network.modules():
        if isinstance(module, nn.Conv3d):
            nn.init.kaiming_normal_(module.weight)
    return network.eval()


@pytest.mark.parametrize(
    "name",
    [
        pytest.param(name, marks=() if name == "i3d" else pytest.mark.slow, id=name)
        for name in TEMPORAL
    ],
)
def test_the_exported_graph_gives_the_same_map(name: str, tmp_path: Path) -> None:
    network = _lively(create_temporal(name, TEMPORAL[name].widths[-1], shortcut="A"))
    clip = torch.rand(1, 3, 16, 64, 64)
    target = tmp_path / "network.onnx"
    logging.getLogger("torch.onnx").setLevel(logging.ERROR)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the exporter warns of its own future
        torch.onnx.export(
            network,
            (clip,),
            str(target),
            input_names=["clip"],
            opset_version=18,
            dynamo=True,
            external_data=False,
            verbose=False,
        )
    session = onnxruntime.InferenceSession(str(target), providers=["CPUExecutionProvider"])
    (exported,) = session.run(None, {"clip": clip.numpy()})
    with torch.no_grad():
        expected = network(clip).numpy()
    assert expected.std() > 1e-6  # small, as zeros around so small a clip thin it out
    np.testing.assert_allclose(exported, expected, atol=1e-4 * expected.std())
