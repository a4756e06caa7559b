"""Whether every box on the screen belongs to the picture under it.

    QT_QPA_PLATFORM=offscreen python -m benchmarks.overlay_exact [--operations 1000]

The real window shows clips whose frames carry their number, and the real live process runs a
stand-in network whose box encodes the number that it read out of the pixels (number_model). Played
at 0.25x to 4x and backwards, in loops, stepped, sought, scrubbed and switched from one video to
another at random, after every repaint the screen is read back: the number drawn in the picture
against the number that the box drawn at full strength says. Faded boxes belong to an earlier
picture and say so by being faded. Every answer also says whether the network was given the right
clip. Every form of clip is gone through once alone and once with other work on every core.
Status 1 when anything differs or an answer never came.
"""

import argparse
import multiprocessing
import os
import random
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from fractions import Fraction
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QEventLoop, QObject, QPoint, QPointF, QRectF, QTimer
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication

from benchmarks.barcode_clip import LONG_GOP, MILLISECONDS, ClipForm, irregular_times, write_clip
from benchmarks.number_model import (
    LABELS,
    LENGTH,
    NUMBERS,
    SIZE,
    box_number,
    clip_score,
    draw_low,
    read_low,
    write_model,
)
from yowo_core.annotations import FrameRange
from yowo_core.input_spec import InputSpec
from yowo_core.machine import cores
from yowo_core.video.clips import causal_clip

if TYPE_CHECKING:
    from app.domain.project import VideoRecord
    from app.services.live_values import LiveDetections
    from app.views.canvas import CanvasView
    from app.views.main_window import MainWindow

WIDTH, HEIGHT, FRAMES = 640, 384, 400
SECOND: Final = 512
"""The second video's frames carry numbers from here on, so that boxes of the first stand out."""
FULL = (255, 0, 255)
ANSWER_SECONDS = 60.0
WORK = 16

EVEN = ClipForm(width=WIDTH, height=HEIGHT, options={"g": "15", "bf": "2"})
LONG = ClipForm(width=WIDTH, height=HEIGHT, options=LONG_GOP.options)
THIRTIETH = Fraction(1, 30)
FORMS: dict[str, tuple[ClipForm, list[int], Fraction]] = {
    "constant rate": (EVEN, list(range(FRAMES)), THIRTIETH),
    "variable rate": (EVEN, irregular_times(FRAMES), MILLISECONDS),
    "long GOP": (LONG, list(range(FRAMES)), THIRTIETH),
}


@dataclass(frozen=True)
class Seen:
    """What one look at the screen told: picture -1 unreadable, box None when none is full."""

    picture: int
    box: int | None


@dataclass
class Tally:
    """What was seen in a pass. wrong: doing, picture, box of each mismatch."""

    doing: str = ""
    last: Seen = Seen(-1, None)
    looks: int = 0
    pictures: int = 0
    compared: Counter[str] = field(default_factory=Counter)
    wrong: list[tuple[str, int, int]] = field(default_factory=list)
    answers: int = 0
    wrong_clips: int = 0
    unanswered: list[str] = field(default_factory=list)

    def add(self, seen: Seen) -> None:
        """Count a look."""
        self.looks += 1
        self.pictures += seen.picture != self.last.picture
        self.last = seen
        if seen.box is not None:
            self.compared[self.doing] += 1
            if seen.picture < 0 or seen.picture % NUMBERS != seen.box:
                self.wrong.append((self.doing, seen.picture, seen.box))

    @property
    def fine(self) -> bool:
        """Whether nothing was wrong or missing, and something was compared."""
        bad = self.wrong or self.wrong_clips or self.unanswered
        return not bad and sum(self.compared.values()) > 0


