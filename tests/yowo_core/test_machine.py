"""Caches stay within their bytes, what was used last stays longest; stepping back helps others."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from yowo_core.infer import onnx_cache, onnx_export
from yowo_core.infer.onnx_cache import ready_graph
from yowo_core.machine import keep_within

ROOT = Path(__file__).resolve().parents[2]


def made(folder: Path, name: str, size: int, used: int) -> Path:
    path = folder / name
    path.write_bytes(b"x" * size)
    os.utime(path, (used, used))
    return path


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def test_the_longest_unused_go_first(tmp_path: Path) -> None:
    for number, name in enumerate(("old", "mid", "new")):
        made(tmp_path, f"{name}.onnx", 40, 1000 + number)
    made(tmp_path, "another.kind", 500, 1)
    assert keep_within(tmp_path, "*.onnx", 120) == []
    assert keep_within(tmp_path, "*.onnx", 100) == [tmp_path / "old.onnx"]
    assert names(tmp_path) == {"mid.onnx", "new.onnx", "another.kind"}
    keep_within(tmp_path, "*.onnx", 10)  # less than one takes: the newest stays all the same
    assert names(tmp_path) == {"new.onnx", "another.kind"}
    assert keep_within(tmp_path / "none", "*", 1) == []


def test_graphs_of_models_stay_within_their_bytes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("YOWO_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(onnx_cache, "LIMIT", 250)
    times = iter(range(1000, 2000))

    def export(_model: Path, target: Path, _part: str = "") -> None:
        target.write_bytes(b"g" * 100)

    def touch(path: Path) -> None:
        at = next(times)
        os.utime(path, ns=(at, at))

    monkeypatch.setattr(onnx_export, "export", export)
    graphs = []
    for number in range(3):
        model = made(tmp_path, f"model{number}", 1 + number, 1)
        graphs.append(ready_graph(model))
        touch(graphs[-1])
        if number == 1:
            touch(ready_graph(tmp_path / "model0"))  # used again: now the second is the oldest
    assert [graph.is_file() for graph in graphs] == [True, False, True]


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no nice value")
def test_stepping_back_counts_against_other_sessions_too() -> None:
    script = "import os; from yowo_core.machine import step_back; step_back(); print(os.nice(0))"
    group = Path("/proc/self/autogroup")
    if group.is_file():
        script += "; print(open('/proc/self/autogroup').read().split()[-1])"
    done = subprocess.run(
        [sys.executable, "-c", script],
        stdout=subprocess.PIPE,
        start_new_session=True,
        cwd=ROOT,
        text=True,
        timeout=60,
        check=True,
    )
    own, *whole = map(int, done.stdout.split())
    assert own == min(19, os.nice(0) + 5)
    assert whole == [5] * group.is_file()
