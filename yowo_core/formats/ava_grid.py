"""AVA's grid of whole seconds: which frame of a video stands for which second."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from yowo_core.annotations import Video

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Grid:
    """Which frame stands for which second: frames, stamps (S,); seconds (F,) of all frames."""

    frames: Ints
    stamps: Ints
    seconds: Floats

    @staticmethod
    def of(video: Video, times: Floats | None, offset: int) -> "Grid":
        """The grid of a video by its frames' times, or by its frame rate where they have holes."""
        whole = times is not None and len(times) and not np.isnan(times).any()
        seconds = times if times is not None and whole else _seconds(video)
        frames, stamps = whole_seconds(seconds)
        return Grid(frames, stamps + offset, seconds)

    def moment(self, frame: int) -> float:
        """When that frame is shown, in seconds; a frame after the last counts as the last."""
        return float(self.seconds[min(max(frame, 0), len(self.seconds) - 1)])


def unusable(video: Video, times: Floats | None) -> str:
    """Why a video cannot stand in an AVA file, as a sentence; '' when it can."""
    if not video.width or not video.height:
        return (
            f"The picture size of {video.name} is unknown, and AVA's boxes are shares of it. "
            "Add the video's file."
        )
    whole = times is not None and len(times) and not np.isnan(times).any()
    if not whole and not video.fps:
        return f"Neither times nor the frame rate of {video.name} are known. Add the video's file."
    return ""


def whole_seconds(seconds: Floats) -> tuple[Ints, Ints]:
    """The frame nearest to each whole second that the video has: frames (S,), seconds (S,).

    seconds: (F,) ascending, when each frame is shown; F at least 1. The first frame may come one
    frame late for its second; after the last frame half a frame still counts. Of two frames
    equally near the earlier one is taken.
    """
    gap = float(np.median(np.diff(seconds))) if len(seconds) > 1 else 1.0
    first = max(0, int(np.ceil(seconds[0] - gap)))
    last = int(np.ceil(seconds[-1] + gap / 2)) - 1
    stamps = np.arange(first, max(first, last + 1), dtype=np.int64)
    after = np.clip(np.searchsorted(seconds, stamps), 0, len(seconds) - 1)
    before = np.maximum(after - 1, 0)
    earlier = stamps - seconds[before] <= np.abs(seconds[after] - stamps)
    return np.where(earlier, before, after), stamps


def _seconds(video: Video) -> Floats:
    count = max(video.frame_count, 1, *(tube.stop for tube in video.tubes))
    return np.asarray(np.arange(count) * video.fps.denominator / video.fps.numerator)
