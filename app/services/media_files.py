"""Looks at video files before they join a project: facts, content hash, what is wrong."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from app.domain.project import NewVideo
from yowo_core.errors import VideoError
from yowo_core.video import open_video
from yowo_core.video.fingerprint import content_hash

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


@dataclass(frozen=True)
class MediaFacts:
    """Videos that can join, and a sentence for each file that cannot."""

    videos: tuple[NewVideo, ...]
    problems: tuple[str, ...]


def videos_below(folder: Path) -> list[Path]:
    """Files in a folder and below that look like videos by their ending, in order of name."""
    found = (p for p in folder.rglob("*") if p.suffix.lower() in SUFFIXES and p.is_file())
    return sorted(found)


def inspect_files(paths: Sequence[Path]) -> MediaFacts:
    """Open every file once; one that is no video only adds its sentence."""
    videos, problems = [], []
    for path in paths:
        try:
            with open_video(path) as reader:
                shape = (reader.width, reader.height, len(reader), reader.fps)
            size = path.stat().st_size
            videos.append(NewVideo(path.absolute(), *shape, content_hash(path), size))
        except (VideoError, OSError) as error:
            problems.append(str(error))
    return MediaFacts(tuple(videos), tuple(problems))
