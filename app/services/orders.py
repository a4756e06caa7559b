"""What the decoding thread can be told to do."""

from collections import deque
from dataclasses import dataclass, field
from pathlib import Path

from app.services.frame_values import FrameReady


@dataclass(frozen=True)
class Opening:
    """Open a video; without a path only close the one that is open."""

    serial: int
    path: Path | None


@dataclass(frozen=True)
class Room:
    """Keep decoded frames in so many bytes."""

    cache_bytes: int


@dataclass(frozen=True)
class Wish:
    """Show a frame; not exact allows its key frame first and gives way to a newer wish."""

    frame: int
    exact: bool


@dataclass
class Ahead:
    """A stretch of playing: the next frame to show, the one that is due, what waits.

    Of step frames one is shown.
    """

    next: int
    stop: int
    step: int
    room: int
    due: int
    waiting: deque[FrameReady] = field(default_factory=deque)

    @property
    def hungry(self) -> bool:
        """Whether there are frames left and room for one."""
        return self.next < self.stop and len(self.waiting) < self.room


@dataclass(frozen=True)
class Fill:
    """Make the missing twins of a frame's clip; while playing only those that cost no seek."""

    frame: int
    only_cached: bool


@dataclass(frozen=True)
class Around:
    """Decode a frame that may be wanted next, near the one that is shown."""

    frame: int


Order = Opening | Room | Wish | Ahead | Fill | Around
