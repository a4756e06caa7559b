"""The 2D networks run at every size, give the maps they promise, and leave for ONNX unchanged."""

import logging
import warnings
from collections.abc import Callable
from pathlib import Path

import numpy as np
import onnxruntime
import pytest
import torch
from torch import Tensor, nn

from yowo_core.backbones.spatial.cspdarknet53 import CSPDarknet53
from yowo_core.backbones.spatial.darknet53 import Darknet53
from yowo_core.backbones.spatial.freeyolo import FreeYOLO
from yowo_core.backbones.spatial.yolov2 import YOLOv2, space_to_depth

NETWORKS: dict[str, Callable[[], nn.Module]] = {
    "yolov2": YOLOv2,
    "darknet53": Darknet53,
    "cspdarknet53": CSPDarknet53,
    "freeyolo-nano": lambda: FreeYOLO("nano"),
    "freeyolo-tiny": lambda: FreeYOLO("tiny"),
    "freeyolo-large": lambda: FreeYOLO("large"),
}
STRIDES = {"yolov2": (32,)}


def _maps(found: object) -> list[Tensor]:
    """All maps of a network's answer, however it groups them."""
    if isinstance(found, Tensor):
        return [found]
    assert isinstance(found, tuple)
    return [one for part in found for one in _maps(part)]


def _channels(network: nn.Module) -> tuple[int, ...]:
    channels = network.channels
    return (channels,) if isinstance(channels, int) else channels  # type: ignore[return-value]


@pytest.mark.parametrize("name", NETWORKS)
def test_maps_have_the_promised_shape_at_every_size(name: str) -> None:
    with torch.device("meta"):
        network = NETWORKS[name]().eval()
        channels, strides = _channels(network), STRIDES.get(name, (8, 16, 32))
        for size in (160, 224, 320):
            maps = _maps(network(torch.empty(2, 3, size, size)))
            one_task = [
                (2, c, size // s, size // s) for c, s in zip(channels, strides, strict=True)
            ]
            tasks = len(maps) // len(one_task)
            assert [tuple(m.shape) for m in maps] == one_task * tasks


@pytest.mark.slow
@pytest.mark.parametrize("name", NETWORKS)
def test_onnx_gives_the_same_maps(name: str, tmp_path: Path) -> None:
    torch.manual_seed(7)
    network, picture = NETWORKS[name]().eval(), torch.rand(1, 3, 64, 96)
    path = tmp_path / "network.onnx"
    logging.getLogger("torch.onnx").setLevel(logging.ERROR)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the exporter warns of its own future
        torch.onnx.export(network, (picture,), path, dynamo=True, verbose=False)
    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    answers = session.run(None, {session.get_inputs()[0].name: picture.numpy()})
    with torch.no_grad():
        expected = _maps(network(picture))
    assert len(answers) == len(expected)
    for answer, wanted in zip(answers, expected, strict=True):
        np.testing.assert_allclose(answer, wanted.numpy(), rtol=1e-4, atol=1e-5)
        assert float(wanted.std()) > 0


def test_space_to_depth_puts_the_place_in_the_cell_before_the_channel() -> None:
    """Channel 0 counts 0..7 over a 2x4 map, channel 1 counts 10..17."""
    x = torch.stack((torch.arange(8.0).view(2, 4), 10 + torch.arange(8.0).view(2, 4)))[None]
    found = space_to_depth(x)[0, :, 0].tolist()
    assert found == [[0, 2], [10, 12], [1, 3], [11, 13], [4, 6], [14, 16], [5, 7], [15, 17]]
