"""How long the window cannot answer outside playing: making, opening, reviewing a large project.

    QT_QPA_PLATFORM=offscreen python -m benchmarks.blocks [--tubes 10000] [--times 5]

Each row is what a person does in the real window, several times. A block is the longest gap
between two ticks of a 5 ms timer, less these 5 ms; beside it stands the most CPU time that the
window's thread spent between two ticks, which other work on the machine hardly moves. Of each the
quietest time and the median are told. Opening a project starts its live
model, as always; playing has a benchmark of its own.
"""

import argparse
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, QTimer
from PySide6.QtWidgets import QApplication

from benchmarks.playback import FPS, TICK_MS, import_tubes, live_for, made_up, wait, write_clip

if TYPE_CHECKING:
    from app.views.main_window import MainWindow

SETTLED = 0.5  # seconds after which what an action started is over
PER_TUBE = 1 / 4  # seconds of video, as in benchmarks.playback: about ten tubes at a time


class Watchdog(QObject):
    """Ticks in the window's thread; keeps the longest gap and the most CPU time in one, in ms."""

    def __init__(self) -> None:
        super().__init__()
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._tick)
        self._timer.start(TICK_MS)
        self.forget()

    def forget(self) -> None:
        """Begin anew."""
        self._last, self._spent = time.perf_counter(), time.thread_time()
        self.gap_ms, self.cpu_ms = 0.0, 0.0

    def _tick(self) -> None:
        now, spent = time.perf_counter(), time.thread_time()
        self.gap_ms = max(self.gap_ms, 1000 * (now - self._last) - TICK_MS)
        self.cpu_ms = max(self.cpu_ms, 1000 * (spent - self._spent))
        self._last, self._spent = now, spent


@dataclass
class Row:
    """What one action cost each time, in ms."""

    name: str
    gaps: list[float] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)

    def told(self) -> str:
        """The row of the table: quietest and median of both."""
        ms = [min(self.gaps), statistics.median(self.gaps)]
        ms += [min(self.cpu), statistics.median(self.cpu)]
        return f"{self.name:<36}" + "".join(f"{value:10.1f}" for value in ms)


class Blocks:
    """Does what a person does and notes how long the window could not answer."""

    def __init__(self, window: "MainWindow", folder: Path) -> None:
        self._window, self._folder = window, folder
        self._project = window.services.project
        self._dog = Watchdog()
        self._rows: dict[str, Row] = {}

    def measure(self, name: str, work: Callable[[], object]) -> None:
        """Do something from inside the event loop, as a click does, and let it settle."""
        self._dog.forget()
        QTimer.singleShot(2 * TICK_MS, self._window, work)
        live_for(SETTLED)
        row = self._rows.setdefault(name, Row(name))
        row.gaps.append(self._dog.gap_ms)
        row.cpu.append(self._dog.cpu_ms)

    def prepare(self, tubes: int, frames: int, clip: Path) -> Path:
        """A project with a video and that many predictions."""
        from app.editing.media import AddVideos  # noqa: PLC0415 the folders must be set before
        from app.services.media_files import look_at  # noqa: PLC0415

        path = self._folder / "large.yowo"
        self._project.create(path)
        self._project.submit(AddVideos((look_at(clip),)))
        self._opened(frames)
        import_tubes(self._window, made_up(tubes, frames))
        return path

    def turn(self, number: int, large: Path, frames: int) -> None:
        """Make a project, open the large one, decide on predictions, take one decision back."""
        fresh = self._folder / f"fresh-{number}.yowo"
        self.measure("make a project", lambda: self._project.create(fresh))
        self.measure("open the large project", lambda: self._project.open(large))
        self._opened(frames)
        live_for(3 * SETTLED)
        actions = self._window.actions_by_name
        self.measure("go to the next prediction", actions["next"].trigger)
        self.measure("accept it and go on", actions["accept"].trigger)
        self.measure("reject one and go on", actions["reject"].trigger)
        self.measure("undo", actions["undo"].trigger)

    def report(self) -> None:
        """Print the table."""
        print(f"{'ms':<36}{'block':>10}{'median':>10}{'CPU':>10}{'median':>10}")
        for row in self._rows.values():
            print(row.told())

    def _opened(self, frames: int) -> None:
        wait(lambda: self._window.play_desk.frame_count == frames, "the video is open")


def run(folder: Path, given: argparse.Namespace) -> None:
    """Open the window and measure."""
    from app.application import Options, make_window  # noqa: PLC0415 the folders must be set
    from app.services.collector import Collector  # noqa: PLC0415

    frames = round(max(20, given.tubes * PER_TUBE) * FPS)
    clip = write_clip(folder / "clip.mp4", frames / FPS)
    window = make_window(Options())
    window.resize(1600, 1000)
    window.show()
    Collector(window).spare()
    live_for(SETTLED)
    blocks = Blocks(window, folder)
    large = blocks.prepare(given.tubes, frames, clip)
    for number in range(given.times):
        blocks.turn(number, large, frames)
    blocks.report()
    window.close()


def main() -> int:
    """Entry of the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--tubes", type=int, default=10_000, help="predictions in the project")
    parser.add_argument("--times", type=int, default=5, help="how often each thing is done")
    given = parser.parse_args()
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    with tempfile.TemporaryDirectory() as folder:
        os.environ["YOWO_DATA"] = folder
        os.environ["YOWO_SETTINGS"] = str(Path(folder) / "settings.json")
        application = QApplication(sys.argv[:1])
        run(Path(folder), given)
        application.quit()
    return 0


if __name__ == "__main__":
    sys.exit(main())
