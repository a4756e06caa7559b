"""Decoders that stand somewhere in a video and read on from there, and where reading may begin."""

from collections.abc import Generator, Iterator

import numpy as np
from av.video.frame import VideoFrame
from numpy.typing import NDArray

from yowo_core.video.cache import FrameCache
from yowo_core.video.decoding import Decoder
from yowo_core.video.index import NO_FRAME, FrameIndex

_DAMAGED_STARTS = 2  # so many key frames that lead into damage, and a frame is given up


class KeyFrames:
    """The frames at which decoding may start."""

    def __init__(self, numbers: NDArray[np.int64]) -> None:
        self._numbers = numbers

    def at_or_before(self, frame: int) -> int:
        """The nearest one not after a frame; 0 where there is none."""
        place = int(np.searchsorted(self._numbers, frame, side="right")) - 1
        return int(self._numbers[place]) if place >= 0 else 0

    def forget(self, frame: int) -> None:
        """This one is none."""
        self._numbers = self._numbers[self._numbers != frame]


class Cursor:
    """Reads one decoder forward and keeps what it meets in the cache.

    next is the frame that it gives next, None when that is not known.
    """

    def __init__(
        self, decoder: Decoder, index: FrameIndex, keys: KeyFrames, cache: FrameCache
    ) -> None:
        self.next: int | None = None
        self._decoder, self._index, self._keys, self._cache = decoder, index, keys, cache

    def follows_to(self, frame: int) -> bool:
        """Whether reading on is the way to a frame, so that no seek is needed."""
        return self.next is not None and self._keys.at_or_before(frame) <= self.next <= frame

    def towards(self, frame: int) -> Iterator[VideoFrame | None]:
        """Read to a frame: None for each other one on the way, at the end the frame itself.

        It ends without it where the frame does not decode. It may be left in the middle; what it
        has read stays, and another way to the frame goes on from there.
        """
        key = self._keys.at_or_before(frame)
        if self.follows_to(frame):
            found = yield from self._read_to(frame, 0)
            if found is not None:
                yield found
                return
        yield from self._from_keys(frame, key)

    def close(self) -> None:
        """Give the file back."""
        self.next = None
        self._decoder.close()

    def _from_keys(self, frame: int, key: int) -> Iterator[VideoFrame | None]:
        """Read from the key frame, or from earlier ones where that does not give the frame."""
        damaged = 0
        while True:
            self.next = None
            self._decoder.start(int(self._index.packets[key]) if key else 0)
            found = yield from self._read_to(frame, key)
            damaged += self._decoder.errors > 0
            if found is not None:
                yield found
            if found is not None or key == 0 or damaged == _DAMAGED_STARTS:
                return
            key = self._keys.at_or_before(key - 1)

    def _read_to(self, frame: int, key: int) -> Generator[None, None, VideoFrame | None]:
        """Read forward to the frame and return it; None when it does not come.

        What is no key frame after all is forgotten, and reading begins further back.
        """
        while (pulled := self._decoder.pull()) is not None:
            number = int(self._index.frames[pulled.packet])
            if number == NO_FRAME:
                continue
            if self.next is None and key > 0 and self._is_none(key, number, pulled.picture):
                self._keys.forget(key)
                return None
            self.next = number + 1
            if number >= key:  # those shown before it may lean on what was not decoded
                self._cache.put(number, pulled.picture)
            if number >= frame:
                return pulled.picture if number == frame else None
            yield
        self.next = None
        return None

    def _is_none(self, key: int, first: int, picture: VideoFrame) -> bool:
        """Whether a key frame to start from is none, by the first frame given out.

        With a gradual refresh the pictures become right only after it. A damaged one would be
        mended from what was before it, which is not there.
        """
        return (first > key and not self._decoder.errors) or (first == key and picture.is_corrupt)
