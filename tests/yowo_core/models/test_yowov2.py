"""YOWOv2's size, what its numbers mean, how it begins, and what it wants to see."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from PIL import Image
from torch import nn

from yowo_core.annotations import FrameRange
from yowo_core.errors import ConfigError
from yowo_core.infer.pipeline import ClipChoice, detect_frames
from yowo_core.infer.postprocess import PostprocessConfig
from yowo_core.input_spec import InputSpec
from yowo_core.models.classes import take_over
from yowo_core.models.configs.stored import config_from_json, config_to_json
from yowo_core.models.configs.yowov2 import VARIANTS, YOWOv2Config
from yowo_core.models.create import build, create_model
from yowo_core.models.variants import variant
from yowo_core.models.yowov2 import YOWOv2, decode
from yowo_core.video import open_video

NAMES = [row.name for row in VARIANTS]


def _small(classes: int) -> YOWOv2Config:
    spec = replace(VARIANTS[0].plan.input, length=8, size=64)
    return YOWOv2Config("nano", "shufflenetv2", 0.25, 16, classes, spec, separable=True)


@pytest.mark.parametrize("name", NAMES)
def test_parameter_count_is_the_published_one(name: str) -> None:
    with torch.device("meta"):
        model = create_model(name, 24)
    count = sum(p.numel() for p in model.parameters()) / 1e6
    assert variant(name).parameters == pytest.approx(count, abs=0.05)


@pytest.mark.parametrize("name", NAMES)
def test_every_size_of_picture_gives_a_box_for_each_place(name: str) -> None:
    with torch.device("meta"):
        model = create_model(name, 7).eval()
        length = model.config.input.length
        for side in (160, 224, 320):
            maps = model(torch.empty(2, 3, length, side, side), torch.empty(2, 3, side, side))
            assert [m.shape[2:] for m in maps] == [(side // s, side // s) for s in (8, 16, 32)]
            boxes, scores = model.decode(maps)
            places = sum((side // s) ** 2 for s in (8, 16, 32))
            assert boxes.shape == (2, places, 4)
            assert scores.shape == (2, places, 7)


def test_boxes_and_scores_are_what_is_worked_out_by_hand() -> None:
    """Confidence 1/2, classes 1/2 and 1/8; in the middle level's cell x 1, y 0 of 2 x 1."""
    maps = [torch.zeros(1, 7, 1, 2) for _ in range(3)]
    odds = torch.tensor([0.5, 0.5, 0.125]).logit()
    maps[1][0, :, 0, 1] = torch.cat((odds, torch.tensor([0.25, -0.5, 0.0, 2.0]).to(odds)))
    maps[1][0, 6, 0, 1] = torch.tensor(3.0).log()
    boxes, scores = decode(tuple(maps))
    centre = (1.5 * 16 + 0.25 * 16, 0.5 * 16 - 0.5 * 16)
    expected = [centre[0] - 8, centre[1] - 24, centre[0] + 8, centre[1] + 24]
    torch.testing.assert_close(boxes[0, 3], torch.tensor(expected))
    torch.testing.assert_close(scores[0, 3], torch.tensor([0.5, 0.25]))
    torch.testing.assert_close(boxes[0, 4], torch.tensor([0.0, 0.0, 32.0, 32.0]))


def test_an_untrained_network_is_sure_of_nothing() -> None:
    model = build(_small(3)).eval()
    assert isinstance(model, YOWOv2)
    for layer in (*model.confidence, *model.classes):
        assert isinstance(layer, nn.Conv2d)
        nn.init.zeros_(layer.weight)
    with torch.no_grad():
        _, scores = model.decode(model(torch.ones(1, 3, 8, 64, 64), torch.ones(1, 3, 64, 64)))
    torch.testing.assert_close(scores, torch.full_like(scores, 0.01))


def test_every_normalisation_of_pictures_is_the_familys_and_of_clips_is_not() -> None:
    with torch.device("meta"):
        model = create_model("yowov2-large", 24)
    flat = {(m.eps, m.momentum) for m in model.modules() if isinstance(m, nn.BatchNorm2d)}
    deep = {(m.eps, m.momentum) for m in model.modules() if isinstance(m, nn.BatchNorm3d)}
    assert flat == {(1e-3, 0.03)}
    assert deep == {(1e-5, 0.1)}


