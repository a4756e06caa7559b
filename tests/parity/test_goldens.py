"""Our networks give the official networks' numbers for the official networks' weights."""

from pathlib import Path

import pytest

from tests.parity.golden import (
    FIXTURES,
    STARTS,
    compare,
    network_of,
    read_manifest,
    recipe,
    set_eps,
)

QUICK = (
    "yowonano_ucf24",
    "yowov2_nano_ucf24",
    "yowov2_tiny_ucf24",
    "yowov3_T_ucf24",
    "yowov3_T_ucf24_ckptpath_eps1e-5",
)
"""The others take seconds each and gigabytes: they run with -m slow."""


def _goldens() -> list[object]:
    files = sorted((FIXTURES / "goldens").glob("*.npz")) if FIXTURES.is_dir() else []
    names = [f.stem for f in files if not f.stem.startswith("loss_")]
    return [
        pytest.param(name, marks=() if name in QUICK else pytest.mark.slow)
        for name in names
        if name.startswith(STARTS)
    ]


@pytest.mark.shared
@pytest.mark.parametrize("name", _goldens())
def test_outputs_equal_the_official_network(shared: Path, name: str) -> None:
    fixtures = shared / "fixtures"
    errors = compare(fixtures / "goldens" / f"{name}.npz", fixtures / "manifests")
    assert errors
    assert [e for e in errors if not e.fine] == []


@pytest.mark.shared
def test_a_wrong_weight_is_noticed(shared: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fill = recipe().fill

    def spoilt(manifest: list[object], rules: object) -> dict[str, object]:
        weights = dict(fill(manifest, rules))
        weights["fusion.cls.1.conv_bn_relu2.0.weight"] *= 1.01
        return weights

    monkeypatch.setattr(recipe(), "fill", spoilt)
    fixtures = shared / "fixtures"
    errors = compare(fixtures / "goldens" / "yowov3_T_ucf24.npz", fixtures / "manifests")
    wrong = {e.output for e in errors if not e.fine}
    assert "raw.1" in wrong
    assert wrong <= {"raw.1", "decoded"}


@pytest.mark.shared
def test_normalisations_have_the_official_eps_by_themselves(shared: Path) -> None:
    manifest = read_manifest(shared / "fixtures" / "manifests" / "yowov3_T_ucf24.json")
    model, keys = network_of(manifest), [key for key, _, _ in manifest]
    groups = {"net2D": [1e-3], "net3D": [1e-5], "fusion": [1e-5], "detection_head": [1e-3]}
    assert set_eps(model, keys, groups) == []
    assert len(set_eps(model, keys, {"fusion": [1e-3]})) == 18
