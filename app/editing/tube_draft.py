"""How edits find, change, add and remove tubes, and what that means for review and ranges."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
from sqlalchemy import Row, select

from app.domain.project import Change, VideoRecord
from app.editing.draft import Draft
from app.errors import EditError
from app.store import labels as label_queries
from app.store import tubes as tube_queries
from app.store.predictions import is_uid, next_number
from app.store.schema import State, boxes, spans, tubes, videos
from app.store.stamp import new_uid
from app.store.tube_rows import (
    StoredSpan,
    box_rows,
    chunks,
    insert_rows,
    read_spans,
    span_row,
    span_source,
    tube_source,
    tube_values,
)
from yowo_core.annotations import FrameRange, Review, Source, Tube
from yowo_core.tubes.edit import thinned

TOLERANCE_PX: Final = 1.5  # how far keyframes may leave a model's boxes without anybody seeing it
_CONFIRMED: Final = (Review.ACCEPTED.value, Review.CORRECTED.value)


@dataclass(frozen=True, eq=False)
class Held:
    """A tube of the project that an edit works on; source: who made it first."""

    id: int
    number: int
    video_id: int
    source: Source
    tube: Tube


def find(draft: Draft, tube_id: int) -> Held:
    """The tube with that id; EditError when it is not in the project any more."""
    record = tube_queries.record(draft.connection, tube_id)
    if record is None:
        raise EditError(f"The tube with the id {tube_id} is not in the project any more.")
    source = draft.connection.execute(select(tubes.c.source).where(tubes.c.id == tube_id))
    made_by = Source(source.scalar_one())
    return Held(tube_id, record.number, record.video_id, made_by, record.tube)


def find_rows(draft: Draft, tube_ids: Sequence[int]) -> list[Row[Any]]:
    """The rows of these tubes; EditError unless all of them are in the project."""
    there = select(videos.c.id).where(videos.c.state == State.LIVE)
    live = select(tubes).where(tubes.c.state == State.LIVE, tubes.c.video_id.in_(there))
    parts = [live.where(tubes.c.id.in_(part)) for part in chunks(set(tube_ids))]
    rows = [row for query in parts for row in draft.connection.execute(query)]
    gone = set(tube_ids) - {row.id for row in rows}
    if gone:
        raise EditError(f"The tube with the id {min(gone)} is not in the project any more.")
    return rows


def showing(draft: Draft, label_id: int) -> list[int]:
    """The ids of the project's tubes, rejected ones too, that have an action of that label."""
    there = select(videos.c.id).where(videos.c.state == State.LIVE)
    query = select(tubes.c.id).join(spans, spans.c.tube_id == tubes.c.id).distinct()
    query = query.where(spans.c.label_id == label_id, tubes.c.state == State.LIVE)
    found = draft.connection.scalars(query.where(tubes.c.video_id.in_(there)))
    return sorted(found)


def shaped(tube: Tube) -> Tube:
    """The tube as keyframes: a box a frame, as models give them, cannot be corrected by hand."""
    return tube if bool(tube.keyframe.all()) else thinned(tube, TOLERANCE_PX)


def correct(draft: Draft, held: Held, tube: Tube) -> None:
    """Give a tube another shape or other actions; a predicted one is a corrected one then."""
    if tube.equals(held.tube):
        return
    made_by_person = held.source is Source.HUMAN
    put(draft, held, tube if made_by_person else replace(tube, review=Review.CORRECTED))


def put(draft: Draft, held: Held, tube: Tube) -> None:
    """Write what differs between a tube and its new value, and label the frames it confirms."""
    old, tube_id = held.tube, held.id
    changed = [
        draft.set_row("tubes", tube_id, tube_values(old), tube_values(tube)),
        draft.set_items("boxes", tube_id, _boxes(tube_id, old), _boxes(tube_id, tube)),
        _put_spans(draft, tube_id, tube),
    ]
    if not any(changed):
        return
    draft.touch(Change(videos=frozenset([held.video_id]), tubes=frozenset([tube_id])))
    fresh = _confirmed_frames(old, tube)
    if fresh:
        label_frames(draft, held.video_id, fresh)


def add(draft: Draft, video: VideoRecord, tube: Tube) -> int:
    """Add a tube and give its number; EditError for frames, boxes or labels that cannot be."""
    check(draft, video, tube)
    known = select(tubes.c.id).where(tubes.c.uid == tube.id)
    copied = draft.connection.scalar(known) is not None
    number = next_number(draft.connection)
    values: dict[str, Any] = {
        "uid": tube.id if is_uid(tube.id) and not copied else new_uid(),
        "number": number,
        "video_id": video.id,
        "source": tube_source(tube).value,
        "model_uid": tube.model,
        "origin_uid": tube.id if copied else "",
        "author_id": draft.by.author_id,
        "created_at": draft.by.at,
    }
    tube_id = draft.add_row(tubes, values | tube_values(tube))
    insert_rows(draft.connection, boxes, box_rows(tube_id, tube))
    rows = [span_row(tube_id, new_uid(), span, span_source(span)) for span in tube.spans]
    insert_rows(draft.connection, spans, rows)
    draft.touch(Change(videos=frozenset([video.id]), tubes=frozenset([tube_id])))
    if tube.confirmed:
        label_frames(draft, video.id, [FrameRange(tube.start, tube.stop)])
    return number


