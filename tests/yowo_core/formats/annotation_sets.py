"""Hypothesis strategies for annotation sets in the form that our CSV gives back."""

from collections.abc import Iterable, Sequence
from fractions import Fraction
from typing import Any, TypeVar

import numpy as np
from hypothesis import strategies as st

from yowo_core.annotations import (
    ActionSpan,
    AnnotationSet,
    FrameRange,
    Label,
    Review,
    Source,
    Tube,
    Video,
    merge_ranges,
)
from yowo_core.formats.tube_rows import tube_rows
from yowo_core.tubes.spans import scored_span

T = TypeVar("T")

texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=6)
names = texts.filter(bool)
scores = st.floats(0, 1)


@st.composite
def boxes(draw: st.DrawFn) -> tuple[float, ...]:
    x, y = draw(st.floats(-50, 2000)), draw(st.floats(-50, 2000))
    width, height = draw(st.floats(0.01, 900)), draw(st.floats(0.01, 900))
    return (x, y, x + width, y + height)


@st.composite
def spans(draw: st.DrawFn, tube: Tube, labels: tuple[Label, ...]) -> tuple[ActionSpan, ...]:
    """Runs of rows that do not touch, with one score for each stored box in them or none."""
    frames = tube_rows(tube).frames
    found = []
    for label in labels:
        on = draw(st.lists(st.booleans(), min_size=len(frames), max_size=len(frames)))
        edges = np.flatnonzero(np.diff([False, *on, False]))
        for low, high in zip(edges[::2], edges[1::2], strict=True):
            start, stop = int(frames[low]), int(frames[high - 1]) + 1
            stored = int(((tube.frames >= start) & (tube.frames < stop)).sum())
            count = draw(st.sampled_from([0, max(stored, 1)]))
            values = draw(st.lists(scores, min_size=count, max_size=count))
            found.append(scored_span(label.id, start, stop, values))
    return tuple(sorted(found, key=lambda s: (s.start, s.stop, s.label)))


def _as_many(items: st.SearchStrategy[T], frames: Sequence[int]) -> st.SearchStrategy[list[T]]:
    return st.lists(items, min_size=len(frames), max_size=len(frames))


@st.composite
def tubes(draw: st.DrawFn, tube_id: str, labels: tuple[Label, ...]) -> Tube:
    """Any stored boxes; one that only lies on the line is not stored (it would be left out)."""
    frames = sorted(draw(st.sets(st.integers(0, 12), min_size=1, max_size=6)))
    stored = [s for s in Source if s is not Source.INTERPOLATION]
    tube = Tube(
        tube_id,
        np.array(frames, np.int64),
        np.array(draw(_as_many(boxes(), frames)), np.float64),
        sources=tuple(draw(_as_many(st.sampled_from(stored), frames))),
        keyframe=np.array(draw(_as_many(st.booleans(), frames)), np.bool_),
        outside=np.array(draw(_as_many(st.booleans(), frames)), np.bool_),
        person=draw(texts),
        model=draw(texts),
        review=draw(st.sampled_from(Review)),
    )
    return Tube(**{**vars(tube), "spans": draw(spans(tube, labels))})


@st.composite
def videos(draw: st.DrawFn, name: str, labels: tuple[Label, ...]) -> Video:
    ids = draw(st.lists(names, max_size=3, unique=True))
    bounds = st.tuples(st.integers(0, 30), st.integers(1, 9))
    return Video(
        name,
        width=draw(st.integers(0, 4000)),
        height=draw(st.integers(0, 4000)),
        frame_count=draw(st.integers(0, 100)),
        fps=draw(st.fractions(0, 120, max_denominator=1001)),
        content_hash=draw(texts),
        ranges=merge_ranges(FrameRange(a, a + n) for a, n in draw(st.lists(bounds, max_size=3))),
        tubes=tuple(draw(tubes(i, labels)) for i in ids),
    )


@st.composite
def annotation_sets(draw: st.DrawFn) -> AnnotationSet:
    ids = draw(st.lists(st.tuples(st.integers(0, 99), names), max_size=3, unique_by=(_id, _name)))
    labels = tuple(Label(i, n, draw(texts), draw(texts)) for i, n in ids)
    files = draw(st.lists(names, max_size=2, unique=True))
    return AnnotationSet(labels, tuple(draw(videos(n, labels)) for n in files))


def _id(pair: tuple[int, str]) -> int:
    return pair[0]


def _name(pair: tuple[int, str]) -> str:
    return pair[1]


def assert_same(first: AnnotationSet, second: AnnotationSet) -> None:
    """Every value is the same, arrays included."""
    assert first.labels == second.labels
    assert [v.name for v in first.videos] == [v.name for v in second.videos]
    facts = ("width", "height", "frame_count", "fps", "content_hash", "ranges")
    for one, other in zip(first.videos, second.videos, strict=True):
        assert all(getattr(one, f) == getattr(other, f) for f in facts)
        assert [t.id for t in one.tubes] == [t.id for t in other.tubes]
        for mine, theirs in zip(one.tubes, other.tubes, strict=True):
            assert mine.equals(theirs), (mine, theirs)


def plain_set(
    *tubes: Tube, fps: Fraction = Fraction(10), name: str = "a.mp4", **facts: Any
) -> AnnotationSet:
    """One video of 200 x 100 pixels with walk (1) and read (2)."""
    labels = (Label(1, "walk"), Label(2, "read"))
    video = Video(name, 200, 100, 100, fps, tubes=tubes)
    return AnnotationSet(labels, (Video(**{**vars(video), **facts}),))


def plain_tube(
    tube_id: str,
    numbers: Iterable[int],
    *spans: tuple[int, int, int],
    box: tuple[float, ...] = (10.0, 20.0, 50.0, 80.0),
    **values: Any,
) -> Tube:
    """A tube that stands still; spans are (label, start, stop)."""
    frames = np.array(list(numbers), np.int64)
    whole = tuple(ActionSpan(*s) for s in spans)
    return Tube(tube_id, frames, np.tile(np.array(box), (len(frames), 1)), whole, **values)
