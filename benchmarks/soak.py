"""Whether memory stays flat while the real window plays on and on with the live overlay.

    QT_QPA_PLATFORM=offscreen python -m benchmarks.soak [--minutes 120] [--csv soak.csv]

The demo project plays in a loop, its boxes and its timeline shown, the live model answering.
Every ten seconds the memory of the window's process and of the model's is read from /proc
(Linux only), in MB of 10^6 bytes: its own (anonymous pages and what is swapped of them), and all
that is resident (RSS). The share of files that only this process has mapped (USS) would not do:
it falls and rises as other programs come and go that use the same libraries. The first ten
minutes fill caches and pools; after them what both hold of their own has to stay within 50 MB,
largest less smallest. Status 1 when it does not, 2 when playing or the overlay stood still, so
that nothing was proved.
"""

import argparse
import csv
import gc
import os
import sys
import tempfile
import threading
import time
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from PySide6.QtCore import QObject, QTimer
from PySide6.QtWidgets import QApplication

from yowo_core.annotations import FrameRange

if TYPE_CHECKING:
    from app.services.services import Services

EVERY_SECONDS = 10.0
SETTLE_SECONDS = 600.0
ALLOWED_MB = 50.0
MEGA = 1e6


@dataclass(frozen=True)
class Sample:
    """One look. Memory in MB; shown, dropped and answers since the start of the loop."""

    seconds: float
    window_own: float
    window_rss: float
    model_own: float
    model_rss: float
    objects: int
    threads: int
    files: int
    shown: int
    dropped: int
    answers: int

    @property
    def together(self) -> float:
        """What both processes hold of their own, MB."""
        return self.window_own + self.model_own


def memory(pid: int) -> tuple[float, float]:
    """A process's own memory and its RSS in MB; OSError when it is gone or nothing is told."""
    kilobytes: dict[str, int] = {}
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii").splitlines()[1:]:
        name, amount = line.split(":")
        kilobytes[name] = int(amount.split()[0])
    own = kilobytes["Anonymous"] + kilobytes["Swap"]
    return round(1024 * own / MEGA, 2), round(1024 * kilobytes["Rss"] / MEGA, 2)


class Sampler(QObject):
    """Looks every ten seconds, keeps the samples, and writes each to a file at once."""

    def __init__(self, services: "Services", file: TextIO | None) -> None:
        super().__init__()
        self._services, self._began = services, time.monotonic()
        self.samples: list[Sample] = []
        self._file = file
        self._table = csv.writer(file) if file else None
        self._write([field.name for field in fields(Sample)])
        self._shown = self._dropped = self._answers = 0
        services.playback.frame_shown.connect(self._count_picture)
        services.live.detections.connect(self._count_answer)
        self._timer = QTimer(self)
        self._timer.timeout.connect(self.look)
        self._timer.start(round(1000 * EVERY_SECONDS))

    def stop(self) -> None:
        """Look no more."""
        self._timer.stop()

    def look(self) -> None:
        """Take a sample; a model's process that is gone counts as nothing."""
        pid = self._services.live.pid
        sample = Sample(
            round(time.monotonic() - self._began, 1),
            *memory(os.getpid()),
            *(memory(pid) if pid else (0.0, 0.0)),
            len(gc.get_objects()),
            threading.active_count(),
            len(list(Path("/proc/self/fd").iterdir())),
            self._shown,
            self._services.playback.statistics.dropped,
            self._answers,
        )
        self.samples.append(sample)
        self._write([str(value) for value in asdict(sample).values()])

    def _write(self, row: list[str]) -> None:
        if self._table and self._file:
            self._table.writerow(row)
            self._file.flush()

    def _count_picture(self, _picture: object) -> None:
        self._shown += 1

    def _count_answer(self, _found: object) -> None:
        self._answers += 1


def settled(samples: list[Sample], settle: float = SETTLE_SECONDS) -> list[Sample]:
    """The samples after the first minutes."""
    return [sample for sample in samples if sample.seconds >= settle]


