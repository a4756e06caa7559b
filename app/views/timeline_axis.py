"""The timeline's horizontal axis: which frame stands where, and how zooming changes that."""

from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from yowo_core.annotations import FrameRange

_LARGEST = 60.0
"""A frame never takes more logical pixels than this."""


def _no_times() -> NDArray[np.float64]:
    return np.zeros(0)


@dataclass(frozen=True, eq=False)
class TimeAxis:
    """Frame f covers the pixels from x_of(f) to x_of(f + 1); frames are equally wide.

    left and width: the axis's place in the widget in logical pixels. offset: the frame (with
    fraction) at its left end. scale: pixels to a frame, 0 means as small as fits everything.
    times: (frame_count,) seconds, or empty when only fps is known.
    """

    left: float = 0.0
    width: float = 100.0
    frame_count: int = 0
    fps: float = 0.0
    times: NDArray[np.float64] = field(default_factory=_no_times)
    offset: float = 0.0
    scale: float = 0.0

    @property
    def fitting_scale(self) -> float:
        """Pixels to a frame when the whole video is just visible."""
        return max(self.width, 1.0) / max(self.frame_count, 1)

    @property
    def fits(self) -> bool:
        """Whether the whole video is visible."""
        return self.scale <= self.fitting_scale * (1 + 1e-9)

    @cached_property
    def pixels(self) -> float:
        """Pixels to a frame as they are drawn."""
        return max(self.scale, self.fitting_scale)

    @cached_property
    def visible(self) -> FrameRange:
        """The frames of which at least a part is visible."""
        stop = min(int(np.ceil(self.offset + self.width / self.pixels)), self.frame_count)
        start = max(min(int(self.offset), self.frame_count - 1), 0)
        return FrameRange(start, max(stop, start + 1))

    def x_of(self, frame: float) -> float:
        """Where a frame begins, in logical pixels of the widget."""
        return self.left + (frame - self.offset) * self.pixels

    def frame_at(self, x: float) -> int:
        """The frame under a pixel; pixels beside the video give its first or last frame."""
        frame = int(np.floor((x - self.left) / self.pixels + self.offset))
        return min(max(frame, 0), max(self.frame_count - 1, 0))

    def seconds(self, frame: int) -> float:
        """The presentation time of a frame; 0 while neither times nor fps are known."""
        if 0 <= frame < len(self.times):
            return float(self.times[frame])
        return frame / self.fps if self.fps > 0 else 0.0

    def lasting(self, frames: FrameRange) -> float:
        """Seconds from the first frame of a range to the end of its last; 0 while unknown."""
        if frames.stop < len(self.times):
            return float(self.times[frames.stop] - self.times[frames.start])
        last = 1 / self.fps if self.fps > 0 else 0.0
        return self.seconds(frames.stop - 1) - self.seconds(frames.start) + last

    def frames_at(self, seconds: NDArray[np.floating]) -> NDArray[np.int64]:
        """The first frames that are not before those times."""
        if len(self.times):
            return np.asarray(np.searchsorted(self.times, seconds - 1e-6), dtype=np.int64)
        return np.asarray(np.ceil(seconds * self.fps - 1e-6), dtype=np.int64)

    def placed(self, left: float, width: float) -> "TimeAxis":
        """The same view in another width; one that showed everything still does."""
        scale = 0.0 if self.fits else self.scale
        return replace(self, left=left, width=max(width, 1.0), scale=scale).panned(0)

    def panned(self, pixels: float) -> "TimeAxis":
        """The view moved so that what was that many pixels to the right comes to the left end."""
        hidden = max(self.frame_count - self.width / self.pixels, 0.0)
        offset = min(max(self.offset + pixels / self.pixels, 0.0), hidden)
        return replace(self, offset=offset)

    def zoomed(self, factor: float, at_frame: float) -> "TimeAxis":
        """The view magnified by a factor with a frame kept where it is."""
        x = self.x_of(at_frame)
        scale = min(
            max(self.pixels * factor, self.fitting_scale), max(_LARGEST, self.fitting_scale)
        )
        wider = replace(self, scale=scale)
        return replace(wider, offset=at_frame - (x - self.left) / wider.pixels).panned(0)

    def fitted(self) -> "TimeAxis":
        """The whole video."""
        return replace(self, scale=0.0, offset=0.0)

    def showing(self, frame: int, share: float) -> "TimeAxis":
        """The view with that frame at a share (0..1) of its width."""
        return replace(self, offset=frame - share * self.width / self.pixels).panned(0)
