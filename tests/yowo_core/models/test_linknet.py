"""Linknet: what a link gives, where it goes, what it costs on paper, and the whole network."""

import warnings
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
import pytest
import torch
from torch import Tensor, nn

from yowo_core.backbones.spatial.yolov2 import STAGES
from yowo_core.errors import ConfigError, DataError
from yowo_core.infer.engine import open_engine
from yowo_core.input_spec import InputSpec
from yowo_core.models.card import ModelCard
from yowo_core.models.classes import take_over
from yowo_core.models.configs import linknet
from yowo_core.models.configs.linknet import LinkKind, LinknetConfig
from yowo_core.models.configs.stored import config_from_json, config_to_json
from yowo_core.models.configs.yowo import DATA_SETS, YOWOConfig
from yowo_core.models.create import build, create_model
from yowo_core.models.linknet import Link, Linknet
from yowo_core.models.variants import variant
from yowo_core.models.weights import load_model, save_model

NAMES = [v.name for v in linknet.VARIANTS]
KINDS: tuple[LinkKind, ...] = ("expand", "conv3d", "expand-conv3d", "bottleneck")
SMALL = InputSpec(length=8, size=32)


def _map() -> Tensor:
    """One channel of 2 x 2 places, whose sum is 10."""
    return torch.tensor([[[[1.0, 2], [3, 4]]]])


def _set(conv: nn.Module, weights: Tensor | float, bias: float | Tensor) -> None:
    assert isinstance(conv, nn.Conv3d)
    assert conv.bias is not None
    with torch.no_grad():
        conv.weight.copy_(torch.as_tensor(weights).expand_as(conv.weight))
        conv.bias.copy_(torch.as_tensor(bias))


def test_expanding_repeats_the_map() -> None:
    found = Link("expand", 1)(_map(), 3)
    assert found.shape == (1, 1, 3, 2, 2)
    assert found[0, 0].tolist() == [[[1, 2], [3, 4]]] * 3


def test_a_convolution_sees_the_places_around_and_gives_the_same_for_every_frame() -> None:
    link = Link("conv3d", 1)
    assert isinstance(link.layers, nn.Conv3d)
    _set(link.layers, 0.0, 0.5)
    with torch.no_grad():
        link.layers.weight[0, 0, 0] = torch.tensor([[0.0, 0, 0], [10, 1, 100], [0, 1000, 0]])
    found = link(_map(), 4)
    # each place: itself, 10 times its left, 100 times its right, 1000 times the one below, 0.5
    place = [[3201.5, 4012.5], [403.5, 34.5]]
    assert found[0, 0].tolist() == [place] * 4


@pytest.mark.parametrize(
    ("frames", "sums"), [(1, [10]), (2, [20, 20]), (4, [20, 30, 30, 20])], ids=str
)
def test_a_convolution_of_repeated_frames_misses_those_beyond_the_ends(
    frames: int, sums: list[float]
) -> None:
    link = Link("expand-conv3d", 1)
    _set(link.layers, 1.0, 0.25)
    found = link(_map(), frames)
    assert found.shape == (1, 1, frames, 2, 2)
    assert found[0, 0, :, 0, 0].tolist() == [s + 0.25 for s in sums]
    assert torch.equal(found, found[..., :1, :1].expand_as(found))  # 3x3 covers all places


def test_a_bottleneck_narrows_then_widens() -> None:
    link = Link("bottleneck", 4)
    assert isinstance(link.layers, nn.Sequential)
    narrow, widen = link.layers[0], link.layers[2]
    assert narrow.weight.shape == (1, 4, 1, 1, 1)
    _set(narrow, torch.tensor([1.0, 1, -1, 0]).view(1, 4, 1, 1, 1), -1.0)
    _set(widen, torch.tensor([1.0, 2, 0, -1]).view(4, 1, 1, 1, 1), torch.tensor([0, 0, 5.0, 0]))
    four = torch.cat((_map(), 2 * _map(), _map(), 9 * _map()), 1)
    # 1x1x1: 2 x - 1 of 1, 2, 3, 4 is 1, 3, 5, 7: sum 16; 3 frames: 32, 48, 32
    found = link(four, 3)[0, :, :, 0, 0]
    assert found.tolist() == [[32, 48, 32], [64, 96, 64], [5, 5, 5], [-32, -48, -32]]
    with torch.no_grad():
        narrow.get_parameter("bias").fill_(-100)  # nothing passes the ReLU
    assert link(four, 3)[0, :, 1, 0, 0].tolist() == [0, 0, 5, 0]


class _All(nn.Module):
    """A link of every kind, whose outputs stand one after the other."""

    def __init__(self) -> None:
        super().__init__()
        self.links = nn.ModuleList(Link(kind, 4) for kind in KINDS)

    def forward(self, picture_map: Tensor) -> Tensor:
        return torch.cat([link(picture_map, 3) for link in self.links], 1)


