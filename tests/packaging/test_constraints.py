"""The known-good versions cover what the project asks for, and agree with it."""

import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[2]


def _pins() -> dict[str, str]:
    text = (ROOT / "packaging" / "constraints.txt").read_text(encoding="utf-8")
    lines = [line for line in text.splitlines() if not line.startswith("#")]
    return {canonicalize_name(name): version for name, version in (x.split("==") for x in lines)}


def _asked_for() -> list[Requirement]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    groups = [project["dependencies"], *project["optional-dependencies"].values()]
    return [Requirement(line) for group in groups for line in group]


PINNED = [wanted for wanted in _asked_for() if wanted.name != "torch"]


@pytest.mark.parametrize("wanted", PINNED, ids=lambda wanted: wanted.name)
def test_a_known_good_version_is_one_that_the_project_accepts(wanted: Requirement) -> None:
    assert wanted.specifier.contains(_pins()[canonicalize_name(wanted.name)])


def test_the_build_of_pytorch_stays_free_and_setup_chooses_an_accepted_one() -> None:
    assert "torch" not in _pins()
    script = (ROOT / "packaging" / "setup.sh").read_text(encoding="utf-8")
    chosen = re.search(r"^TORCH=(\S+)$", script, re.MULTILINE)
    (wanted,) = (item for item in _asked_for() if item.name == "torch")
    assert chosen is not None
    assert wanted.specifier.contains(chosen[1])
