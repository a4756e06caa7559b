"""Decoded frames kept in memory, within a bound in bytes."""

from collections import OrderedDict

from av.video.frame import VideoFrame


def frame_bytes(picture: VideoFrame) -> int:
    """Bytes that a decoded frame holds, with the rows that decoders add below each plane."""
    return sum(p.line_size * (p.height + 16) for p in picture.planes)


class FrameCache:
    """The frames used last, in their decoded (mostly yuv) form; never more than limit bytes."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self.bytes = 0
        self._frames: OrderedDict[int, VideoFrame] = OrderedDict()

    def __contains__(self, frame: int) -> bool:
        return frame in self._frames

    def get(self, frame: int) -> VideoFrame | None:
        """The frame, from now on the one used last, or None."""
        picture = self._frames.get(frame)
        if picture is not None:
            self._frames.move_to_end(frame)
        return picture

    def put(self, frame: int, picture: VideoFrame) -> None:
        """Keep a frame, and let go of those used longest ago until it fits."""
        size = frame_bytes(picture)
        if frame in self._frames or size > self.limit:
            return
        while self.bytes + size > self.limit:
            _, old = self._frames.popitem(last=False)
            self.bytes -= frame_bytes(old)
        self._frames[frame] = picture
        self.bytes += size

    def clear(self) -> None:
        """Let go of every frame."""
        self._frames.clear()
        self.bytes = 0
