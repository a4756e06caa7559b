"""Processes whose window dies: they save, end by themselves, and leave nothing torn."""

import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from benchmarks.killed_window import SMALL
from yowo_core.annotations import AnnotationSet
from yowo_core.data.prepare import prepare
from yowo_core.event_log import replay
from yowo_core.events import Finished
from yowo_core.folder_lock import is_locked
from yowo_core.train.config import TrainConfig, write_config
from yowo_core.train.run_folder import load_state

ROOT = Path(__file__).resolve().parents[3]
WAIT = 120


@pytest.fixture
def run_dir(square_labels: AnnotationSet, square_clip: Path, tmp_path: Path) -> Path:
    """A run that takes minutes if nobody ends it, saved after every update."""
    folder = tmp_path / "run"
    prepare(square_labels, {square_clip.name: square_clip}, folder, held_out=0.25)
    write_config(folder, TrainConfig(epochs=1, clips_per_epoch=4000, batch=2, save_seconds=0))
    return folder


@pytest.fixture
def trainer(run_dir: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A trainer that has made an update and saved it."""
    call = [sys.executable, "-c", SMALL, "train", str(run_dir), "--stop-on-stdin"]
    pipe = subprocess.PIPE
    with subprocess.Popen(call, stdin=pipe, stdout=pipe, stderr=pipe, cwd=ROOT) as process:
        assert process.stdout is not None
        told = (json.loads(line) for line in process.stdout)
        made = (event for event in told if event.get("stage") == "training")
        next(made)
        next(made)  # what came before was saved in between
        yield process
        process.kill()


def test_when_its_window_dies_it_saves_and_ends(
    trainer: subprocess.Popen[bytes], run_dir: Path
) -> None:
    for pipe in (trainer.stdin, trainer.stdout, trainer.stderr):
        assert pipe is not None
        pipe.close()  # nobody speaks, and nobody listens
    assert trainer.wait(WAIT) == 0
    last = replay(run_dir)[-1]
    assert isinstance(last, Finished)
    assert last.stopped
    state = load_state(run_dir)
    assert state is not None
    assert state["step"] == last.facts["updates"] > 0


def test_a_killed_one_leaves_what_can_be_gone_on_with(
    trainer: subprocess.Popen[bytes], run_dir: Path
) -> None:
    assert is_locked(run_dir)
    trainer.send_signal(signal.SIGKILL)
    trainer.wait(WAIT)
    assert not is_locked(run_dir)
    state = load_state(run_dir)
    assert state is not None
    assert state["step"] > 0


def test_when_its_folder_is_deleted_it_ends_with_a_sentence(
    trainer: subprocess.Popen[bytes], run_dir: Path
) -> None:
    run_dir.rename(run_dir.with_name("elsewhere"))
    _, told = trainer.communicate(timeout=WAIT)
    assert trainer.returncode == 1
    assert f"{run_dir} is not there any more" in told.decode()


LATE = """
import builtins, sys, time
real = builtins.__import__
def late(name, *rest, **more):
    if name == "torch":
        time.sleep(600)
    return real(name, *rest, **more)
builtins.__import__ = late
from yowo_core.cli.main import run
run()
"""


def _last_words(*arguments: str, status: int) -> dict[str, object]:
    """What a command says last whose input ends while it loads torch."""
    call = [sys.executable, "-c", LATE, *arguments, "--stop-on-stdin"]
    pipe = subprocess.PIPE
    with subprocess.Popen(call, stdin=pipe, stdout=pipe, cwd=ROOT) as process:
        told, _ = process.communicate(timeout=WAIT)
        assert process.returncode == status
    return dict(json.loads(told.splitlines()[-1]))


def test_while_it_loads_it_ends_at_once(run_dir: Path) -> None:
    finished = {"event": "finished", "result": "", "stopped": True, "facts": {}}
    assert _last_words("train", str(run_dir), status=0) == finished


def test_so_does_an_analysis(square_clip: Path, tmp_path: Path) -> None:
    how = ["--run-dir", str(tmp_path), "--events", "--backend", "torch"]
    told = _last_words("detect", str(square_clip), *how, status=1)
    assert told == {"event": "failed", "message": "It was stopped before its first frame."}
