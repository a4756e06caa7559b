"""The tables of a project file. Only the store and the edits know them.

Rows have an integer id for this file and a uid (uuid4 hex) that stays unique when two projects
are merged. Times are ISO 8601 in UTC. A row that an edit takes away is marked, not deleted: undo
brings it back, and its id is never given to another.
"""

from enum import IntEnum
from typing import Final

from sqlalchemy import (
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
)

REVISION: Final = "0003"
APPLICATION_ID: Final = 0x594F574F  # the bytes YOWO in the header of the SQLite file


class State(IntEnum):
    """Whether a row is there, was taken away by an edit, or belongs to an unfinished import."""

    LIVE = 0
    REMOVED = 1
    ARRIVING = 2


metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def _reference(name: str, target: str, *, optional: bool = False) -> "Column[int]":
    return Column(name, Integer, ForeignKey(target), nullable=optional)


def _text(name: str) -> "Column[str]":
    return Column(name, Text, nullable=False, server_default="")


def _number(name: str, default: int = 0) -> "Column[int]":
    return Column(name, Integer, nullable=False, server_default=str(default))


project = Table(
    "project",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("uid", Text, nullable=False),
    Column("created_at", Text, nullable=False),
    _text("saved_at"),
)

authors = Table(
    "authors",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("uid", Text, nullable=False),
    Column("name", Text, nullable=False),
    UniqueConstraint("uid"),
    UniqueConstraint("name"),
)

labels = Table(
    "labels",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("uid", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("color", Text, nullable=False),
    Column("kind", Text, nullable=False),
    _number("state"),
    _reference("author_id", "authors.id"),
    Column("created_at", Text, nullable=False),
    UniqueConstraint("uid"),
)
Index("ix_labels_live_name", labels.c.name, unique=True, sqlite_where=labels.c.state == 0)

videos = Table(
    "videos",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("uid", Text, nullable=False),
    Column("name", Text, nullable=False),
    _text("path_relative"),
    Column("path_absolute", Text, nullable=False),
    _text("content_hash"),
    _number("size"),
    _number("width"),
    _number("height"),
    _number("frame_count"),
    _number("fps_num"),
    _number("fps_den", 1),
    _text("problem"),
    _number("state"),
    _reference("author_id", "authors.id"),
    Column("created_at", Text, nullable=False),
    _number("modified_ns"),  # when the file was last changed, ns since 1970; 0 when not known
    _number("aspect_num", 1),  # width of a pixel over its height
    _number("aspect_den", 1),
    _number("uneven"),  # 1: the gaps between its frames differ
    _text("notice"),  # what to know of a file that can be used
    _text("needs_proxy"),  # why it is worked on through a working copy
    UniqueConstraint("uid"),
)
Index("ix_videos_live_name", videos.c.name, unique=True, sqlite_where=videos.c.state == 0)

ranges = Table(
    "ranges",
    metadata,
    Column("video_id", Integer, ForeignKey("videos.id"), nullable=False),
    Column("start", Integer, nullable=False),
    Column("stop", Integer, nullable=False),
    PrimaryKeyConstraint("video_id", "start"),
    sqlite_with_rowid=False,
)

runs = Table(
    "runs",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("uid", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("title", Text, nullable=False),
    Column("state", Text, nullable=False),
    _text("folder_relative"),
    Column("folder_absolute", Text, nullable=False),
    _reference("video_id", "videos.id", optional=True),
    _text("model_uid"),
    _reference("author_id", "authors.id"),
    Column("created_at", Text, nullable=False),
    UniqueConstraint("uid"),
)

models = Table(
    "models",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("uid", Text, nullable=False),
    Column("name", Text, nullable=False),
    _text("path_relative"),
    Column("path_absolute", Text, nullable=False),
    Column("sha256", Text, nullable=False),
    Column("labels", Text, nullable=False),  # JSON list of names, in the order of the classes
    Column("metrics", Text, nullable=False),  # JSON object name -> value
    _text("parent_uid"),
    _reference("run_id", "runs.id", optional=True),
    _number("live"),
    _reference("author_id", "authors.id"),
    Column("created_at", Text, nullable=False),
    UniqueConstraint("uid"),
)

tubes = Table(
    "tubes",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("uid", Text, nullable=False),
    Column("number", Integer, nullable=False),
    _reference("video_id", "videos.id"),
    Column("first", Integer, nullable=False),
    Column("last", Integer, nullable=False),
    Column("source", Text, nullable=False),
    Column("review", Text, nullable=False),
    _text("person"),
    _text("model_uid"),
    _text("origin_uid"),
    _reference("run_id", "runs.id", optional=True),
    # what lists need of boxes and spans without reading them: follows from the tube's value
    Column("best_score", Float),  # the largest score of its spans; NULL without scores
    Column("ticks", LargeBinary, nullable=False),  # frames of its keyframes, little-endian int32
    _number("gaps"),  # how many of its boxes say that the actor is outside from there on
    _number("state"),
    _reference("author_id", "authors.id"),
    Column("created_at", Text, nullable=False),
    _reference("changed_by", "authors.id", optional=True),
    Column("changed_at", Text),  # NULL as long as no edit touched the tube
    UniqueConstraint("uid"),
    UniqueConstraint("number"),
    sqlite_autoincrement=True,  # the id of a discarded prediction must not mean another tube
)
# a frame's boxes are found through the tubes whose frames include it, a video's by its first part
Index("ix_tubes_extent", tubes.c.video_id, tubes.c.state, tubes.c.first, tubes.c.last)
Index("ix_tubes_review", tubes.c.state, tubes.c.review)
Index("ix_tubes_run", tubes.c.run_id)

boxes = Table(
    "boxes",
    metadata,
    Column("tube_id", Integer, ForeignKey("tubes.id", ondelete="CASCADE"), nullable=False),
    Column("frame", Integer, nullable=False),
    Column("x1", Float, nullable=False),
    Column("y1", Float, nullable=False),
    Column("x2", Float, nullable=False),
    Column("y2", Float, nullable=False),
    Column("source", SmallInteger, nullable=False),  # place in tube_rows.SOURCES
    Column("keyframe", SmallInteger, nullable=False),
    Column("outside", SmallInteger, nullable=False),
    PrimaryKeyConstraint("tube_id", "frame"),
    sqlite_with_rowid=False,
)

spans = Table(
    "spans",
    metadata,
    Column("tube_id", Integer, ForeignKey("tubes.id", ondelete="CASCADE"), nullable=False),
    Column("uid", Text, nullable=False),
    _reference("label_id", "labels.id"),
    Column("start", Integer, nullable=False),
    Column("stop", Integer, nullable=False),
    Column("score", Float),
    Column("source", Text, nullable=False),
    Column("scores", LargeBinary),  # little-endian float64, one a frame; NULL when not known
    PrimaryKeyConstraint("tube_id", "uid"),
    sqlite_with_rowid=False,
)

history = Table(
    "history",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("uid", Text, nullable=False),
    Column("at", Text, nullable=False),
    _reference("author_id", "authors.id"),
    Column("title", Text, nullable=False),
    Column("before", LargeBinary, nullable=False),  # compressed JSON: what undo puts back
    Column("after", LargeBinary, nullable=False),  # compressed JSON: what redo puts back
    Column("touched", Text, nullable=False),  # JSON: what views have to read again
    _number("undone"),
    UniqueConstraint("uid"),
)
# the few edits that are taken back, among a hundred thousand that are not
Index("ix_history_undone", history.c.id, sqlite_where=history.c.undone == 1)
