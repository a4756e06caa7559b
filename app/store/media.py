"""Queries for videos and their labelled ranges, and notes on their files."""

from collections import defaultdict
from fractions import Fraction
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Row, select, update

from app.domain.project import NewVideo, VideoRecord
from app.errors import ProjectError
from app.store import paths
from app.store.schema import State, ranges, videos
from yowo_core.annotations import FrameRange
from yowo_core.video.naming import as_text


def records(connection: Connection, base: Path) -> list[VideoRecord]:
    """The project's videos in the order they came; base is the project file's folder."""
    query = select(videos).where(videos.c.state == State.LIVE).order_by(videos.c.id)
    labelled = all_ranges(connection)
    return [record_of(row, labelled.get(row.id, ()), base) for row in connection.execute(query)]


def all_ranges(connection: Connection) -> dict[int, tuple[FrameRange, ...]]:
    """The labelled ranges of every video by its id, ascending."""
    found: dict[int, list[FrameRange]] = defaultdict(list)
    for video_id, start, stop in connection.execute(select(ranges).order_by(*ranges.primary_key)):
        found[video_id].append(FrameRange(start, stop))
    return {video_id: tuple(items) for video_id, items in found.items()}


def record_of(row: Row[Any], labelled: tuple[FrameRange, ...], base: Path) -> VideoRecord:
    """A row as a value; a file that is not where it should be is a problem of its own."""
    path = paths.found(row.path_relative, row.path_absolute, base)
    missing = "" if path.is_file() else missing_sentence(path)
    return VideoRecord(
        id=row.id,
        uid=row.uid,
        name=row.name,
        path=path,
        width=row.width,
        height=row.height,
        frame_count=row.frame_count,
        fps=Fraction(row.fps_num, row.fps_den),
        content_hash=row.content_hash,
        ranges=labelled,
        problem=missing or row.problem,
        size=row.size,
        modified_ns=row.modified_ns,
        sample_aspect=Fraction(row.aspect_num, row.aspect_den),
        uneven=bool(row.uneven),
        notice=row.notice,
        needs_proxy=row.needs_proxy,
    )


def missing_sentence(path: Path) -> str:
    """What is said of a video whose file is not where it should be."""
    return f"{as_text(str(path))} is not there; show where it is now."


def fact_values(facts: NewVideo) -> dict[str, Any]:
    """The columns that tell of a file's content."""
    return {
        "content_hash": facts.content_hash,
        "size": facts.size,
        "modified_ns": facts.modified_ns,
        "width": facts.width,
        "height": facts.height,
        "frame_count": facts.frame_count,
        "fps_num": facts.fps.numerator,
        "fps_den": facts.fps.denominator,
        "aspect_num": facts.sample_aspect.numerator,
        "aspect_den": facts.sample_aspect.denominator,
        "uneven": int(facts.uneven),
        "notice": facts.notice,
        "needs_proxy": facts.needs_proxy,
        "problem": facts.problem,
    }


def place_values(path: Path, base: Path) -> dict[str, Any]:
    """The columns that tell where a file is."""
    relative, absolute = paths.stored(path, base)
    return {"path_relative": relative, "path_absolute": absolute}


def set_values(connection: Connection, video_id: int, values: dict[str, Any]) -> None:
    """Note something of a video that is no edit: it follows from the file and is not taken back."""
    done = connection.execute(update(videos).where(videos.c.id == video_id).values(values))
    if not done.rowcount:
        raise ProjectError(f"The project has no video with the id {video_id}.")
