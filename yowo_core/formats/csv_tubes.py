"""Rows of our CSV as tubes: stored boxes, what lies between them, and the spans of the actions."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from yowo_core.annotations import ActionSpan, Review, Source, Tube
from yowo_core.formats.csv_actors import Actors
from yowo_core.formats.tube_rows import tube_rows
from yowo_core.tubes.spans import scored_span, span_scores

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

_SOURCES = tuple(Source)
_REVIEWS = tuple(Review)
_DERIVED = _SOURCES.index(Source.INTERPOLATION)
_MODEL = _SOURCES.index(Source.MODEL)


class _Run(NamedTuple):
    """An action without a break: boxes first to last of its tube, their scores, how many lack."""

    label: int
    first: int
    last: int
    scores: Floats
    lacking: int


@dataclass(frozen=True, eq=False)
class _Boxes:
    """Boxes by frame as columns (R, ...): those of one tube, or of all tubes one after another."""

    frames: Ints
    boxes: Floats
    source: Ints
    keyframe: Ints
    outside: Ints

    def at(self, places: "slice | Bools | Ints") -> "_Boxes":
        return _Boxes(
            self.frames[places],
            self.boxes[places],
            self.source[places],
            self.keyframe[places],
            self.outside[places],
        )

    @property
    def derived(self) -> Bools:
        """(R,) boxes that may have been interpolated on writing."""
        found: Bools = (self.source == _DERIVED) & (self.keyframe != 1) & (self.outside == 0)
        return found


def build_tubes(actors: Actors, label_ids: Sequence[int]) -> dict[int, list[Tube]]:
    """The tubes of every video by its number; label_ids gives the id of every action's number."""
    order = np.lexsort((actors.rows.frame, actors.tube))
    tube, frame = actors.tube[order], actors.rows.frame[order]
    new = np.ones(len(order), dtype=np.bool_)
    new[1:] = (tube[1:] != tube[:-1]) | (frame[1:] != frame[:-1])
    first = order[new]
    rows = actors.rows
    boxes = _Boxes(rows.frame, rows.boxes, rows.source, rows.keyframe, rows.outside).at(first)
    owner = actors.tube[first]
    starts = np.flatnonzero(np.diff(owner, prepend=-1))
    places = np.empty(len(order), np.int64)
    places[order] = np.cumsum(new) - 1
    local = places - starts[np.searchsorted(owner[starts], actors.tube)]
    runs = _runs(actors, local, label_ids)
    hard = np.logical_or.reduceat(_unclear(boxes, owner), starts) if len(starts) else starts
    tubes: dict[int, list[Tube]] = {}
    stops = np.append(starts, len(owner))[1:]
    for low, high, odd in zip(starts.tolist(), stops.tolist(), hard.tolist(), strict=True):
        mine, row = boxes.at(slice(low, high)), int(first[low])
        make = _resolved if odd else _stored
        made = make(_Head.of(actors, row), mine, runs.get(int(owner[low]), ()))
        tubes.setdefault(int(actors.video[row]), []).append(made)
    return tubes


class _Head(NamedTuple):
    """What holds for a whole tube."""

    tube_id: str
    person: str
    model: str
    review: Review

    @staticmethod
    def of(actors: Actors, row: int) -> "_Head":
        rows = actors.rows
        review = _REVIEWS[rows.review[row]]
        return _Head(actors.tube_ids[actors.tube[row]], rows.person[row], rows.model[row], review)


def _unclear(boxes: _Boxes, owner: Ints) -> Bools:
    """(R,) boxes that were perhaps interpolated, or after which frames of the tube are missing."""
    gap = np.zeros(len(owner), dtype=np.bool_)
    gap[:-1] = (np.diff(boxes.frames) > 1) & (owner[1:] == owner[:-1])
    return gap | boxes.derived


def _runs(actors: Actors, local: Ints, label_ids: Sequence[int]) -> dict[int, list[_Run]]:
    """Every tube's actions as runs of its boxes; local (N,) is each row's place in its tube."""
    acting = np.flatnonzero(actors.action >= 0)
    order = acting[np.lexsort((local[acting], actors.action[acting], actors.tube[acting]))]
    tube, action, place = actors.tube[order], actors.action[order], local[order]
    new = np.ones(len(order), dtype=np.bool_)
    same = (tube[1:] == tube[:-1]) & (action[1:] == action[:-1])
    new[1:] = ~(same & (np.diff(place) == 1))
    starts = np.flatnonzero(new)
    stops = np.append(starts, len(order))[1:]
    scores = actors.rows.score[order]
    unscored = np.cumsum(np.append(0, np.isnan(scores)))
    runs: dict[int, list[_Run]] = {}
    columns = (tube[starts], action[starts], place[starts], starts, stops)
    for who, what, at, low, high in zip(*(c.tolist() for c in columns), strict=True):
        lacking = int(unscored[high] - unscored[low])
        run = _Run(label_ids[what], at, at + high - low - 1, scores[low:high], lacking)
        runs.setdefault(who, []).append(run)
    return runs


