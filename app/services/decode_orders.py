"""What the decoding thread is to do next: a desk with one place an order, the newest counts."""

import threading
from typing import Final

from app.services.frame_values import FrameReady, TwinWish
from app.services.orders import Ahead, Around, Fill, Opening, Order, Room, Wish

DEPTH: Final = 8
"""Pictures that wait to be shown, at most; enough to ride out a slow frame."""
MOST_BYTES: Final = 256 * 1024 * 1024


class DecodeOrders:
    """Shared by the window's thread, which gives orders, and the decoding thread."""

    def __init__(self) -> None:
        self._news = threading.Condition()
        self._quit = False
        self._opening: Opening | None = None
        self._room: Room | None = None
        self._wish: Wish | None = None
        self._ahead: Ahead | None = None
        self._clip: int | None = None
        self._parked = False  # the rest of the clip has to wait until playing ends
        self._around: int | None = None
        self._twins: TwinWish | None = None

    def open(self, opening: Opening) -> None:
        """Open a video instead of whatever is open or was asked for."""
        with self._news:
            self._opening, self._wish, self._ahead = opening, None, None
            self._clip, self._around = None, None
            self._news.notify()

    def keep(self, room: Room) -> None:
        """Bound the memory of decoded frames anew."""
        with self._news:
            self._room = room
            self._news.notify()

    def request(self, wish: Wish) -> None:
        """Show a frame instead of the one that was asked for before."""
        with self._news:
            self._wish, self._clip, self._around = wish, None, None
            self._news.notify()

    def play_ahead(self, start: int, stop: int, step: int, frame_bytes: int) -> None:
        """Decode the frames start, ..., stop - 1 in order, as many ahead as there is room.

        Of step frames one is to be shown.
        """
        room = max(2, min(DEPTH, MOST_BYTES // max(frame_bytes, 1)))
        with self._news:
            self._wish, self._around = None, None
            self._ahead = Ahead(start, stop, step, room, start)
            self._news.notify()

    def stop_ahead(self) -> None:
        """Stop decoding ahead and forget what waits."""
        with self._news:
            if self._ahead is not None:
                self._around = self._ahead.due
            self._ahead, self._parked = None, False
            self._news.notify()

    def take(self, due: int) -> FrameReady | None:
        """The newest waiting picture that is not after the due frame; older ones are dropped."""
        newest = None
        with self._news:
            if self._ahead is not None:
                self._ahead.due = due
                while self._ahead.waiting and self._ahead.waiting[0].frame <= due:
                    newest = self._ahead.waiting.popleft()
                self._news.notify()
        return newest

    def take_first(self) -> FrameReady | None:
        """The first picture that waits, whichever it is."""
        with self._news:
            if self._ahead is None or not self._ahead.waiting:
                return None
            self._news.notify()
            return self._ahead.waiting.popleft()

    def want_clip(self, frame: int) -> None:
        """Make the twins of a frame's clip when there is nothing better to do."""
        with self._news:
            if frame != self._clip:
                self._clip, self._parked = frame, False
                self._news.notify()

    def set_twins(self, twins: TwinWish | None) -> None:
        """Make twins from now on, or no more."""
        with self._news:
            self._twins, self._parked = twins, False
            self._news.notify()

    def quit(self) -> None:
        """End the decoding thread."""
        with self._news:
            self._quit = True
            self._news.notify()

    @property
    def twins(self) -> TwinWish | None:
        """What twins are to be made."""
        with self._news:
            return self._twins

    @property
    def waiting(self) -> int:
        """How many pictures wait to be shown."""
        with self._news:
            return len(self._ahead.waiting) if self._ahead else 0

    @property
    def exhausted(self) -> bool:
        """Whether nothing waits and nothing more will come."""
        with self._news:
            run = self._ahead
            return run is None or (not run.waiting and run.next >= run.stop)

    def next(self) -> Order | None:
        """Wait for the most important order; None when the thread is to end."""
        with self._news:
            while not self._quit:
                order = self._pick()
                if order is not None:
                    return order
                self._news.wait()
        return None

    def pressing(self) -> bool:
        """Whether something more important than a clip or an inexact wish has come up."""
        with self._news:
            playing = self._ahead is not None and self._ahead.hungry
            return self._quit or self._opening is not None or self._wish is not None or playing

    def overtaken(self) -> bool:
        """Whether another video or a newer wish has come up."""
        with self._news:
            return self._quit or self._opening is not None or self._wish is not None

    def leaving(self) -> bool:
        """Whether the open video is of no interest any more."""
        with self._news:
            return self._quit or self._opening is not None

    def superseded(self, ahead: Ahead) -> bool:
        """Whether this stretch is not played any more."""
        with self._news:
            return self._quit or self._opening is not None or self._ahead is not ahead

    def put(self, ahead: Ahead, picture: FrameReady) -> None:
        """Let a picture wait to be shown."""
        with self._news:
            ahead.waiting.append(picture)

    def served(self, wish: Wish) -> None:
        """The frame was shown: its clip comes next, then what is around it.

        Unless something newer was asked for. A dragging hand is already somewhere else.
        """
        with self._news:
            if self._wish is None:
                self._clip, self._parked = wish.frame, False
                self._around = wish.frame if wish.exact else None

    def content(self, order: Around) -> None:
        """Nothing more is to be decoded around that frame."""
        with self._news:
            if self._around == order.frame:
                self._around = None

    def clip_done(self, fill: Fill) -> None:
        """Nothing more can be done for this clip, or not before playing ends."""
        with self._news:
            if self._clip == fill.frame and fill.only_cached:
                self._parked = True
            elif self._clip == fill.frame:
                self._clip = None

    def _pick(self) -> Order | None:
        if self._opening is not None:
            order, self._opening = self._opening, None
            return order
        if self._room is not None:
            room, self._room = self._room, None
            return room
        return self._pick_frame()

    def _pick_frame(self) -> Order | None:
        if self._wish is not None:
            wish, self._wish = self._wish, None
            return wish
        if self._ahead is not None and self._ahead.hungry:
            return self._ahead
        if self._clip is not None and self._twins is not None and not self._parked:
            return Fill(self._clip, only_cached=self._ahead is not None)
        if self._around is not None and self._ahead is None:
            return Around(self._around)
        return None
