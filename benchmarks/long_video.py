"""A video of 20 hours: its first picture, its index made and kept, memory, and other threads.

The file is one encoded group of 30 pictures, written again and again with later times. Run:
python -m benchmarks.long_video --ending .mp4 .mkv .ts
"""

import argparse
import multiprocessing
import queue
import random
import resource
import statistics
import tempfile
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from fractions import Fraction
from pathlib import Path

import av
from av.packet import Packet

from benchmarks.barcode_clip import ClipForm, read_number, write_clip
from yowo_core.video import first_look, open_video

GROUP = 30
RATE = 30
FORM = ClipForm(
    options={"g": "30", "keyint_min": "30", "bf": "2", "sc_threshold": "0", "crf": "30"},
    width=96,
    height=48,
)


def write_long(path: Path, hours: float) -> int:
    """Write the file; gives the number of its frames. Frame i shows the number i % 30."""
    source = write_clip(path.with_suffix(".group.mkv"), range(GROUP), FORM, Fraction(1, RATE))
    with av.open(str(source)) as old, av.open(str(path), "w") as new:
        stream = new.add_stream_from_template(old.streams.video[0])
        packets = [p for p in old.demux(video=0) if p.size]
        group = [(bytes(p), round((p.pts or 0) * RATE / 1000), p.is_keyframe) for p in packets]
        groups = round(hours * 3600 * RATE / GROUP)
        for number in range(groups):
            for place, (content, shown, key) in enumerate(group):
                packet = Packet(content)
                packet.time_base = Fraction(1, RATE)
                packet.pts, packet.dts = number * GROUP + shown + 2, number * GROUP + place
                packet.is_keyframe, packet.stream = key, stream
                new.mux(packet)
    return groups * GROUP


def watch(stop: threading.Event) -> list[float]:
    """Want to run every millisecond, as a window does; gives the ms of waiting beyond it."""
    waits = []
    while not stop.is_set():
        began = time.perf_counter()
        time.sleep(0.001)
        waits.append((time.perf_counter() - began) * 1000 - 1)
    return waits


def _watch_elsewhere(stop: threading.Event, said: "queue.Queue[list[float]]") -> None:
    said.put([])  # ready
    said.put(watch(stop))


@contextmanager
def watched(what: str) -> Iterator[None]:
    """Print seconds, peak memory, and what another thread and another process felt of it.

    What the other process feels is the machine's load; only the rest is the interpreter's lock.
    """
    spawn = multiprocessing.get_context("spawn")
    stop, stop_elsewhere, elsewhere = threading.Event(), spawn.Event(), spawn.Queue()
    process = spawn.Process(target=_watch_elsewhere, args=(stop_elsewhere, elsewhere))
    process.start()
    elsewhere.get()
    with ThreadPoolExecutor(1) as pool:
        waits = pool.submit(watch, stop)
        began = time.perf_counter()
        yield
        spent = time.perf_counter() - began
        stop.set()
        stop_elsewhere.set()
        print(
            f"  {what:<16}{spent:>7.2f} s, memory at most {_peak_mb():.0f} MB, longest waits of "
            f"another thread {_worst(waits.result())}, process {_worst(elsewhere.get())} ms",
            flush=True,
        )
    process.join()


def _worst(waits: list[float]) -> str:
    return "/".join(f"{w:.0f}" for w in sorted(waits)[-3:])


def _peak_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def examine(path: Path, frames: int, indexes: Path) -> None:
    """Print what opening costs, the first and the second time, and whether seeks are exact."""
    print(f"{path.name}: {frames} frames, {path.stat().st_size / 1e6:.0f} MB")
    with watched("first look"):
        look = first_look(path)
    print(f"  said: {look.seconds / 3600:.2f} hours, {look.frames} frames")
    told: list[float] = []
    with (
        watched("opened"),
        open_video(path, progress=told.append, index_folder=indexes) as video,
    ):
        found = len(video)
    print(
        f"  {found} frames found, progress told {len(told)} times, indexes {_size_mb(indexes)} MB"
    )
    with watched("opened again"):
        video = open_video(path, index_folder=indexes)
    with video:
        chance, wrong, taken = random.Random(3), 0, []
        for wanted in (chance.randrange(found) for _ in range(200)):
            began = time.perf_counter()
            wrong += read_number(video.frame(wanted)) != wanted % GROUP
            taken.append((time.perf_counter() - began) * 1000)
    print(f"  {wrong} of 200 random frames wrong, {statistics.median(taken):.1f} ms median")


def _size_mb(folder: Path) -> str:
    return f"{sum(p.stat().st_size for p in folder.iterdir()) / 1e6:.1f}"


def main() -> None:
    """Make each file and examine it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--hours", type=float, default=20)
    parser.add_argument("--ending", nargs="*", default=[".mp4", ".mkv", ".ts"])
    parser.add_argument("--folder", type=Path, help="where made files are kept")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = chosen.folder or Path(temporary)
        for ending in chosen.ending:
            path = folder / f"{chosen.hours:g}-hours{ending}"
            frames = round(chosen.hours * 3600 * RATE)
            if not path.exists():
                write_long(path, chosen.hours)
            examine(path, frames, Path(temporary))


if __name__ == "__main__":
    main()
