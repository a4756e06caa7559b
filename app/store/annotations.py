"""The project's labels and tubes as one AnnotationSet, and how much there is to learn from."""

from collections import Counter, defaultdict
from fractions import Fraction

from sqlalchemy import ColumnElement, Connection, and_, func, select

from app.domain.project import ClassCount
from app.store import labels as label_queries
from app.store.media import all_ranges
from app.store.schema import State, boxes, labels, spans, tubes, videos
from app.store.tube_rows import read_tubes
from yowo_core.annotations import AnnotationSet, Review, Tube, Video

_CONFIRMED = tubes.c.review.in_([Review.ACCEPTED.value, Review.CORRECTED.value])


def annotation_set(connection: Connection, confirmed_only: bool) -> AnnotationSet:
    """All videos with their ranges and tubes, or only with tubes that a person stands behind."""
    which = and_(_there(), _CONFIRMED) if confirmed_only else _there()
    of_video: dict[int, list[Tube]] = defaultdict(list)
    for row, tube in read_tubes(connection, which):
        of_video[row.video_id].append(tube)
    labelled = all_ranges(connection)
    rows = connection.execute(
        select(videos).where(videos.c.state == State.LIVE).order_by(videos.c.id)
    )
    found = tuple(
        Video(
            name=row.name,
            width=row.width,
            height=row.height,
            frame_count=row.frame_count,
            fps=Fraction(row.fps_num, row.fps_den),
            content_hash=row.content_hash,
            ranges=labelled.get(row.id, ()),
            tubes=tuple(of_video[row.id]),
        )
        for row in rows
    )
    return AnnotationSet(tuple(label_queries.records(connection)), found)


def training_counts(connection: Connection) -> list[ClassCount]:
    """Confirmed tubes and visible boxes of every label, in the order of their ids."""
    query = (
        select(
            spans.c.label_id,
            func.count(spans.c.tube_id.distinct()),
            func.sum(spans.c.stop - spans.c.start),
        )
        .join(tubes, tubes.c.id == spans.c.tube_id)
        .where(_there(), _CONFIRMED)
        .group_by(spans.c.label_id)
    )
    counts = {label: (shown, frames) for label, shown, frames in connection.execute(query)}
    hidden = _hidden_frames(connection)
    found: list[ClassCount] = []
    for item in label_queries.records(connection):
        shown, frames = counts.get(item.id, (0, 0))
        found.append(ClassCount(item.id, item.name, shown, frames - hidden[item.id]))
    return found


def _there() -> ColumnElement[bool]:
    """Tubes that are in the project, of videos that are."""
    live = select(videos.c.id).where(videos.c.state == State.LIVE)
    return and_(tubes.c.state == State.LIVE, tubes.c.video_id.in_(live))


def _hidden_frames(connection: Connection) -> Counter[int]:
    """Frames of confirmed spans, by label, in which the actor is outside the picture."""
    later = boxes.alias("later")
    back = select(func.min(later.c.frame)).where(
        later.c.tube_id == boxes.c.tube_id, later.c.frame > boxes.c.frame
    )
    # after the last stored box nothing follows: it hides its own frame only
    until = func.coalesce(back.scalar_subquery(), boxes.c.frame + 1)
    gap = func.min(spans.c.stop, until) - func.max(spans.c.start, boxes.c.frame)
    query = (
        select(spans.c.label_id, gap)
        .select_from(boxes)
        .join(tubes, tubes.c.id == boxes.c.tube_id)
        .join(spans, spans.c.tube_id == tubes.c.id)
        .join(labels, labels.c.id == spans.c.label_id)
        .where(tubes.c.gaps > 0, boxes.c.outside == 1, _there(), _CONFIRMED)
    )
    hidden: Counter[int] = Counter()
    for label, frames in connection.execute(query):
        hidden[label] += max(0, frames)
    return hidden
