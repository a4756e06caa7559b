"""Try out the frozen program: its window on the demo, its workers, a detection, a training.

Run by packaging/freeze.sh, or by hand with the environment's Python:
    .venv/bin/python packaging/smoke_test.py dist/yowo-studio/yowo-studio
Everything the program writes goes to a folder that is removed afterwards. Ends with status 1 and
what the program said at the first thing that does not work.
"""

import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from yowo_core.infer.live_protocol import PictureRing

ROOT = Path(__file__).resolve().parents[1]
CLIP = "one-by-one-person-detection.mp4"
TIMEOUT = 900.0  # seconds for one command

Answer = dict[str, Any]


class BrokenError(Exception):
    """The frozen program did not do what it should."""


class Program:
    """The executable, with a home of its own."""

    def __init__(self, path: Path, home: Path) -> None:
        self.path, self.home = path, home
        self.demo = path.parent / "_internal" / "resources" / "demo"
        places = ("HOME", "XDG_DATA_HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME")
        windows = ("APPDATA", "LOCALAPPDATA", "USERPROFILE")
        own = dict.fromkeys((*places, *windows), str(home))
        plain = {key: value for key, value in os.environ.items() if not key.startswith("PYTHON")}
        self.environment = plain | own | {"YOWO_CACHE": str(home / "cache")}
        self.environment.setdefault("QT_QPA_PLATFORM", "offscreen")

    def run(self, *arguments: str) -> str:
        """Standard output of a call that must succeed and report no error."""
        done = subprocess.run(
            [str(self.path), *arguments],
            env=self.environment,
            cwd=self.home,
            capture_output=True,
            text=True,
            encoding="utf-8",
            timeout=TIMEOUT,
            check=False,
        )
        if done.returncode or "Traceback" in done.stderr:
            raise BrokenError(
                f"status {done.returncode}\n{done.stdout[-2000:]}\n{done.stderr[-4000:]}"
            )
        return done.stdout

    def yowo(self, *arguments: str) -> str:
        """The same for a worker that runs the command yowo."""
        return self.run("worker", "yowo", *arguments)


def tell_version(program: Program) -> None:
    """The version is the project's."""
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    version = text.split('\nversion = "')[1].split('"')[0]
    answer = program.run("--version")
    if version not in answer:
        raise BrokenError(f"--version says {answer!r}, the project {version}")


def find_all_well(program: Program) -> None:
    """Every library and the demo model are inside."""
    findings = json.loads(program.yowo("doctor", "--json"))
    if bad := [item for item in findings if not item["fine"]]:
        raise BrokenError(f"doctor finds: {bad}")


def make_model_ready(program: Program) -> None:
    """The demo model becomes an ONNX graph."""
    program.yowo("models", "--ready", "demo")
    if not list((program.home / "cache").rglob("*.onnx")):
        raise BrokenError("no ONNX graph was written")


def detect_people(program: Program) -> None:
    """Someone stands at the table in every one of ten frames."""
    out = program.home / "tubes.csv"
    clip = str(program.demo / CLIP)
    program.yowo("detect", clip, "--model", "demo", "--frames", "100:110", "--out", str(out))
    frames = {line.split(",")[3] for line in out.read_text(encoding="utf-8").splitlines()[1:]}
    if not {str(frame) for frame in range(100, 110)} <= frames:
        raise BrokenError(f"nobody was found but in frames {sorted(frames)}")


def answer_live(program: Program) -> None:
    """The live model loads, answers a wish for detections, and ends with its input."""
    with subprocess.Popen(
        [str(program.path), "worker", "live"],
        env=program.environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        encoding="utf-8",
    ) as worker:
        limit = threading.Timer(TIMEOUT, worker.kill)
        limit.start()
        try:
            ready, answer = _talk(program, worker)
            status = worker.wait(timeout=30)
        finally:
            limit.cancel()
            worker.kill()
    if (ready["say"], answer["say"], status) != ("ready", "detections", 0):
        raise BrokenError(f"the live model says {ready}, then {answer}, and ends with {status}")


def _talk(program: Program, worker: "subprocess.Popen[str]") -> tuple[Answer, Answer]:
    """What the live model says to being loaded, and to a wish on a clip of black pictures."""
    size, path = 224, program.home / "ring"
    ring = PictureRing(path, size, create=True)
    load = {"model": str(program.demo / "demo.safetensors"), "backend": "onnx", "device": "cpu"}
    ready = _said(worker, {"do": "load", "threads": 2, "ring": str(path)} | load)
    last = ready["input"]["length"] - 1
    messages: list[Answer] = []
    for number in range(last + 1):
        ring.put(number, np.zeros((size, size, 3), np.uint8))
        messages.append({"do": "picture", "video": 0, "frame": number, "number": number})
    wish = {"video": 0, "frame": last, "clip": list(range(last + 1)), "place": last}
    messages.append({"do": "detect", "width": 768, "height": 432} | wish)
    answer = _said(worker, *messages)
    if worker.stdin is not None:
        worker.stdin.close()
    return ready, answer


def _said(worker: "subprocess.Popen[str]", *messages: Answer) -> Answer:
    """The next line of a worker that is told these messages."""
    if worker.stdin is None or worker.stdout is None:
        raise BrokenError("the worker has no pipes")
    worker.stdin.writelines(json.dumps(message) + "\n" for message in messages)
    worker.stdin.flush()
    answer: Answer = json.loads(worker.stdout.readline() or '{"say": "nothing"}')
    return answer


def train_a_little(program: Program) -> None:
    """A training of two updates from the demo model ends with a model that can be used."""
    labels, run = str(program.demo / "labels.csv"), str(program.home / "run")
    short = ("--epochs", "1", "--clips", "8", "--batch", "4", "--warmup", "1", "--held-out", "0.02")
    program.yowo("prepare", labels, run, "--videos", str(program.demo), "--base", "demo", *short)
    events = [json.loads(line) for line in program.yowo("train", run).splitlines()]
    if not events or events[-1]["event"] != "finished" or not Path(events[-1]["result"]).is_file():
        raise BrokenError(f"the training ended with {events[-1:]}")


def open_demo(program: Program) -> None:
    """The window shows the demo for some seconds and closes by itself."""
    program.run("--demo", "--quit-after", "8")


STEPS: tuple[Callable[[Program], None], ...] = (
    tell_version,
    find_all_well,
    make_model_ready,
    detect_people,
    answer_live,
    train_a_little,
    open_demo,
)


def main(path: Path) -> int:
    """Run all steps; 0 when every one works."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as home:
        program = Program(path.resolve(), Path(home))
        for step in STEPS:
            began = time.monotonic()
            title = step.__name__.replace("_", " ")
            try:
                step(program)
            except (
                BrokenError,
                OSError,
                ValueError,
                KeyError,
                subprocess.SubprocessError,
            ) as error:
                sys.stderr.write(f"FAILED  {title}: {error}\n")
                return 1
            sys.stdout.write(f"ok      {title}  ({time.monotonic() - began:.1f} s)\n")
            sys.stdout.flush()
    return 0


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: python packaging/smoke_test.py dist/yowo-studio/yowo-studio")
    sys.exit(main(Path(sys.argv[1])))