def test_links_leave_for_onnx_unchanged(tmp_path: Path) -> None:
    links, path, picture = _All().eval(), str(tmp_path / "links.onnx"), torch.randn(1, 4, 4, 4)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the exporter warns of its own future
        torch.onnx.export(links, (picture,), path, dynamo=True, external_data=False, verbose=False)
    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    (found,) = session.run(None, {session.get_inputs()[0].name: picture.numpy()})
    np.testing.assert_allclose(found, links(picture).detach(), atol=1e-5)
    assert found.shape == (1, 16, 3, 4, 4)


@pytest.mark.parametrize("name", NAMES)
def test_every_variant_gives_one_grid_of_cells_at_every_size(name: str) -> None:
    plan: Any = variant(name).config(4)
    assert config_from_json(config_to_json(plan)) == plan
    assert (plan.input.length, plan.input.key) == (16, "last")
    with torch.device("meta"):
        model = build(plan).eval()
        for size in (160, 224, 320):
            for length in (8, 16, 32):
                clip = torch.empty(1, 3, length, size, size)
                (raw,) = model(clip, clip[:, :, -1])
                boxes, scores = model.decode((raw,))
                cells = 5 * (size // 32) ** 2
                assert raw.shape == (1, 45, size // 32, size // 32)
                assert (boxes.shape, scores.shape) == ((1, cells, 4), (1, cells, 4))


def _yolov2_on_paper() -> int:
    """Convolutions without bias, each with a normalisation's scale and shift; 425 outputs."""
    total, inputs = 0, 3
    for widths in STAGES:
        for place, (before, after) in enumerate(pairwise((inputs, *widths))):
            total += before * after * (1 if place % 2 else 9) + 2 * after
        inputs = widths[-1]
    total += 2 * (9 * 1024**2 + 2 * 1024)  # two more of 1024
    total += 512 * 64 + 2 * 64  # the passthrough, from which 256 channels are made
    total += 9 * (256 + 1024) * 1024 + 2 * 1024
    return total + 1024 * 425 + 425


def _resnet18_on_paper() -> int:
    """A stem, then four layers of two blocks of two 3x3x3; shortcuts of kind A have no weights."""
    total = 3 * 64 * 7**3 + 2 * 64
    for before, after in ((64, 64), (64, 128), (128, 256), (256, 512)):
        total += 27 * (before * after + 3 * after * after) + 4 * 2 * after
    return total


def _fusion_on_paper(classes: int) -> int:
    """1x1 and 3x3, gamma, 3x3, 1x1 with bias, all to 1024; the head's 1x1 without bias."""
    wide, seen = 1024, 512 + 425
    fusion = wide * (seen + 9 * wide + 9 * wide) + 3 * 2 * wide + 1 + wide * wide + wide
    return fusion + wide * 5 * (5 + classes)


CHANNELS = (64, 128, 256)
ON_PAPER: dict[LinkKind, int] = {
    "expand": 0,
    "conv3d": sum(9 * c * c + c for c in CHANNELS),
    "expand-conv3d": sum(27 * c * c + c for c in CHANNELS),
    "bottleneck": sum(c * (c // 4) + c // 4 + 27 * (c // 4) * c + c for c in CHANNELS),
}


@pytest.mark.parametrize("kind", KINDS)
def test_parameters_are_those_derived_on_paper(kind: LinkKind) -> None:
    with torch.device("meta"):
        model = create_model(f"linknet-{kind}", 21)
    links = sum(p.numel() for n, p in model.named_parameters() if n.startswith("links."))
    assert links == ON_PAPER[kind]
    rest = _yolov2_on_paper() + _resnet18_on_paper() + _fusion_on_paper(21)
    assert sum(p.numel() for p in model.parameters()) == rest + links


@pytest.fixture(scope="module")
def linked() -> Linknet:
    with ExitStack() as stack:
        stack.enter_context(torch.random.fork_rng())
        torch.manual_seed(0)
        model = build(LinknetConfig("expand", 3, SMALL)).eval()
    assert isinstance(model, Linknet)
    return model


@pytest.fixture
def seen(linked: Linknet) -> Iterator[dict[str, Tensor]]:
    """What enters and leaves the parts that a link lies between."""
    kept: dict[str, Tensor] = {}

    def hook(name: str, module: nn.Module) -> torch.utils.hooks.RemovableHandle:
        def keep(_module: nn.Module, given: tuple[Tensor, ...], out: Tensor) -> None:
            kept[f"{name} in"], kept[f"{name} out"] = given[0], out

        return module.register_forward_hook(keep)

    temporal, spatial = linked.temporal, linked.spatial
    parts = {f"layer{n}": getattr(temporal, f"layer{n}") for n in (1, 2, 3, 4)}
    parts |= {f"stage{n}": spatial.stages[n - 1] for n in range(1, 7)}
    parts |= {"2d": spatial, "3d": temporal, "fusion": linked.fusion}
    handles = [hook(name, module) for name, module in parts.items()]
    yield kept
    for handle in handles:
        handle.remove()


def test_links_lie_between_the_stages_whose_shapes_fit(
    linked: Linknet, seen: dict[str, Tensor]
) -> None:
    clip = torch.randn(1, 3, 8, 32, 32)
    with torch.inference_mode():
        linked(clip, clip[:, :, -1])
    for layer, stage in ((1, 3), (2, 4), (3, 5)):  # a map leaves stage 2 and enters stage 3
        left, entered = seen[f"layer{layer} out"], seen[f"layer{layer + 1} in"]
        added = seen[f"stage{stage} in"][:, :, None].expand_as(left)
        assert torch.equal(entered, left + added)
        assert bool(added.abs().sum() > 0)
    both = torch.cat((seen["3d out"], seen["2d out"]), 1)
    assert torch.equal(seen["fusion in"], both)  # as in YOWO: the clip's map first
    assert torch.equal(seen["3d out"], seen["layer4 out"].mean(2))


def test_without_what_is_linked_it_is_yowo(linked: Linknet) -> None:
    spec = SMALL
    with torch.device("meta"):
        plain = build(YOWOConfig("resnet18", 1.0, 3, spec, DATA_SETS["jhmdb21"].anchors)).eval()
    plain.load_state_dict(linked.state_dict(), assign=True)  # the same names
    clip = torch.randn(1, 3, 8, 32, 32)
    handles = [
        link.register_forward_hook(lambda _m, _given, out: torch.zeros_like(out))
        for link in linked.links
    ]
    with torch.inference_mode():
        silenced, theirs = linked(clip, clip[:, :, -1])[0], plain(clip, clip[:, :, -1])[0]
        for handle in handles:
            handle.remove()
        mine = linked(clip, clip[:, :, -1])
        boxes = [m.decode(mine)[0] for m in (linked, plain)]
    assert torch.equal(silenced, theirs)
    assert not torch.allclose(mine[0], theirs)
    assert torch.equal(*boxes)


def test_the_key_frame_reaches_the_3d_network_and_learns_through_it(linked: Linknet) -> None:
    clip = torch.randn(1, 3, 8, 32, 32)
    key_frame = torch.randn(1, 3, 32, 32, requires_grad=True)
    kept: list[Tensor] = []
    handle = linked.temporal.register_forward_hook(lambda _m, _given, out: kept.append(out))
    linked(clip, key_frame)
    handle.remove()
    (gradient,) = torch.autograd.grad(kept[0].square().sum(), key_frame)
    assert float(gradient.abs().sum()) > 0


def test_rows_of_shared_classes_are_taken_over(linked: Linknet) -> None:
    with torch.device("meta"):
        other = build(LinknetConfig("expand", 4, SMALL)).eval()
    other.to_empty(device="cpu")
    fresh = take_over(other, linked, ("run", "sit", "eat", "hop"), ("eat", "walk", "sit"))
    assert fresh == ("run", "hop")
    mine, theirs = other.class_rows()["head.weight"], linked.class_rows()["head.weight"]
    weights = [m.state_dict()["head.weight"] for m in (other, linked)]
    assert torch.equal(weights[0][mine[1]], weights[1][theirs[2]])
    assert torch.equal(weights[0][mine[2]], weights[1][theirs[0]])


def test_what_cannot_be_built_or_seen_is_refused_in_words(linked: Linknet) -> None:
    with pytest.raises(ConfigError, match="'glue'; links: expand, conv3d"):
        LinknetConfig("glue", 3)  # type: ignore[arg-type]
    with pytest.raises(ConfigError, match="at least one"):
        LinknetConfig("expand", 3, anchors=())
    with pytest.raises(DataError, match="multiples of 32"):
        linked(torch.zeros(1, 3, 8, 40, 40), torch.zeros(1, 3, 40, 40))


@pytest.mark.slow
@pytest.mark.parametrize("size", [160, 224, 320])
@pytest.mark.parametrize("name", NAMES)
def test_every_variant_leaves_for_onnx_unchanged(
    name: str, size: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("YOWO_CACHE", str(tmp_path / "cache"))
    plan: Any = variant(name).config(2)
    config = replace(plan, input=replace(plan.input, size=size))
    model, path = build(config), tmp_path / "m.safetensors"
    card = ModelCard(config, ("a", "b"), {})
    save_model(path, model.state_dict(), card)
    loaded, read = load_model(path)
    assert (read, loaded.config) == (card, config)
    shape = (3, config.input.length, size, size)
    clip = np.random.default_rng(0).standard_normal(shape).astype(np.float32)
    key = np.ascontiguousarray(clip[:, -1])
    torch_engine, onnx_engine = (open_engine(path, b, "cpu", 2) for b in ("torch", "onnx"))
    mine, theirs = onnx_engine.run(clip, key), torch_engine.run(clip, key)
    np.testing.assert_allclose(mine[0], theirs[0], atol=5e-3)
    np.testing.assert_allclose(mine[1], theirs[1], atol=1e-4)
    assert theirs[1].max() > 0