class Eye(QObject):
    """Looks at the screen after each repaint of the canvas."""

    def __init__(self, canvas: "CanvasView", tally: Tally) -> None:
        super().__init__()
        self._canvas, self._tally = canvas, tally
        self._due = QTimer(self)
        self._due.setSingleShot(True)
        self._due.timeout.connect(self.look)
        canvas.viewport().installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Note a repaint; the screen has it when this turn of the event loop is over."""
        if event.type() == QEvent.Type.Paint:
            self._due.start(0)
        return super().eventFilter(watched, event)

    def look(self) -> None:
        """Read the screen."""
        self._tally.add(self.seen())

    def seen(self) -> Seen:
        """The numbers of picture and box as they are on the screen now."""
        pixels = _screen(self._canvas)
        area = self._canvas.viewportTransform().mapRect(QRectF(0, 0, WIDTH, HEIGHT)).toRect()
        top, left = max(area.top(), 0), max(area.left(), 0)
        picture = pixels[top : area.bottom() + 1, left : area.right() + 1]
        number = read_low(np.ascontiguousarray(picture)) if picture.size else -1
        return Seen(number, _full_box(pixels, self._canvas))


def _screen(canvas: "CanvasView") -> NDArray[np.uint8]:
    """(H, W, 3) RGB of the canvas as the screen has it."""
    port, window = canvas.viewport(), canvas.window()
    at = port.mapTo(window, QPoint(0, 0))
    screen = window.screen()
    grabbed = screen.grabWindow(window.winId(), at.x(), at.y(), port.width(), port.height())
    image = grabbed.toImage().convertToFormat(QImage.Format.Format_RGB32)
    rows = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), -1)
    pixels = rows[:, : 4 * image.width()].reshape(image.height(), -1, 4)[:, :, 2::-1]
    return pixels.copy()  # the image and with it its memory ends here


def _full_box(pixels: NDArray[np.uint8], canvas: "CanvasView") -> int | None:
    """What the box in pure colour says: its left line's uppermost pixel is its corner."""
    mask = np.abs(pixels.astype(np.int16) - FULL).max(axis=2) <= 2
    lines = np.flatnonzero(mask.sum(axis=0) >= 20)
    if not len(lines):
        return None
    left = int(lines[0])
    corner = canvas.to_video(QPointF(left + 0.5, int(np.flatnonzero(mask[:, left])[0]) + 0.5))
    return box_number(corner.x() * SIZE / WIDTH, corner.y() * SIZE / HEIGHT)


class ClipCheck(QObject):
    """Holds every answer against the clip that its frame should have had."""

    def __init__(self, window: "MainWindow", tally: Tally) -> None:
        super().__init__()
        every = window.services.project.videos()  # also those of the pass before may answer late
        self._first = {v.id: SECOND * v.name.endswith(" 2.mp4") for v in every}
        self._tally = tally
        window.services.live.detections.connect(self._check)

    def _check(self, found: "LiveDetections") -> None:
        frames, _ = causal_clip(found.frame, FrameRange(0, FRAMES), InputSpec(length=LENGTH))
        wanted = clip_score([self._first[found.video_key] + int(n) for n in frames])
        self._tally.answers += 1
        self._tally.wrong_clips += not np.allclose(found.scores[:, 1], wanted, atol=1e-4)


