"""3D backbones: shapes, time, stages, and what single layers compute, worked by hand."""

from typing import Any

import pytest
import torch
from torch import nn

from yowo_core.backbones.temporal.choose import create_temporal
from yowo_core.backbones.temporal.i3d import SamePad, same_padding
from yowo_core.backbones.temporal.layers import shuffle
from yowo_core.backbones.temporal.names import TEMPORAL, temporal_choice
from yowo_core.backbones.temporal.resnet import StagedNetwork, ThinnedShortcut
from yowo_core.backbones.temporal.shufflenet import Unit, halved
from yowo_core.errors import ConfigError

GRID = [(name, width) for name, choice in TEMPORAL.items() for width in choice.widths]


def _clip(frames: int, size: int) -> torch.Tensor:
    return torch.empty(2, 3, frames, size, size, device="meta")


@pytest.mark.parametrize(("name", "width"), GRID)
def test_maps_have_a_32nd_of_the_side_and_no_time(name: str, width: float) -> None:
    with torch.device("meta"):
        network = create_temporal(name, width).eval()
    for frames, size in ((8, 160), (16, 320), (32, 224)):
        out = network(_clip(frames, size))
        assert out.shape == (2, network.channels, size // 32, size // 32)


@pytest.mark.parametrize("name", TEMPORAL)
def test_time_is_a_sixteenth_and_never_nothing(name: str) -> None:
    with torch.device("meta"):
        network = create_temporal(name, TEMPORAL[name].widths[-1]).eval()
    left = [network.features(_clip(frames, 64)).shape[2] for frames in (8, 16, 32, 64)]
    assert left == ([1, 2, 4, 8] if name == "i3d" else [1, 1, 2, 4])


def test_the_maps_of_longer_clips_are_averaged_over_time() -> None:
    network = create_temporal("mobilenet", 0.5).eval()
    clip = torch.rand(1, 3, 32, 32, 32)
    with torch.no_grad():
        steps = network.features(clip)
        torch.testing.assert_close(network(clip), (steps[:, :, 0] + steps[:, :, 1]) / 2)


@pytest.mark.parametrize(
    ("name", "width", "options", "channels"),
    [
        ("shufflenetv2", 1.0, {"last": True}, 1024),
        ("shufflenetv2", 2.0, {"last": True}, 2048),
        ("shufflenetv2", 1.0, {"last": False}, 464),
        ("shufflenetv2", 2.0, {"last": False}, 976),
        ("shufflenet", 2.0, {}, 1920),
        ("mobilenet", 2.0, {}, 2048),
        ("mobilenetv2", 0.2, {}, 1280),
        ("resnet18", 1.0, {"shortcut": "A"}, 512),
        ("i3d", 1.0, {}, 1024),
    ],
)
def test_channels(name: str, width: float, options: dict[str, Any], channels: int) -> None:
    with torch.device("meta"):
        assert create_temporal(name, width, **options).channels == channels


def test_a_resnet_runs_in_stages() -> None:
    with torch.device("meta"):
        network = create_temporal("resnet18", shortcut="A")
    assert isinstance(network, StagedNetwork)
    out, sizes = _clip(16, 224), []
    parts = (network.stem, network.pool, *(getattr(network, f"layer{i}") for i in range(1, 5)))
    for part in parts:
        out = part(out)
        sizes.append((out.shape[1], out.shape[2], out.shape[3]))
    assert sizes[:2] == [(64, 16, 112), (64, 8, 56)]
    assert sizes[2:] == [(64, 8, 56), (128, 4, 28), (256, 2, 14), (512, 1, 7)]
    assert tuple(channels for channels, _, _ in sizes[2:]) == network.stage_channels


def test_shortcut_a_takes_every_second_place_and_adds_zeros() -> None:
    x = torch.arange(64.0).view(1, 1, 4, 4, 4)
    out = ThinnedShortcut(2, 2)(x)
    assert out.shape == (1, 3, 2, 2, 2)
    assert out[0, 0].flatten().tolist() == [0, 2, 8, 10, 32, 34, 40, 42]
    assert not out[0, 1:].any()


def test_the_activation_of_mobilenetv2_is_a_choice() -> None:
    kinds = {
        name: {type(m) for m in create_temporal("mobilenetv2", 0.2, activation=name).modules()}
        for name in ("relu6", "silu")
    }
    assert nn.ReLU6 in kinds["relu6"]
    assert nn.SiLU not in kinds["relu6"]
    assert nn.SiLU in kinds["silu"]
    assert nn.ReLU6 not in kinds["silu"]


def test_same_padding_puts_the_odd_zero_behind() -> None:
    assert same_padding(224, 7, 2) == (2, 3)
    assert same_padding(16, 7, 2) == (2, 3)
    assert same_padding(15, 7, 2) == (3, 3)
    assert same_padding(112, 3, 2) == (0, 1)
    assert same_padding(28, 1, 2) == (0, 0)
    assert same_padding(5, 2, 2) == (0, 1)
    padded = SamePad((1, 3, 2), (1, 2, 2))(torch.ones(1, 1, 2, 4, 3))
    assert padded.shape == (1, 1, 2, 5, 4)
    assert padded[0, 0, 0].tolist() == [[1, 1, 1, 0]] * 4 + [[0, 0, 0, 0]]


def test_the_normalisation_of_i3d_has_its_own_epsilon() -> None:
    with torch.device("meta"):
        nets = {name: create_temporal(name, TEMPORAL[name].widths[-1]) for name in TEMPORAL}
    for name, network in nets.items():
        eps = {m.eps for m in network.modules() if isinstance(m, nn.BatchNorm3d)}
        assert eps == {1e-3 if name == "i3d" else 1e-5}


def test_shuffled_channels_take_turns() -> None:
    x = torch.arange(6.0).view(1, 6, 1, 1, 1)
    assert shuffle(x, 2).flatten().tolist() == [0, 3, 1, 4, 2, 5]
    assert shuffle(x, 3).flatten().tolist() == [0, 2, 4, 1, 3, 5]


def test_averages_of_the_shufflenet_shortcut() -> None:
    x = torch.zeros(1, 1, 2, 4, 4)
    x[0, 0, 0, 0, 0] = 18
    x[0, 0, 1, 1, 1] = 36
    assert halved(x)[0, 0, 0].tolist() == [[3, 2], [2, 2]]
    alone = torch.full((1, 1, 1, 4, 4), 9.0)
    assert halved(alone)[0, 0, 0, 1, 1] == 9


def test_a_shufflenet_unit_puts_the_average_behind_what_it_made_and_cuts_below_zero() -> None:
    unit = Unit(24, 240, 2).eval()
    norm = unit.expand[1]
    assert isinstance(norm, nn.BatchNorm3d)
    nn.init.zeros_(norm.weight)
    nn.init.constant_(norm.bias, -1.0)
    x = torch.full((1, 24, 2, 8, 8), 5.0)
    with torch.no_grad():
        out = unit(x)
    assert out.shape == (1, 240, 1, 4, 4)
    assert not out[:, :216].any()
    assert (out[:, 216:, 0, 1:, 1:] == 5).all()


@pytest.mark.parametrize("width", [0.5, 1.0, 1.5, 2.0])
def test_only_the_entry_of_24_channels_is_not_grouped(width: float) -> None:
    with torch.device("meta"):
        network = create_temporal("shufflenet", width)
    groups = [
        m.groups
        for m in network.modules()
        if isinstance(m, nn.Conv3d) and m.kernel_size == (1, 1, 1)
    ]
    assert groups == [1 if width == 1.0 else 3] + [3] * 31


def test_unknown_choices_are_named_with_the_nearest_first() -> None:
    with pytest.raises(ConfigError, match=r"'resnet5'; known ones: resnet50, "):
        create_temporal("resnet5", 1.0)
    with pytest.raises(ConfigError, match=r"3D MobileNetV2 has no width 0\.5; known widths: 0\.45"):
        temporal_choice("mobilenetv2", 0.5)
    wrong: Any = "C"
    with pytest.raises(ConfigError, match=r"shortcut 'C' is unknown; known: A, B"):
        create_temporal("resnet18", shortcut=wrong)
