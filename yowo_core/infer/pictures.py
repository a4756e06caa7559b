"""A video's frames as a network sees them, decoded in order."""

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from yowo_core.errors import VideoError
from yowo_core.input_spec import InputSpec
from yowo_core.video import VideoReader
from yowo_core.video.clips import resized


class SmallPictures:
    """Decodes every frame once, from `first` on, and keeps it small until it is forgotten.

    In place of a frame that cannot be decoded stands the picture before it, black at the
    beginning; `damaged` names those frames.
    """

    def __init__(self, reader: VideoReader, spec: InputSpec, first: int) -> None:
        self.damaged: set[int] = set()
        self._reader, self._spec = reader, spec
        self._kept: dict[int, NDArray[np.uint8]] = {}
        self._picture = np.zeros((spec.size, spec.size, 3), np.uint8)
        self._newest = first - 1

    def stack(self, frames: Iterable[int]) -> NDArray[np.uint8]:
        """Pictures (T, S, S, 3) of frames, none of them forgotten; decodes up to the last."""
        wanted = list(frames)
        while self._newest < max(wanted):
            self._newest += 1
            try:
                picture = self._reader.frame(self._newest)
                self._picture = resized(picture, self._spec.size, self._spec.resize)
            except VideoError:
                self.damaged.add(self._newest)
            self._kept[self._newest] = self._picture
        return np.stack([self._kept[f] for f in wanted])

    def forget_before(self, frame: int) -> None:
        """Nobody will ask for frames before this one any more."""
        for old in [f for f in self._kept if f < frame]:
            del self._kept[old]
