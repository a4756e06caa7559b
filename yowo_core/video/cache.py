"""Decoded frames kept in memory near the playhead, within a bound in bytes."""

from bisect import bisect_left, bisect_right, insort
from typing import Final

from av.video.frame import VideoFrame

_AHEAD: Final = 2
"""A frame after the playhead counts as so many times as far: decoding goes on there by itself."""


def frame_bytes(picture: VideoFrame) -> int:
    """Bytes that a decoded frame holds, with the rows that decoders add below each plane."""
    return sum(p.line_size * (p.height + 16) for p in picture.planes)


class FrameCache:
    """The frames nearest to the playhead, in their decoded (mostly yuv) form.

    Never more than limit bytes. When it is full, the frame farthest from the playhead goes; two
    thirds of the room are for those before it, because stepping back is what needs them.
    playhead is the frame that was asked for last.
    """

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self.bytes = 0
        self.playhead = 0
        self._frames: dict[int, VideoFrame] = {}
        self._numbers: list[int] = []  # those of _frames, ascending

    def __contains__(self, frame: int) -> bool:
        return frame in self._frames

    def get(self, frame: int) -> VideoFrame | None:
        """The frame, or None."""
        return self._frames.get(frame)

    def put(self, frame: int, picture: VideoFrame) -> None:
        """Keep a frame and let go of those farther from the playhead until it fits.

        It is not kept when all that would have to go lies nearer than itself.
        """
        size = frame_bytes(picture)
        if frame in self._frames or not self._make_room(size, self._distance(frame)):
            return
        self._frames[frame] = picture
        insort(self._numbers, frame)
        self.bytes += size

    def resize(self, limit: int) -> None:
        """Bound the memory anew, at once."""
        self.limit = limit
        while self.bytes > limit:
            self._drop_farthest()

    def clear(self) -> None:
        """Let go of every frame."""
        self._frames.clear()
        self._numbers.clear()
        self.bytes = 0

    def run(self, frame: int) -> tuple[int, int]:
        """First and last of the frames without a gap around a frame that is held."""
        here = bisect_left(self._numbers, frame)
        # where numbers follow each other, number less place stays the same
        offset = frame - here
        first = bisect_left(range(here), offset, key=lambda at: self._numbers[at] - at)
        after = range(here, len(self._numbers))
        last = here + bisect_right(after, offset, key=lambda at: self._numbers[at] - at) - 1
        return self._numbers[first], self._numbers[last]

    def room(self) -> tuple[int, int]:
        """How many frames like those held have room before the playhead, and after it."""
        if not self._frames:
            return 0, 0
        frames = self.limit * len(self._frames) // self.bytes - 1
        ahead = max(0, frames // (1 + _AHEAD))
        return max(0, frames - ahead), ahead

    def _distance(self, frame: int) -> int:
        away = frame - self.playhead
        return _AHEAD * away if away > 0 else -away

    def _make_room(self, size: int, distance: int) -> bool:
        """Whether a frame of that size and distance fits, after those farther away have gone."""
        while self.bytes + size > self.limit:
            if not self._numbers or self._distance(self._farthest()) <= distance:
                return False
            self._drop_farthest()
        return True

    def _farthest(self) -> int:
        return max(self._numbers[0], self._numbers[-1], key=self._distance)

    def _drop_farthest(self) -> None:
        frame = self._farthest()
        self._numbers.remove(frame) if frame == self._numbers[0] else self._numbers.pop()
        self.bytes -= frame_bytes(self._frames.pop(frame))
