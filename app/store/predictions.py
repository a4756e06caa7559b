"""Predicted tubes in bulk: in and out in short transactions, seen only when all are there."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from typing import Final

import numpy as np
from sqlalchemy import ColumnElement, Connection, and_, delete, func, select, text, update

from app.domain.project import Change, RunState
from app.errors import ProjectError
from app.store.connection import Writing
from app.store.journal import mark_saved
from app.store.schema import State, boxes, labels, runs, spans, tubes, videos
from app.store.stamp import Stamp, new_uid, now, stamp
from app.store.tube_rows import BoxRow, box_rows, insert_rows, span_row, tube_values
from yowo_core.annotations import Review, Source, Tube

CHUNK_ROWS: Final = 2000  # so many boxes a transaction keep it far below a picture's time
CHUNK_TUBES: Final = 200
_UID_DIGITS: Final = 32


@dataclass(frozen=True)
class Destination:
    """Whose predictions come in: of which run over which video, imported by whom.

    over: how the run stands once they are in, None leaves that alone.
    """

    video_id: int
    run_id: int
    author: str
    over: RunState | None = None


def importing(
    writing: Writing, to: Destination, predicted: Sequence[Tube]
) -> Iterator[Change | None]:
    """Bring tubes in as predictions of a run: one short transaction a step.

    Steps give None until the last gives the change; only then the tubes are seen, and all of
    them are on the disk. What an
    import that never ended left behind goes first. A tube whose id is a uid that the project
    knows is there already and is left out. Sources: whatever says human becomes model.
    ProjectError for a run, video or label that does not exist.
    """
    with writing() as connection:
        model_uid = _checked(connection, to, predicted)
        connection.execute(delete(tubes).where(_arriving(to.run_id)))
    found: list[int] = []
    for start in range(0, len(predicted), CHUNK_TUBES):
        part = [as_prediction(t, model_uid) for t in predicted[start : start + CHUNK_TUBES]]
        with writing(durable=False) as connection:
            added = _add_tubes(connection, to, part)
        yield None
        found += added
        rows = _rows(added)
        while chunk := list(islice(rows, CHUNK_ROWS)):
            with writing(durable=False) as connection:
                insert_rows(connection, boxes, chunk)
            yield None
    with writing() as connection:
        connection.execute(update(tubes).where(_arriving(to.run_id)).values(state=State.LIVE))
        if to.over is not None:  # in the same transaction: it is over if and only if all are in
            connection.execute(update(runs).where(runs.c.id == to.run_id).values(state=to.over))
        mark_saved(connection, now())
    touched = frozenset([to.video_id])
    over = to.over is not None
    yield Change(videos=touched, tubes=frozenset(found), runs=over, history=False)


def step_count(predicted: Sequence[Tube]) -> int:
    """How many steps an import of these tubes takes at most."""
    parts = range(0, len(predicted), CHUNK_TUBES)
    sizes = [sum(len(t.frames) for t in predicted[at : at + CHUNK_TUBES]) for at in parts]
    return 1 + sum(1 + math.ceil(size / CHUNK_ROWS) for size in sizes)


def discarding(writing: Writing, run_id: int) -> Iterator[Change | None]:
    """Take a run's predictions away that nobody decided on.

    The first step hides them and gives the change, the others free their space.
    """
    unseen = and_(tubes.c.run_id == run_id, tubes.c.review == Review.TO_REVIEW.value)
    with writing() as connection:
        _run_model(connection, run_id)
        query = select(tubes.c.id, tubes.c.video_id).where(unseen, tubes.c.state == State.LIVE)
        gone = connection.execute(query).all()
        connection.execute(update(tubes).where(unseen).values(state=State.REMOVED))
        mark_saved(connection, now())
    videos_touched = frozenset(row.video_id for row in gone)
    yield Change(videos=videos_touched, tubes=frozenset(row.id for row in gone), history=False)
    # tubes that an edit touched are named by the history, which may bring them back
    forgotten = and_(unseen, tubes.c.state == State.REMOVED, tubes.c.changed_at.is_(None))
    while _delete_some(writing, forgotten):
        yield None


def clearing(writing: Writing) -> Iterator[None]:
    """Take away step by step what imports left behind that a crash cut off; nobody has seen it."""
    while _delete_some(writing, tubes.c.state == State.ARRIVING):
        yield None


def as_prediction(tube: Tube, model_uid: str) -> Tube:
    """The tube as a model's, still to be reviewed.

    Boxes in every frame are all keyframes only by default; a prediction's are none.
    """
    sources = tuple(Source.MODEL if s is Source.HUMAN else s for s in tube.sources)
    every_frame = 2 < len(tube.frames) == tube.stop - tube.start and bool(tube.keyframe.all())
    keyframe = np.zeros_like(tube.keyframe) if every_frame else tube.keyframe
    model = tube.model or model_uid
    return replace(tube, sources=sources, keyframe=keyframe, model=model, review=Review.TO_REVIEW)


def next_number(connection: Connection) -> int:
    """What people will call the next tube of this project."""
    return int(connection.scalar(select(func.max(tubes.c.number))) or 0) + 1


def _arriving(run_id: int) -> ColumnElement[bool]:
    return and_(tubes.c.run_id == run_id, tubes.c.state == State.ARRIVING)


def _checked(connection: Connection, to: Destination, predicted: Sequence[Tube]) -> str:
    """The uid of the run's model; ProjectError unless video, run and labels are there."""
    if connection.scalar(select(videos.c.id).where(videos.c.id == to.video_id)) is None:
        raise ProjectError(f"The project has no video with the id {to.video_id}.")
    known = set(connection.scalars(select(labels.c.id)))
    unknown = {span.label for tube in predicted for span in tube.spans} - known
    if unknown:
        raise ProjectError(f"The project has no label with the id {min(unknown)}; add it first.")
    return _run_model(connection, to.run_id)