def test_rows_of_shared_classes_are_taken_over_and_others_stay() -> None:
    torch.manual_seed(0)
    source, model = build(_small(3)), build(_small(2))
    own = {k: v.clone() for k, v in model.state_dict().items()}
    assert take_over(model, source, ("new", "b"), ("a", "b", "c")) == ("new",)
    theirs, got = source.state_dict(), model.state_dict()
    for level in range(3):
        name = f"classes.{level}.weight"
        assert torch.equal(got[name][1], theirs[name][1])
        assert torch.equal(got[name][0], own[name][0])
        assert torch.equal(got[f"confidence.{level}.weight"], theirs[f"confidence.{level}.weight"])
    assert torch.equal(got["cls.fuse.0.after.0.weight"], theirs["cls.fuse.0.after.0.weight"])


def test_the_branches_give_maps_of_features() -> None:
    model = build(_small(2)).eval()
    seen: dict[str, Any] = {}

    def keep(name: str) -> Callable[[Any, Any, Any], None]:
        return lambda _module, _inputs, out: seen.update({name: out})

    for name, part in model.branches().items():
        part.register_forward_hook(keep(name))
    with torch.no_grad():
        model(torch.zeros(1, 3, 8, 64, 64), torch.zeros(1, 3, 64, 64))
    assert [tuple(m.shape) for m in seen["2d"]] == [(1, 64, 8, 8), (1, 64, 4, 4), (1, 64, 2, 2)]
    assert tuple(seen["3d"].shape) == (1, 128, 2, 2)


@pytest.mark.parametrize("name", NAMES)
def test_configurations_survive_a_file(name: str) -> None:
    config = variant(name).config(5)
    assert config_from_json(config_to_json(config)) == config


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"spatial": "huge"}, "'huge'"),
        ({"temporal": "resnext10"}, "resnext101"),
        ({"activation": "relu"}, "'relu'"),
        ({"width": 0}, "0 channels"),
    ],
)
def test_impossible_networks_are_refused_by_what_is_wrong(wrong: dict[str, Any], said: str) -> None:
    with pytest.raises(ConfigError, match=said):
        replace(_small(2), **wrong)


class Witness:
    """An engine that keeps what it is given."""

    labels: tuple[str, ...] = ("any",)
    device = "cpu"

    def __init__(self, spec: InputSpec) -> None:
        self.spec = spec
        self.seen: list[tuple[NDArray[np.float32], NDArray[np.float32]]] = []

    def run(
        self, clip: NDArray[np.float32], key_frame: NDArray[np.float32]
    ) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        self.seen.append((clip.copy(), key_frame.copy()))
        return np.zeros((1, 4), np.float32), np.zeros((1, 1), np.float32)


def _seen(path: Path, key: int, spec: InputSpec) -> NDArray[np.float32]:
    """Clip and, behind it, key frame as the network gets them: (3, T + 1, S, S)."""
    witness = Witness(spec)
    with open_video(path) as reader:
        part = FrameRange(key, key + 1)
        list(detect_frames(reader, witness, part, PostprocessConfig(), ClipChoice()))
    ((clip, key_frame),) = witness.seen
    return np.concatenate((clip, key_frame[:, None]), 1)


def _official(path: Path, key: int, length: int) -> NDArray[np.float32]:
    """The same as the official code makes it: Pillow's bicubic filter, 0..255, key frame last."""
    with open_video(path) as reader:
        frames = [*(max(0, key - before) for before in range(length - 1, -1, -1)), key]
        pictures = [Image.fromarray(reader.frame(f)).resize((224, 224), 3) for f in frames]
    return np.stack([np.asarray(p, np.float32) for p in pictures]).transpose(3, 0, 1, 2)


@pytest.mark.parametrize("name", ["yowov2-nano", "yowov2-large-32"])
def test_the_network_is_fed_as_the_official_one(square_clip: Path, name: str) -> None:
    spec = variant(name).plan.input
    for key in (5, 38):
        official = _official(square_clip, key, spec.length)
        np.testing.assert_allclose(_seen(square_clip, key, spec), official, atol=1e-3)
    forgotten = (
        {"std": (1.0, 1.0, 1.0)},
        {"mean": (0.485, 0.456, 0.406)},
        {"resize": "area"},
        {"resize": "linear"},
        {"key": "anywhere"},
        {"length": 24},
    )
    for part in forgotten:
        wrong = _seen(square_clip, 5, replace(spec, **part))
        same = wrong.shape == (3, spec.length + 1, 224, 224)
        assert not same or np.abs(wrong - _official(square_clip, 5, spec.length)).max() > 10
