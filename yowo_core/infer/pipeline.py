"""A video from frames to detections: decode once in order, keep the clip, ask the engine."""

import os
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, NamedTuple
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

from yowo_core.annotations import FrameRange
from yowo_core.errors import ConfigError, DataError
from yowo_core.infer.engine import Engine, detect_shared
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
    share: how many key frames one clip serves, as one pass of the 3D network does for them.
    """

    causal: bool = False
    still: bool = False
    bank: bool = False
    share: int = 1

    def __post_init__(self) -> None:
        """Refuse a bank without its frames, and to share what each frame wants for itself."""
        if self.share < 1:
            raise ConfigError(f"A clip serves at least one key frame, not {self.share}.")
        if self.share > 1 and (self.causal or self.still or self.bank):
            raise ConfigError(
                "A clip that serves several frames cannot end at each of them, nor show one of "
                "them alone, nor be one of a feature bank. Leave out --share, or the others."
            )
        if self.bank and (self.causal or self.still):
            raise ConfigError(
                "The feature bank looks at 32 frames before and after each frame, so it cannot "
                "be used as while playing, nor with clips of one frame. Leave one of the two out."
            )


class KeyedClip(NamedTuple):
    """A clip (T, S, S, 3) with the key frames that it serves and their places in it.

    Key frames before `done` are in this clip or in earlier ones; those of a stride take turns.
    """

    keys: list[int]
    clip: NDArray[np.uint8]
    places: list[int]
    done: int


def clips(
    reader: VideoReader, spec: InputSpec, frames: FrameRange, choice: ClipChoice
) -> Iterator[KeyedClip]:
    """The clips of a range, each with the key frames that it serves.

    Decodes every frame once. A frame that cannot be decoded is no key frame; in the clips of
    others the picture before it stands for it, black at the beginning.
    """
    bounds, pictures = FrameRange(0, len(reader)), None
    for keys, done in key_groups(frames, bounds, spec.stride, choice.share):
        wanted, places = _chosen(keys, bounds, spec, choice)
        # near an edge the clips of neighbouring key frames take turns in which stride they
        # start, and so do those of a group that the video's end has cut short
        oldest = max(0, int(wanted.min()) - 2 * spec.stride)
        pictures = pictures or SmallPictures(reader, spec, oldest)
        seen = pictures.stack(wanted.tolist())
        pictures.forget_before(oldest)
        served = {
            key: place
            for key, place in zip(keys, places, strict=True)
            if key in frames and key not in pictures.damaged
        }
        if served:
            shown = pictures.stack(keys * len(wanted)) if choice.still else seen
            yield KeyedClip([*served], shown, [*served.values()], done)


def key_groups(
    frames: FrameRange, bounds: FrameRange, stride: int, share: int
) -> Iterator[tuple[list[int], int]]:
    """Key frames that share a clip, stride apart as its frames are, at most share together.

    Groups are those of the whole video, so that a frame's clip is the same whatever part of the
    video is looked at; they hold at least one of the wanted frames. With each comes the frame
    before which every wanted one was in this group or an earlier one.
    """
    block = stride * share
    for start in range(frames.start // block * block, min(frames.stop, bounds.stop), block):
        stop = min(start + block, bounds.stop)
        turns = range(start, min(start + stride, stop))
        for first in turns:
            keys = list(range(first, stop, stride))
            if any(key in frames for key in keys):
                yield keys, stop if first == turns[-1] else first + 1


def _chosen(
    keys: list[int], bounds: FrameRange, spec: InputSpec, choice: ClipChoice
) -> tuple[NDArray[np.int64], list[int]]:
    """The clip in which the middle one of the keys has its best place, and all their places."""
    middle = len(keys) // 2
    chosen = causal_clip if choice.causal else centred_clip
    wanted, place = chosen(keys[middle], bounds, spec)
    return wanted, [place - middle + number for number in range(len(keys))]


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
    found: dict[int, Detections] = {}
    for keys, clip, places, done in clips(reader, engine.spec, frames, choice):
        found |= zip(keys, detect_shared(engine, clip, places, size, config), strict=True)
        for key in sorted(key for key in found if key < done):
            yield key, found.pop(key)
    yield from sorted(found.items())


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
