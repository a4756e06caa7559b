"""The thread that alone owns a video's reader: serves wishes, decodes ahead, makes twins."""

import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

from app.services.decode_orders import Ahead, DecodeOrders, Fill, Opening, Wish
from app.services.frame_values import FrameReady, TwinWish, VideoFacts
from yowo_core.annotations import FrameRange
from yowo_core.errors import VideoError
from yowo_core.video import VideoReader, open_video
from yowo_core.video.clips import causal_clip, resized
from yowo_core.video.picture import Pixels

_SLOW_MS: Final = 40.0  # a wait that a dragging hand feels
_STEP: Final = 12  # frames between two looks for a newer order
_LEAP: Final = 3  # frames that are decoded but not shown when playing is late
_FIRST_PACE: Final = 4.0  # ms a decoded frame, until it was measured


@dataclass(frozen=True)
class Trouble:
    """A sentence about an opening: the file cannot be opened, or one frame not be decoded."""

    opening: int
    message: str


class DecodeThread(threading.Thread):
    """Follows orders until told to quit; deliver gets VideoFacts, FrameReady and Trouble."""

    def __init__(
        self, orders: DecodeOrders, deliver: Callable[[object], None], cache_bytes: int
    ) -> None:
        super().__init__(name="decoding", daemon=True)
        self._orders, self._deliver, self._cache_bytes = orders, deliver, cache_bytes
        self._reader: VideoReader | None = None
        self._opening = 0
        self._position = -1  # the frame that was decoded last
        self._shown = -1
        self._pace = _FIRST_PACE
        self._troubled: Ahead | None = None

    def run(self) -> None:
        """Do what is ordered, the most important first."""
        while (order := self._orders.next()) is not None:
            if isinstance(order, Opening):
                self._open(order)
            elif self._reader is not None:
                self._follow(self._reader, order)
        self._close()

    def _follow(self, reader: VideoReader, order: Wish | Ahead | Fill) -> None:
        if isinstance(order, Wish):
            self._serve(reader, order)
        elif isinstance(order, Ahead):
            self._advance(reader, order)
        else:
            self._fill(reader, order)

    def _close(self) -> None:
        if self._reader is not None:
            self._reader.close()
        self._reader = None

    def _open(self, order: Opening) -> None:
        self._close()
        self._opening, self._position, self._shown = order.serial, -1, -1
        self._pace = _FIRST_PACE
        if order.path is None:
            return
        try:
            self._reader = open_video(order.path, self._cache_bytes)
        except VideoError as error:
            self._deliver(Trouble(order.serial, str(error)))
            return
        self._deliver(_facts(order.serial, self._reader))

    def _serve(self, reader: VideoReader, wish: Wish) -> None:
        try:
            if not wish.exact and self._cost_ms(reader, wish.frame) > _SLOW_MS:
                key = reader.keyframe_at_or_before(wish.frame)
                if key not in (wish.frame, self._shown):
                    self._deliver(self._picture(reader, key, wish.frame))
                if not self._approach(reader, wish.frame):
                    return
            self._deliver(self._picture(reader, wish.frame, wish.frame))
        except VideoError as error:
            self._deliver(Trouble(self._opening, str(error)))
        else:
            self._orders.clip_after(wish.frame)

    def _advance(self, reader: VideoReader, ahead: Ahead) -> None:
        """One picture of playing."""
        twins = self._orders.twins
        frame = self._next_played(reader, ahead, twins)
        try:
            self._orders.put(ahead, self._picture(reader, frame, frame))
            if twins:
                self._make_twin(reader, frame, twins)
        except VideoError as error:
            if self._troubled is not ahead:
                self._deliver(Trouble(self._opening, str(error)))
            self._troubled = ahead
        ahead.next = frame + 1

    def _next_played(self, reader: VideoReader, ahead: Ahead, twins: TwinWish | None) -> int:
        """When late: the due frame's key frame, if that saves decoding, else a few frames on.

        For twins no frame is left out until being late has cost a whole clip.
        """
        late = ahead.due - ahead.next
        if late <= (twins.span if twins else 0):
            return ahead.next
        key = reader.keyframe_at_or_before(ahead.due)
        if key > ahead.next:
            return key
        return ahead.next if twins else min(ahead.due, ahead.next + _LEAP)

    def _fill(self, reader: VideoReader, order: Fill) -> None:
        """One missing twin of a clip, the earliest first."""
        twins = self._orders.twins
        missing = self._missing(reader, order, twins) if twins else []
        if not missing or twins is None:
            self._orders.clip_done(order)
            return
        try:
            if self._approach(reader, missing[0]):
                self._make_twin(reader, missing[0], twins)
        except VideoError:  # the frame itself was or will be told of when it is to be shown
            self._orders.clip_done(order)

    def _missing(self, reader: VideoReader, order: Fill, twins: TwinWish) -> list[int]:
        bounds = FrameRange(0, len(reader))
        if order.frame not in bounds:
            return []
        frames, _ = causal_clip(order.frame, bounds, twins.length, twins.stride)
        return [
            frame
            for frame in sorted(set(frames.tolist()))
            if not twins.sink.holds(self._opening, frame)
            and (not order.only_cached or reader.cached(frame))
        ]

    def _make_twin(self, reader: VideoReader, frame: int, twins: TwinWish) -> None:
        if not twins.sink.holds(self._opening, frame):
            picture, _ = self._timed(reader, frame, reader.frame)
            twins.sink.put(self._opening, frame, resized(picture, twins.size))

    def _picture(self, reader: VideoReader, frame: int, asked: int) -> FrameReady:
        pixels, spent_ms = self._timed(reader, frame, reader.bgra)
        self._shown = frame
        return FrameReady(self._opening, frame, pixels, spent_ms, asked)

    def _timed(
        self, reader: VideoReader, frame: int, read: Callable[[int], Pixels]
    ) -> tuple[Pixels, float]:
        """A picture and the ms it took; learns the pace of decoding from it."""
        began, distance = time.perf_counter(), self._distance(reader, frame)
        pixels = read(frame)
        spent_ms = 1000 * (time.perf_counter() - began)
        if distance:
            self._pace += 0.2 * (spent_ms / distance - self._pace)
            self._position = frame
        return pixels, spent_ms

    def _distance(self, reader: VideoReader, frame: int) -> int:
        """How many frames have to be decoded to get this one."""
        if reader.cached(frame):
            return 0
        key = reader.keyframe_at_or_before(frame)
        known = self._position if key <= self._position < frame else key - 1
        return frame - known

    def _cost_ms(self, reader: VideoReader, frame: int) -> float:
        return self._pace * self._distance(reader, frame)

    def _approach(self, reader: VideoReader, frame: int) -> bool:
        """Decode towards a frame step by step; False when something newer was ordered."""
        first = frame - self._distance(reader, frame)
        for middle in range(first + _STEP, frame, _STEP):
            if self._orders.pressing():
                return False
            with suppress(VideoError):  # a damaged frame on the way is nobody's wish
                self._timed(reader, middle, reader.bgra)
        return not self._orders.pressing()


def _facts(serial: int, reader: VideoReader) -> VideoFacts:
    return VideoFacts(
        serial,
        reader.path,
        reader.width,
        reader.height,
        len(reader),
        reader.fps,
        reader.times,
        reader.sample_aspect,
        reader.variable_rate,
        reader.notice,
    )
