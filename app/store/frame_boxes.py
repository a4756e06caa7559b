"""The boxes of one frame, stored or interpolated: asked for each picture that is shown."""

from collections import defaultdict
from typing import Any, Final

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Connection,
    Row,
    Select,
    and_,
    bindparam,
    func,
    literal_column,
    or_,
    select,
)

from app.domain.project import BoxAt
from app.store.schema import boxes, labels, spans, tubes
from app.store.tube_rows import SOURCES
from yowo_core.annotations import ActionSpan, Review, Source

_FRAME: Final[BindParameter[int]] = bindparam("frame")
_LIVE: Final[ColumnElement[int]] = literal_column("0")


def boxes_at(
    connection: Connection, video_id: int, frame: int, min_score: float = 0.0
) -> list[BoxAt]:
    """Every visible tube's box in that frame, by number; spans come without scores a frame.

    Tubes still to be reviewed whose best action has a score below min_score are left out.
    """
    values = {"video": video_id, "frame": frame, "score": min_score}
    actions: dict[int, list[ActionSpan]] = defaultdict(list)
    for tube_id, label, start, stop, score in connection.execute(_ACTIONS, values):
        actions[tube_id].append(ActionSpan(label, start, stop, score))
    rows = connection.execute(_BOXES, values)
    return [_box_at(row, frame, tuple(actions.get(row.id, ()))) for row in rows]


def _box_at(row: Row[Any], frame: int, actions: tuple[ActionSpan, ...]) -> BoxAt:
    x1, y1, x2, y2, stored, after = row.x1, row.y1, row.x2, row.y2, row.frame, row.after
    if stored < frame and after is not None:
        share = (frame - stored) / (after - stored)
        x1, y1 = x1 + share * (row.to_x1 - x1), y1 + share * (row.to_y1 - y1)
        x2, y2 = x2 + share * (row.to_x2 - x2), y2 + share * (row.to_y2 - y2)
    here = stored == frame
    return BoxAt(
        tube_id=row.id,
        number=row.number,
        box=(x1, y1, x2, y2),
        keyframe=here and bool(row.keyframe),
        interpolated=not here,
        spans=actions,
        review=Review(row.review),
        source=SOURCES[row.source] if here else Source.INTERPOLATION,
    )


def _shown() -> ColumnElement[bool]:
    """Tubes of the video that have this frame and are to be seen."""
    enough = or_(
        tubes.c.review != Review.TO_REVIEW.value,
        tubes.c.best_score.is_(None),
        tubes.c.best_score >= bindparam("score"),
    )
    return and_(
        tubes.c.video_id == bindparam("video"),
        tubes.c.state == _LIVE,
        tubes.c.first <= _FRAME,
        tubes.c.last >= _FRAME,
        enough,
    )


def _boxes_query() -> Select[Any]:
    """Each tube's last stored box up to the frame, with the next one after it."""
    here, then, any_box = boxes.alias("here"), boxes.alias("then"), boxes.alias("any_box")
    of_tube = any_box.c.tube_id == tubes.c.id
    last = select(func.max(any_box.c.frame)).where(of_tube, any_box.c.frame <= _FRAME)
    following = select(func.min(any_box.c.frame)).where(of_tube, any_box.c.frame > _FRAME)
    last, following = last.correlate(tubes), following.correlate(tubes)
    is_here = and_(here.c.tube_id == tubes.c.id, here.c.frame == last.scalar_subquery())
    is_then = and_(then.c.tube_id == tubes.c.id, then.c.frame == following.scalar_subquery())
    corners = [then.c[name].label(f"to_{name}") for name in ("x1", "y1", "x2", "y2")]
    columns = [tubes.c.id, tubes.c.number, tubes.c.review, then.c.frame.label("after"), *corners]
    stored = [here.c[n] for n in ("frame", "x1", "y1", "x2", "y2", "source", "keyframe")]
    return (
        select(*columns, *stored)
        .select_from(tubes)
        .join(here, is_here)
        .outerjoin(then, is_then)
        .where(_shown(), here.c.outside == 0)
        .order_by(tubes.c.number)
    )


def _actions_query() -> Select[Any]:
    """The actions that run in the frame, of the same tubes."""
    return (
        select(spans.c.tube_id, spans.c.label_id, spans.c.start, spans.c.stop, spans.c.score)
        .join(tubes, tubes.c.id == spans.c.tube_id)
        .join(labels, labels.c.id == spans.c.label_id)
        .where(_shown(), spans.c.start <= _FRAME, spans.c.stop > _FRAME)
        .where(labels.c.state == _LIVE)
        .order_by(spans.c.tube_id, spans.c.start, spans.c.stop, spans.c.label_id)
    )


_BOXES: Final = _boxes_query()
_ACTIONS: Final = _actions_query()
