"""The long-term feature bank (YOWO, section 3.4): what a network sees of the seconds around.

It looks ahead, so it is for whole videos, never while one plays.
"""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from yowo_core.annotations import FrameRange
from yowo_core.errors import ConfigError
from yowo_core.infer.engine import ClipEngine, Engine
from yowo_core.infer.pictures import SmallPictures
from yowo_core.infer.postprocess import PostprocessConfig, to_detections
from yowo_core.structures import Detections
from yowo_core.video import VideoReader
from yowo_core.video.clips import normalised

CLIP = 8
"""Frames of a clip of the bank; its clips follow each other without gap or overlap."""
CLIPS = 8
"""Clips around a key frame whose features are averaged: 64 frames."""

Array = NDArray[np.float32]


def clips_around(key: int, frames: int) -> range:
    """Numbers of the clips around a key frame of a video with that many frames.

    The 64 frames begin at the clip nearest to 32 frames before the key frame. Near an end of
    the video there are fewer.
    """
    first = (key + CLIP // 2) // CLIP - CLIPS // 2
    return range(max(first, 0), min(first + CLIPS, -(-frames // CLIP)))


class FeatureBank:
    """The features of a video's clips, each made once, for key frames that come in order.

    A last clip that the video ends within repeats the last frame.
    """

    def __init__(self, engine: ClipEngine, pictures: SmallPictures, frames: int) -> None:
        self._engine, self._pictures, self._frames = engine, pictures, frames
        self._maps: dict[int, Array] = {}

    def around(self, key: int) -> Array:
        """The mean of the features around a key frame (C, S/32, S/32)."""
        clips = clips_around(key, self._frames)
        for gone in [number for number in self._maps if number < clips.start]:
            del self._maps[gone]
        for number in clips:
            if number not in self._maps:
                self._maps[number] = self._made(number)
        mean: Array = np.mean([self._maps[number] for number in clips], axis=0, dtype=np.float32)
        return mean

    def _made(self, number: int) -> Array:
        frames = range(number * CLIP, (number + 1) * CLIP)
        clip = self._pictures.stack(min(f, self._frames - 1) for f in frames)
        return self._engine.clip_map(normalised(clip, self._engine.spec))


def detect_with_bank(
    reader: VideoReader, engine: Engine, frames: FrameRange, config: PostprocessConfig
) -> Iterator[tuple[int, Detections]]:
    """Detections of every frame of a range that can be decoded, in order.

    ConfigError for an engine that does not give out what its 3D network makes of a clip.
    """
    if not isinstance(engine, ClipEngine):
        raise ConfigError("The engine was not opened for a feature bank.")
    total, size = len(reader), (reader.width, reader.height)
    first = clips_around(frames.start, total).start * CLIP
    pictures = SmallPictures(reader, engine.spec, first)
    bank = FeatureBank(engine, pictures, total)
    for key in range(frames.start, min(frames.stop, total)):
        around = bank.around(key)
        if key not in pictures.damaged:
            # of two pictures, so that there is flow for networks that see it
            shown = normalised(pictures.stack((max(key - 1, first), key)), engine.spec)
            found = engine.run_on(around, np.ascontiguousarray(shown[:, 1]))
            yield key, to_detections(*found, size, engine.spec.size, config)
        pictures.forget_before(key)