def _run_model(connection: Connection, run_id: int) -> str:
    model = connection.scalar(select(runs.c.model_uid).where(runs.c.id == run_id))
    if model is None:
        raise ProjectError(f"The project has no run with the id {run_id}.")
    return str(model)


def _add_tubes(connection: Connection, to: Destination, part: Sequence[Tube]) -> dict[int, Tube]:
    """Rows of tubes and spans, not to be seen yet; the tubes by their new ids."""
    by = stamp(connection, to.author)
    query = select(tubes.c.uid).where(tubes.c.uid.in_([t.id for t in part]))
    known = set(connection.scalars(query))
    last = connection.scalar(text("SELECT seq FROM sqlite_sequence WHERE name = 'tubes'")) or 0
    fresh = [tube for tube in part if tube.id not in known]
    added = dict(enumerate(fresh, start=int(last) + 1))
    if added:
        numbers = enumerate(added.items(), start=next_number(connection))
        values = [_tube_values(to, by, n, tube_id, tube) for n, (tube_id, tube) in numbers]
        connection.execute(tubes.insert(), values)
    rows = [
        span_row(tube_id, new_uid(), span, Source.MODEL)
        for tube_id, tube in added.items()
        for span in tube.spans
    ]
    insert_rows(connection, spans, rows)
    return added


def _tube_values(
    to: Destination, by: Stamp, number: int, tube_id: int, tube: Tube
) -> dict[str, object]:
    return {
        "id": tube_id,
        "uid": tube.id if is_uid(tube.id) else new_uid(),
        "number": number,
        "video_id": to.video_id,
        "source": Source.MODEL.value,
        "model_uid": tube.model,
        "run_id": to.run_id,
        "state": State.ARRIVING,
        "author_id": by.author_id,
        "created_at": by.at,
        **tube_values(tube),
    }


def is_uid(name: str) -> bool:
    """Whether a tube's id is unique across projects rather than a number of some file."""
    return len(name) == _UID_DIGITS and all(digit in "0123456789abcdef" for digit in name)


def _rows(added: dict[int, Tube]) -> Iterator[BoxRow]:
    for tube_id, tube in added.items():
        for start in range(0, len(tube.frames), CHUNK_ROWS):
            yield from box_rows(tube_id, tube, slice(start, start + CHUNK_ROWS))


def _delete_some(writing: Writing, which: ColumnElement[bool]) -> bool:
    """Delete a few tubes with all that belongs to them; whether there were any."""
    with writing(durable=False) as connection:
        part = connection.scalars(select(tubes.c.id).where(which).limit(20)).all()
        if part:
            connection.execute(delete(tubes).where(tubes.c.id.in_(part)))
    return bool(part)