def remove(draft: Draft, rows: Sequence[Row[Any]]) -> None:
    """Take tubes away; their frames stay labelled, as frames without them."""
    for row in rows:
        draft.remove_row("tubes", row.id)
    _touch_rows(draft, rows)


def review(draft: Draft, rows: Sequence[Row[Any]], state: Review) -> None:
    """Note what a person decided about tubes; confirmed ones label their frames."""
    moved = [row for row in rows if row.review != state.value]
    for row in moved:
        draft.set_row("tubes", row.id, {"review": row.review}, {"review": state.value})
    _touch_rows(draft, moved)
    if state.value not in _CONFIRMED:
        return
    fresh = [row for row in moved if row.review not in _CONFIRMED]
    for video_id in {row.video_id for row in fresh}:
        frames = [FrameRange(r.first, r.last + 1) for r in fresh if r.video_id == video_id]
        label_frames(draft, video_id, frames)


def label_frames(draft: Draft, video_id: int, frames: Sequence[FrameRange]) -> None:
    """Count these frames as fully labelled: what is confirmed in them is trained on."""
    video = draft.video(video_id)
    draft.set_ranges(video, (*video.ranges, *frames))


def check(draft: Draft, video: VideoRecord, tube: Tube) -> None:
    """EditError for a tube that cannot be in that video of this project."""
    check_frame(video, tube.start)
    check_frame(video, tube.stop - 1)
    corners = tube.boxes
    if not bool(np.isfinite(corners).all() and (corners[:, 2:] > corners[:, :2]).all()):
        raise EditError("A box of the tube has no area: x1 < x2 and y1 < y2 are needed.")
    known = {label.id for label in label_queries.records(draft.connection)}
    for span in tube.spans:
        if span.label not in known:
            raise EditError(f"The label with the id {span.label} is not in the project.")
        if not tube.start <= span.start < span.stop <= tube.stop:
            raise EditError(
                f"An action from frame {span.start} to {span.stop - 1} does not fit a tube from "
                f"{tube.start} to {tube.stop - 1}."
            )


def check_frame(video: VideoRecord, frame: int) -> None:
    """EditError for a frame that the video does not have."""
    if frame < 0 or (video.frame_count and frame >= video.frame_count):
        count = f"{video.frame_count} frames" if video.frame_count else "frames from 0 on"
        raise EditError(f"{video.name} has no frame {frame}; it has {count}.")


def _boxes(tube_id: int, tube: Tube) -> dict[int, tuple[Any, ...]]:
    return {row[1]: row for row in box_rows(tube_id, tube)}


def _confirmed_frames(old: Tube, new: Tube) -> list[FrameRange]:
    """The frames of the new tube that the old one did not confirm, while the actor is there."""
    if not new.confirmed:
        return []
    limits = [(new.start, new.stop)]
    if old.confirmed:
        limits = [(new.start, min(old.start, new.stop)), (max(old.stop, new.start), new.stop)]
    return [
        FrameRange(max(start, first), min(stop, last))
        for start, stop in limits
        for first, last in _seen(new)
        if max(start, first) < min(stop, last)
    ]


def _seen(tube: Tube) -> list[tuple[int, int]]:
    """Starts and stops of the runs of frames in which the actor is not outside the picture."""
    runs, start = [], None
    for frame, outside in zip(tube.frames.tolist(), tube.outside.tolist(), strict=True):
        if not outside and start is None:
            start = frame
        elif outside and start is not None:
            runs.append((start, frame))
            start = None
    return [*runs, *([(start, tube.stop)] if start is not None else [])]


def _touch_rows(draft: Draft, rows: Sequence[Row[Any]]) -> None:
    if rows:
        found = frozenset(row.video_id for row in rows)
        draft.touch(Change(videos=found, tubes=frozenset(row.id for row in rows)))


def _put_spans(draft: Draft, tube_id: int, tube: Tube) -> bool:
    """Write the tube's actions; one that only moved keeps its uid and becomes a person's."""
    stored = read_spans(draft.connection, tubes.c.id == tube_id).get(tube_id, [])
    same = {item.span for item in stored} & set(tube.spans)
    left = [item for item in stored if item.span not in same]
    fresh = [span for span in tube.spans if span not in same]
    old = _span_rows(draft, tube_id, [item.uid for item in left])
    new: dict[str, tuple[Any, ...]] = {}
    for span in fresh:
        uid = _taken(left, span.label)
        source = Source.HUMAN if uid else span_source(span)
        uid = uid or new_uid()
        new[uid] = span_row(tube_id, uid, span, source)
    return draft.set_items("spans", tube_id, old, new)


def _taken(left: list[StoredSpan], label: int) -> str:
    """The uid of the first span of that label that is still to be matched; "" for none."""
    for item in left:
        if item.span.label == label:
            left.remove(item)
            return item.uid
    return ""


def _span_rows(draft: Draft, tube_id: int, uids: Sequence[str]) -> dict[str, tuple[Any, ...]]:
    query = select(spans).where(spans.c.tube_id == tube_id, spans.c.uid.in_(uids))
    return {row.uid: tuple(row) for row in draft.connection.execute(query)}