class Hand:
    """Plays, steps, seeks, scrubs and switches videos at random."""

    def __init__(self, window: "MainWindow", videos: list["VideoRecord"], tally: Tally) -> None:
        self._window, self._videos, self._tally = window, videos, tally
        self._playback = window.services.playback
        self._chance = random.Random(11)
        self._at = 0

    def open(self, place: int) -> None:
        """Show the first or the second video."""
        self._at = place
        self._window.play_desk.open(self._videos[place])
        wait(lambda: self._window.play_desk.frame_count == FRAMES, "the video is open")

    def act(self) -> None:
        """Do something, and often wait for its answer."""
        doings: tuple[tuple[str, Callable[[], None], int], ...] = (
            ("playing", self._play, 4),
            ("stepping", self._step, 4),
            ("seeking", self._seek, 4),
            ("scrubbing", self._scrub, 1),
            ("seeking while playing", self._seek_on, 1),
            ("another video", lambda: self.open(1 - self._at), 1),
        )
        weights = [weight for _, _, weight in doings]
        ((name, do, _),) = self._chance.choices(doings, weights)
        self._tally.doing = name
        do()
        if self._chance.random() < 0.5:
            self._await_answer(name)
        else:
            live_for(self._chance.uniform(0, 0.15))

    def _play(self) -> None:
        start = self._chance.randrange(FRAMES - 30)
        loop = FrameRange(start, start + 30) if self._chance.random() < 0.3 else None
        self._playback.set_loop(loop)
        self._playback.set_speed(self._chance.choice((0.25, 0.5, 1.0, 1.0, 2.0, 4.0, 4.0, -1.0)))
        self._playback.seek(start)
        self._playback.play()
        live_for(self._chance.uniform(0.1, 0.8))
        self._playback.pause()
        self._playback.set_loop(None)

    def _step(self) -> None:
        for _ in range(self._chance.randint(1, 4)):
            self._playback.step(self._chance.choice((-10, -1, -1, 1, 1, 10)))
            live_for(self._chance.uniform(0, 0.05))

    def _seek(self) -> None:
        self._playback.seek(self._chance.randrange(FRAMES))

    def _scrub(self) -> None:
        for _ in range(self._chance.randint(3, 12)):
            self._playback.scrub(self._chance.randrange(FRAMES))
            live_for(0.02)
        self._playback.end_scrub()

    def _seek_on(self) -> None:
        self._playback.set_speed(self._chance.choice((1.0, 4.0)))
        self._playback.play()
        for _ in range(3):
            self._playback.seek(self._chance.randrange(FRAMES))
            live_for(self._chance.uniform(0.05, 0.3))
        self._playback.pause()

    def _await_answer(self, name: str) -> None:
        """Standing still, the frame that was asked for must come with its own full box."""
        wanted = SECOND * self._at + self._playback.state.frame
        settled = Seen(wanted, wanted % NUMBERS)
        if not waited(lambda: self._tally.last == settled, ANSWER_SECONDS):
            last = self._tally.last
            told = f"{name}: frame {wanted} was asked for, picture {last.picture}, box {last.box}"
            self._tally.unanswered.append(told)


def waited(reached: Callable[[], bool], seconds: float) -> bool:
    """Let the window live until something is so; False when it did not become so in time."""
    end = time.monotonic() + seconds
    while not reached():
        if time.monotonic() > end:
            return False
        live_for(0.004)
    return True


def wait(reached: Callable[[], bool], what: str) -> None:
    """Let the window live until something is so; RuntimeError when it never is."""
    if not waited(reached, 10 * ANSWER_SECONDS):
        raise RuntimeError(f"waited in vain until {what}")


def live_for(seconds: float) -> None:
    """Run the window's own event loop for a time."""
    loop = QEventLoop()
    QTimer.singleShot(round(1000 * seconds), loop.quit)
    loop.exec()


@contextmanager
def busy(count: int) -> Iterator[None]:
    """Other work in so many processes."""
    workers = [multiprocessing.Process(target=_burn, daemon=True) for _ in range(count)]
    for worker in workers:
        worker.start()
    try:
        yield
    finally:
        for worker in workers:
            worker.kill()
            worker.join()


def _burn() -> None:
    parent = os.getppid()
    while os.getppid() == parent:
        sum(range(100_000))


def write_clips(folder: Path, form: str) -> list[Path]:
    """The two clips of a form."""
    look, times, base = FORMS[form]
    made = []
    for place in range(2):
        painter = partial(_numbered, SECOND * place)
        path = folder / f"{form} {place + 1}.mp4"
        made.append(write_clip(path, times, look, base, painter))
    return made


def _numbered(first: int, number: int, width: int, height: int) -> NDArray[np.uint8]:
    return draw_low(first + number, width, height)


