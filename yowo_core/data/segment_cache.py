"""Decoded, shrunk frames of a run's segments, so that training never waits for a decoder."""

import json
import os
import shutil
import sys
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from yowo_core.data.manifest import Manifest, Segment, VideoFile
from yowo_core.errors import DataError, VideoError
from yowo_core.formats.whole_file import replacing
from yowo_core.machine import index_folder
from yowo_core.video import open_video
from yowo_core.video.clips import resized
from yowo_core.video.fingerprint import content_hash

MARGIN = 1.15
"""Cached pictures are a little larger than the input, so that crops need not be enlarged."""
NOTE_SECONDS = 5.0
"""How often it is noted how much of a segment is decoded; a kill loses no more than that."""

Progress = Callable[[int, int], bool]


class SegmentCache:
    """Pictures of every segment, (frames, size, size, 3) uint8, mapped from the run folder.

    damaged: the frames of each segment that cannot be decoded; the picture before stands there.
    """

    def __init__(
        self,
        arrays: Mapping[Segment, NDArray[np.uint8]],
        damaged: Mapping[Segment, frozenset[int]],
    ) -> None:
        self._arrays, self.damaged = arrays, damaged

    def clip(self, segment: Segment, frames: NDArray[np.int64]) -> NDArray[np.uint8]:
        """Pictures (T, size, size, 3) of frames inside a segment."""
        return np.asarray(self._arrays[segment][frames - segment.start])


def cached_size(input_size: int) -> int:
    """Side of cached pictures for a network's input side, a multiple of 8."""
    return int(np.ceil(input_size * MARGIN / 8) * 8)


def build_cache(
    folder: Path, manifest: Manifest, size: int, progress: Progress
) -> SegmentCache | None:
    """Decode what is not cached yet; DataError when the disk is too small or a video changed.

    progress gets frames done and in all, after each frame, and says whether to go on; None when it
    said no. A segment's file appears only when it is complete; a stopped build goes on where it
    was.
    """
    folder.mkdir(parents=True, exist_ok=True)
    paths = {segment: _path(folder, manifest, segment, size) for segment in manifest.segments}
    total = sum(len(s.frames) for s in paths)
    _check_room(folder, [s for s, path in paths.items() if not path.is_file()], size)
    done = 0
    for segment, path in paths.items():
        before = done

        def report(frames: int, before: int = before) -> bool:
            return progress(before + frames, total)

        if not path.is_file():
            source = _unchanged(manifest.file(segment.video))
            if not _decode(source, segment, path, (size, report)):
                return None
        done += len(segment.frames)
        if not progress(done, total):
            return None
    arrays = {segment: np.load(path, mmap_mode="r") for segment, path in paths.items()}
    return SegmentCache(arrays, {segment: _damaged(path) for segment, path in paths.items()})


def _path(folder: Path, manifest: Manifest, segment: Segment, size: int) -> Path:
    index = next(i for i, v in enumerate(manifest.videos) if v.name == segment.video)
    return folder / f"{index}_{segment.start}_{segment.stop}_{size}.npy"


def _check_room(folder: Path, missing: list[Segment], size: int) -> None:
    """Writing to a mapped file on a full disk would end the process without a word."""
    needed = sum(len(s.frames) for s in missing) * size * size * 3
    free = shutil.disk_usage(folder).free
    if needed > free:
        raise DataError(
            f"{folder} needs {needed / 1e9:.1f} GB for decoded frames, {free / 1e9:.1f} GB are "
            "free. Make room, or label fewer frames."
        )


def _unchanged(file: VideoFile) -> Path:
    """The video's path; DataError when it is no longer what was labelled."""
    path = Path(file.path)
    if file.content_hash and content_hash(path) != file.content_hash:
        raise DataError(f"{path} has changed since this run was prepared. Prepare it again.")
    return path


def _decode(
    video: Path, segment: Segment, path: Path, how: tuple[int, Callable[[int], bool]]
) -> bool:
    """Fill a segment's file, (size, report) says how; False when asked to stop on the way.

    What was decoded before, as far as it was noted, is gone on from.
    """
    size, report = how
    partial = path.with_suffix(".partial")
    shape = (len(segment.frames), size, size, 3)
    place, damaged = _begun(partial, shape)
    array = np.lib.format.open_memmap(partial, mode="r+", dtype=np.uint8, shape=shape)
    noted = time.monotonic()
    with open_video(video, index_folder=index_folder()) as reader:
        while place < len(array):
            frame = segment.start + place
            try:
                array[place] = resized(reader.frame(frame), size)
            except VideoError:
                damaged.append(frame)
                array[place] = array[max(0, place - 1)]
            place += 1
            go_on = report(place)
            if not go_on or time.monotonic() - noted > NOTE_SECONDS:
                array.flush()  # before the note, or a power cut could make it untrue
                _write(_note(partial), {"done": place, "damaged": damaged})
                noted = time.monotonic()
            if not go_on:
                return False
    array.flush()
    del array
    _write(path.with_suffix(".json"), {"damaged": damaged})
    partial.replace(path)
    _note(partial).unlink(missing_ok=True)
    return True


def _begun(partial: Path, shape: tuple[int, ...]) -> tuple[int, list[int]]:
    """How many frames of a partial file are there, and which are damaged; made anew unless it fits.

    The whole file is reserved on the disk: writing to a mapped file for which there is no room
    would end the process without a word.
    """
    with suppress(OSError, ValueError, KeyError, TypeError):
        if np.load(partial, mmap_mode="r").shape == shape:
            told = json.loads(_note(partial).read_text(encoding="utf-8"))
            return min(int(told["done"]), shape[0]), [int(frame) for frame in told["damaged"]]
    _note(partial).unlink(missing_ok=True)
    np.lib.format.open_memmap(partial, mode="w+", dtype=np.uint8, shape=shape).flush()
    if sys.platform == "linux":
        with partial.open("r+b") as file:
            os.posix_fallocate(file.fileno(), 0, partial.stat().st_size)
    return 0, []


def _note(partial: Path) -> Path:
    return partial.with_suffix(".done")


def _write(path: Path, told: dict[str, object]) -> None:
    with replacing(path) as file:
        file.write(json.dumps(told))


def _damaged(path: Path) -> frozenset[int]:
    note = path.with_suffix(".json")
    return frozenset(
        json.loads(note.read_text(encoding="utf-8"))["damaged"] if note.is_file() else ()
    )
