"""Moving, resizing and drawing one box inside a picture."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.tools.box_shapes import (
    MIN_SIDE,
    Handle,
    clip,
    moved,
    resized,
    resized_in_proportion,
    spanned,
)
from app.tools.gestures import Box, Cursor

PICTURE = (200.0, 100.0)
BOX = (20.0, 30.0, 60.0, 50.0)


def test_a_moved_box_keeps_its_size_and_stops_at_the_edges() -> None:
    assert moved(BOX, 5, -4, *PICTURE) == (25.0, 26.0, 65.0, 46.0)
    assert moved(BOX, -500, 0, *PICTURE) == (0.0, 30.0, 40.0, 50.0)
    assert moved(BOX, 500, 500, *PICTURE) == (160.0, 80.0, 200.0, 100.0)


@pytest.mark.parametrize(
    ("handle", "to", "expected"),
    [
        (Handle.TOP_LEFT, (10, 12), (10, 12, 60, 50)),
        (Handle.BOTTOM_RIGHT, (70, 90), (20, 30, 70, 90)),
        (Handle.TOP, (999, 5), (20, 5, 60, 50)),
        (Handle.RIGHT, (90, 999), (20, 30, 90, 50)),
        (Handle.LEFT, (500, 0), (56, 30, 60, 50)),
        (Handle.BOTTOM, (0, 500), (20, 30, 60, 100)),
    ],
)
def test_a_handle_moves_its_own_sides_only(
    handle: Handle, to: tuple[float, float], expected: Box
) -> None:
    assert resized(BOX, handle, to, PICTURE) == expected


def test_shift_keeps_width_to_height_with_the_opposite_corner_held() -> None:
    assert resized_in_proportion(BOX, Handle.BOTTOM_RIGHT, (100, 50), PICTURE) == (
        20.0,
        30.0,
        100.0,
        70.0,
    )
    assert resized_in_proportion(BOX, Handle.RIGHT, (40, 0), PICTURE) == (20.0, 35.0, 40.0, 45.0)


def test_shift_stops_where_either_side_meets_the_edge() -> None:
    grown = resized_in_proportion(BOX, Handle.BOTTOM_RIGHT, (200, 100), PICTURE)
    assert grown == (20.0, 30.0, 160.0, 100.0)


def test_a_drawn_box_may_start_at_any_corner_and_leave_the_picture() -> None:
    assert spanned((60, 50), (20, 30), PICTURE) == BOX
    assert spanned((180, 90), (400, 400), PICTURE) == (180.0, 90.0, 200.0, 100.0)
    assert spanned((10, 10), (13.9, 60), PICTURE) is None


def test_clipping_leaves_something_to_hold() -> None:
    assert clip((-10, -10, 30, 300), *PICTURE) == (0.0, 0.0, 30.0, 100.0)
    assert clip((250, 20, 300, 40), *PICTURE) == (196.0, 20.0, 200.0, 40.0)


def test_cursors_point_along_the_pull() -> None:
    assert Handle.TOP_LEFT.cursor is Handle.BOTTOM_RIGHT.cursor is Cursor.FALLING
    assert Handle.TOP_RIGHT.cursor is Handle.BOTTOM_LEFT.cursor is Cursor.RISING
    assert Handle.TOP.cursor is Cursor.VERTICAL
    assert Handle.LEFT.cursor is Cursor.HORIZONTAL


anywhere = st.tuples(st.floats(-500, 500), st.floats(-500, 500))
corners = st.tuples(st.floats(0, 190), st.floats(0, 90), st.floats(5, 200), st.floats(5, 100))


@given(corners, st.sampled_from(Handle), anywhere, st.booleans())
def test_no_pull_leaves_the_picture_or_loses_the_box(
    numbers: Box, handle: Handle, to: tuple[float, float], in_proportion: bool
) -> None:
    box = clip((numbers[0], numbers[1], numbers[0] + numbers[2], numbers[1] + numbers[3]), *PICTURE)
    shape = resized_in_proportion if in_proportion else resized
    x1, y1, x2, y2 = shape(box, handle, to, PICTURE)
    slack = 1e-9
    assert -slack <= x1 < x2 <= PICTURE[0] + slack
    assert -slack <= y1 < y2 <= PICTURE[1] + slack
    assert min(x2 - x1, y2 - y1) >= MIN_SIDE - slack
    if in_proportion:
        before = (box[2] - box[0]) / (box[3] - box[1])
        assert (x2 - x1) / (y2 - y1) == pytest.approx(before)
