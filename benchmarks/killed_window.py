"""The window that benchmarks/kill_runs.py kills: opens a project, runs, and tells what it shows.

    python -m benchmarks.killed_window train|detect PROJECT small|whole

One JSON object a line: what was offered, which process works, what was shown, and how it ended.
A line on standard input closes the window. The small network and model are of 64 pixels, so that
many kills take minutes; everything else is the program as it is.
"""

import json
import sys
import threading
import time
from functools import partial
from pathlib import Path
from typing import Literal

from PySide6.QtCore import QObject, Qt, QTimer, Signal
from PySide6.QtWidgets import QApplication

from app.application import Options, make_window
from app.domain.project import ModelRecord, NewModel, RunKind, RunState
from app.domain.training import FineTunePlan
from app.services import job_runner
from app.services.analysis import AnalysisState
from app.services.job_runner import worker_command
from app.services.messages import Message
from app.services.training import Phase, TrainingState
from app.views.main_window import MainWindow
from yowo_core.models.card import read_card
from yowo_core.train.config import TrainConfig

SMALL = """
from yowo_core.cli.main import run
from yowo_core.input_spec import InputSpec
from yowo_core.models.configs.yowov3 import YOWOv3Config
from yowo_core.train import loop

loop.network_of = lambda _folder, _config, classes: YOWOv3Config(
    "n", "shufflenetv2", 0.25, 16, classes, InputSpec(length=8, size=64)
)
run()
"""
CONFIGS = {
    "small": TrainConfig(epochs=6, clips_per_epoch=64, batch=8, warmup=4, save_seconds=2.0),
    "whole": TrainConfig(epochs=6, clips_per_epoch=64, batch=8, warmup=4),
}
HELD_OUT = 0.2
_POLL_MS = 20


def tell(**told: object) -> None:
    """Say something to the one who kills."""
    sys.stdout.write(json.dumps(told) + "\n")
    sys.stdout.flush()


class Driver(QObject):
    """Starts a run or takes up what is offered, as a person would."""

    close_asked = Signal()

    def __init__(self, window: MainWindow, kind: str, size: str) -> None:
        super().__init__()
        self._window, self._services = window, window.services
        self._kind, self._size = kind, size
        self._worker = 0
        self._epochs = 0
        services = self._services
        services.messages.posted.connect(self._read)
        services.training.state_changed.connect(self._see_training)
        services.fine_tunes.registered.connect(self._kept)
        services.analysis.progress.connect(self._see_analysis)
        services.analysis.ended.connect(self._analysed)
        self._timer = QTimer(self)
        self._timer.timeout.connect(self._find_worker)
        self._timer.start(_POLL_MS)
        self.close_asked.connect(self._close, Qt.ConnectionType.QueuedConnection)
        threading.Thread(target=self._listen, daemon=True).start()

    def begin(self, path: Path, model: Path) -> None:
        """Open the project; start a run if none is under way."""
        project = self._services.project
        kind = RunKind.TRAIN if self._kind == "train" else RunKind.DETECT
        if not project.open(path):
            raise SystemExit("the project does not open")
        runs = [run for run in project.runs() if run.kind is kind]
        if not any(m.path == model for m in project.models()):
            labels = read_card(model).labels
            added = project.add_model(NewModel("bench", "Bench", model, "0" * 64, labels))
            if added is not None:
                project.set_live_model(added.id)
        self._window.learn_desk.switch_live(on=False)
        over = (RunState.FINISHED,)
        if not runs or runs[-1].state in over:
            QTimer.singleShot(0, self, partial(self._start, model))

    def _start(self, model: Path) -> None:
        if self._kind == "detect":
            self._window.media_desk._analyse(self._services.project.videos()[0].id)  # noqa: SLF001
            return
        base = next(m for m in self._services.project.models() if m.path == model)
        self._services.fine_tunes.start(FineTunePlan(base.id, CONFIGS[self._size], HELD_OUT))

    def _listen(self) -> None:
        sys.stdin.readline()
        self.close_asked.emit()

    def _close(self) -> None:
        began = time.monotonic()
        self._window.close()
        tell(closed=time.monotonic() - began)

    def _find_worker(self) -> None:
        jobs = list(self._services.runner._jobs.values())  # noqa: SLF001 its process is to be killed
        if jobs and jobs[0].process.pid != self._worker:
            self._worker = jobs[0].process.pid
            tell(worker=self._worker)

    def _read(self, message: Message) -> None:
        tell(message=message.text)
        if message.caption in ("Go on", "Analyse again") and message.action is not None:
            tell(offered=message.text)
            message.action()

    def _see_training(self, state: TrainingState) -> None:
        measured = [p for p in state.maps if p.epoch > self._epochs]
        for point in measured:
            self._epochs = point.epoch
            tell(epoch=point.epoch, figure=point.value)
        if state.phase is Phase.FAILED and state.can_go_on:
            tell(offered="Go on, in the panel")
            QTimer.singleShot(0, self._window.fine_tune.go_on_asked.emit)

    def _see_analysis(self, state: AnalysisState) -> None:
        if state.stage == "detecting":
            tell(frames=state.done)

    def _kept(self, model: ModelRecord, _seen: bool) -> None:
        tell(over="train", model=str(model.path))

    def _analysed(self, state: AnalysisState) -> None:
        if state.state is RunState.FINISHED:
            tell(over="detect", tubes=state.tubes)
        elif state.state is RunState.FAILED:
            tell(offered="Analyse again")
            video = self._services.project.videos()[0].id
            QTimer.singleShot(0, partial(self._window.media_desk._analyse, video))  # noqa: SLF001


def _small_command(name: Literal["live", "yowo"]) -> list[str]:
    return [sys.executable, "-c", SMALL] if name == "yowo" else worker_command(name)


def main() -> int:
    """Show the window until it is closed or killed."""
    kind, project, model, size = sys.argv[1:5]
    if size == "small":
        job_runner.worker_command = _small_command
    instance = QApplication(sys.argv[:1])
    window = make_window(Options())
    window.show()
    driver = Driver(window, kind, size)
    QTimer.singleShot(0, partial(driver.begin, Path(project), Path(model)))
    tell(up=True)
    return instance.exec()


if __name__ == "__main__":
    sys.exit(main())
