import numpy as np
import pytest

from yowo_core.annotations import Source, Tube
from yowo_core.tubes.interpolate import box_at, dense


@pytest.fixture
def tube() -> Tube:
    """Boxes in frames 10, 14 and 20; outside from 20 to 25, where the actor comes back."""
    return Tube(
        "t",
        np.array([10, 14, 20, 25, 26]),
        np.array(
            [[0, 0, 10, 20], [8, 4, 18, 28], [8, 4, 18, 28], [50, 50, 60, 70], [51, 50, 61, 70]],
            dtype=float,
        ),
        sources=(Source.HUMAN, Source.MODEL, Source.TRACKER, Source.HUMAN, Source.HUMAN),
        outside=np.array([False, False, True, False, False]),
    )


def test_a_stored_box_is_given_as_it_is(tube: Tube) -> None:
    found = box_at(tube, 14)
    assert found is not None
    box, stored = found
    assert box.tolist() == [8, 4, 18, 28]
    assert stored


def test_a_quarter_of_the_way_is_a_quarter_of_the_step(tube: Tube) -> None:
    found = box_at(tube, 11)
    assert found is not None
    box, stored = found
    assert box.tolist() == [2, 1, 12, 22]
    assert not stored


@pytest.mark.parametrize("frame", [-1, 9, 27, 1000])
def test_there_is_no_box_beyond_the_ends(tube: Tube, frame: int) -> None:
    assert box_at(tube, frame) is None


@pytest.mark.parametrize(("frame", "seen"), [(19, True), (20, False), (24, False), (25, True)])
def test_there_is_no_box_while_outside(tube: Tube, frame: int, seen: bool) -> None:
    assert (box_at(tube, frame) is not None) == seen


def test_dense_has_every_visible_frame_and_says_who_made_it(tube: Tube) -> None:
    frames, boxes, sources = dense(tube)
    assert frames.tolist() == [*range(10, 20), 25, 26]
    assert boxes.shape == (12, 4)
    assert sources[:6] == (
        Source.HUMAN,
        *[Source.INTERPOLATION] * 3,
        Source.MODEL,
        Source.INTERPOLATION,
    )
    assert sources[-2:] == (Source.HUMAN, Source.HUMAN)


def test_dense_agrees_with_single_boxes(tube: Tube) -> None:
    for frame, box in zip(dense(tube).frames.tolist(), dense(tube).boxes, strict=True):
        found = box_at(tube, frame)
        assert found is not None
        assert np.array_equal(found[0], box)


def test_dense_can_be_cut_and_never_leaves_the_tube(tube: Tube) -> None:
    assert dense(tube, 12, 15).frames.tolist() == [12, 13, 14]
    assert dense(tube, -5, 12).frames.tolist() == [10, 11]
    assert dense(tube, 21, 24).frames.tolist() == []
    assert dense(tube, 40, 50).boxes.shape == (0, 4)


def test_one_box_is_a_tube_of_one_frame() -> None:
    tube = Tube("t", np.array([3]), np.array([[1.0, 2, 3, 4]]))
    assert dense(tube).frames.tolist() == [3]
    assert box_at(tube, 4) is None
