"""A video as the list of media shows it, its working copy, and how another file differs."""

from dataclasses import dataclass
from enum import StrEnum

from app.domain.project import NewVideo, VideoRecord
from app.domain.wording import TIMES, counted


class CopyPhase(StrEnum):
    """How a video's working copy stands."""

    NONE = "none"
    WAITING = "waiting"
    MAKING = "making"
    READY = "ready"
    CANCELLED = "cancelled"
    FAILED = "failed"


@dataclass(frozen=True)
class CopyState:
    """A working copy: frames done of total, and the seconds left (0: not known yet).

    message: why it failed.
    """

    phase: CopyPhase
    done: int = 0
    total: int = 0
    seconds_left: float = 0.0
    message: str = ""

    @property
    def share(self) -> float | None:
        """What is done, 0..1, while it is made or waits; else None."""
        if self.phase not in (CopyPhase.WAITING, CopyPhase.MAKING):
            return None
        return self.done / self.total if self.total else 0.0


def copy_key(video: VideoRecord) -> str:
    """By what a video's working copy is known: the same content has the same copy."""
    return video.content_hash or video.uid


class MediaTrouble(StrEnum):
    """What keeps a video from being worked on as usual."""

    NONE = ""
    MISSING = "missing"
    CHANGED = "changed"
    DAMAGED = "damaged"
    COPY = "copy"


@dataclass(frozen=True)
class MediaRow:
    """A video and how it stands.

    status: a few words for the second line ("variable frame rate"; while it is analysed the share
    done and the speed), may be empty. progress: share of the analysis or of the working copy in
    0..1 while one goes on, else None. trouble: what is wrong; link: the caption of what can be
    done about it, may be empty.
    """

    video: VideoRecord
    status: str = ""
    progress: float | None = None
    analysed: bool = False
    trouble: MediaTrouble = MediaTrouble.NONE
    link: str = ""


def facts_of(video: VideoRecord) -> NewVideo:
    """What the project knows of a video's file."""
    return NewVideo(
        video.path,
        video.width,
        video.height,
        video.frame_count,
        video.fps,
        video.content_hash,
        video.size,
        modified_ns=video.modified_ns,
        sample_aspect=video.sample_aspect,
        uneven=video.uneven,
        notice=video.notice,
        needs_proxy=video.needs_proxy,
    )


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
