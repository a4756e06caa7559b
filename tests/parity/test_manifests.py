"""Every official checkpoint is recognised, and its tensors are exactly ours."""

from pathlib import Path

import pytest
import torch

from tests.parity.golden import FIXTURES, STARTS, network_of, read_manifest
from yowo_core.models.official.families import our_state


def _names() -> list[str]:
    files = sorted((FIXTURES / "manifests").glob("*.json")) if FIXTURES.is_dir() else []
    return [f.stem for f in files if f.stem.startswith(STARTS)]


@pytest.mark.shared
@pytest.mark.parametrize("name", _names())
def test_keys_and_shapes_are_ours(shared: Path, name: str) -> None:
    manifest = read_manifest(shared / "fixtures" / "manifests" / f"{name}.json")
    with torch.device("meta"):
        model = network_of(manifest)
    official = {key: tuple(shape) for key, shape, _ in manifest}
    ours = {key: tuple(value.shape) for key, value in model.state_dict().items()}
    assert our_state(official, model.config) == ours
