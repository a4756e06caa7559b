"""The set-up script on a system whose package tools are told what to answer."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
BASH = shutil.which("bash")

pytestmark = pytest.mark.skipif(BASH is None, reason="there is no bash here")


def _tool(folder: Path, name: str, script: str) -> None:
    path = folder / name
    path.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
    path.chmod(0o755)


def _start(tmp_path: Path, dpkg_query: str) -> subprocess.CompletedProcess[str]:
    """Run the start of a copy of the project as a person who may not install packages."""
    tools = tmp_path / "tools"
    tools.mkdir()
    for name in ("cat", "cksum", "dirname", "grep", "uname"):
        (tools / name).symlink_to(shutil.which(name) or name)
    _tool(tools, "id", "echo 1000")
    _tool(tools, "dpkg-query", dpkg_query)
    _tool(tools, "python3", "exit 0")
    copy = tmp_path / "checkout" / "packaging"
    copy.mkdir(parents=True)
    shutil.copy(ROOT / "packaging" / "setup.sh", copy)
    shutil.copy(ROOT / "packaging" / "constraints.txt", copy)
    shutil.copy(ROOT / "pyproject.toml", copy.parent)
    return subprocess.run(
        [str(BASH), str(copy / "setup.sh"), "start"],
        env={"PATH": str(tools), "HOME": os.environ.get("HOME", "")},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_who_may_not_install_gets_the_command_with_only_what_is_missing(tmp_path: Path) -> None:
    there = 'for name; do [ "$name" = libegl1 ] || [ "$name" = libgl1 ] && exit 1; done'
    done = _start(tmp_path, f"{there}; echo installed")
    command = "apt-get update && apt-get install --no-install-recommends libegl1 libgl1\n"
    assert done.returncode == 1
    assert done.stderr.endswith(command)


def test_a_name_that_newer_releases_end_in_t64_counts_as_installed(tmp_path: Path) -> None:
    renamed = 'for name; do last=$name; done; [ "$last" = libglib2.0-0t64 ] && echo installed'
    done = _start(tmp_path, f"{renamed}; exit 1")
    assert "libegl1" in done.stderr
    assert "libglib2.0-0" not in done.stderr


def test_a_word_that_is_no_purpose_is_refused() -> None:
    done = subprocess.run(
        [str(BASH), str(ROOT / "packaging" / "setup.sh"), "destroy"],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (done.returncode, "start|test|freeze" in done.stderr) == (2, True)
