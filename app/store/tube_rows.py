"""Tubes as rows: boxes and spans of the tables to and from the arrays of a Tube."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import ColumnElement, Connection, Row, Select, Table, select

from app.store.schema import State, boxes, labels, spans, tubes
from yowo_core.annotations import ActionSpan, Review, Source, Tube

# a box's source is kept as the place in this tuple: append only
SOURCES: Final = (
    Source.HUMAN,
    Source.MODEL,
    Source.INTERPOLATION,
    Source.TRACKER,
    Source.IMPORT,
)
_CODES: Final = {source: code for code, source in enumerate(SOURCES)}

BoxRow = tuple[int, int, float, float, float, float, int, int, int]
SpanRow = tuple[int, str, int, int, int, float | None, str, bytes | None]


class StoredSpan(NamedTuple):
    """An action span and the uid of its row."""

    uid: str
    span: ActionSpan


def box_rows(tube_id: int, tube: Tube, part: slice = slice(None)) -> list[BoxRow]:
    """The tube's boxes, or a part of them, as rows of the table in the order of its columns."""
    corners = tube.boxes[part].T.tolist()
    codes = [_CODES[source] for source in tube.sources[part]]
    flags = tube.keyframe[part].astype(int).tolist(), tube.outside[part].astype(int).tolist()
    ids = [tube_id] * len(codes)
    return list(zip(ids, tube.frames[part].tolist(), *corners, codes, *flags, strict=True))


def span_row(tube_id: int, uid: str, span: ActionSpan, source: Source) -> SpanRow:
    """The span as a row of the table, in the order of its columns."""
    # values may come straight from arrays, whose scalars the database does not take
    limits = int(span.label), int(span.start), int(span.stop)
    score = None if span.score is None else float(span.score)
    scores = np.asarray(span.scores, dtype="<f8").tobytes() if span.scores else None
    return (tube_id, uid, *limits, score, source.value, scores)


def span_source(span: ActionSpan) -> Source:
    """Who made a new span: scores come from models, people's work has none."""
    return Source.HUMAN if span.score is None else Source.MODEL


def tube_source(tube: Tube) -> Source:
    """Who made the tube: the maker of its first box that is not interpolated."""
    made = (s for s in tube.sources if s is not Source.INTERPOLATION)
    return next(made, Source.INTERPOLATION)


def tube_values(tube: Tube) -> dict[str, Any]:
    """The columns of a tube's row that follow from its value."""
    scores = (float(s.score) for s in tube.spans if s.score is not None)
    return {
        "first": tube.start,
        "last": tube.stop - 1,
        "review": tube.review.value,
        "person": tube.person,
        "best_score": max(scores, default=None),
        "ticks": tube.frames[tube.keyframe].astype("<i4").tobytes(),
        "gaps": int(tube.outside.sum()),
    }


def span_query(which: ColumnElement[bool], *more: ColumnElement[Any]) -> Select[Any]:
    """Tube id, uid, label, start, stop, score and more of the spans of certain tubes.

    Ordered by tube, start, stop, label and uid, without spans of a label that was taken away.
    """
    order = (spans.c.tube_id, spans.c.start, spans.c.stop, spans.c.label_id, spans.c.uid)
    columns = (spans.c.tube_id, spans.c.uid, spans.c.label_id, spans.c.start, spans.c.stop)
    query = select(*columns, spans.c.score, *more).join(tubes, tubes.c.id == spans.c.tube_id)
    query = query.join(labels, labels.c.id == spans.c.label_id)
    return query.where(which, labels.c.state == State.LIVE).order_by(*order)


def read_spans(connection: Connection, which: ColumnElement[bool]) -> dict[int, list[StoredSpan]]:
    """The spans of the tubes that fulfil a condition on the table of tubes, by tube."""
    found: dict[int, list[StoredSpan]] = defaultdict(list)
    rows = connection.execute(span_query(which, spans.c.scores))
    for tube_id, uid, label, start, stop, score, scores in rows:
        span = ActionSpan(label, start, stop, score, _scores(scores))
        found[tube_id].append(StoredSpan(uid, span))
    return found


def read_tubes(connection: Connection, which: ColumnElement[bool]) -> list[tuple[Row[Any], Tube]]:
    """The rows and values of all tubes that fulfil a condition on the table of tubes, by id."""
    rows = connection.execute(select(tubes).where(which).order_by(tubes.c.id)).all()
    actions = read_spans(connection, which)
    query = select(boxes).join(tubes, tubes.c.id == boxes.c.tube_id).where(which)
    query = query.order_by(boxes.c.tube_id, boxes.c.frame)
    table = _table(connection.execute(query).all())
    parts = _split(table, [row.id for row in rows])
    return [
        (row, _tube(row, part, [s.span for s in actions.get(row.id, ())]))
        for row, part in zip(rows, parts, strict=True)
    ]


def insert_rows(connection: Connection, table: Table, rows: Sequence[tuple[Any, ...]]) -> None:
    """Insert rows that have a value for every column, in its order; the fastest way in."""
    if rows:
        names = ", ".join(f'"{column.name}"' for column in table.columns)
        places = ", ".join("?" * len(table.columns))
        sql = f'INSERT INTO "{table.name}" ({names}) VALUES ({places})'
        connection.exec_driver_sql(sql, list(rows))


def chunks(ids: Collection[int], size: int = 5000) -> Iterable[Sequence[int]]:
    """The ids in parts that fit into one statement."""
    ordered = sorted(ids)
    return (ordered[i : i + size] for i in range(0, len(ordered), size))


def _scores(blob: bytes | None) -> tuple[float, ...]:
    return tuple(np.frombuffer(blob, dtype="<f8").tolist()) if blob else ()


def _table(rows: Sequence[Row[Any]]) -> NDArray[np.float64]:
    """Rows of boxes as one array (N, 9); integers of this size are exact in float64."""
    return np.array([tuple(r) for r in rows], dtype=np.float64).reshape(len(rows), 9)


def _split(table: NDArray[np.float64], ids: list[int]) -> list[NDArray[np.float64]]:
    """The part of the table (N, 9), ordered by its first column, that belongs to each id."""
    low = np.searchsorted(table[:, 0], ids, side="left")
    high = np.searchsorted(table[:, 0], ids, side="right")
    return [table[a:b] for a, b in zip(low.tolist(), high.tolist(), strict=True)]


def _tube(row: Row[Any], part: NDArray[np.float64], actions: list[ActionSpan]) -> Tube:
    return Tube(
        id=row.uid,
        frames=part[:, 1].astype(np.int64),
        boxes=part[:, 2:6].copy(),
        spans=tuple(actions),
        sources=tuple(SOURCES[int(code)] for code in part[:, 6]),
        keyframe=part[:, 7] != 0,
        outside=part[:, 8] != 0,
        person=row.person,
        model=row.model_uid,
        review=Review(row.review),
    )
