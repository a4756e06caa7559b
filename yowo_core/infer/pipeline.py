"""A video from frames to detections: decode once in order, keep the clip, ask the engine."""

import os
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

from yowo_core.annotations import FrameRange
from yowo_core.errors import ConfigError, DataError
from yowo_core.infer.engine import Engine, detect
from yowo_core.infer.feature_bank import detect_with_bank
from yowo_core.infer.pictures import SmallPictures
from yowo_core.infer.postprocess import PostprocessConfig
from yowo_core.input_spec import InputSpec
from yowo_core.structures import Detections
from yowo_core.video import VideoReader
from yowo_core.video.clips import causal_clip, centred_clip

CHUNK = 64
"""Frames a chunk file holds: what an analysis that is killed can lose."""


@dataclass(frozen=True)
class ClipChoice:
    """Which clip stands for a frame.

    causal: the key frame comes as late in its clip as the video's beginning allows, as while a
    video plays; else it is in the middle.
    still: every picture is the key frame; what is lost then is what motion tells the model.
    bank: the features of the clips around the frame are averaged (`feature_bank`).
    """

    causal: bool = False
    still: bool = False
    bank: bool = False

    def __post_init__(self) -> None:
        """Refuse a bank without the frames that it averages over."""
        if self.bank and (self.causal or self.still):
            raise ConfigError(
                "The feature bank looks at 32 frames before and after each frame, so it cannot "
                "be used as while playing, nor with clips of one frame. Leave one of the two out."
            )


def clips(
    reader: VideoReader, spec: InputSpec, frames: FrameRange, choice: ClipChoice
) -> Iterator[tuple[int, NDArray[np.uint8], int]]:
    """For each frame of a range its clip (T, S, S, 3) and the key frame's place in it.

    Decodes every frame once. A frame that cannot be decoded is no key frame; in the clips of
    others the picture before it stands for it, black at the beginning.
    """
    bounds = FrameRange(0, len(reader))
    chosen = causal_clip if choice.causal else centred_clip
    pictures = SmallPictures(reader, spec, int(chosen(frames.start, bounds, spec)[0].min()))
    for key in range(frames.start, min(frames.stop, len(reader))):
        wanted, place = chosen(key, bounds, spec)
        seen = pictures.stack(wanted.tolist())
        # near an edge the clips of neighbouring key frames take turns in which stride they start
        pictures.forget_before(int(wanted.min()) - spec.stride)
        if key not in pictures.damaged:
            yield key, pictures.stack([key] * len(wanted)) if choice.still else seen, place


def detect_frames(
    reader: VideoReader,
    engine: Engine,
    frames: FrameRange,
    config: PostprocessConfig,
    choice: ClipChoice,
) -> Iterator[tuple[int, Detections]]:
    """Detections of every frame of a range, in order; none in a frame that cannot be decoded."""
    following = frames.start
    for key, found in _detected(reader, engine, frames, config, choice):
        for skipped in range(following, key):
            yield skipped, Detections.none(len(engine.labels))
        yield key, found
        following = key + 1
    for skipped in range(following, min(frames.stop, len(reader))):
        yield skipped, Detections.none(len(engine.labels))


def _detected(
    reader: VideoReader,
    engine: Engine,
    frames: FrameRange,
    config: PostprocessConfig,
    choice: ClipChoice,
) -> Iterator[tuple[int, Detections]]:
    """Detections of every frame of a range that can be decoded, in order."""
    if choice.bank:
        yield from detect_with_bank(reader, engine, frames, config)
        return
    size = (reader.width, reader.height)
    for key, clip, place in clips(reader, engine.spec, frames, choice):
        yield key, detect(engine, clip, place, size, config)


class ChunkStore:
    """Detections of one analysis in small files of a folder, so that nothing done is lost.

    The files do not say of what they are: another video, model or setting needs another folder.
    """

    def __init__(self, folder: Path, classes: int) -> None:
        self._folder, self._classes = folder, classes
        self._open: list[tuple[int, Detections]] = []
        folder.mkdir(parents=True, exist_ok=True)

    def add(self, frame: int, detections: Detections) -> None:
        """Keep a frame; every CHUNK frames a file is written."""
        self._open.append((frame, detections))
        if len(self._open) >= CHUNK:
            self.flush()

    def flush(self) -> None:
        """Write what is open, all or nothing; DataError when there is no room for it."""
        if not self._open:
            return
        path = self._folder / f"{self._open[0][0]:09d}.npz"
        partial = path.with_suffix(".partial")
        try:
            with partial.open("wb") as file:
                self._write(file)
            partial.replace(path)
        except OSError as error:
            with suppress(OSError):
                partial.unlink(missing_ok=True)
            raise DataError(
                f"{path} cannot be written ({error.strerror}). Make room on the disk and analyse "
                "again: it goes on where this ended."
            ) from error
        self._open = []

    def _write(self, file: IO[bytes]) -> None:
        np.savez(
            file,
            frames=np.array([f for f, _ in self._open], np.int64),
            counts=np.array([len(d) for _, d in self._open], np.int64),
            boxes=np.concatenate([d.boxes for _, d in self._open]),
            scores=np.concatenate([d.scores for _, d in self._open]),
        )
        file.flush()
        os.fsync(file.fileno())

    def load(self) -> dict[int, Detections]:
        """Everything that was written, by frame; a damaged file counts as not done."""
        found: dict[int, Detections] = {}
        for path in sorted(self._folder.glob("*.npz")):
            try:
                found |= self._read(path)
            except (OSError, ValueError, KeyError, EOFError, BadZipFile, DataError):
                path.unlink()
        return found

    def _read(self, path: Path) -> dict[int, Detections]:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as parts:
            frames, counts = parts["frames"], parts["counts"]
            boxes, scores = parts["boxes"], parts["scores"]
        if scores.ndim != 2 or scores.shape[1] != self._classes:
            raise DataError(f"{path} was made by a model with other classes.")
        ends = np.cumsum(counts)
        return {
            int(f): Detections(boxes[e - c : e], scores[e - c : e])
            for f, c, e in zip(frames, counts, ends, strict=True)
        }


def analyse(
    source: tuple[VideoReader, Engine],
    frames: FrameRange,
    store: ChunkStore,
    options: tuple[PostprocessConfig, ClipChoice],
    report: Callable[[int], bool],
) -> dict[int, Detections]:
    """Detect what the store does not hold yet.

    report gets the number of frames done and says whether to go on.
    """
    done = {f: d for f, d in store.load().items() if f in frames}
    start = next((f for f in range(frames.start, frames.stop) if f not in done), frames.stop)
    if start < frames.stop:
        for frame, found in detect_frames(*source, FrameRange(start, frames.stop), *options):
            done[frame] = found
            store.add(frame, found)
            if not report(len(done)):
                break
        store.flush()
    return done
