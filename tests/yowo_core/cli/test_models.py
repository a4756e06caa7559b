"""yowo models: what it lists, for people and for programs, and the layers of a network."""

import json
from typing import Any

import pytest
from typer.testing import CliRunner

from yowo_core.cli.main import app
from yowo_core.errors import ConfigError
from yowo_core.models.shelf import built_in
from yowo_core.models.variants import VARIANTS


def _said(*arguments: str) -> str:
    done = CliRunner().invoke(app, ["models", *arguments])
    assert done.exit_code == 0, done.output
    return done.output


def _values(*arguments: str) -> dict[str, Any]:
    values: dict[str, Any] = json.loads(_said(*arguments, "--json"))
    return values


def test_json_has_every_network_with_both_figures_and_the_licence() -> None:
    content = _values()
    assert [m["name"] for m in content["ready"]] == [m.name for m in built_in()]
    networks = {n["name"]: n for n in content["networks"]}
    assert list(networks) == [v.name for v in VARIANTS]
    medium = networks["yowov2-medium-32"]
    assert (medium["paper_operations"], medium["weights_licence"]) == (12.7, "MIT")
    assert medium["operations"] == 13656627056
    assert medium["operations_difference"] == 7.53
    assert networks["yowov3-tiny-coupled"]["operations_difference"] is None
    trained = {name for name, network in networks.items() if network["trainable"]}
    assert trained == {n for n, network in networks.items() if network["family"] == "yowov3"}


def test_the_table_begins_with_what_is_ready_and_misses_no_network() -> None:
    lines = _said().splitlines()
    assert lines[:2] == ["Ready to use", "  demo  Demo (YOWOv3-Tiny)"]
    assert any(line.startswith("Networks of yowov3 (can be trained); ") for line in lines)
    assert any(line.startswith("Networks of yowov2 (used, not trained yet); ") for line in lines)
    first = [line.split()[0] for line in lines[2:] if line.startswith("  ")]
    assert [name for name in first if name != "name"] == [v.name for v in VARIANTS]
    (row,) = [line for line in lines if line.startswith("  yowov3-large ")]
    assert row.split() == [
        *("yowov3-large", "59.82", "59.82", "+0.0", "%", "39.84", "39.84", "+0.0", "%"),
        *("YOWOv3-Large", "(YOWOv3,", "table", "3)"),
    ]


def test_layers_are_counted_for_the_clip_that_was_asked_for() -> None:
    content = _values("yowov3-tiny", "--size", "64", "--length", "8")
    assert (content["input"]["size"], content["input"]["length"]) == (64, 8)
    first = content["layers"][0]
    assert (first["kind"], first["shape"]) == ("Conv3d", [1, 24, 8, 32, 32])
    assert content["parameters"] == sum(layer["parameters"] for layer in content["layers"])
    table = _said("yowov3-tiny", "--size", "64", "--length", "8")
    assert f"{content['operations']:,}" in table.splitlines()[-1]
    assert "24 x 8 x 32 x 32" in table.splitlines()[2]


def test_a_model_file_has_layers_too() -> None:
    content = _values(str(built_in()[0].path), "--size", "64")
    assert content["layers"][-1]["shape"] == [1, 2, 2, 2]
    assert content["layers"] == _values("demo", "--size", "64")["layers"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["yowov3-tyny"], "'yowov3-tyny'; the nearest names: yowov3-tiny"),
        (["yowov3-tiny", "--size", "100"], "100"),
        (["--size", "64"], "NAME"),
        (["demo", "--ready", "demo"], "choose one"),
    ],
)
def test_what_cannot_be_shown_is_said(arguments: list[str], said: str) -> None:
    done = CliRunner().invoke(app, ["models", *arguments])
    assert isinstance(done.exception, ConfigError)
    assert said in str(done.exception)
