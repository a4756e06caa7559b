"""How the real window plays a 720p video at 30 frames a second, with the overlay and without.

    QT_QPA_PLATFORM=offscreen python -m benchmarks.playback [--seconds 20] [--tubes 10000]

The clip is made of the demo's footage, three times as fast, so that the model has people to find,
and long enough that of any number of tubes about ten are seen at a time.
Both passes play the same frames in the same window in one process; the one without overlay is the
peer. A block is the longest gap between two ticks of a 5 ms timer, less these 5 ms. CPU seconds
are those of the window's process and, on Linux, of the model's beside it.
"""

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, cast

import av
import numpy as np
from av.container import InputContainer
from PySide6.QtCore import QEventLoop, QObject, Qt, QTimer
from PySide6.QtWidgets import QApplication

if TYPE_CHECKING:
    from app.domain.project import TubeSummary
    from app.services.live_values import LiveDetections
    from app.views.main_window import MainWindow
    from yowo_core.annotations import Tube
    from yowo_core.video.packets import VideoPacket

FPS, WIDTH, HEIGHT = 30, 1280, 720
TICK_MS = 5
WAIT_SECONDS = 600.0
ENCODED = 300  # frames that are encoded; a longer clip repeats them
LABELS = ("walk", "read", "carry", "wave")


class Watchdog(QObject):
    """Ticks in the window's thread and keeps the longest time in which it could not."""

    def __init__(self) -> None:
        super().__init__()
        self._last = time.perf_counter()
        self.longest_ms, self.over_50 = 0.0, 0
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._tick)
        self._timer.start(TICK_MS)

    def forget(self) -> None:
        """Begin anew."""
        self._last, self.longest_ms, self.over_50 = time.perf_counter(), 0.0, 0

    def _tick(self) -> None:
        now = time.perf_counter()
        gap = 1000 * (now - self._last) - TICK_MS
        self._last = now
        self.longest_ms = max(self.longest_ms, gap)
        self.over_50 += gap > 50


@dataclass(frozen=True)
class Figures:
    """What one pass of playing gave. late and behind are ms, (median, 95th percentile, worst)."""

    shown: int
    dropped: int
    late: tuple[float, float, float]
    behind: tuple[float, float, float]
    overlay_rate: float
    longest_ms: float
    over_50: int
    cpu_window: float
    cpu_model: float


