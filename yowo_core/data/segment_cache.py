"""Decoded, shrunk frames of a run's segments, so that training never waits for a decoder."""

from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from yowo_core.data.manifest import Manifest, Segment, VideoFile
from yowo_core.errors import DataError
from yowo_core.video import open_video
from yowo_core.video.clips import resized
from yowo_core.video.fingerprint import content_hash

MARGIN = 1.15
"""Cached pictures are a little larger than the input, so that crops need not be enlarged."""


class SegmentCache:
    """Pictures of every segment, (frames, size, size, 3) uint8, mapped from the run folder."""

    def __init__(self, arrays: Mapping[Segment, NDArray[np.uint8]]) -> None:
        self._arrays = arrays

    def clip(self, segment: Segment, frames: NDArray[np.int64]) -> NDArray[np.uint8]:
        """Pictures (T, size, size, 3) of frames inside a segment."""
        return np.asarray(self._arrays[segment][frames - segment.start])


def cached_size(input_size: int) -> int:
    """Side of cached pictures for a network's input side, a multiple of 8."""
    return int(np.ceil(input_size * MARGIN / 8) * 8)


def build_cache(
    folder: Path, manifest: Manifest, size: int, progress: Callable[[int, int], None]
) -> SegmentCache:
    """Decode what is not cached yet; progress gets frames done and in all.

    A segment's file appears only when it is complete, so a stopped build goes on where it was.
    """
    folder.mkdir(parents=True, exist_ok=True)
    total = sum(len(s.frames) for s in manifest.segments)
    done = 0
    arrays: dict[Segment, NDArray[np.uint8]] = {}
    for segment in manifest.segments:
        index = next(i for i, v in enumerate(manifest.videos) if v.name == segment.video)
        path = folder / f"{index}_{segment.start}_{segment.stop}_{size}.npy"
        if not path.is_file():
            _decode(_unchanged(manifest.file(segment.video)), segment, size, path)
        arrays[segment] = np.load(path, mmap_mode="r")
        done += len(segment.frames)
        progress(done, total)
    return SegmentCache(arrays)


def _unchanged(file: VideoFile) -> Path:
    """The video's path; DataError when it is no longer what was labelled."""
    path = Path(file.path)
    if file.content_hash and content_hash(path) != file.content_hash:
        raise DataError(f"{path} has changed since this run was prepared. Prepare it again.")
    return path


def _decode(video: Path, segment: Segment, size: int, path: Path) -> None:
    partial = path.with_suffix(".partial")
    shape = (len(segment.frames), size, size, 3)
    array = np.lib.format.open_memmap(partial, mode="w+", dtype=np.uint8, shape=shape)
    with open_video(video) as reader:
        for place, picture in enumerate(reader.frames(segment.start, segment.stop)):
            array[place] = resized(picture, size)
    array.flush()
    del array
    partial.replace(path)
