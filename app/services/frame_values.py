"""What the decoding thread hands over: facts of a video, pictures to show, and their twins."""

from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from yowo_core.input_spec import InputSpec
from yowo_core.video.first_look import FirstLook

_GREY = 96


@dataclass(frozen=True, eq=False)
class VideoFacts:
    """An opened video. times: (frame_count,) float64 seconds at which each frame is shown.

    opening is a number that every opening of a file gets anew, so that what belongs to an
    earlier one is recognised. width and height are pixels as frames are stored, sample_aspect
    is the width of a pixel over its height, fps is 0 when unknown, notice mostly ''. needs_proxy:
    '' or why it has to be worked on through a working copy. blank: its file is missing, and every
    picture is the same grey one.
    """

    opening: int
    path: Path
    width: int
    height: int
    frame_count: int
    fps: Fraction
    times: NDArray[np.float64]
    sample_aspect: Fraction
    variable_rate: bool
    notice: str
    needs_proxy: str = ""
    blank: bool = False


@dataclass(frozen=True, eq=False)
class FrameReady:
    """A picture to show: bgra (H, W, 4) uint8, what QImage calls RGB32.

    asked is the frame that was wanted; while scrubbing, frame may be the key frame before it.
    """

    opening: int
    frame: int
    bgra: NDArray[np.uint8]
    decode_ms: float
    asked: int


@dataclass(frozen=True, eq=False)
class FirstPicture:
    """A picture of a video whose index takes long to read; no frame of it can be named yet."""

    opening: int
    path: Path
    look: FirstLook


@dataclass(frozen=True)
class Reading:
    """How much of a file that is being opened was read, as a share."""

    opening: int
    share: float


@dataclass(frozen=True)
class BlankVideo:
    """What is known of a video whose file is missing; its labels are shown on grey."""

    path: Path
    width: int
    height: int
    frame_count: int
    fps: Fraction
    sample_aspect: Fraction = Fraction(1)

    def facts(self, opening: int) -> VideoFacts:
        """As if it was opened; times are counted from the rate."""
        return VideoFacts(
            opening,
            self.path,
            self.width,
            self.height,
            self.frame_count,
            self.fps,
            np.arange(self.frame_count) / float(self.fps or 25),
            self.sample_aspect,
            variable_rate=False,
            notice="",
            blank=True,
        )

    def picture(self) -> NDArray[np.uint8]:
        """(height, width, 4) uint8: grey."""
        return np.full((self.height, self.width, 4), _GREY, np.uint8)


class TwinSink(Protocol):
    """Takes the small RGB twins of decoded frames; called from the decoding thread."""

    def put(self, opening: int, frame: int, twin: NDArray[np.uint8]) -> None:
        """Keep a twin (size, size, 3) uint8 RGB."""
        ...

    def holds(self, opening: int, frame: int) -> bool:
        """Whether the twin is kept already."""
        ...


@dataclass(frozen=True)
class TwinWish:
    """Where twins go, and what the model is fed that wants them."""

    sink: TwinSink
    spec: InputSpec

    @property
    def span(self) -> int:
        """Frames of the video from the first of a clip to its last."""
        return (self.spec.length - 1) * self.spec.stride + 1
