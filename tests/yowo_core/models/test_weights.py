"""Weights files: what is written comes back, what is hostile or broken is refused."""

import pickle
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file

from yowo_core.errors import CheckpointError, ConfigError
from yowo_core.input_spec import InputSpec
from yowo_core.models.card import ModelCard, read_card
from yowo_core.models.configs.stored import config_from_json, config_to_json
from yowo_core.models.configs.yowov3 import YOWOv3Config
from yowo_core.models.create import build, create_model
from yowo_core.models.shelf import find_model
from yowo_core.models.weights import load_model, save_model

CONFIG = YOWOv3Config("n", "shufflenetv2", 0.25, 16, 2, InputSpec(length=8, size=64))


def test_a_model_comes_back_in_half_precision(tmp_path: Path) -> None:
    model = build(CONFIG)
    card = ModelCard(CONFIG, ("walk", "read"), {"frame_map": 71.5})
    save_model(tmp_path / "m.safetensors", model.state_dict(), card)
    loaded, again = load_model(tmp_path / "m.safetensors")
    assert again == card
    for name, value in model.state_dict().items():
        expected = value.half().float() if value.is_floating_point() else value
        assert torch.equal(loaded.state_dict()[name], expected)
    assert not list(tmp_path.glob("*.partial"))


@pytest.mark.parametrize("content", [b"", b"text", pickle.dumps({"a": 1}), b"\xff" * 64])
def test_files_that_are_no_weights_are_refused_by_name(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "bad.safetensors"
    path.write_bytes(content)
    with pytest.raises(CheckpointError, match=r"bad\.safetensors"):
        read_card(path)


def test_weights_without_description_are_refused(tmp_path: Path) -> None:
    save_file({"a": torch.zeros(1)}, tmp_path / "a.safetensors")
    with pytest.raises(CheckpointError, match="no description"):
        load_model(tmp_path / "a.safetensors")


def test_an_unknown_name_lists_the_nearest() -> None:
    with pytest.raises(ConfigError, match="yowov3-tiny"):
        create_model("yowov3-tny", 2)
    with pytest.raises(CheckpointError, match="demo"):
        find_model("nowhere.safetensors")


def test_configurations_survive_json_and_refuse_strange_keys() -> None:
    values = config_to_json(CONFIG)
    assert config_from_json(values) == CONFIG
    with pytest.raises(ConfigError, match="not complete"):
        config_from_json({**values, "colour": 1})
    with pytest.raises(ConfigError, match="unknown"):
        config_from_json({**values, "family": "yolo"})


def test_values_too_large_for_half_precision_stay_what_they_are(tmp_path: Path) -> None:
    model = build(CONFIG)
    state = model.state_dict()
    name = next(n for n in state if n.endswith("running_var"))
    state[name][0] = 1e6
    save_model(tmp_path / "m", state, ModelCard(model.config, ("a", "b"), {}))
    kept = load_model(tmp_path / "m")[0].state_dict()
    assert torch.equal(kept[name], state[name])
    other = next(n for n in state if n.endswith("conv.weight"))
    assert torch.equal(kept[other], state[other].half().float())
