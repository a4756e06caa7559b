"""Where a network looks: against a network small enough to know the answer by hand."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from yowo_core.errors import ConfigError
from yowo_core.infer.activation import activation, share_inside, weigh
from yowo_core.input_spec import InputSpec
from yowo_core.models.configs.base import DetectorConfig
from yowo_core.models.configs.yowov3 import YOWOv3Config
from yowo_core.models.create import build
from yowo_core.models.detector import Detector
from yowo_core.models.variants import variant

SIZE, CELL = 64, 32


class _Cells(nn.Module):
    """The mean of each channel in each cell of 32 pixels."""

    def forward(self, x: Tensor) -> Tensor:
        flat = x.mean(2) if x.dim() == 5 else x
        return nn.functional.avg_pool2d(flat, CELL)


class _ByHand(Detector):
    """A box a cell; class c's logit is what channel c of the 3D map says there, the 2D map twice.

    Class 2 depends on nothing.
    """

    def __init__(self) -> None:
        super().__init__()
        self.config = DetectorConfig()
        self.config.num_classes = 3
        self.config.input = InputSpec(length=2, size=SIZE)
        self.spatial, self.temporal = _Cells(), _Cells()

    def forward(self, clip: Tensor, key_frame: Tensor) -> tuple[Tensor, ...]:
        return (self.temporal(clip) + 2 * self.spatial(key_frame),)

    def decode(self, maps: tuple[Tensor, ...]) -> tuple[Tensor, Tensor]:
        logits = maps[0].flatten(2).transpose(1, 2)
        logits = torch.cat((logits[..., :2], torch.full_like(logits[..., :1], -9.0)), -1)
        corners = torch.tensor([[x, y] for y in (0, CELL) for x in (0, CELL)], dtype=torch.float32)
        return torch.cat((corners, corners + CELL), 1)[None], logits.sigmoid()

    def class_rows(self) -> dict[str, Tensor]:
        return {}

    def branches(self) -> dict[str, nn.Module]:
        return {"2d": self.spatial, "3d": self.temporal}


def _clip() -> Tensor:
    """Class 0 moves in the upper right cell, class 1 stands in the lower left one."""
    clip = torch.zeros(3, 2, SIZE, SIZE)
    clip[0, 0, :CELL, CELL:] = 4.0  # only before the key frame
    clip[1, :, CELL:, :CELL] = 1.0
    return clip


def test_a_map_tells_what_each_place_adds_to_the_score() -> None:
    found = weigh(_ByHand(), _clip(), 1, 0)
    ((features, gradient),) = found.evidence["3d"]
    told = (features * gradient).sum(1)[0]
    # the logit is 2 in the upper right cell, so y gains 2 * sigmoid(2) from there and 0 elsewhere
    expected = 2 * torch.tensor(2.0).sigmoid()
    assert torch.allclose(told, torch.tensor([[0.0, expected], [0.0, 0.0]]), atol=1e-4)


def test_each_branch_and_class_has_a_map_of_its_own() -> None:
    moving, standing = (activation(_ByHand(), _clip(), 1, c) for c in (0, 1))
    assert share_inside(moving.maps["3d"], (CELL, 0, SIZE, CELL)) > 0.6
    assert moving.maps["3d"][0, -1] == 1.0
    assert not moving.maps["2d"].any()  # what moved is gone from the key frame
    for shown in standing.maps.values():
        assert shown.shape == (SIZE, SIZE)
        assert shown.max() == 1.0
        assert shown.min() == 0.0
        assert shown[-1, 0] == 1.0


def test_without_a_class_that_of_the_best_box_is_taken() -> None:
    clip = _clip()
    clip[1] *= 3
    best = activation(_ByHand(), clip, 1)
    assert best.number == 1
    assert best.score == pytest.approx(1 / (1 + np.exp(-9)))
    np.testing.assert_array_equal(best.box, [0, CELL, CELL, SIZE])


def test_a_class_that_nothing_speaks_for_has_dark_maps() -> None:
    nothing = activation(_ByHand(), _clip(), 1, 2)
    assert not any(shown.any() for shown in nothing.maps.values())
    assert share_inside(nothing.maps["3d"], (0, 0, SIZE, SIZE)) == 0.0


def test_a_class_that_is_not_there_is_refused() -> None:
    with pytest.raises(ConfigError, match=r"no class number 3: it has 3"):
        activation(_ByHand(), _clip(), 1, 3)


@pytest.mark.parametrize("name", ["yowov3-n-shufflenetv2-0.25x", "yowov2-nano", "yowo-nano"])
def test_every_family_has_maps_of_its_branches(name: str) -> None:
    plan: Any = variant(name).plan
    spec = replace(plan.input, size=SIZE)
    network = build(replace(plan, num_classes=2, input=spec)).eval()
    seen = activation(network, torch.rand(3, spec.length, SIZE, SIZE), spec.length - 1, 0)
    assert set(seen.maps) == set(network.branches())
    assert all(shown.max() in (0.0, 1.0) for shown in seen.maps.values())


def test_a_real_network_gives_both_maps_and_stays_as_it_was() -> None:
    torch.manual_seed(0)
    spec = InputSpec(length=4, size=SIZE)
    network = build(YOWOv3Config("n", "shufflenetv2", 0.25, 16, 2, spec)).eval()
    network.temporal.requires_grad_(False)
    before = {name: p.requires_grad for name, p in network.named_parameters()}
    clip = torch.rand(3, 4, SIZE, SIZE)
    with torch.inference_mode():
        expected = network.decode(network(clip[None], clip[None, :, 2]))[1]
    found = weigh(network, clip, 2, 1)
    assert torch.equal(found.scores, expected[0, :, 1])
    assert len(found.evidence["2d"]) == 3
    assert all(g.abs().sum() > 0 for _, g in (*found.evidence["2d"], *found.evidence["3d"]))
    seen = activation(network, clip, 2, 1)
    assert set(seen.maps) == {"2d", "3d"}
    assert {name: p.requires_grad for name, p in network.named_parameters()} == before
    assert all(p.grad is None for p in network.parameters())
    assert not any(m._forward_hooks for m in network.modules())
