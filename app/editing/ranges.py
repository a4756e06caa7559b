"""Edits of the ranges in which everything that happens is labelled."""

from dataclasses import dataclass

from app.domain.project import VideoRecord
from app.editing.draft import Draft
from app.errors import EditError
from yowo_core.annotations import FrameRange


@dataclass(frozen=True)
class MarkLabelled:
    """Say that in frames start to before stop everything is labelled: the rest is a negative."""

    video_id: int
    start: int
    stop: int

    def apply(self, draft: Draft) -> str:
        """Add the frames to the video's labelled ranges."""
        video = draft.video(self.video_id)
        frames = _frames(video, self.start, self.stop)
        draft.set_ranges(video, (*video.ranges, frames))
        return f"Mark frames {frames.start} to {frames.stop - 1} as labelled"


@dataclass(frozen=True)
class UnmarkLabelled:
    """Say that frames start to before stop are not fully labelled: the rest is unknown."""

    video_id: int
    start: int
    stop: int

    def apply(self, draft: Draft) -> str:
        """Take the frames out of the video's labelled ranges."""
        video = draft.video(self.video_id)
        frames = _frames(video, self.start, self.stop)
        left = [
            FrameRange(start, stop)
            for known in video.ranges
            for start, stop in (
                (known.start, min(known.stop, frames.start)),
                (max(known.start, frames.stop), known.stop),
            )
            if start < stop
        ]
        draft.set_ranges(video, tuple(left))
        return f"Mark frames {frames.start} to {frames.stop - 1} as not labelled"


def _frames(video: VideoRecord, start: int, stop: int) -> FrameRange:
    """The frames that the video has of those; EditError when there are none."""
    low, high = max(0, start), min(stop, video.frame_count) if video.frame_count else stop
    if low >= high:
        raise EditError(f"Frames {start} to {stop - 1} hold none of {video.name}.")
    return FrameRange(low, high)
