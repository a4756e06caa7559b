"""YOWOv3's size and how it begins."""

import numpy as np
import pytest
import torch
from torch import nn

from yowo_core.models.create import create_model
from yowo_core.models.yowov3 import YOWOv3, decode


def test_parameter_count_is_the_papers() -> None:
    """10.15 M in table 1; the paper's tool counts the 16 constants of the DFL layer too."""
    model = create_model("yowov3-tiny", 24)
    assert sum(p.numel() for p in model.parameters()) + 16 == pytest.approx(10.15e6, rel=5e-4)


def test_untrained_boxes_have_the_prior_side() -> None:
    model = create_model("yowov3-tiny", 3).eval()
    assert isinstance(model, YOWOv3)
    for layer in model.box.last_layers():
        nn.init.zeros_(layer.weight)
    with torch.no_grad():
        boxes, _ = decode(model(torch.zeros(1, 3, 16, 224, 224), torch.zeros(1, 3, 224, 224)))
    sides = (boxes[0, :, 2] - boxes[0, :, 0]).numpy()
    np.testing.assert_allclose(sides[[0, 800, 1000]], 2 * 2.5 * np.array([8, 16, 32]), rtol=1e-3)
