"""Queries for tubes: what a timeline shows of them, and whole ones."""

from collections.abc import Collection
from typing import Final

import numpy as np
from sqlalchemy import ColumnElement, Connection, and_, func, or_, select

from app.domain.export import TubeName
from app.domain.project import ReviewCounts, TubeRecord, TubeSummary
from app.domain.review import EVERY_TUBE, ReviewFilter, VideoReview
from app.store.schema import State, spans, tubes, videos
from app.store.tube_rows import chunks, read_tubes, span_query
from yowo_core.annotations import ActionSpan, Review, Source

_LIVE = tubes.c.state == State.LIVE
_COLUMNS: Final = [
    tubes.c[name]
    for name in ("id", "number", "video_id", "first", "last", "ticks", "review", "source", "run_id")
]
_REVIEWS: Final = {review.value: review for review in Review}
_SOURCES: Final = {source.value: source for source in Source}


def summaries(
    connection: Connection, video_id: int, ids: Collection[int] | None = None
) -> list[TubeSummary]:
    """A video's tubes by number, or those with the given ids; spans without scores a frame."""
    of_video = and_(tubes.c.video_id == video_id, _LIVE)
    if ids is None:
        return _summaries(connection, of_video)
    parts = (_summaries(connection, and_(of_video, tubes.c.id.in_(p))) for p in chunks(ids))
    return sorted((item for part in parts for item in part), key=lambda item: item.number)


def ids_of(connection: Connection, video_id: int) -> list[int]:
    """The ids of a video's tubes by number."""
    query = select(tubes.c.id).where(tubes.c.video_id == video_id, _LIVE).order_by(tubes.c.number)
    return list(connection.execute(query).scalars())


def in_review(
    connection: Connection,
    video_id: int,
    wanted: ReviewFilter = EVERY_TUBE,
    ids: Collection[int] | None = None,
) -> list[tuple[int, int]]:
    """First frame and id of a video's tubes that wait for a decision, ascending.

    ids: only these tubes are looked at, at most some hundred.
    """
    query = select(tubes.c.first, tubes.c.id).where(tubes.c.video_id == video_id, _waits(wanted))
    if ids is not None:
        query = query.where(tubes.c.id.in_(ids))
    rows = connection.execute(query.order_by(tubes.c.first, tubes.c.id)).all()
    return [(first, tube_id) for first, tube_id in rows]


def waiting(connection: Connection, wanted: ReviewFilter = EVERY_TUBE) -> dict[int, int]:
    """How many tubes of each video wait for a decision, by the video's id."""
    there = select(videos.c.id).where(videos.c.state == State.LIVE)
    query = select(tubes.c.video_id, func.count()).where(_waits(wanted))
    query = query.where(tubes.c.video_id.in_(there)).group_by(tubes.c.video_id)
    return {video_id: int(count) for video_id, count in connection.execute(query)}


def video_review(connection: Connection, video_id: int) -> VideoReview:
    """How many of a video's tubes stand in which state of review, and how many a model made."""
    counts = (func.count(), func.count(tubes.c.run_id))
    query = select(tubes.c.review, *counts).where(tubes.c.video_id == video_id, _LIVE)
    rows = connection.execute(query.group_by(tubes.c.review)).all()
    found = {_REVIEWS[review]: int(count) for review, count, _ in rows}
    return VideoReview(
        to_review=found.get(Review.TO_REVIEW, 0),
        confirmed=found.get(Review.ACCEPTED, 0) + found.get(Review.CORRECTED, 0),
        rejected=found.get(Review.REJECTED, 0),
        unsure=found.get(Review.UNSURE, 0),
        predicted=sum(int(predicted) for _, _, predicted in rows),
    )


def record(connection: Connection, tube_id: int) -> TubeRecord | None:
    """The whole tube with that id; None when there is none or its video left the project."""
    there = select(videos.c.id).where(videos.c.state == State.LIVE)
    which = and_(tubes.c.id == tube_id, _LIVE, tubes.c.video_id.in_(there))
    found = read_tubes(connection, which)
    if not found:
        return None
    row, tube = found[0]
    return TubeRecord(row.id, row.number, row.video_id, tube, row.run_id)


def names(connection: Connection) -> dict[str, TubeName]:
    """How every tube of the project is called, by its uid."""
    columns = (tubes.c.uid, tubes.c.number, tubes.c.id, tubes.c.video_id)
    rows = connection.execute(select(*columns).where(_LIVE)).all()
    return {uid: TubeName(number, tube_id, video_id) for uid, number, tube_id, video_id in rows}


def review_counts(connection: Connection) -> ReviewCounts:
    """How many tubes of the project stand in which state of review."""
    query = (
        select(tubes.c.review, func.count().label("tubes"))
        .join(videos, videos.c.id == tubes.c.video_id)
        .where(_LIVE, videos.c.state == State.LIVE)
        .group_by(tubes.c.review)
    )
    counts = {row.review: int(row.tubes) for row in connection.execute(query)}
    return ReviewCounts(
        accepted=counts.get(Review.ACCEPTED, 0) + counts.get(Review.CORRECTED, 0),
        to_review=counts.get(Review.TO_REVIEW, 0),
        rejected=counts.get(Review.REJECTED, 0),
    )


def _waits(wanted: ReviewFilter) -> ColumnElement[bool]:
    """Tubes that nobody decided on; a score below what is asked for leaves them out."""
    score = wanted.min_score
    enough = or_(tubes.c.best_score.is_(None), tubes.c.best_score >= score)
    waits = and_(_LIVE, tubes.c.review == Review.TO_REVIEW.value, enough)
    if wanted.label is None:
        return waits
    shows = select(spans.c.tube_id).where(spans.c.label_id == wanted.label)
    shows = shows.where(or_(spans.c.score.is_(None), spans.c.score >= score))
    return and_(waits, tubes.c.id.in_(shows))


def _summaries(connection: Connection, which: ColumnElement[bool]) -> list[TubeSummary]:
    """Tubes by number; thousands at a time, so rows stay plain tuples as long as possible."""
    actions = _actions(connection, which)
    query = select(*_COLUMNS).where(which).order_by(tubes.c.number)
    found: list[TubeSummary] = []
    for row in connection.execute(query).all():
        tube_id, number, video_id, first, last, ticks, review, source, run_id = row
        spans = actions.get(tube_id, ())
        keyframes = np.frombuffer(ticks, dtype="<i4").astype(np.int64)
        kind = _REVIEWS[review], _SOURCES[source]
        found.append(
            TubeSummary(tube_id, number, video_id, first, last, spans, keyframes, *kind, run_id)
        )
    return found


def _actions(
    connection: Connection, which: ColumnElement[bool]
) -> dict[int, tuple[ActionSpan, ...]]:
    """The spans of tubes, without scores a frame, in the same order as those of whole tubes."""
    found: dict[int, tuple[ActionSpan, ...]] = {}
    for tube_id, _uid, label, start, stop, score in connection.execute(span_query(which)).all():
        found[tube_id] = (*found.get(tube_id, ()), ActionSpan(label, start, stop, score))
    return found
