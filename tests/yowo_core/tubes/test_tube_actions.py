from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from yowo_core.annotations import ActionSpan, Tube
from yowo_core.errors import DataError
from yowo_core.tubes.actions import (
    toggled_action,
    toggled_action_whole,
    with_action,
    with_span,
    without_action,
)

WALK, READ = 1, 2


def tube_with(*spans: ActionSpan) -> Tube:
    """Frames 10 to 29."""
    return Tube("t", np.array([10, 29]), np.array([[0.0, 0, 5, 5]] * 2), spans=spans)


def walk(start: int, stop: int) -> ActionSpan:
    return ActionSpan(WALK, start, stop)


def test_an_action_is_cut_to_the_tube() -> None:
    assert with_action(tube_with(), WALK, 0, 100).spans == (walk(10, 30),)


def test_overlapping_spans_of_one_label_become_one() -> None:
    changed = with_action(tube_with(walk(10, 15), walk(20, 25)), WALK, 14, 21)
    assert changed.spans == (walk(10, 25),)


def test_other_labels_and_touching_spans_are_left_alone() -> None:
    read = ActionSpan(READ, 12, 18)
    changed = with_action(tube_with(walk(10, 14), read), WALK, 14, 20)
    assert changed.spans == (walk(10, 14), read, walk(14, 20))


def test_an_action_outside_the_tube_is_refused() -> None:
    with pytest.raises(DataError, match="30 to 39"):
        with_action(tube_with(), WALK, 30, 40)


def test_a_piece_taken_out_leaves_both_sides() -> None:
    read = ActionSpan(READ, 12, 18)
    changed = without_action(tube_with(walk(10, 30), read), WALK, 15, 20)
    assert changed.spans == (walk(10, 15), read, walk(20, 30))
    assert without_action(changed, WALK).spans == (read,)


def test_toggle_starts_an_action_until_the_end() -> None:
    assert toggled_action(tube_with(), WALK, 17).spans == (walk(17, 30),)


def test_toggle_starts_an_action_until_its_next_span() -> None:
    tube = tube_with(ActionSpan(READ, 18, 19), walk(22, 30))
    assert walk(17, 22) in toggled_action(tube, WALK, 17).spans


def test_toggle_ends_a_running_action_here() -> None:
    assert toggled_action(tube_with(walk(12, 30)), WALK, 20).spans == (walk(12, 20),)


def test_toggle_removes_an_action_that_starts_here() -> None:
    assert toggled_action(tube_with(walk(12, 30)), WALK, 12).spans == ()


def test_toggle_outside_the_tube_is_refused() -> None:
    with pytest.raises(DataError, match="Frame 30 is outside"):
        toggled_action(tube_with(), WALK, 30)


@given(st.integers(10, 29))
def test_toggle_twice_where_nothing_runs_changes_nothing(frame: int) -> None:
    tube = tube_with(ActionSpan(READ, 10, 30))
    assert toggled_action(toggled_action(tube, WALK, frame), WALK, frame).equals(tube)


def test_toggle_whole_fills_and_clears() -> None:
    tube = tube_with(walk(12, 14), ActionSpan(READ, 12, 14))
    full = toggled_action_whole(tube, WALK)
    assert full.spans == (walk(10, 30), ActionSpan(READ, 12, 14))
    assert toggled_action_whole(full, WALK).spans == (ActionSpan(READ, 12, 14),)


def test_toggle_whole_clears_what_runs_in_pieces() -> None:
    assert toggled_action_whole(tube_with(walk(10, 20), walk(20, 30)), WALK).spans == ()


def test_a_span_moves_its_ends_and_takes_in_its_own_kind() -> None:
    tube = tube_with(walk(10, 14), ActionSpan(READ, 12, 18), walk(20, 25))
    assert with_span(tube, 1, 5, 16).spans == (
        walk(10, 14),
        ActionSpan(READ, 10, 16),
        walk(20, 25),
    )
    assert with_span(tube, 0, 10, 22).spans == (walk(10, 25), ActionSpan(READ, 12, 18))


def test_a_span_that_does_not_exist_or_would_be_empty_is_refused() -> None:
    tube = tube_with(walk(10, 14))
    with pytest.raises(DataError, match="no action number 1"):
        with_span(tube, 1, 10, 14)
    with pytest.raises(DataError, match="12 to 11"):
        with_span(tube, 0, 12, 12)


@given(st.lists(st.tuples(st.integers(10, 29), st.sampled_from([WALK, READ])), max_size=12))
def test_spans_of_one_label_never_overlap_and_stay_inside(keys: list[tuple[int, int]]) -> None:
    tube = tube_with()
    for frame, label in keys:
        tube = toggled_action(tube, label, frame)
    for label in (WALK, READ):
        spans = [s for s in tube.spans if s.label == label]
        assert all(a.stop <= b.start for a, b in pairwise(spans))
    assert all(10 <= s.start < s.stop <= 30 for s in tube.spans)


def test_a_persons_cut_keeps_what_is_known_of_the_scores() -> None:
    scores = tuple(i / 20 for i in range(20))
    tube = tube_with(replace(walk(10, 30), score=0.475, scores=scores))
    (span,) = toggled_action(tube, WALK, 12).spans
    assert span.scores == scores[:2]
    assert span.score == pytest.approx(0.025)
