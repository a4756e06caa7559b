"""Queries for videos and their labelled ranges, and the note of a problem with a file."""

from collections import defaultdict
from fractions import Fraction
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Row, select, update

from app.domain.project import VideoRecord
from app.errors import ProjectError
from app.store import paths
from app.store.schema import State, ranges, videos
from yowo_core.annotations import FrameRange


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
    missing = "" if path.is_file() else f"{path} is not there; show where it is now."
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
    )


def set_problem(connection: Connection, video_id: int, problem: str) -> None:
    """Note what is wrong with a video's file, or with "" that nothing is."""
    done = connection.execute(update(videos).where(videos.c.id == video_id).values(problem=problem))
    if not done.rowcount:
        raise ProjectError(f"The project has no video with the id {video_id}.")
