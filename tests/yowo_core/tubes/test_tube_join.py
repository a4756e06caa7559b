"""Tubes are cut apart, put together and exchanged without losing a box or an action."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from yowo_core.annotations import ActionSpan, Review, Source, Tube
from yowo_core.errors import DataError
from yowo_core.tubes.interpolate import box_at, dense
from yowo_core.tubes.join import between, held, interpolated, merged, split, swapped

WALK, READ = 1, 2


def made(name: str, first: int, last: int, x: float, spans: tuple[ActionSpan, ...] = ()) -> Tube:
    """A tube of two boxes that moves 1 pixel a frame to the right, from x in its first frame."""
    boxes = np.array([[x, 0, x + 10, 10], [x + last - first, 0, x + last - first + 10, 10]])
    return Tube(name, np.array([first, last]), boxes, spans)


def left(tube: Tube, frame: int) -> float | None:
    """x1 of the box in a frame, None where there is none."""
    found = box_at(tube, frame)
    return None if found is None else float(found[0][0])


def actions(tube: Tube) -> list[tuple[int, int, int]]:
    return [(s.label, s.start, s.stop) for s in tube.spans]


def test_a_split_keeps_every_box_and_cuts_the_actions() -> None:
    tube = made("a", 10, 20, 0, (ActionSpan(WALK, 10, 21), ActionSpan(READ, 12, 14)))
    head, tail = split(tube, 15)
    assert (head.start, head.stop, tail.start, tail.stop) == (10, 15, 15, 21)
    assert [left(head, f) for f in (10, 14)] == [0, 4]
    assert [left(tail, f) for f in (15, 20)] == [5, 10]
    assert actions(head) == [(WALK, 10, 15), (READ, 12, 14)]
    assert actions(tail) == [(WALK, 15, 21)]


@pytest.mark.parametrize("frame", [10, 5, 21])
def test_a_split_needs_frames_on_both_sides(frame: int) -> None:
    with pytest.raises(DataError, match=f"cannot be split at frame {frame}"):
        split(made("a", 10, 20, 0), frame)


def test_a_short_gap_is_bridged_and_a_long_one_stays_empty() -> None:
    first = made("a", 0, 9, 0, (ActionSpan(WALK, 3, 10),))
    second = made("b", 14, 20, 14, (ActionSpan(WALK, 14, 18), ActionSpan(READ, 15, 16)))
    near = merged(first, second, bridge=4)
    assert near.id == "a"
    assert left(near, 12) == 12
    assert actions(near) == [(WALK, 3, 18), (READ, 15, 16)]
    far = merged(first, second, bridge=3)
    assert left(far, 9) == 9
    assert [left(far, f) for f in (10, 12, 13)] == [None, None, None]
    assert left(far, 14) == 14
    assert actions(far) == [(WALK, 3, 10), (WALK, 14, 18), (READ, 15, 16)]


def test_where_both_have_boxes_the_first_ones_hold() -> None:
    first = made("a", 10, 20, 100, (ActionSpan(WALK, 10, 21),))
    second = made("b", 5, 30, 5, (ActionSpan(READ, 8, 12), ActionSpan(WALK, 18, 25)))
    whole = merged(first, second, bridge=5)
    assert [left(whole, f) for f in (5, 9, 10, 20, 21, 30)] == [5, 9, 100, 110, 21, 30]
    assert actions(whole) == [(READ, 8, 12), (WALK, 10, 25)]


def test_order_in_time_does_not_matter() -> None:
    early, late = made("a", 0, 5, 0), made("b", 6, 9, 50)
    assert merged(late, early, 1).id == "b"
    assert [left(merged(late, early, 1), f) for f in (0, 5, 6, 9)] == [0, 5, 50, 53]


def test_a_swap_exchanges_boxes_and_actions_from_a_frame_on() -> None:
    first = made("a", 0, 10, 0, (ActionSpan(WALK, 0, 11),))
    second = made("b", 0, 20, 100, (ActionSpan(READ, 5, 21),))
    one, other = swapped(first, second, 8, bridge=2)
    assert (one.id, other.id) == ("a", "b")
    assert [left(one, f) for f in (0, 7, 8, 20)] == [0, 7, 108, 120]
    assert [left(other, f) for f in (0, 7, 8, 10, 11)] == [100, 107, 8, 10, None]
    assert actions(one) == [(WALK, 0, 8), (READ, 8, 21)]
    assert actions(other) == [(READ, 5, 8), (WALK, 8, 11)]


def test_swapping_twice_is_nothing() -> None:
    first, second = made("a", 0, 10, 0), made("b", 3, 20, 100)
    one, other = swapped(*swapped(first, second, 8, 2), 8, 2)
    for before, after in ((first, one), (second, other)):
        assert dense(after).frames.tolist() == dense(before).frames.tolist()
        assert dense(after).boxes == pytest.approx(dense(before).boxes)


@pytest.mark.parametrize(
    ("frame", "words"),
    [(30, "nothing to swap"), (0, "choose a frame after")],
)
def test_a_swap_needs_something_on_both_sides(frame: int, words: str) -> None:
    with pytest.raises(DataError, match=words):
        swapped(made("a", 0, 10, 0), made("b", 0, 20, 9), frame, 2)


def test_a_swap_that_would_leave_a_tube_empty_is_refused() -> None:
    with pytest.raises(DataError, match="merge them"):
        swapped(made("a", 0, 5, 0), made("b", 8, 20, 9), 7, 2)


def test_interpolation_takes_the_place_of_what_a_model_made() -> None:
    frames = np.arange(10)
    boxes = np.array([[f + 5 * (f % 3), 0, f + 50, 10] for f in range(10)], dtype=float)
    sources = tuple(Source.HUMAN if f in (1, 8) else Source.MODEL for f in range(10))
    tube = Tube("a", frames, boxes, sources=sources)
    assert between(tube, 4) == (1, 8)
    assert between(tube, 8) == (8, 9)
    assert between(tube, 0) == (0, 1)
    line = interpolated(tube, 1, 8)
    assert line.frames.tolist() == [0, 1, 8, 9]
    middle = (boxes[1] + (boxes[8] - boxes[1]) * 3 / 7)[0]
    assert left(line, 4) == pytest.approx(middle)
    with pytest.raises(DataError, match="straight line"):
        interpolated(line, 1, 8)


def test_interpolation_brings_back_who_was_hidden() -> None:
    tube = merged(made("a", 0, 4, 0), made("b", 20, 24, 20), bridge=2)
    assert left(tube, 10) is None
    seen = interpolated(tube, 3, 21)
    assert left(seen, 10) == pytest.approx(10)
    assert left(seen, 4) == pytest.approx(4)


def test_a_box_is_held_on_and_beyond_the_end() -> None:
    tube = made("a", 0, 10, 0, (ActionSpan(WALK, 0, 11), ActionSpan(READ, 2, 7)))
    here = held(tube, 4, 8)
    assert [left(here, f) for f in (3, 4, 6, 8, 10)] == [3, 4, 4, 4, 10]
    longer = held(tube, 4, 15)
    assert [left(longer, f) for f in (3, 4, 15)] == [3, 4, 4]
    assert actions(longer) == [(WALK, 0, 16), (READ, 2, 7)]
    with pytest.raises(DataError, match="no box in frame 11"):
        held(tube, 11, 15)
    with pytest.raises(DataError, match="copied on"):
        held(tube, 4, 4)


def test_the_one_box_of_a_tube_is_held_on() -> None:
    tube = Tube("a", np.array([3]), np.array([[1.0, 1, 2, 2]]), review=Review.CORRECTED)
    longer = held(tube, 3, 9)
    assert (longer.start, longer.stop, left(longer, 6)) == (3, 10, 1)


@st.composite
def tubes(draw: st.DrawFn) -> Tube:
    at = sorted(draw(st.sets(st.integers(0, 40), min_size=1, max_size=6)))
    boxes = np.array([[draw(st.integers(0, 90)), 0, 200, 10] for _ in at], dtype=float)
    outside = np.array([draw(st.booleans()) for _ in at])
    return Tube("t", np.array(at), boxes, outside=outside)


@given(tubes(), st.integers(1, 40))
def test_what_was_split_is_whole_again_when_merged(tube: Tube, frame: int) -> None:
    if not tube.start < frame < tube.stop:
        return
    head, tail = split(tube, frame)
    again = merged(head, tail, bridge=100)
    assert dense(again).frames.tolist() == dense(tube).frames.tolist()
    assert dense(again).boxes == pytest.approx(dense(tube).boxes)
