"""The range of frames that is selected on the timeline."""

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from app.views.timeline_window import ScrollingTimeline
from yowo_core.annotations import FrameRange


class RangedTimeline(ScrollingTimeline):
    """A timeline on which at most one range of frames is selected."""

    range_selected = Signal(object)  # FrameRange, or None when it is no longer selected

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._range: FrameRange | None = None

    @property
    def selected_range(self) -> FrameRange | None:
        """The frames that are selected; None for none."""
        return self._range

    def set_video(self, times: NDArray[np.float64] | None, frame_count: int, fps: float) -> None:
        """Take up another video; a range of the last one is no longer selected."""
        super().set_video(times, frame_count, fps)
        self.set_selected_range(None)

    def set_selected_range(self, frames: FrameRange | None) -> None:
        """Select a range of frames, as far as the video has them, or none."""
        if frames is not None:
            start, stop = max(frames.start, 0), min(frames.stop, self.axis.frame_count)
            frames = FrameRange(start, stop) if start < stop else None
        if frames != self._range:
            self._range = frames
            self.viewport().update()
            self.range_selected.emit(frames)

    def labelled_at(self, frame: int) -> FrameRange | None:
        """The labelled range with that frame; None where there is none."""
        known = self._scene.ranges
        return next((r for r in known if r.start <= frame < r.stop), None)
