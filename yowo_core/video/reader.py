"""Any frame of a video, exactly: by its number in presentation order."""

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from types import TracebackType
from typing import Self

import numpy as np
from av.video.frame import VideoFrame
from numpy.typing import NDArray

from yowo_core.errors import VideoError
from yowo_core.video.cache import FrameCache
from yowo_core.video.cursor import Cursor, KeyFrames
from yowo_core.video.decoding import Decoder
from yowo_core.video.opening import open_indexed
from yowo_core.video.picture import PixelMaker, Pixels
from yowo_core.video.prefetch import Prefetch
from yowo_core.video.progress import Meter, Progress

DEFAULT_CACHE = 256 * 1024 * 1024


class VideoReader:
    """Random access to the frames of one video; made by open_video.

    frame(i) is the i-th frame of a plain decode from the beginning. A reader belongs to one
    thread. Every access raises VideoError for a number outside the video, for a frame that is
    damaged, and after close().
    """

    def __init__(
        self,
        path: Path,
        cache_bytes: int,
        progress: Progress | None = None,
        index_folder: Path | None = None,
    ) -> None:
        self.path = path
        self._cache = FrameCache(cache_bytes)
        self._cursors: list[Cursor] = []
        self._reached: tuple[int, VideoFrame | None] = (-1, None)
        self._closed = False
        self._decoder, self._index = open_indexed(path, progress, index_folder)
        self._keys = KeyFrames(self._index.keys)
        self._damaged = set(self._index.damaged)
        self._prefetch = Prefetch(self._cache, self._keys, self._side_way)
        self._cursors.append(self._cursor(self._decoder))
        try:
            first = self._first_picture()
        except BaseException:
            self.close()
            raise
        self._maker = PixelMaker(first)

    def __len__(self) -> int:
        return len(self._index)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    @property
    def times(self) -> NDArray[np.float64]:
        """(N,) float64: seconds at which each frame is shown, as the container says, ascending."""
        return self._index.times

    @property
    def fps(self) -> Fraction:
        """Frames a second on average; 0 when a single frame has no rate."""
        return self._index.fps

    @property
    def variable_rate(self) -> bool:
        """Whether the gaps between frames differ by more than rounding."""
        return self._index.variable_rate

    @property
    def notice(self) -> str:
        """What the user should know of the file, such as frames that do not decode; mostly ''."""
        return self._index.notice

    @property
    def needs_proxy(self) -> str:
        """Why frames cannot be reached quickly and exactly, in a sentence; '' where they can."""
        return self._index.needs_proxy

    @property
    def damaged(self) -> tuple[int, ...]:
        """Frames that were found not to decode so far, ascending; access may find more."""
        return tuple(sorted(self._damaged))

    @property
    def width(self) -> int:
        """Columns of frame(i), the rotation tag applied."""
        return self._maker.size[0]

    @property
    def height(self) -> int:
        """Rows of frame(i), the rotation tag applied."""
        return self._maker.size[1]

    @property
    def sample_aspect(self) -> Fraction:
        """Width of a pixel over its height, as frame(i) lies; only views stretch by it."""
        return self._maker.shown_aspect(self._decoder.sample_aspect)

    def frame(self, index: int) -> Pixels:
        """(H, W, 3) uint8 RGB."""
        return self._maker.pixels(self._picture(index), "rgb24")

    def bgra(self, index: int) -> Pixels:
        """(H, W, 4) uint8 blue, green, red, 255: what QImage calls RGB32."""
        return self._maker.pixels(self._picture(index), "bgra")

    def frames(self, start: int, stop: int) -> Iterator[Pixels]:
        """The frames start, ..., stop - 1 as RGB arrays, decoded in one go.

        Other accesses in between are allowed and cost a seek. A damaged frame raises VideoError
        and ends the iteration; frames(next, stop) goes on behind it.
        """
        if start < stop:
            self._check(start)
            self._check(stop - 1)
        return (self.frame(index) for index in range(start, stop))

    def keyframe_at_or_before(self, index: int) -> int:
        """The nearest frame not after this one that is quick to get, for dragging."""
        self._check(index)
        return self._keys.at_or_before(index)

    def distance(self, index: int) -> int:
        """How many frames have to be decoded to get this one; 0 when it is in memory."""
        self._check(index)
        if self._held(index) is not None:
            return 0
        cursor = self._nearest(index)
        if cursor is None or cursor.next is None:
            return index - self._keys.at_or_before(index) + 1
        return index - cursor.next + 1

    def towards(self, index: int) -> Iterator[None]:
        """Decode up to a frame, one frame a turn, so that it can be given up at any of them.

        Afterwards frame(index) takes no decoding.
        """
        self._check(index)
        self._cache.playhead = index
        if self._held(index) is not None or index in self._damaged:
            return
        self._prefetch.interrupt()
        picture = None
        for read in (self._nearest(index) or self._cursors[0]).towards(index):
            picture = read
            yield
        if picture is None:
            self._decoder.check_unchanged()
            self._damaged.add(index)
        else:
            self._reached = index, picture

    def _held(self, index: int) -> VideoFrame | None:
        """A frame that is in memory; the one reached last is, even if the cache has no room."""
        number, picture = self._reached
        return picture if number == index else self._cache.get(index)

    def prefetch(self, playhead: int) -> bool:
        """Decode one frame that may be wanted next: of the group of pictures before, or after it.

        A second decoder does it where reading on is not the way, so that going on at the
        playhead costs no seek. False when there is nothing more to do, or no room for it.
        """
        self._check(playhead)
        return self._prefetch.work(playhead, len(self))

    def cached(self, index: int) -> bool:
        """Whether the frame is in memory, so that frame(index) takes no decoding."""
        self._check(index)
        return index in self._cache

    @property
    def cache_used(self) -> int:
        """Bytes of decoded frames that are held; never more than cache_bytes."""
        return self._cache.bytes

    def set_cache(self, cache_bytes: int) -> None:
        """Bound the memory of decoded frames anew; what no longer fits goes at once."""
        self._cache.resize(cache_bytes)
        self._prefetch.interrupt()

    def close(self) -> None:
        """Give back the file and the memory; a second call does nothing."""
        self._closed = True
        self._reached = -1, None
        self._cache.clear()
        for cursor in self._cursors:
            cursor.close()

    def _check(self, index: int) -> None:
        if self._closed:
            raise VideoError(f"{self.path} was closed; open it again.")
        if not 0 <= index < len(self):
            raise VideoError(
                f"{self.path} has the frames 0 to {len(self) - 1}; there is no frame {index}."
            )

    def _first_picture(self) -> VideoFrame:
        undamaged = (i for i in range(len(self)) if i not in self._damaged)
        return self._picture(next(undamaged))

    def _picture(self, index: int) -> VideoFrame:
        for _ in self.towards(index):
            pass
        picture = self._held(index)
        if picture is None:
            raise VideoError(
                f"Frame {index} of {self.path} (at {self.times[index]:.3f} s) is damaged and "
                "cannot be decoded; the other frames can be used."
            )
        return picture

    def _nearest(self, index: int) -> Cursor | None:
        """The cursor that reads on to a frame soonest; None when each would have to seek."""
        following = [c for c in self._cursors if c.follows_to(index)]
        return max(following, key=lambda c: c.next or 0, default=None)

    def _side_way(self, index: int) -> Iterator[object]:
        """A way to a frame that leaves the first cursor where it is, unless it only reads on."""
        cursor = self._nearest(index)
        if cursor is None:
            if len(self._cursors) == 1:
                self._cursors.append(self._cursor(self._second_decoder()))
            cursor = self._cursors[-1]
        return cursor.towards(index)

    def _second_decoder(self) -> Decoder:
        self._decoder.check_unchanged()
        return Decoder(self.path, Meter(None), self._decoder.table)

    def _cursor(self, decoder: Decoder) -> Cursor:
        return Cursor(decoder, self._index, self._keys, self._cache)


def open_video(
    path: str | Path,
    cache_bytes: int = DEFAULT_CACHE,
    *,
    progress: Progress | None = None,
    index_folder: Path | None = None,
) -> VideoReader:
    """Open a video for exact access to any frame.

    cache_bytes bounds the memory of decoded frames. progress gets shares from 0 to 1 while the
    file is read, and from 0 again where it also has to be decoded once; what it raises cancels.
    index_folder keeps what was found out, so that opening the same content again is at once.
    Raises VideoError, with the path and what to do, for a file that is missing, is no video, or
    has no frame that decodes.
    """
    return VideoReader(Path(path), cache_bytes, progress, index_folder)