def spread(values: list[float]) -> float:
    """Largest less smallest."""
    return max(values) - min(values)


def growth_an_hour(samples: list[Sample]) -> float:
    """Slope of the straight line through what both processes hold, MB an hour."""
    hours = [sample.seconds / 3600 for sample in samples]
    middle, mean = sum(hours) / len(hours), sum(s.together for s in samples) / len(samples)
    over = sum((h - middle) * (s.together - mean) for h, s in zip(hours, samples, strict=True))
    return over / max(sum((h - middle) ** 2 for h in hours), 1e-12)


def verdict(samples: list[Sample], allowed: float = ALLOWED_MB) -> tuple[int, str]:
    """Status and sentence about the samples after the first minutes."""
    if len(samples) < 2:
        return 2, "Too short: nothing was measured after the first ten minutes."
    first, last = samples[0], samples[-1]
    if last.shown == first.shown or last.answers == first.answers:
        return 2, "Playing or the overlay stood still, so nothing was proved."
    wide = spread([s.together for s in samples])
    fine = wide <= allowed
    return (0 if fine else 1), f"{'flat' if fine else 'NOT flat'} within {allowed:.0f} MB"


def report(samples: list[Sample]) -> int:
    """Print what the samples say, give the status."""
    after = settled(samples)
    status, sentence = verdict(after)
    if after:
        shown, answers = after[-1].shown - after[0].shown, after[-1].answers - after[0].answers
        line = "{:<8} {:7.1f} to {:7.1f} MB, spread {:5.1f}"
        for name in ("window", "model"):
            held = [getattr(s, f"{name}_own") for s in after]
            print(line.format(name, min(held), max(held), spread(held)))
        both = [s.together for s in after]
        print(line.format("both", min(both), max(both), spread(both)))
        print(f"slope    {growth_an_hour(after):+.1f} MB an hour")
        print(f"played   {samples[-1].seconds / 60:.1f} minutes, {shown} pictures shown and")
        print(f"         {answers} overlays answered after the first ten minutes")
    print(sentence)
    return status


class Starter(QObject):
    """Plays the open video in a loop as soon as it and the model are there."""

    def __init__(self, services: "Services") -> None:
        super().__init__()
        self._services = services
        self._timer = QTimer(self)
        self._timer.timeout.connect(self._try)
        self._timer.start(100)

    def _try(self) -> None:
        facts = self._services.source.facts
        if facts is not None and self._services.live.facts is not None:
            self._timer.stop()
            self._services.playback.set_loop(FrameRange(0, facts.frame_count))
            self._services.playback.play()


def soak(minutes: float, file: TextIO | None) -> list[Sample]:
    """Play the demo project in the real window for that long."""
    from app.application import (  # noqa: PLC0415 the folders must be set before
        Options,
        make_window,
        open_paths,
    )
    from app.services.collector import Collector  # noqa: PLC0415

    window = make_window(Options(demo=True))
    window.resize(1600, 1000)
    window.show()
    Collector(window).spare()
    open_paths(window, Options(demo=True))
    starter = Starter(window.services)
    sampler, end = Sampler(window.services, file), QTimer()
    end.timeout.connect(sampler.stop)
    end.timeout.connect(window.close)
    end.start(round(60_000 * minutes))
    QApplication.exec()
    starter.deleteLater()
    return sampler.samples


def main() -> int:
    """Entry of the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--minutes", type=float, default=120.0)
    parser.add_argument("--csv", type=Path, help="a file for the samples, written as they come")
    given = parser.parse_args()
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    with tempfile.TemporaryDirectory() as folder:
        os.environ["YOWO_DATA"] = folder
        os.environ["YOWO_SETTINGS"] = str(Path(folder) / "settings.json")
        application = QApplication(sys.argv[:1])
        if given.csv is None:
            samples = soak(given.minutes, None)
        else:
            with given.csv.open("w", encoding="utf-8", newline="") as file:
                samples = soak(given.minutes, file)
        status = report(samples)
        application.quit()
    return status


if __name__ == "__main__":
    sys.exit(main())
