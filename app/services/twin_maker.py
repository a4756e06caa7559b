"""Makes the small twins of frames that a live model wants, in the decoding thread."""

from collections.abc import Callable
from contextlib import suppress
from typing import TypeAlias

from app.services.decode_orders import DecodeOrders
from app.services.frame_values import TwinWish
from app.services.orders import Fill
from yowo_core.annotations import FrameRange
from yowo_core.errors import VideoError
from yowo_core.video import VideoReader
from yowo_core.video.clips import causal_clip, resized

Reach: TypeAlias = Callable[[VideoReader, int, Callable[[], bool]], bool]
"""Decodes up to a frame; False when the last argument said to give up."""


class TwinMaker:
    """Gives twins to the sink of a wish. opening is the number of the open video's opening."""

    def __init__(self, orders: DecodeOrders, reach: Reach) -> None:
        self._orders, self._reach = orders, reach
        self.opening = 0

    def make(self, reader: VideoReader, frame: int, twins: TwinWish) -> None:
        """The twin of a frame, unless it is there; VideoError when the frame is damaged."""
        spec = twins.spec
        if not twins.sink.holds(self.opening, frame):
            twins.sink.put(
                self.opening, frame, resized(reader.frame(frame), spec.size, spec.resize)
            )

    def make_before(self, reader: VideoReader, frame: int, twins: TwinWish, step: int) -> None:
        """The twins of frames that are decoded on the way to a frame but not shown."""
        for passed in range(max(frame - step + 1, 0), frame):
            with suppress(VideoError):  # of a damaged frame there is no twin
                if reader.distance(passed) <= step:
                    self.make(reader, passed, twins)

    def fill(self, reader: VideoReader, order: Fill) -> None:
        """One missing twin of a clip, the earliest first."""
        twins = self._orders.twins
        missing = self._missing(reader, order, twins) if twins else []
        if not missing or twins is None:
            self._orders.clip_done(order)
            return
        try:
            if self._reach(reader, missing[0], self._orders.pressing):
                self.make(reader, missing[0], twins)
        except VideoError:  # the frame itself was or will be told of when it is to be shown
            self._orders.clip_done(order)

    def _missing(self, reader: VideoReader, order: Fill, twins: TwinWish) -> list[int]:
        bounds = FrameRange(0, len(reader))
        if order.frame not in bounds:
            return []
        frames, _ = causal_clip(order.frame, bounds, twins.spec)
        return [
            frame
            for frame in sorted(set(frames.tolist()))
            if not twins.sink.holds(self.opening, frame)
            and (not order.only_cached or reader.cached(frame))
        ]