def write_clip(path: Path, seconds: float) -> Path:
    """The demo's frames at 1280x720, 30 a second, h264 as cameras write it, again and again."""
    source = Path(str(files("resources"))) / "demo" / "one-by-one-person-detection.mp4"
    options = {"preset": "veryfast", "g": "60", "bf": "2", "crf": "28"}
    wanted = round(seconds * FPS)
    with av.open(str(source)) as given, av.open(str(path), "w") as made:
        stream = made.add_stream("libx264", rate=Fraction(FPS), options=options)
        assert isinstance(stream, av.VideoStream)
        stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        packets = list(_encoded(given, stream, min(wanted, ENCODED)))
        base = packets[0].time_base
        for number in range(-(-wanted // ENCODED)):
            for packet in packets[: wanted - number * ENCODED]:
                made.mux(_later(packet, stream, int(number * ENCODED / (FPS * base))))
    return path


def _encoded(given: InputContainer, stream: av.VideoStream, count: int) -> "Iterator[VideoPacket]":
    for number, frame in zip(range(count), given.decode(video=0), strict=False):
        large = frame.reformat(WIDTH, HEIGHT, "yuv420p")
        large.pts, large.time_base = number, Fraction(1, FPS)
        yield from stream.encode(large)
    yield from stream.encode(None)


def _later(packet: "VideoPacket", stream: av.VideoStream, by: int) -> "VideoPacket":
    copy = cast("VideoPacket", av.Packet(bytes(packet)))
    copy.stream, copy.time_base, copy.is_keyframe = stream, packet.time_base, packet.is_keyframe
    copy.pts, copy.dts = (packet.pts or 0) + by, (packet.dts or 0) + by
    return copy


def made_up(count: int, frames: int) -> list["Tube"]:
    """Predicted tubes of 1 to 4 s with a box in every frame, all over the video."""
    rng = np.random.default_rng(0)
    return [_tube(number, frames, rng) for number in range(count)]


def _tube(number: int, frames: int, rng: np.random.Generator) -> "Tube":
    from yowo_core.annotations import ActionSpan, Tube  # noqa: PLC0415 the folders must be set

    length = min(int(rng.integers(FPS, 4 * FPS)), frames)
    start = int(rng.integers(0, frames - length + 1))
    walk = rng.normal(0, 2, (length, 1)).cumsum(axis=0) + rng.uniform(100, 900)
    boxes = np.clip(walk, 0, WIDTH - 200) + np.array([0.0, 100, 160, 520])
    spans = (
        ActionSpan(number % len(LABELS) + 1, start, start + length, 0.8),
        ActionSpan((number + 1) % len(LABELS) + 1, start + length // 3, start + length, 0.5),
    )
    return Tube(f"made-up-{number}", np.arange(start, start + length), boxes, spans=spans)


def import_tubes(window: "MainWindow", tubes: list["Tube"]) -> None:
    """Let a run's predictions come in as those of an analysis do."""
    from app.domain.project import RunKind  # noqa: PLC0415 the folders must be set before
    from app.editing.labels import AddLabel  # noqa: PLC0415
    from app.widgets.theme import label_color  # noqa: PLC0415

    project = window.services.project
    for place, name in enumerate(LABELS):
        project.submit(AddLabel(name, label_color(place)))
    (video,) = project.videos()
    run = project.add_run(RunKind.DETECT, "made up", Path("none"), video.id, "")
    if run is not None:
        project.import_predictions(video.id, run.id, tubes)
    wait(lambda: not project.busy, "the tubes are in")


def wait(reached: Callable[[], bool], what: str) -> None:
    """Let the window live until something is so."""
    end = time.monotonic() + WAIT_SECONDS
    while not reached():
        if time.monotonic() > end:
            sys.exit(f"waited in vain until {what}")
        QApplication.processEvents(QEventLoop.ProcessEventsFlag.AllEvents, 50)
        time.sleep(0.005)


def live_for(seconds: float) -> None:
    """Run the window's own event loop for a time."""
    loop = QEventLoop()
    timer = QTimer()
    timer.setTimerType(Qt.TimerType.PreciseTimer)
    timer.timeout.connect(loop.quit)
    timer.start(round(1000 * seconds))
    loop.exec()


def play(window: "MainWindow", dog: Watchdog, seconds: float) -> Figures:
    """Play from the first frame and measure."""
    services, late, behind = window.services, list[float](), list[float]()
    playback = services.playback

    def shown(_picture: object) -> None:
        late.append(playback.statistics.delay_ms)

    def answered(found: "LiveDetections") -> None:
        behind.append(found.delay_ms)

    playback.seek(0)
    wait(lambda: window.play_desk.frame == 0, "the first frame is shown")
    live_for(1.0)
    playback.frame_shown.connect(shown)
    services.live.detections.connect(answered)
    pid = services.live.pid
    before, of_model = time.process_time(), _cpu_seconds(pid)
    dog.forget()
    playback.play()
    live_for(seconds)
    told, block, blocks = playback.statistics, dog.longest_ms, dog.over_50
    spent, model = time.process_time() - before, _cpu_seconds(pid) - of_model
    playback.pause()
    playback.frame_shown.disconnect(shown)
    services.live.detections.disconnect(answered)
    rate = len(behind) / seconds
    parts = (_spread(late), _spread(behind), rate, block, blocks, spent, model)
    return Figures(told.shown, told.dropped, *parts)


def _spread(values: list[float]) -> tuple[float, float, float]:
    if not values:
        return 0.0, 0.0, 0.0
    median, most, worst = np.percentile(values, [50, 95, 100]).tolist()
    return median, most, worst


def _cpu_seconds(pid: int) -> float:
    """What a process has used so far; 0 where /proc does not tell."""
    stat = Path(f"/proc/{pid}/stat")
    if not pid or not stat.is_file():
        return 0.0
    fields = stat.read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def stage(name: str, dog: Watchdog, work: Callable[[], object]) -> None:
    """Do something and print how long the window could not answer meanwhile."""
    dog.forget()
    work()
    live_for(0.3)
    print(f"{name:<34} longest block {dog.longest_ms:7.1f} ms")


def scrub(window: "MainWindow", frames: int) -> None:
    """Drag back and forth over the whole video as a hand would, 50 places in 2 s."""
    playback = window.services.playback
    for place in range(50):
        playback.scrub(round(frames * (0.5 + 0.5 * np.sin(place))) % frames)
        live_for(0.04)
    playback.end_scrub()


def edit(window: "MainWindow", tube: "TubeSummary") -> None:
    """Move a tube's box, toggle an action and take both back, twenty times."""
    from app.editing.actions import ToggleAction  # noqa: PLC0415
    from app.editing.boxes import MoveBox  # noqa: PLC0415

    project = window.services.project
    label = project.labels()[2].id
    for turn in range(20):
        project.submit(MoveBox(tube.id, tube.first, (10.0 + turn, 20.0, 200.0, 400.0)))
        live_for(0.02)
        project.submit(ToggleAction(tube.id, label, tube.first))
        live_for(0.02)
        project.undo()
        live_for(0.02)
        project.undo()
        live_for(0.02)


def report(name: str, told: Figures) -> None:
    """Print one pass."""
    ms = "{:.1f} ms (median), {:.1f} (95 %), {:.1f} (worst)"
    print(f"\n{name}")
    print(f"  pictures        {told.shown} shown, {told.dropped} dropped")
    print(f"  picture late    {ms.format(*told.late)}")
    if told.overlay_rate:
        print(f"  overlay behind  {ms.format(*told.behind)}")
        print(f"  overlay rate    {told.overlay_rate:.1f} a second")
    print(f"  longest block   {told.longest_ms:.1f} ms, {told.over_50} above 50 ms")
    print(f"  CPU seconds     {told.cpu_window:.1f} window, {told.cpu_model:.1f} model")


def measure(folder: Path, given: argparse.Namespace) -> None:
    """Open the window, play twice, try what might block."""
    from app.application import (  # noqa: PLC0415 the folders must be set before
        Options,
        make_window,
    )
    from app.editing.media import AddVideos  # noqa: PLC0415
    from app.services.collector import Collector  # noqa: PLC0415
    from app.services.media_files import look_at  # noqa: PLC0415

    frames = round(max(given.seconds + 2, given.tubes / 4) * FPS)
    clip = write_clip(folder / "clip.mp4", frames / FPS)
    tubes = made_up(given.tubes, frames)
    window = make_window(Options())
    window.services.settings.set(live_backend=given.backend)
    window.resize(1600, 1000)
    window.show()
    Collector(window).spare()
    dog, services = Watchdog(), window.services
    found = (look_at(clip),)
    project = folder / "benchmark.yowo"
    live_for(0.5)
    stage("make a project", dog, lambda: services.project.create(project))
    stage("add a video", dog, lambda: services.project.submit(AddVideos(found)))
    wait(lambda: window.play_desk.frame_count == frames, "the video is open")
    stage(f"import {given.tubes} tubes", dog, lambda: import_tubes(window, tubes))

    services.project.create(folder / "another.yowo")
    live_for(1.0)

    def reopen() -> None:
        services.project.open(project)
        wait(lambda: window.play_desk.frame_count == frames, "the video is open")

    stage("open the project", dog, reopen)
    stage("overlay off", dog, lambda: window.learn_desk.switch_live(on=False))
    alone = play(window, dog, given.seconds)
    stage("overlay on", dog, lambda: window.learn_desk.switch_live(on=True))
    wait(lambda: services.live.facts is not None, "the model is loaded")
    both = play(window, dog, given.seconds)
    stage("scrub", dog, lambda: scrub(window, frames))
    first = services.project.tubes(services.project.videos()[0].id)[0]
    stage("edit", dog, lambda: edit(window, first))
    report("without overlay", alone)
    report("with overlay", both)
    cpu = (both.cpu_window + both.cpu_model) / max(alone.cpu_window, 1e-9)
    print(f"\nwith / without: pictures {both.shown / max(alone.shown, 1):.3f}, CPU {cpu:.2f}")
    window.close()


def main() -> int:
    """Entry of the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--seconds", type=float, default=20.0, help="length of each pass")
    parser.add_argument("--tubes", type=int, default=50, help="predictions on the timeline")
    parser.add_argument("--backend", choices=("onnx", "torch"), default="onnx")
    given = parser.parse_args()
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    with tempfile.TemporaryDirectory() as folder:
        os.environ["YOWO_DATA"] = folder
        os.environ["YOWO_SETTINGS"] = str(Path(folder) / "settings.json")
        application = QApplication(sys.argv[:1])
        measure(Path(folder), given)
        application.quit()
    return 0


if __name__ == "__main__":
    sys.exit(main())
