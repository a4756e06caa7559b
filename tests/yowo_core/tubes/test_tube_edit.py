import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from yowo_core.annotations import ActionSpan, Source, Tube
from yowo_core.errors import DataError
from yowo_core.tubes.edit import keyframe_here, thinned, with_box, with_extent, without_keyframe
from yowo_core.tubes.interpolate import box_at, dense

BOX = (1.0, 2.0, 30.0, 40.0)


@pytest.fixture
def tube() -> Tube:
    """Keyframes in 10 and 20; walks all the time, reads from 12 to 15."""
    return Tube(
        "t",
        np.array([10, 20]),
        np.array([[0.0, 0, 10, 10], [10, 20, 20, 30]]),
        spans=(ActionSpan(1, 10, 21), ActionSpan(2, 12, 16)),
    )


def predicted(boxes: NDArray[np.float64]) -> Tube:
    count = len(boxes)
    flags = np.zeros(count, dtype=bool)
    return Tube(
        "p", np.arange(count), boxes, sources=(Source.MODEL,) * count, keyframe=flags, model="m"
    )


def at(tube: Tube, frame: int) -> list[float]:
    found = box_at(tube, frame)
    assert found is not None
    return [float(x) for x in found[0]]


def test_a_box_between_keyframes_becomes_one_of_a_person(tube: Tube) -> None:
    changed = with_box(tube, 15, BOX)
    assert changed.frames.tolist() == [10, 15, 20]
    assert at(changed, 15) == list(BOX)
    assert changed.sources[1] is Source.HUMAN
    assert changed.keyframe[1]
    assert changed.spans == tube.spans
    assert tube.frames.tolist() == [10, 20]


def test_a_box_on_a_keyframe_replaces_it(tube: Tube) -> None:
    changed = with_box(tube, 20, BOX)
    assert changed.frames.tolist() == [10, 20]
    assert at(changed, 20) == list(BOX)


def test_a_box_beyond_an_end_takes_the_tube_and_its_actions_along(tube: Tube) -> None:
    later = with_box(tube, 30, BOX)
    assert (later.start, later.stop) == (10, 31)
    assert later.spans == (ActionSpan(1, 10, 31), ActionSpan(2, 12, 16))
    earlier = with_box(tube, 4, BOX)
    assert (earlier.start, earlier.stop) == (4, 21)
    assert earlier.spans == (ActionSpan(1, 4, 21), ActionSpan(2, 12, 16))


def test_a_box_where_the_actor_was_outside_makes_them_visible() -> None:
    hidden = np.array([False, True, False])
    tube = Tube("t", np.array([0, 5, 10]), np.tile(BOX, (3, 1)), outside=hidden)
    changed = with_box(tube, 7, BOX)
    assert [box_at(changed, f) is not None for f in (4, 5, 6, 7, 9)] == [
        True,
        False,
        False,
        True,
        True,
    ]


@pytest.mark.parametrize(
    "box", [(5, 5, 5, 9), (5, 9, 8, 5), (0, 0, float("nan"), 4), (0, 0, float("inf"), 4), (1, 2, 3)]
)
def test_a_box_without_area_is_refused_with_its_numbers(tube: Tube, box: tuple[float, ...]) -> None:
    with pytest.raises(DataError, match="is no box"):
        with_box(tube, 12, box)


def test_a_frame_before_the_video_is_refused(tube: Tube) -> None:
    with pytest.raises(DataError, match="Frame -1"):
        with_box(tube, -1, BOX)


def test_the_only_box_can_be_replaced_but_not_removed() -> None:
    single = Tube("t", np.array([3]), np.array([[0.0, 0, 5, 5]]))
    assert at(with_box(single, 3, BOX), 3) == list(BOX)
    with pytest.raises(DataError, match="only box"):
        without_keyframe(single, 3)


def test_a_removed_keyframe_is_interpolated(tube: Tube) -> None:
    three = with_box(tube, 15, BOX)
    assert without_keyframe(three, 15).equals(tube)


def test_a_removed_end_moves_the_end_and_cuts_actions(tube: Tube) -> None:
    three = with_box(tube, 15, BOX)
    shorter = without_keyframe(three, 20)
    assert (shorter.start, shorter.stop) == (10, 16)
    assert shorter.spans == (ActionSpan(1, 10, 16), ActionSpan(2, 12, 16))


def test_what_is_no_keyframe_cannot_be_removed(tube: Tube) -> None:
    with pytest.raises(DataError, match="Frame 11"):
        without_keyframe(tube, 11)


def test_a_keyframe_here_moves_nothing(tube: Tube) -> None:
    pinned = keyframe_here(tube, 13)
    assert pinned.frames.tolist() == [10, 13, 20]
    assert pinned.sources[1] is Source.HUMAN
    assert np.allclose(dense(pinned).boxes, dense(tube).boxes)
    with pytest.raises(DataError, match="no box to keep in frame 21"):
        keyframe_here(tube, 21)


