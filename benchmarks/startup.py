"""How soon the real program shows its window, the first picture and the first live boxes.

    QT_QPA_PLATFORM=offscreen python -m benchmarks.startup [--runs 3]

Every start is a process of its own that opens the demo at its first labelled person. Times run
from just before the process is started, and are taken when the canvas has been painted. The first
starts find nothing prepared: no project, and no graph of the model for ONNX Runtime, so that torch
answers. Then the graph is made, and the other starts find both, as on every later day. Beside the
time on the wall stands the processor's time of the window's process, which tells more where other
work goes on.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING
from unittest.mock import patch

from PySide6.QtCore import QEvent, QObject, QTimer

if TYPE_CHECKING:
    from app.services.live_values import LiveDetections
    from app.views.main_window import MainWindow

MARKS = ("window", "picture", "boxes")
LONGEST_S = 180


class Watch(QObject):
    """Prints a line when the canvas is first painted with the window, a picture, live boxes."""

    def __init__(self, window: "MainWindow", started: float) -> None:
        super().__init__(window)
        self._window, self._started = window, started
        self._coming = ["window"]
        self._told: list[str] = []
        window.canvas.viewport().installEventFilter(self)
        window.services.source.opened.connect(self._go_to_somebody)
        window.play_desk.frame_shown.connect(lambda _frame: self._expect("picture"))
        window.services.live.detections.connect(self._answered)
        QTimer.singleShot(1000 * LONGEST_S, window.close)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """What was to come is on the screen when this paint event is over."""
        if event.type() == QEvent.Type.Paint:
            QTimer.singleShot(0, self._painted)
        return False

    def _go_to_somebody(self) -> None:
        project = self._window.services.project
        (video,) = project.videos()
        first = min(tube.first for tube in project.tubes(video.id))
        QTimer.singleShot(0, lambda: self._window.services.playback.seek(first + 20))

    def _answered(self, found: "LiveDetections") -> None:
        if len(found.boxes):
            self._expect("boxes")

    def _expect(self, mark: str) -> None:
        self._coming.append(mark)

    def _painted(self) -> None:
        for mark in MARKS:
            if mark in self._coming and mark not in self._told:
                self._told.append(mark)
                print(mark, time.time() - self._started, time.process_time(), flush=True)
        if self._told[-1] == MARKS[-1]:
            self._window.close()


def inside(started: float) -> int:
    """Be the program, with a watch on its window."""
    from app import application  # noqa: PLC0415 that this takes long is part of the figure

    make = application.make_window

    def watched(options: application.Options) -> "MainWindow":
        window = make(options)
        Watch(window, started)
        return window

    with patch.object(application, "make_window", watched):
        return application.run(application.Options())


def start(folder: Path) -> dict[str, tuple[float, float]]:
    """Seconds from the start of the program to each mark, on the wall and of the processor."""
    command = [sys.executable, "-m", "benchmarks.startup", "--inside", str(time.time())]
    done = subprocess.run(
        command, env=os.environ | places(folder), stdout=subprocess.PIPE, text=True, check=True
    )
    lines = [line.split() for line in done.stdout.splitlines()]
    return {mark: (float(wall), float(spent)) for mark, wall, spent in lines}


def places(folder: Path) -> dict[str, str]:
    """Where the program keeps what it writes, as environment variables."""
    return {
        "YOWO_DATA": str(folder / "data"),
        "YOWO_CACHE": str(folder / "cache"),
        "YOWO_SETTINGS": str(folder / "settings.json"),
    }


def row(name: str, marks: dict[str, tuple[float, float]]) -> str:
    """A line of the table."""
    cells = [f"{marks[m][0]:8.2f} s ({marks[m][1]:.2f} s)" if m in marks else "-" for m in MARKS]
    return f"{name:<20}" + "".join(f"{cell:>22}" for cell in cells)


def main() -> int:
    """Entry of the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument(
        "--runs", type=int, default=3, help="starts with nothing prepared, and as many with all"
    )
    parser.add_argument("--inside", type=float, default=0.0, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.inside:
        return inside(given.inside)
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    heads = "".join(f"{mark:>22}" for mark in ("window", "first picture", "first live boxes"))
    print(f"{'after the start':<20}{heads}")
    with tempfile.TemporaryDirectory() as folder:
        for number in range(given.runs):
            bare = Path(folder) / f"bare{number}"
            print(row(f"nothing there, {number + 1}", start(bare)), flush=True)
        ready = [sys.executable, "-m", "yowo_core.cli.main", "models", "--ready", "demo"]
        subprocess.run(ready, env=os.environ | places(bare), check=True)
        for number in range(given.runs):
            print(row(f"prepared, {number + 1}", start(bare)), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
