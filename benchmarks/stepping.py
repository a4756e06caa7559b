"""How long from the press of an arrow key until its picture is painted in the real window.

    QT_QPA_PLATFORM=offscreen python -m benchmarks.stepping [--steps 200] [--tubes 10000]

The clip is that of benchmarks.playback, 1280x720 with 60 frames between key frames. The keys are
real events, and the time ends when the window has been painted with picture, boxes and timeline
at the new frame. Decoded frames are kept around the playhead; before each pass the window rests.
"""

import argparse
import os
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QEvent, QEventLoop, QObject, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from benchmarks.playback import (
    FPS,
    Watchdog,
    import_tubes,
    live_for,
    made_up,
    wait,
    write_clip,
)

if TYPE_CHECKING:
    from app.views.main_window import MainWindow

REST_SECONDS = 2.0
MOST_SECONDS = 5.0
_WAITING = QEventLoop.ProcessEventsFlag.WaitForMoreEvents


class PaintWatch(QObject):
    """Sees which frame the canvas paints; whoever called processEvents() has it painted then."""

    def __init__(self, window: "MainWindow") -> None:
        super().__init__()
        self._window = window
        self.painted = -1
        window.canvas.viewport().installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Note the frame, and let the canvas paint it."""
        if event.type() == QEvent.Type.Paint:
            self.painted = self._window.play_desk.frame
        return super().eventFilter(watched, event)


def step(window: "MainWindow", watch: PaintWatch, key: Qt.Key) -> float:
    """Press an arrow key and wait for its picture; milliseconds."""
    wanted = window.play_desk.frame + (1 if key == Qt.Key.Key_Right else -1)
    began = time.perf_counter()
    QTest.keyClick(window, key)
    while watch.painted != wanted:
        QApplication.processEvents(_WAITING)
        if time.perf_counter() - began > MOST_SECONDS:
            sys.exit(f"frame {wanted} was not painted")
    return 1000 * (time.perf_counter() - began)


def measure(window: "MainWindow", name: str, steps: int) -> None:
    """Step back and on around the middle of the clip, and print how long it took."""
    watch, middle = PaintWatch(window), window.play_desk.frame_count // 2
    for title, key in (("back", Qt.Key.Key_Left), ("on", Qt.Key.Key_Right)):
        window.services.playback.seek(middle)
        wait(lambda: window.play_desk.frame == middle, "the picture is there")
        live_for(REST_SECONDS)
        taken = []
        for _ in range(steps):
            taken.append(step(window, watch, key))
            live_for(0.03)  # a hand that is quick
        median, most, worst = np.percentile(taken, [50, 95, 100])
        told = f"{median:6.1f} ms (median), {most:6.1f} (95 %), {worst:6.1f} (worst)"
        print(f"{name:<12} {steps} steps {title:<5} {told}")
    window.canvas.viewport().removeEventFilter(watch)


def prepare(window: "MainWindow", folder: Path, given: argparse.Namespace) -> None:
    """A project with the clip and its tubes, as benchmarks.playback makes it."""
    from app.editing.media import AddVideos  # noqa: PLC0415 the folders must be set before
    from app.services.media_files import look_at  # noqa: PLC0415

    frames = round(max(2.5 * given.steps / FPS, given.tubes / 4) * FPS)
    clip = write_clip(folder / "clip.mp4", frames / FPS)
    window.services.project.create(folder / "benchmark.yowo")
    window.services.project.submit(AddVideos((look_at(clip),)))
    wait(lambda: window.play_desk.frame_count == frames, "the video is open")
    import_tubes(window, made_up(given.tubes, frames))


def run(folder: Path, given: argparse.Namespace) -> None:
    """Open the window and step without the overlay, then with it."""
    from app.application import Options, make_window  # noqa: PLC0415 the folders must be set
    from app.services.collector import Collector  # noqa: PLC0415

    window = make_window(Options())
    window.resize(1600, 1000)
    window.show()
    Collector(window).spare()
    prepare(window, folder, given)
    window.activateWindow()
    wait(window.isActiveWindow, "the window is active")
    dog = Watchdog()  # its ticks wake whoever waits for events
    window.learn_desk.switch_live(on=False)
    measure(window, "overlay off", given.steps)
    window.learn_desk.switch_live(on=True)
    wait(lambda: window.services.live.facts is not None, "the model is loaded")
    measure(window, "overlay on", given.steps)
    print(f"longest block {dog.longest_ms:.1f} ms")
    window.close()


def main() -> int:
    """Entry of the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--steps", type=int, default=200, help="presses of each key")
    parser.add_argument("--tubes", type=int, default=10_000, help="predictions on the timeline")
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
