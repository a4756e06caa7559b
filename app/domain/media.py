"""A video as the list of media shows it."""

from dataclasses import dataclass

from app.domain.project import NewVideo, VideoRecord
from app.domain.wording import TIMES, counted


@dataclass(frozen=True)
class MediaRow:
    """A video and how its analysis stands.

    status: a few words for the second line ("variable frame rate"; while it is analysed the share
    done and the speed), may be empty. progress: share of the analysis in 0..1 while it runs, else
    None.
    """

    video: VideoRecord
    status: str = ""
    progress: float | None = None
    analysed: bool = False


def fits(video: VideoRecord, found: NewVideo) -> bool:
    """Whether labels of the video can stand on another file: as many frames, of the same size."""
    mine = (video.frame_count, video.width, video.height)
    return mine == (found.frame_count, found.width, found.height)


def unlike(video: VideoRecord, found: NewVideo) -> str:
    """How another file differs from the video, to follow 'It': '' when nothing is known to."""
    said = []
    if found.frame_count != video.frame_count:
        said.append(f"has {counted(found.frame_count, 'frame')} instead of {video.frame_count}")
    if (found.width, found.height) != (video.width, video.height):
        mine, other = (f"{v.width}{TIMES}{v.height}" for v in (video, found))
        said.append(f"is {other} instead of {mine}")
    if not said and found.content_hash != video.content_hash:
        said.append("has as many frames of the same size, but other content")
    return " and ".join(said)
