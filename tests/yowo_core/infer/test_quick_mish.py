"""Mish as it is exported equals torch's, everywhere."""

import math

import torch
from torch import nn

from yowo_core.backbones.spatial.cspdarknet53 import CSPDarknet53
from yowo_core.infer.onnx_export import ExpMish, with_quick_mish


def test_it_is_mish_near_zero_and_far_from_it() -> None:
    x = torch.cat((torch.linspace(-30, 30, 2001), torch.tensor([-1000.0, 0.0, 500.0, 3e38])))
    torch.testing.assert_close(ExpMish()(x), nn.Mish()(x), rtol=1e-5, atol=1e-6)
    # tanh(ln(1 + e)) = ((1 + e)^2 - 1) / ((1 + e)^2 + 1)
    square = (1 + math.e) ** 2
    assert abs(float(ExpMish()(torch.tensor(1.0))) - (square - 1) / (square + 1)) < 1e-6


def test_every_mish_of_a_network_gives_way_and_nothing_changes() -> None:
    torch.manual_seed(0)
    network = CSPDarknet53().eval()
    picture = torch.rand(1, 3, 32, 32)
    with torch.no_grad():
        before = network(picture)
        with_quick_mish(network)
        after = network(picture)
    kinds = [type(m) for m in network.modules()]
    assert kinds.count(ExpMish) == 72
    assert nn.Mish not in kinds
    for old, new in zip(before, after, strict=True):
        torch.testing.assert_close(new, old, rtol=1e-4, atol=1e-5)
