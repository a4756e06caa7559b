"""A video as the list of media shows it."""

from dataclasses import dataclass

from app.domain.project import VideoRecord


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
