"""Kills windows and workers in the middle of fine-tunes and analyses, and looks what is lost.

    python -m benchmarks.kill_runs [--kills 10] [--closes 3] [--network small|whole] [--seed 0]

Each kill is a SIGKILL at a random moment, in turn of the window and of the process that works
for it. After each the project has to open, every figure that was shown has to be in the run's
events, frames of an analysis that were shown as done have to be there but for an open chunk, and
going on has to be offered. At the end the runs come to their end and the results are looked at.
A run needs a few minutes with the small network.
"""

import argparse
import json
import os
import queue
import random
import signal
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from PySide6.QtCore import QCoreApplication

from app.domain.project import RunKind, RunRecord, RunState
from app.services.built_in import open_demo
from app.services.left_runs import look_at
from app.services.project_service import ProjectService
from app.store.project import Project
from benchmarks.killed_window import CONFIGS
from yowo_core.event_log import replay
from yowo_core.events import Evaluated
from yowo_core.infer.pipeline import CHUNK
from yowo_core.models.card import read_card
from yowo_core.models.shelf import find_model

ROOT = Path(__file__).resolve().parents[1]
WAIT = 300.0
LONGEST = {"train": 20.0, "detect": 12.0}
"""Seconds of work within which a kill comes, about as long as a whole run takes."""
MAKE_SMALL = """
import sys
from pathlib import Path
import torch
from yowo_core.models.card import ModelCard
from yowo_core.models.create import build
from yowo_core.input_spec import InputSpec
from yowo_core.models.configs.yowov3 import YOWOv3Config
from yowo_core.models.weights import save_model

torch.manual_seed(0)
config = YOWOv3Config("n", "shufflenetv2", 0.25, 16, 2, InputSpec(length=8, size=64))
state = build(config).state_dict()
save_model(Path(sys.argv[1]), state, ModelCard(config, ("walk", "read"), {}))
"""


@dataclass
class Figures:
    """What is counted."""

    kills: int = 0
    lost_epochs: int = 0
    lost_frames: int = 0
    not_offered: int = 0
    finished: int = 0
    gone_after: list[float] = field(default_factory=list)
    repeated: list[int] = field(default_factory=list)