def test_a_stored_box_that_becomes_a_keyframe_keeps_its_source() -> None:
    tube = predicted(np.tile(BOX, (5, 1)))
    pinned = keyframe_here(tube, 2)
    assert pinned.keyframe.tolist() == [False, False, True, False, False]
    assert pinned.sources == tube.sources


def test_straight_motion_needs_two_keyframes() -> None:
    boxes = np.arange(50)[:, None] * np.array([2.0, 1, 2, 1]) + BOX
    thin = thinned(predicted(boxes), 0.01)
    assert thin.frames.tolist() == [0, 49]
    assert thin.keyframe.all()
    assert thin.sources == (Source.MODEL, Source.MODEL)


def test_a_corner_in_the_motion_stays() -> None:
    x = np.abs(np.arange(21) - 10.0)
    thin = thinned(predicted(x[:, None] + np.array([0.0, 0, 20, 20])), 0.5)
    assert thin.frames.tolist() == [0, 10, 20]


def test_thinning_keeps_peoples_boxes_and_gaps() -> None:
    boxes = np.tile(BOX, (10, 1))
    sources = tuple(Source.HUMAN if i == 3 else Source.MODEL for i in range(10))
    outside = np.arange(10) == 6
    tube = Tube("t", np.arange(10), boxes, sources=sources, outside=outside)
    thin = thinned(tube, 5.0)
    assert thin.frames.tolist() == [0, 3, 6, 7, 9]
    assert thin.sources[1] is Source.HUMAN
    assert dense(thin).frames.tolist() == dense(tube).frames.tolist()


@given(
    steps=st.lists(st.floats(-9, 9), min_size=2, max_size=60),
    tolerance=st.sampled_from([0.5, 1.5, 4.0]),
)
def test_thinning_stays_within_tolerance_everywhere(steps: list[float], tolerance: float) -> None:
    path = np.cumsum(steps)[:, None] * np.array([1.0, -1, 1, -1]) + np.array([0.0, 0, 900, 900])
    tube = predicted(path)
    thin = thinned(tube, tolerance)
    assert np.abs(dense(thin).boxes - tube.boxes).max() <= tolerance + 1e-9
    assert thin.keyframe.all()
    assert len(thin.frames) <= len(tube.frames)


def test_trimming_sets_a_keyframe_at_the_cut(tube: Tube) -> None:
    cut = with_extent(tube, 13, 18)
    assert cut.frames.tolist() == [13, 18]
    assert at(cut, 13) == at(tube, 13)
    assert at(cut, 18) == at(tube, 18)
    assert cut.keyframe.all()
    assert cut.sources == (Source.INTERPOLATION, Source.INTERPOLATION)
    assert cut.spans == (ActionSpan(2, 13, 16), ActionSpan(1, 13, 19))


def test_extending_holds_the_nearest_box_and_takes_actions_along(tube: Tube) -> None:
    longer = with_extent(tube, 5, 25)
    assert longer.frames.tolist() == [5, 10, 20, 25]
    assert at(longer, 6) == at(tube, 10)
    assert at(longer, 25) == at(tube, 20)
    assert longer.spans == (ActionSpan(1, 5, 26), ActionSpan(2, 12, 16))


def test_an_action_left_without_a_frame_goes(tube: Tube) -> None:
    assert with_extent(tube, 17, 20).spans == (ActionSpan(1, 17, 21),)


def test_scores_are_cut_with_their_span() -> None:
    span = ActionSpan(1, 0, 4, score=0.5, scores=(0.2, 0.4, 0.6, 0.8))
    tube = Tube("t", np.arange(4), np.tile(BOX, (4, 1)), spans=(span,))
    (cut,) = with_extent(tube, 2, 3).spans
    assert cut.scores == (0.6, 0.8)
    assert cut.score == pytest.approx(0.7)
    (grown,) = with_extent(tube, 0, 9).spans
    assert grown.scores == ()
    assert grown.score == 0.5


def test_the_same_extent_changes_nothing(tube: Tube) -> None:
    assert with_extent(tube, 10, 20).equals(tube)


def test_a_cut_inside_a_gap_stays_outside() -> None:
    hidden = np.array([False, True, False])
    tube = Tube("t", np.array([0, 5, 10]), np.tile(BOX, (3, 1)), outside=hidden)
    cut = with_extent(tube, 0, 7)
    assert cut.frames.tolist() == [0, 5, 7]
    assert dense(cut).frames.tolist() == [0, 1, 2, 3, 4]


@pytest.mark.parametrize(("first", "last"), [(15, 14), (-1, 12), (21, 30), (0, 9)])
def test_an_extent_without_the_tube_is_refused(tube: Tube, first: int, last: int) -> None:
    with pytest.raises(DataError, match=f"{first} to (frame )?{last}"):
        with_extent(tube, first, last)
