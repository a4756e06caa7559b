"""The frame in which a tube is seen best."""

import numpy as np

from yowo_core.annotations import ActionSpan, Tube
from yowo_core.tubes.seen import best_frame


def _tube(*spans: ActionSpan, sides: tuple[float, ...] = (10, 10, 10)) -> Tube:
    """Boxes in frames 10, 20, 30 with those sides."""
    boxes = np.array([[0, 0, side, side] for side in sides], np.float64)
    return Tube("t", np.array([10, 20, 30]), boxes, spans)


def test_without_actions_it_is_where_the_box_is_largest_else_the_middle() -> None:
    assert best_frame(_tube()) == 20
    assert best_frame(_tube(sides=(10, 20, 40))) == 30


def test_the_highest_score_wins_and_a_wanted_label_before_others() -> None:
    walk = ActionSpan(1, 10, 15, 0.5, (0.1, 0.9, 0.2, 0.2, 0.2))
    read = ActionSpan(2, 15, 31, 0.95)
    assert best_frame(_tube(walk)) == 11
    assert 15 <= best_frame(_tube(walk, read)) <= 30
    assert best_frame(_tube(walk, read), 1) == 11
    assert best_frame(_tube(walk, read), 7) == best_frame(_tube(walk, read))


def test_size_decides_between_equal_scores() -> None:
    assert best_frame(_tube(ActionSpan(1, 10, 31, 0.5), sides=(40, 10, 10))) == 10


def test_frames_in_which_nobody_is_visible_do_not_count() -> None:
    tube = _tube(ActionSpan(1, 10, 31, 0.5), sides=(40, 90, 10))
    hidden = np.array([False, True, False])
    assert best_frame(Tube("t", tube.frames, tube.boxes, tube.spans, outside=hidden)) == 19
    never = np.ones(3, dtype=np.bool_)
    assert best_frame(Tube("t", tube.frames, tube.boxes, tube.spans, outside=never)) == 10