def open_window(folder: Path, clips: list[Path], work: int) -> "MainWindow":
    """The window with a project of those clips and the stand-in as its live model."""
    from app.application import (  # noqa: PLC0415 the folders must be set before
        Options,
        make_window,
    )
    from app.domain.project import NewModel  # noqa: PLC0415
    from app.editing.labels import AddLabel  # noqa: PLC0415
    from app.editing.media import AddVideos  # noqa: PLC0415
    from app.services.collector import Collector  # noqa: PLC0415
    from app.services.media_files import look_at  # noqa: PLC0415

    window = make_window(Options())
    window.resize(1280, 860)
    window.show()
    Collector(window).spare()
    project = window.services.project
    project.create(folder / "exact.yowo")
    project.submit(AddLabel(LABELS[0], "#{:02x}{:02x}{:02x}".format(*FULL)))
    project.submit(AddLabel(LABELS[1], "#0080ff"))
    project.submit(AddVideos(tuple(look_at(clip) for clip in clips)))
    path = write_model(folder, work)
    model = project.add_model(NewModel("stand-in", "Stand-in", path, "", LABELS))
    if model is None:
        raise RuntimeError("the stand-in could not be registered")
    project.set_live_model(model.id)
    window.services.settings.set(live_backend="onnx", live_device="cpu")
    window.learn_desk.switch_live(on=True)
    live = window.services.live
    wait(lambda: live.facts is not None and live.facts.labels == LABELS, "the model is loaded")
    return window


def run_pass(window: "MainWindow", form: str, operations: int) -> Tally:
    """So many random operations on the two clips of a form."""
    videos = [v for v in window.services.project.videos() if v.name.startswith(form)]
    tally = Tally()
    watchers = Eye(window.canvas, tally), ClipCheck(window, tally)
    hand = Hand(window, videos, tally)
    hand.open(0)
    for _ in range(operations):
        hand.act()
    for watcher in watchers:
        watcher.deleteLater()
    live_for(0.05)
    return tally


def report(name: str, tally: Tally) -> None:
    """Print one pass."""
    kinds = ", ".join(f"{count} {kind}" for kind, count in tally.compared.most_common())
    print(f"\n{name}: {tally.pictures} pictures in {tally.looks} repaints read from the screen")
    print(f"  full boxes compared  {sum(tally.compared.values())} ({kinds})")
    print(f"  mismatches           {len(tally.wrong)} {tally.wrong[:5] or ''}")
    print(f"  answers, wrong clips {tally.answers}, {tally.wrong_clips}")
    print(
        f"  never answered       {len(tally.unanswered)} {tally.unanswered[:3] or ''}", flush=True
    )


def measure(folder: Path, forms: list[str], operations: int) -> int:
    """Every form alone and with other work beside it; the status."""
    clips = [clip for form in forms for clip in write_clips(folder, form)]
    window = open_window(folder, clips, WORK)
    tallies = []
    for form in forms:
        for load in (0, cores()):
            with busy(load):
                tallies.append(run_pass(window, form, operations))
            name = f"{form}, {load} other processes" if load else f"{form}, alone"
            report(name, tallies[-1])
    window.close()
    compared = sum(sum(t.compared.values()) for t in tallies)
    wrong = sum(len(t.wrong) for t in tallies)
    done = operations * len(tallies)
    print(f"\n{done} operations, {compared} full boxes compared, {wrong} mismatches")
    return 0 if all(tally.fine for tally in tallies) else 1


def main() -> int:
    """Entry of the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--operations", type=int, default=1000, help="in each pass")
    parser.add_argument("--form", choices=sorted(FORMS), action="append")
    given = parser.parse_args()
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    multiprocessing.set_start_method("spawn")
    with tempfile.TemporaryDirectory() as folder:
        for name, inside in (("DATA", "data"), ("CACHE", "cache"), ("SETTINGS", "s.json")):
            os.environ[f"YOWO_{name}"] = str(Path(folder) / inside)
        application = QApplication(sys.argv[:1])
        status = measure(Path(folder), given.form or list(FORMS), given.operations)
        application.quit()
    return status


if __name__ == "__main__":
    sys.exit(main())
