"""The frames of the open video for the window's thread, which never waits for decoding."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Qt, Signal

from app.services.decode_orders import DecodeOrders
from app.services.decode_thread import DecodeThread, Trouble
from app.services.frame_values import (
    BlankVideo,
    FirstPicture,
    FrameReady,
    Reading,
    TwinSink,
    TwinWish,
    VideoFacts,
)
from app.services.orders import Opening, Room, Wish
from yowo_core.input_spec import OUR_INPUT, InputSpec
from yowo_core.video.reader import DEFAULT_CACHE

__all__ = ["FrameReady", "FrameSource", "TwinSink", "VideoFacts"]


class FrameSource(QObject):
    """One open video, decoded by a thread of its own that is the only one to touch the file.

    Every signal is emitted in the thread of this object, and none about a video that was closed
    meanwhile. failed speaks of the file while facts is None, else of one of its frames. Call
    shutdown() before the program ends.

    Of a file that takes long to open, looked brings the first picture meanwhile, and reading how
    much of it was read as a share 0..1. cache_bytes bounds the memory of decoded frames;
    index_folder is where indexes are kept that took long to make.
    """

    looked = Signal(object)  # FirstPicture
    reading = Signal(float)
    opened = Signal(object)  # VideoFacts
    closed = Signal()
    failed = Signal(str)
    frame_ready = Signal(object)  # FrameReady
    _arrived = Signal(object)

    def __init__(
        self,
        parent: QObject | None = None,
        cache_bytes: int = DEFAULT_CACHE,
        index_folder: Path | None = None,
    ) -> None:
        super().__init__(parent)
        self._facts: VideoFacts | None = None
        self._opening, self._is_opening = 0, False
        self._grey: NDArray[np.uint8] | None = None  # the picture of a video without a file
        self._arrived.connect(self._take_in, Qt.ConnectionType.QueuedConnection)
        self._orders = DecodeOrders()
        self._thread = DecodeThread(self._orders, self._arrived.emit, cache_bytes, index_folder)
        self._thread.start()

    @property
    def facts(self) -> VideoFacts | None:
        """The open video; None while there is none or it is still being opened."""
        return self._facts

    @property
    def opening(self) -> bool:
        """Whether a video is being opened."""
        return self._is_opening

    @property
    def waiting(self) -> int:
        """How many pictures were decoded ahead and wait to be shown."""
        return self._orders.waiting

    @property
    def cache_used(self) -> int:
        """Bytes of decoded frames that are held now."""
        return self._thread.cache_used

    @property
    def exhausted(self) -> bool:
        """Whether nothing decoded ahead waits any more and nothing more will come."""
        return self._orders.exhausted

    def open(self, path: Path) -> None:
        """Close the open video and open this one; opened or failed tells how it went."""
        self._leave()
        self._is_opening = True
        self._orders.open(Opening(self._opening, path))

    def open_blank(self, video: BlankVideo) -> None:
        """Close the open video and show this one, whose file is missing: every frame is grey.

        Its frames can be requested; nothing is decoded ahead, so it cannot be played.
        """
        self.close()
        self._grey = video.picture()
        self._arrived.emit(video.facts(self._opening))

    def close(self) -> None:
        """Give the open video's file back."""
        self._leave()
        self._orders.open(Opening(self._opening, None))

    def set_cache(self, cache_bytes: int) -> None:
        """Bound the memory of decoded frames anew, of the open video at once."""
        self._orders.keep(Room(cache_bytes))

    def shutdown(self, seconds: float = 5.0) -> None:
        """End the decoding thread and wait for it; nothing works or is told afterwards."""
        self._opening, self._is_opening = self._opening + 1, False
        self._orders.quit()
        self._thread.join(seconds)

    def request(self, frame: int, *, exact: bool = True) -> None:
        """Ask for a frame; frame_ready brings it, of several open requests only the newest.

        Not exact, for dragging: when it would take long the key frame before it comes first.
        failed tells when there is no such frame or it is damaged.
        """
        if self._grey is not None:
            self._arrived.emit(FrameReady(self._opening, frame, self._grey, 0.0, frame))
        else:
            self._orders.request(Wish(frame, exact))

    def play_ahead(self, start: int, stop: int | None = None, step: int = 1) -> None:
        """Decode the frames from start on (before stop) in order, to be fetched by take().

        Of step frames one becomes a picture.
        """
        if self._facts is not None and not self._facts.blank:
            end = min(stop or self._facts.frame_count, self._facts.frame_count)
            self._orders.play_ahead(start, end, step, self._facts.width * self._facts.height * 4)

    def stop_ahead(self) -> None:
        """Stop decoding ahead."""
        self._orders.stop_ahead()

    def take(self, due: int) -> FrameReady | None:
        """The newest picture decoded ahead that is not after the due frame; never waits.

        Older ones are dropped. When decoding has fallen far behind it goes on nearer to it.
        """
        return self._orders.take(due)

    def take_first(self) -> FrameReady | None:
        """The first picture decoded ahead, None while there is none."""
        return self._orders.take_first()

    def set_twin_sink(self, sink: TwinSink | None, spec: InputSpec = OUR_INPUT) -> None:
        """From now on give sink the twin (size, size, 3) RGB of every frame that is played.

        After a request also those of the frame's clip, as a model that is fed like spec sees it.
        The pixels are those that the analysis of whole videos sees. None ends it.
        """
        self._orders.set_twins(None if sink is None else TwinWish(sink, spec))

    def want_clip(self, frame: int) -> None:
        """Make the missing twins of a frame's clip once there is nothing better to do."""
        if self._grey is None:
            self._orders.want_clip(frame)

    def _leave(self) -> None:
        self._opening += 1
        self._grey = None
        was_open, self._facts, self._is_opening = self._facts is not None, None, False
        if was_open:
            self.closed.emit()

    def _take_in(self, item: object) -> None:
        parcels = VideoFacts | FrameReady | Trouble | FirstPicture | Reading
        if not isinstance(item, parcels) or item.opening != self._opening:
            return
        if isinstance(item, FrameReady):
            self.frame_ready.emit(item)
        elif isinstance(item, FirstPicture | Reading):
            self._tell_opening(item)
        elif isinstance(item, VideoFacts):
            self._facts, self._is_opening = item, False
            self.opened.emit(item)
        else:
            self._is_opening = False
            self.failed.emit(item.message)

    def _tell_opening(self, item: FirstPicture | Reading) -> None:
        if not self._is_opening:
            return
        if isinstance(item, FirstPicture):
            self.looked.emit(item)
        else:
            self.reading.emit(item.share)
