"""What the live model says, as values; and the twins that wait to be seen by it."""

import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from yowo_core.input_spec import InputSpec


@dataclass(frozen=True)
class LiveFacts:
    """The model that runs: its labels in the order of scores, what it runs on, what it is fed.

    backend as `yowo_core.infer.engine.BACKENDS` names it.
    """

    labels: tuple[str, ...]
    backend: str
    device: str
    spec: InputSpec


@dataclass(frozen=True, eq=False)
class LiveDetections:
    """What the model found in a frame of a video.

    boxes (N, 4) float32 in source pixels, scores (N, C) float32 in 0..1; tracks names the actor
    of each box, None for nobody known. ms is the model's own time, delay_ms runs from the moment
    the frame was shown to the answer. video_key is what show() was given.
    """

    video_key: int
    frame: int
    boxes: NDArray[np.float32]
    scores: NDArray[np.float32]
    tracks: tuple[int | None, ...]
    ms: float
    delay_ms: float


class TwinStore:
    """The newest twins of the newest opening of a video; shared by two threads.

    told is called, in the thread that puts, after each twin.
    """

    def __init__(self, limit: int, told: Callable[[], None]) -> None:
        self._limit, self._told = limit, told
        self._lock = threading.Lock()
        self._opening = -1
        self._twins: OrderedDict[int, NDArray[np.uint8]] = OrderedDict()

    def put(self, opening: int, frame: int, twin: NDArray[np.uint8]) -> None:
        """See `TwinSink`."""
        with self._lock:
            if opening != self._opening:
                self._opening = opening
                self._twins.clear()
            self._twins[frame] = twin
            self._twins.move_to_end(frame)
            while len(self._twins) > self._limit:
                self._twins.popitem(last=False)
        self._told()

    def holds(self, opening: int, frame: int) -> bool:
        """See `TwinSink`."""
        with self._lock:
            return opening == self._opening and frame in self._twins

    def clip(self, opening: int, frames: list[int]) -> dict[int, NDArray[np.uint8]] | None:
        """The twins of a clip's frames; None while one is missing. They are kept longest now."""
        with self._lock:
            if opening != self._opening or any(f not in self._twins for f in frames):
                return None
            for frame in frames:
                self._twins.move_to_end(frame)
            return {frame: self._twins[frame] for frame in frames}
