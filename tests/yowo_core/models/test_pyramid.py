"""What networks with three scales have in common, on numbers worked by hand."""

import math

import pytest
import torch
from torch import nn

from yowo_core.models.configs.nine_anchors import ANCHORS, COCO, anchors_for
from yowo_core.models.pyramid import (
    DropBlock,
    Pyramid,
    ScaleHead,
    SqueezeExcite,
    decode_scales,
    head_class_rows,
    start_biases,
)


def test_channels_are_weighed_by_a_bottleneck_of_their_averages() -> None:
    layer = SqueezeExcite(2, 2)
    with torch.no_grad():
        layer.squeeze.weight.copy_(torch.tensor([[1.0, -1.0]]))
        layer.squeeze.bias.fill_(0.5)
        layer.excite.weight.copy_(torch.tensor([[2.0], [-1.0]]))
        layer.excite.bias.copy_(torch.tensor([0.0, 1.0]))
    # averages 3 and 1: squeezed to relu(3 - 1 + 0.5) = 2.5, excited to 5 and -1.5
    x = torch.tensor([[[[2.0, 4.0]], [[0.0, 2.0]]]])
    first, second = 1 / (1 + math.exp(-5)), 1 / (1 + math.exp(1.5))
    expected = torch.tensor([[[[2 * first, 4 * first]], [[0.0, 2 * second]]]])
    assert torch.allclose(layer(x), expected)
    # averages 1 and 3: the squeezed value is below zero, so only the biases speak
    turned = layer(x.flip(1))
    assert torch.allclose(turned[0, 0], x[0, 1] * 0.5)
    assert torch.allclose(turned[0, 1], x[0, 0] / (1 + math.exp(-1)))


def test_dropping_ends_with_the_training() -> None:
    layer = DropBlock(3, 0.5)
    x = torch.ones(1, 8, 14, 14)
    torch.manual_seed(0)
    assert (layer(x) == 0).any()
    assert torch.equal(layer.eval()(x), x)
    assert not layer.state_dict()


def test_coarse_maps_are_handed_on_before_the_finer_ones() -> None:
    pyramid = Pyramid((4, 6, 8), (2, 4, 6), 3).eval()
    sizes = (8, 4, 2)
    maps = tuple(torch.randn(1, c, s, s) for c, s in zip((4, 6, 8), sizes, strict=True))
    seen: list[torch.Tensor] = []
    pyramid.blocks[1].register_forward_pre_hook(lambda _m, given: seen.append(given[0]))
    fine, middle, coarse = pyramid(maps)
    assert [m.shape[1:] for m in (fine, middle, coarse)] == [(2, 8, 8), (4, 4, 4), (6, 2, 2)]
    assert torch.equal(seen[0][:, 4:], maps[1])
    enlarged = pyramid.ups[1](coarse).repeat_interleave(2, 2).repeat_interleave(2, 3)
    assert torch.equal(seen[0][:, :4], enlarged)


def test_a_scale_answers_with_its_three_anchors() -> None:
    anchors = tuple((10.0 * n, 20.0 * n) for n in range(1, 10))
    classes = 2
    maps = [torch.full((1, 3 * 7, s, s), -20.0) for s in (4, 2, 1)]
    rows = maps[1].view(1, 3, 7, 2, 2)  # the middle scale, its second anchor: number 5 of 9
    rows[0, 1, :, 0, 1] = torch.tensor([0.0, 0.0, math.log(2), 0.0, 0.0, math.log(3), -20.0])
    boxes, scores = decode_scales(tuple(maps), anchors, 0)
    assert boxes.shape == (1, 3 * (16 + 4 + 1), 4)
    assert scores.shape[-1] == classes
    best = int(scores[0].max(1).values.argmax())
    assert best == 3 * 16 + 4 + 1
    # centre of the cell (1, 0) of 16 pixels: (24, 8); 2 * 50 wide, 100 high
    assert boxes[0, best].tolist() == pytest.approx([-26, -42, 74, 58])
    assert float(scores[0, best, 0]) == pytest.approx(0.5 * 0.75)


def test_the_other_order_of_channels_decodes_to_the_same() -> None:
    torch.manual_seed(0)
    maps = [torch.randn(1, 3 * 7, s, s) for s in (4, 2, 1)]
    turned = []
    for raw in maps:
        rows = raw.view(1, 3, 7, *raw.shape[2:])
        parts = (rows[:, :, 4], rows[:, :, 5:].flatten(1, 2), rows[:, :, :4].flatten(1, 2))
        turned.append(torch.cat(parts, 1))
    first = decode_scales(tuple(maps), COCO, 0)
    second = decode_scales(tuple(turned), COCO, 0, types=True)
    assert torch.allclose(first[0], second[0])
    assert torch.allclose(first[1], second[1])


@pytest.mark.parametrize("types", [False, True])
def test_heads_begin_with_little_confidence_and_the_anchors(types: bool) -> None:
    heads = nn.ModuleList(ScaleHead(4, 3 * 7) for _ in range(3))
    start_biases(heads, 2, types=types)
    for head in heads:
        head.predict.weight.data.zero_()  # type: ignore[union-attr, operator]
    maps = tuple(h.eval()(torch.randn(1, 4, s, s)) for h, s in zip(heads, (4, 2, 1), strict=True))
    boxes, scores = decode_scales(maps, COCO, 0, types=types)
    assert scores.max().item() == pytest.approx(0.01**2)
    assert scores.min().item() == pytest.approx(0.01**2)
    sides = (boxes[0, -3:, 2:] - boxes[0, -3:, :2]).flatten().tolist()
    assert sides == pytest.approx([116, 90, 156, 198, 373, 326], rel=1e-5)
    rows = head_class_rows(2, types=types)
    assert set(rows) == {f"heads.{n}.predict.{p}" for n in range(3) for p in ("weight", "bias")}
    free = torch.ones(21, dtype=torch.bool)
    free[rows["heads.0.predict.bias"].flatten()] = False
    assert int(free.sum()) == 15


def test_anchors_grow_with_the_input() -> None:
    assert anchors_for("ucf24", 224) == ANCHORS["ucf24"]
    assert anchors_for("coco", 416)[8] == pytest.approx((373, 326))
    assert anchors_for("jhmdb21", 448)[0] == (54, 150)
