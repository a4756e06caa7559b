"""Backbone files go into the networks they are for, and nothing else does."""

from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import save_file
from torch import nn

from yowo_core.backbones.layers import DarknetConv
from yowo_core.errors import CheckpointError
from yowo_core.input_spec import InputSpec
from yowo_core.models.branch_card import Backbone, BranchCard, read_branch_card
from yowo_core.models.branches import PLACES, _suited, load_branch
from yowo_core.models.card import ModelCard, read_card
from yowo_core.models.configs.yowov3 import YOWOv3Config
from yowo_core.models.create import build
from yowo_core.models.importing.backbones import build_backbone, shapes_of
from yowo_core.models.variants import variant
from yowo_core.models.weights import save_model

SPEC = InputSpec(length=8, size=64)
CONFIG = YOWOv3Config("n", "shufflenetv2", 0.25, 16, 2, SPEC)
CLIP = Backbone("3d", "shufflenetv2", width=0.25)
PICTURE = Backbone("2d", "yolov8", "n")


def _file(folder: Path, backbone: Backbone) -> tuple[Path, nn.Module]:
    torch.manual_seed(3)
    network = build_backbone(backbone)
    path = folder / f"{backbone.name}.safetensors"
    save_file(network.state_dict(), path, BranchCard(backbone).as_metadata())
    return path, network


@pytest.mark.parametrize(("backbone", "place"), [(CLIP, "temporal"), (PICTURE, "spatial")])
def test_a_backbone_goes_where_it_belongs(tmp_path: Path, backbone: Backbone, place: str) -> None:
    path, network = _file(tmp_path, backbone)
    model = build(CONFIG)
    before = {k: v.clone() for k, v in model.state_dict().items()}
    assert load_branch(model, path, backbone.branch) == ()
    for name, value in model.state_dict().items():
        start, _, rest = name.partition(".")
        expected = network.state_dict()[rest] if start == place else before[name]
        assert torch.equal(value, expected), name


def test_the_wrong_part_or_network_is_refused(tmp_path: Path) -> None:
    clip, _ = _file(tmp_path, CLIP)
    model = build(CONFIG)
    with pytest.raises(CheckpointError, match=r"network for the clip .* for the key frame is want"):
        load_branch(model, clip, "2d")
    other, _ = _file(tmp_path, Backbone("2d", "yolov8", "s"))
    before = {k: v.clone() for k, v in model.state_dict().items()}
    with pytest.raises(CheckpointError, match=r"2D yolov8 s, .* tensors \(bottom_up4.* and \d+ mo"):
        load_branch(model, other)
    assert all(torch.equal(v, before[k]) for k, v in model.state_dict().items())
    save_model(tmp_path / "m", model.state_dict(), ModelCard(CONFIG, ("a", "b"), {}))
    with pytest.raises(CheckpointError, match=r"is a whole model. Choose a backbone file"):
        load_branch(model, tmp_path / "m")
    with pytest.raises(CheckpointError, match="is a backbone, no whole model"):
        read_card(clip)


def test_shortcuts_that_no_file_has_stay_fresh_and_are_named(tmp_path: Path) -> None:
    path, _ = _file(tmp_path, Backbone("3d", "resnet18", shortcut="A"))
    model = build(YOWOv3Config("n", "resnet18", 1.0, 16, 2, SPEC))
    before = {k: v.clone() for k, v in model.state_dict().items()}
    fresh = load_branch(model, path)
    assert len(fresh) == 15
    assert "temporal.layer2.0.shortcut.0.weight" in fresh
    assert all(torch.equal(model.state_dict()[name], before[name]) for name in fresh)


def test_a_last_convolution_is_left_out_where_the_network_has_none(tmp_path: Path) -> None:
    path, network = _file(tmp_path, CLIP)
    model = build(CONFIG)
    model.temporal = build_backbone(Backbone("3d", "shufflenetv2", width=0.25, last=False))
    assert load_branch(model, path) == ()
    kept = network.state_dict()["units.0.main.0.weight"]
    assert torch.equal(model.state_dict()["temporal.units.0.main.0.weight"], kept)


def test_biases_before_a_normalisation_change_nothing_that_comes_out() -> None:
    torch.manual_seed(0)
    plain, biased = DarknetConv(3, 4, 1), DarknetConv(3, 4, 1, biased=True)
    pair = nn.ModuleDict({"a": plain}).eval(), nn.ModuleDict({"a": biased}).eval()
    biased.norm.running_mean.uniform_()  # type: ignore[union-attr]
    picture = torch.randn(1, 3, 8, 8)
    backbone = Backbone("2d", "yolov2")
    pair[0].load_state_dict(_suited(pair[1].state_dict(), pair[0].state_dict(), backbone))
    torch.testing.assert_close(plain(picture), biased(picture))
    plain.norm.running_mean.uniform_()  # type: ignore[union-attr]
    pair[1].load_state_dict(_suited(pair[0].state_dict(), pair[1].state_dict(), backbone))
    assert biased.conv.bias is not None
    assert not biased.conv.bias.any()
    torch.testing.assert_close(plain(picture), biased(picture))


def test_a_card_that_makes_no_sense_is_refused(tmp_path: Path) -> None:
    for number, text in enumerate(('{"branch": "3d"}', "nonsense", '{"branch": "x", "name": "y"}')):
        path = tmp_path / f"{number}.safetensors"
        save_file({"a": torch.zeros(1)}, path, {"backbone": text})
        with pytest.raises(CheckpointError, match=r"damaged description|names the branch 'x'"):
            read_branch_card(path)
    (tmp_path / "text").write_text("no")
    with pytest.raises(CheckpointError, match="no safetensors file"):
        read_branch_card(tmp_path / "text")


@pytest.mark.parametrize(
    "name",
    [
        "yowo-resnet18",
        "yowo-flow",
        "yowo-nano",
        "yowov2-tiny",
        "yowov3-tiny",
        "improved-yowo-i3d",
        "linknet-expand",
    ],
)
def test_the_3d_part_of_every_family_is_where_a_file_of_it_goes(name: str) -> None:
    plan: Any = variant(name).plan
    with torch.device("meta"):
        part = build(plan).get_submodule(PLACES["3d"])
    own = {key: tuple(value.shape) for key, value in part.state_dict().items()}
    temporal = getattr(plan, "temporal", "resnet18")
    kind: Any = "A" if temporal == "resnet18" else "B"
    width = getattr(plan, "temporal_width", 1.0)
    given = shapes_of(Backbone("3d", temporal, width=width, shortcut=kind))
    assert own.items() <= given.items()
    assert all(key.startswith("last.") for key in given.keys() - own.keys())
