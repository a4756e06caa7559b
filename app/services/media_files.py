"""What video files say of themselves, and which file is which: new, moved or changed."""

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from app.domain.media import facts_of
from app.domain.project import NewVideo, VideoRecord
from app.services.frame_values import VideoFacts
from yowo_core.errors import VideoError
from yowo_core.machine import index_folder
from yowo_core.video import open_video
from yowo_core.video.fingerprint import content_hash
from yowo_core.video.naming import as_text
from yowo_core.video.progress import Progress

SUFFIXES: Final = frozenset(
    (
        ".mp4",
        ".mov",
        ".mkv",
        ".avi",
        ".webm",
        ".m4v",
        ".mpg",
        ".mpeg",
        ".ts",
        ".mts",
        ".m2ts",
        ".wmv",
        ".flv",
        ".ogv",
        ".3gp",
    )
)
_CACHE: Final = 64 * 1024 * 1024  # bytes of frames: only a few are decoded
Going = Callable[[], bool]
"""Says whether to go on with a long search."""


@dataclass(frozen=True)
class MediaFacts:
    """Videos that can join, and a sentence for each file that cannot.

    stopped: a person ended it before all files were looked at; wanted is how many these were.
    """

    videos: tuple[NewVideo, ...]
    problems: tuple[str, ...]
    wanted: int = 0
    stopped: bool = False


@dataclass(frozen=True)
class FileNews:
    """A file that is not as the project noted it; with the same content hash only its time is."""

    video_id: int
    facts: NewVideo


def videos_below(folder: Path) -> list[Path]:
    """Files in a folder and below that look like videos by their ending, in order of name."""
    found = (p for p in folder.rglob("*") if p.suffix.lower() in SUFFIXES and p.is_file())
    return sorted(found)


def look_at(path: Path, progress: Progress | None = None) -> NewVideo:
    """Open a file once; VideoError when it is no video. progress may raise to give up."""
    with open_video(path, _CACHE, progress=progress, index_folder=index_folder()) as reader:
        stamp = path.stat()
        return NewVideo(
            path.absolute(),
            reader.width,
            reader.height,
            len(reader),
            reader.fps,
            content_hash(path),
            stamp.st_size,
            modified_ns=stamp.st_mtime_ns,
            sample_aspect=reader.sample_aspect,
            uneven=reader.variable_rate,
            notice=reader.notice,
            needs_proxy=reader.needs_proxy,
        )


def is_as_it_was(video: VideoRecord) -> bool:
    """Whether a file that is there has the size and time that the project noted.

    One of which nothing was noted counts as unchanged.
    """
    try:
        stamp = video.path.stat()
    except OSError:
        return True
    same_size = video.size in (0, stamp.st_size)
    return same_size and video.modified_ns in (0, stamp.st_mtime_ns)


def learnt(video: VideoRecord, opened: VideoFacts) -> NewVideo | None:
    """What opening a video's file told that the project did not know, None when nothing is new.

    Of a file that is another one now nothing is taken over.
    """
    shape = (opened.width, opened.height, opened.frame_count)
    if opened.blank or shape != (video.width, video.height, video.frame_count):
        return None
    facts = replace(
        facts_of(video),
        sample_aspect=opened.sample_aspect,
        uneven=opened.variable_rate,
        notice=opened.notice,
        needs_proxy=opened.needs_proxy,
        modified_ns=video.modified_ns or _modified(video),
    )
    return None if facts == facts_of(video) else facts


def _modified(video: VideoRecord) -> int:
    """When the file was changed last, 0 unless it has the size that the project noted."""
    try:
        stamp = video.path.stat()
    except OSError:
        return 0
    return stamp.st_mtime_ns if stamp.st_size == video.size else 0


def compare(videos: Sequence[VideoRecord], going: Going) -> list[FileNews]:
    """The files that were changed or replaced since they joined, each looked at anew.

    One that is no video any more is told of when it is opened.
    """
    found = []
    for video in videos:
        if not going():
            break
        if is_as_it_was(video):
            continue
        with suppress(VideoError, OSError):
            found.append(FileNews(video.id, _news(video)))
    return found


def _news(video: VideoRecord) -> NewVideo:
    if content_hash(video.path) != video.content_hash:
        return look_at(video.path)
    return replace(facts_of(video), modified_ns=video.path.stat().st_mtime_ns)


def find_moved(
    folders: Sequence[Path], lost: Sequence[VideoRecord], going: Going, most: int = 0
) -> dict[int, Path]:
    """Where lost videos are by their ids: files of their size and content in folders and below.

    The names do not matter. most: files that are looked at, 0 for all of them.
    """
    missing = {video.content_hash: video for video in lost if video.content_hash}
    sizes = {video.size for video in missing.values()}
    found: dict[int, Path] = {}
    for number, path in enumerate(_files(folders)):
        if not missing or not going() or (most and number >= most):
            break
        if not _may_be(path, sizes):
            continue
        try:
            video = missing.pop(content_hash(path), None)
        except VideoError:  # a file that cannot be read is not the one that is missed
            continue
        if video is not None:
            found[video.id] = path
    return found


def _files(folders: Sequence[Path]) -> Iterator[Path]:
    for folder in folders:
        for place, inner, names in os.walk(folder):
            inner.sort()
            yield from (Path(place) / name for name in sorted(names))


def _may_be(path: Path, sizes: set[int]) -> bool:
    """Whether a file has a wanted size; of videos whose size was not noted, whether it is one."""
    try:
        size = path.stat().st_size
    except OSError:
        return False
    return size in sizes or (0 in sizes and path.suffix.lower() in SUFFIXES)


def sentence(path: Path, error: VideoError | OSError) -> str:
    """What is said of a file that cannot be used."""
    if isinstance(error, VideoError):
        return as_text(str(error))
    return f"{as_text(str(path))} cannot be read: {error.strerror or error}. Check its rights."