def _stored(head: _Head, boxes: _Boxes, runs: Sequence[_Run], kept: "Bools | None" = None) -> Tube:
    """A tube that stores the kept boxes, all by default."""
    spans = [_span(run, boxes.frames, kept) for run in runs]
    mine = boxes if kept is None else boxes.at(kept)
    unsaid = (mine.source != _DERIVED) & (mine.source != _MODEL)
    return Tube(
        id=head.tube_id,
        frames=mine.frames,
        boxes=mine.boxes,
        spans=tuple(sorted(spans, key=lambda s: (s.start, s.stop, s.label))),
        sources=tuple([_SOURCES[i] for i in mine.source.tolist()]),
        keyframe=np.where(mine.keyframe < 0, unsaid, mine.keyframe == 1),
        outside=mine.outside == 1,
        person=head.person,
        model=head.model,
        review=head.review,
    )


def _span(run: _Run, frames: Ints, kept: "Bools | None") -> ActionSpan:
    start, stop = int(frames[run.first]), int(frames[run.last]) + 1
    if run.lacking == len(run.scores):
        return ActionSpan(run.label, start, stop)
    scores = run.scores if kept is None else run.scores[kept[run.first : run.last + 1]]
    if not run.lacking and len(scores):
        return scored_span(run.label, start, stop, scores.tolist())
    known = run.scores[~np.isnan(run.scores)]
    mean = scored_span(run.label, start, stop, known.tolist()).score
    return ActionSpan(run.label, start, stop, mean)


def _resolved(head: _Head, boxes: _Boxes, runs: Sequence[_Run]) -> Tube:
    """A tube whose rows were partly interpolated or have gaps.

    Interpolated rows are not stored when interpolation gives back exactly them, scores included.
    In a gap that nothing explains the actor is not there.
    """
    boxes, runs = _with_hidden(boxes, runs)
    kept = ~boxes.derived
    if kept.all() or not kept[0] or not kept[-1]:
        return _stored(head, boxes, runs)
    tube = _stored(head, boxes, runs, kept)
    return tube if _gives_back(tube, boxes, runs) else _stored(head, boxes, runs)


def _with_hidden(boxes: _Boxes, runs: Sequence[_Run]) -> tuple[_Boxes, Sequence[_Run]]:
    """The same with a hidden box at the start of every gap that nothing explains.

    Rows that the file calls keyframes on both sides explain a gap: the box moves between them.
    """
    shaped = (boxes.keyframe[:-1] == 1) & (boxes.keyframe[1:] == 1)
    gaps = (np.diff(boxes.frames) > 1) & (boxes.outside[:-1] == 0) & ~shaped
    if not gaps.any():
        return boxes, runs
    before = np.flatnonzero(gaps)
    source = np.sort(np.concatenate([np.arange(len(boxes.frames)), before]))
    wider = boxes.at(source)
    hidden = np.flatnonzero(np.diff(source, prepend=-1) == 0)
    wider.frames[hidden] += 1
    wider.outside[hidden], wider.keyframe[hidden] = 1, 0
    moved = np.searchsorted(source, np.arange(len(boxes.frames)))
    wider_runs = []
    for run in runs:
        first, last = int(moved[run.first]), int(moved[run.last])
        scores = run.scores[source[first : last + 1] - run.first]
        lacking = int(np.isnan(scores).sum())
        wider_runs.append(_Run(run.label, first, last, scores, lacking))
    return wider, wider_runs


def _gives_back(tube: Tube, boxes: _Boxes, runs: Sequence[_Run]) -> bool:
    """Whether writing the tube gives exactly those boxes and scores."""
    rows = tube_rows(tube)
    if not np.array_equal(rows.frames, boxes.frames) or not np.array_equal(rows.boxes, boxes.boxes):
        return False
    spans = {(span.label, span.start): span for span in tube.spans}
    for run in runs:
        frames = boxes.frames[run.first : run.last + 1]
        span = spans[run.label, int(frames[0])]
        if not np.array_equal(span_scores(tube, span, frames), run.scores, equal_nan=True):
            return False
    return True
