"""Time in a video while it plays, and which frame is due at a time."""

import math

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QElapsedTimer

Times = NDArray[np.float64]

_EPSILON = 1e-6  # seconds; times are floats
_MOST_PICTURES = 45  # a second; more cost much and show nothing more
_LONE_FRAME = 0.04  # seconds that the only frame of a video lasts


def due_frame(times: Times, now: float) -> int:
    """The frame that is shown at a time in seconds; -1 before the first. times (N,) ascend."""
    return int(np.searchsorted(times, now + _EPSILON, side="right")) - 1


def time_after(times: Times, frame: int) -> float:
    """When a frame is over in seconds; the last one is taken to last as long as the one before."""
    if frame + 1 < len(times):
        return float(times[frame + 1])
    gap = float(times[frame] - times[frame - 1]) if frame else _LONE_FRAME
    return float(times[frame]) + gap


def shown_step(fps: float, speed: float) -> int:
    """Of how many frames one is shown, at that many times the speed; always the same gap.

    A video at its own speed is shown whole, whatever its rate; a faster one as often as that, but
    at least 45 times a second.
    """
    return max(1, math.ceil(fps * abs(speed) / max(fps, _MOST_PICTURES)))


def frame_away(times: Times, frame: int, seconds: float) -> int:
    """The frame that many seconds on (back when negative), at least one frame away.

    It may lie outside the video by one.
    """
    there = int(np.searchsorted(times, times[frame] + seconds - _EPSILON))
    return max(frame + 1, there) if seconds > 0 else min(frame - 1, there)


class PlayClock:
    """Runs from a time of the video at a speed; a negative speed runs backwards."""

    def __init__(self) -> None:
        self._elapsed = QElapsedTimer()
        self._anchor = 0.0
        self._speed = 1.0

    @property
    def running(self) -> bool:
        """Whether it was started."""
        return self._elapsed.isValid()

    def start(self, time: float, speed: float) -> None:
        """Let time run from these seconds of the video."""
        self._anchor, self._speed = time, speed
        self._elapsed.start()

    def stop(self) -> None:
        """Let time stand still."""
        self._elapsed.invalidate()

    def now(self) -> float:
        """Seconds of the video."""
        return self._anchor + self._speed * self._elapsed.nsecsElapsed() / 1e9

    def ms_until(self, time: float) -> int:
        """Whole ms, rounded up, until the video's time is reached; 0 when it is over."""
        return max(0, math.ceil(1000 * (time - self.now()) / self._speed))

    def ms_since(self, time: float) -> float:
        """How many ms ago the video's time was reached; 0 when it is still to come."""
        return max(0.0, 1000 * (self.now() - time) / self._speed)