class Window:
    """A window in a process of its own, and what it has told so far."""

    def __init__(self, kind: str, project: Path, model: Path, size: str) -> None:
        call = [sys.executable, "-m", "benchmarks.killed_window", kind, project, model, size]
        self.process = subprocess.Popen(
            list(map(str, call)),
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        self.worker = 0
        self.epochs: dict[int, float] = {}
        self.frames = 0
        self.offers: list[str] = []
        self._told = queue.SimpleQueue[dict[str, Any] | None]()
        threading.Thread(target=self._read, daemon=True).start()

    def wait(self, seconds: float, *keys: str) -> dict[str, Any] | None:
        """The next thing that is told with one of the keys; None when the time is over first."""
        deadline = time.monotonic() + seconds
        while (left := deadline - time.monotonic()) > 0:
            try:
                told = self._told.get(timeout=left)
            except queue.Empty:
                return None
            if told is None:
                return None
            self._note(told)
            if any(key in told for key in keys):
                return told
        return None

    def kill(self) -> None:
        """As the system would: nothing of ours is run any more."""
        self.process.kill()
        self.process.wait()
        assert self.process.stdin is not None
        self.process.stdin.close()
        while self.wait(1.0) is not None:
            pass

    def _read(self) -> None:
        assert self.process.stdout is not None
        with self.process.stdout as lines:
            for line in lines:
                self._told.put(json.loads(line))
        self._told.put(None)

    def _note(self, told: dict[str, Any]) -> None:
        self.worker = told.get("worker", self.worker)
        self.frames = max(self.frames, told.get("frames", 0))
        if "epoch" in told:
            self.epochs[told["epoch"]] = told["figure"]
        if "offered" in told:
            self.offers.append(told["offered"])


def gone_after(pid: int) -> float:
    """Seconds until a process is there no more; those that wait for their parent are gone."""
    began = time.monotonic()
    while pid and _lives(pid) and time.monotonic() - began < WAIT:
        time.sleep(0.02)
    return time.monotonic() - began


def _lives(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def last_run(project: Path, kind: str) -> RunRecord:
    """The newest run of a kind; the project has to open for that, and to be whole."""
    opened = Project.open(project)
    try:
        opened.check()
        wanted = RunKind.TRAIN if kind == "train" else RunKind.DETECT
        return [run for run in opened.runs() if run.kind is wanted][-1]
    finally:
        opened.close()


def storm(kind: str, project: Path, model: Path, options: argparse.Namespace) -> Figures:
    """Kill until it was enough, then let the run come to its end."""
    figures, chance = Figures(), random.Random(options.seed)
    size = options.network
    epochs: dict[int, float] = {}
    window = Window(kind, project, model, size)
    while figures.kills < options.kills:
        over = window.wait(WAIT, "worker") is None
        over = over or window.wait(chance.uniform(0.0, LONGEST[kind]), "over") is not None
        epochs |= window.epochs
        if over:  # it was quicker: the next run begins in a new window
            figures.finished += 1
            window.kill()
            epochs = {}
            window = Window(kind, project, model, size)
            continue
        figures.kills += 1
        if figures.kills % 2:
            window.kill()
            figures.gone_after.append(gone_after(window.worker))
            _look(kind, project, (window, epochs), figures)
            window = Window(kind, project, model, size)
        else:
            os.kill(window.worker, signal.SIGKILL)
        _offered(window, figures)
    end = window.wait(WAIT, "over")
    figures.finished += end is not None
    epochs |= window.epochs
    window.kill()
    run = last_run(project, kind)
    if end is None or run.state is not RunState.FINISHED:
        raise SystemExit(f"the {kind} run did not come to its end: {run.state}")
    if kind == "train":
        _check_model(run, Path(end["model"]), CONFIGS[size].epochs, epochs)
    return figures


def _offered(window: Window, figures: Figures) -> None:
    """Going on has to be offered; a run that had just ended is taken in instead."""
    before = len(window.offers)
    told = window.wait(WAIT, "offered", "over")
    if told is None or ("offered" in told and len(window.offers) == before):
        figures.not_offered += 1


def _look(
    kind: str, project: Path, seen: tuple[Window, dict[int, float]], figures: Figures
) -> None:
    """What was shown has to be in the run's folder."""
    window, epochs = seen
    run = last_run(project, kind)
    if kind == "train":
        kept = {e.epoch: e.frame_map for e in replay(run.folder) if isinstance(e, Evaluated)}
        figures.lost_epochs += sum(kept.get(n) != figure for n, figure in epochs.items())
        return
    (left,) = look_at([run])
    figures.lost_frames += max(0, window.frames - left.frames - (CHUNK - 1))
    figures.repeated.append(max(0, window.frames - left.frames))


def _check_model(run: RunRecord, model: Path, epochs: int, shown: dict[int, float]) -> None:
    kept = {e.epoch: e.frame_map for e in replay(run.folder) if isinstance(e, Evaluated)}
    facts = read_card(model).facts
    best = max(figure for epoch, figure in kept.items() if epoch > 0)
    if set(kept) - {0} != set(range(1, epochs + 1)) or facts["held_out_frame_map"] != best:
        raise SystemExit(f"{model} is not the best of all epochs: {facts}, {kept}")
    if any(kept[epoch] != figure for epoch, figure in shown.items()):
        raise SystemExit(f"figures that were shown have changed: {shown}, {kept}")


def closing(project: Path, model: Path, seed: int) -> tuple[float, float]:
    """Seconds until the window, and until all processes are gone after it was closed."""
    window = Window("train", project, model, "whole")
    window.wait(WAIT, "worker")
    window.wait(random.Random(seed).uniform(2.0, 25.0), "over")
    assert window.process.stdin is not None
    began = time.monotonic()
    window.process.stdin.write("close\n")
    window.process.stdin.flush()
    window.process.wait(WAIT)
    ended = time.monotonic() - began
    gone_after(window.worker)
    return ended, time.monotonic() - began


def prepared(folder: Path, network: str) -> tuple[Path, Path]:
    """The demo's project with a folder of its own, and the model to start from."""
    for name, place in (("YOWO_DATA", "data"), ("YOWO_CACHE", "cache")):
        os.environ[name] = str(folder / place)
    os.environ["YOWO_SETTINGS"] = str(folder / "settings.json")
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")  # threads that wait leave the cores alone
    instance = QCoreApplication.instance() or QCoreApplication([])
    service = ProjectService("bench")
    open_demo(service)
    path = service.path
    service.close()
    instance.processEvents()
    assert path is not None
    if network == "whole":
        return path, find_model("demo")
    model = folder / "small.safetensors"
    subprocess.run([sys.executable, "-c", MAKE_SMALL, str(model)], check=True, cwd=ROOT)
    return path, model


def report(kind: str, figures: Figures) -> None:
    """Print what came of it."""
    gone = max(figures.gone_after, default=0.0)
    print(f"{kind}: {figures.kills} kills, {figures.finished} runs came to their end")
    print(f"  epochs shown and lost: {figures.lost_epochs}; frames: {figures.lost_frames}")
    print(f"  not offered to go on: {figures.not_offered}")
    print(f"  worker gone after the window was killed, at most: {gone:.2f} s")
    if figures.repeated:
        print(f"  frames of an open chunk to be done again, at most: {max(figures.repeated)}")


def main() -> None:
    """Run it all."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--kills", type=int, default=10)
    parser.add_argument("--closes", type=int, default=3)
    parser.add_argument("--network", choices=("small", "whole"), default="small")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    bad = 0
    for kind in ("train", "detect") if options.kills else ():
        with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
            figures = storm(kind, *prepared(Path(folder), options.network), options)
            report(kind, figures)
            bad += figures.lost_epochs + figures.lost_frames + figures.not_offered
    for turn in range(options.closes):  # a run that was closed while it prepares leaves nothing
        with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
            times = closing(*prepared(Path(folder), "whole"), options.seed + turn)
            print(
                f"closed while the demo's model is fine-tuned: window gone after "
                f"{times[0]:.2f} s, no process left after {times[1]:.2f} s"
            )
    sys.exit(1 if bad else 0)


if __name__ == "__main__":
    main()
