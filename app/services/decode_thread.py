"""The thread that alone owns a video's reader: serves wishes, plays, looks around."""

import math
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final

from app.services.decode_orders import DecodeOrders
from app.services.frame_values import FrameReady, TwinWish, VideoFacts
from app.services.opening_watch import OpeningGivenUp, OpeningWatch
from app.services.orders import Ahead, Around, Fill, Opening, Room, Wish
from app.services.twin_maker import TwinMaker
from yowo_core.errors import VideoError
from yowo_core.video import VideoReader, open_video

_SLOW_MS: Final = 40.0  # a wait that a dragging hand feels
_LONG_MS: Final = 250.0  # a wait after which a newer wish is better served than the old one
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
        self,
        orders: DecodeOrders,
        deliver: Callable[[object], None],
        cache_bytes: int,
        index_folder: Path | None,
    ) -> None:
        super().__init__(name="decoding", daemon=True)
        self._orders, self._deliver = orders, deliver
        self._cache_bytes, self._index_folder = cache_bytes, index_folder
        self._reader: VideoReader | None = None
        self._twins = TwinMaker(orders, self._reach)
        self._opening = 0
        self._shown = -1
        self._pace = _FIRST_PACE
        self._troubled: Ahead | None = None

    @property
    def cache_used(self) -> int:
        """Bytes of decoded frames that are held; may be asked from any thread."""
        reader = self._reader
        return reader.cache_used if reader is not None else 0

    def run(self) -> None:
        """Do what is ordered, the most important first."""
        while (order := self._orders.next()) is not None:
            if isinstance(order, Opening):
                self._open(order)
            elif isinstance(order, Room):
                self._keep(order)
            elif self._reader is not None:
                self._follow(self._reader, order)
        self._close()

    def _follow(self, reader: VideoReader, order: Wish | Ahead | Fill | Around) -> None:
        if isinstance(order, Wish):
            self._serve(reader, order)
        elif isinstance(order, Ahead):
            self._advance(reader, order)
        elif isinstance(order, Fill):
            self._twins.fill(reader, order)
        else:
            self._look_around(reader, order)

    def _close(self) -> None:
        if self._reader is not None:
            self._reader.close()
        self._reader = None

    def _open(self, order: Opening) -> None:
        self._close()
        self._opening = self._twins.opening = order.serial
        self._shown = -1
        self._pace = _FIRST_PACE
        if order.path is None:
            return
        try:
            with OpeningWatch(
                order.path, order.serial, self._orders.leaving, self._deliver
            ) as watch:
                self._reader = open_video(
                    order.path,
                    self._cache_bytes,
                    progress=watch.tell,
                    index_folder=self._index_folder,
                )
        except VideoError as error:
            self._deliver(Trouble(order.serial, str(error)))
        except OpeningGivenUp:
            return
        else:
            self._deliver(_facts(order.serial, self._reader))

    def _keep(self, room: Room) -> None:
        self._cache_bytes = room.cache_bytes
        if self._reader is not None:
            self._reader.set_cache(room.cache_bytes)

    def _serve(self, reader: VideoReader, wish: Wish) -> None:
        try:
            if not wish.exact and self._cost_ms(reader, wish.frame) > _SLOW_MS:
                key = reader.keyframe_at_or_before(wish.frame)
                if key not in (wish.frame, self._shown):
                    self._deliver(self._picture(reader, key, wish.frame))
            if not self._reach(reader, wish.frame, self._overtaking(reader, wish)):
                return
            self._deliver(self._picture(reader, wish.frame, wish.frame))
        except VideoError as error:
            self._deliver(Trouble(self._opening, str(error)))
        else:
            self._orders.served(wish)

    def _overtaking(self, reader: VideoReader, wish: Wish) -> Callable[[], bool]:
        """When a wish is given up: an inexact one for any newer, an exact one if it takes long.

        A key that is held down wishes for something newer all the time and has to see pictures.
        """

        def overtaken() -> bool:
            long = not wish.exact or self._cost_ms(reader, wish.frame) > _LONG_MS
            return self._orders.overtaken() if long else self._orders.leaving()

        return overtaken

    def _advance(self, reader: VideoReader, ahead: Ahead) -> None:
        """One picture of playing."""
        twins = self._orders.twins
        frame = self._next_played(reader, ahead, twins)
        try:
            if twins and ahead.step > 1:
                self._twins.make_before(reader, frame, twins, ahead.step)
            if not self._reach(reader, frame, partial(self._orders.superseded, ahead)):
                return
            self._orders.put(ahead, self._picture(reader, frame, frame))
            if twins:
                self._twins.make(reader, frame, twins)
        except VideoError as error:
            if self._troubled is not ahead:
                self._deliver(Trouble(self._opening, str(error)))
            self._troubled = ahead
        ahead.next = frame + ahead.step

    def _next_played(self, reader: VideoReader, ahead: Ahead, twins: TwinWish | None) -> int:
        """When late: the due frame's key frame, if that saves decoding, else a few frames on.

        For twins no frame is left out until being late has cost a whole clip.
        """
        late = ahead.due - ahead.next
        if late <= (twins.span if twins else 0):
            return ahead.next
        key = reader.keyframe_at_or_before(ahead.due)
        if key > ahead.next:
            steps = math.ceil((key - ahead.next) / ahead.step)  # gaps stay even
            return min(ahead.next + steps * ahead.step, ahead.stop - 1)
        return ahead.next if twins else min(ahead.due, ahead.next + _LEAP * ahead.step)

    def _look_around(self, reader: VideoReader, order: Around) -> None:
        try:
            more = reader.prefetch(order.frame)
        except VideoError:  # told when one of these frames is to be shown
            more = False
        if not more:
            self._orders.content(order)

    def _picture(self, reader: VideoReader, frame: int, asked: int) -> FrameReady:
        began = time.perf_counter()
        pixels = reader.bgra(frame)
        self._shown = frame
        spent_ms = 1000 * (time.perf_counter() - began)
        return FrameReady(self._opening, frame, pixels, spent_ms, asked)

    def _cost_ms(self, reader: VideoReader, frame: int) -> float:
        return self._pace * reader.distance(frame)

    def _reach(self, reader: VideoReader, frame: int, give_up: Callable[[], bool]) -> bool:
        """Decode up to a frame; False when it was given up on the way."""
        began, distance = time.perf_counter(), reader.distance(frame)
        for _ in reader.towards(frame):
            if give_up():
                return False
        if distance:
            spent_ms = 1000 * (time.perf_counter() - began)
            self._pace += 0.2 * (spent_ms / distance - self._pace)
        return True


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
        reader.needs_proxy,
    )
