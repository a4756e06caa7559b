"""Where name plates go."""

from hypothesis import given
from hypothesis import strategies as st

from app.views.canvas_plates import Area, place_plate, visible

BOUNDS: Area = (0.0, 0.0, 400.0, 300.0)
SIZE = (100.0, 20.0)


def test_a_plate_sits_above_its_box_or_inside_where_there_is_no_room() -> None:
    assert place_plate((50, 60, 90, 200), SIZE, BOUNDS, ()) == (50, 40, 150, 60)
    assert place_plate((50, 10, 90, 200), SIZE, BOUNDS, ()) == (50, 10, 150, 30)
    assert place_plate((380, 60, 420, 200), SIZE, BOUNDS, ()) == (300, 40, 400, 60)


def test_a_plate_gives_way_to_those_already_there() -> None:
    box: Area = (50, 60, 90, 200)
    above: Area = (50, 40, 150, 60)
    inside: Area = (50, 60, 150, 80)
    assert place_plate(box, SIZE, BOUNDS, [above]) == inside
    assert place_plate(box, SIZE, BOUNDS, [above, inside]) == (50, 200, 150, 220)
    whole: Area = (0, 0, 400, 300)
    assert place_plate(box, SIZE, BOUNDS, [whole]) == inside


def test_boxes_outside_are_told_from_those_that_reach_in() -> None:
    assert visible((-50, -50, 1, 1), BOUNDS)
    assert not visible((-50, -50, 0, 0), BOUNDS)
    assert not visible((400, 20, 450, 60), BOUNDS)


sides = st.floats(-200, 600)


@given(st.lists(st.tuples(sides, sides, st.floats(1, 300), st.floats(1, 300)), max_size=12))
def test_plates_never_leave_the_bounds(corners: list[tuple[float, float, float, float]]) -> None:
    taken: list[Area] = []
    for x, y, width, height in corners:
        area = place_plate((x, y, x + width, y + height), SIZE, BOUNDS, taken)
        assert 0 <= area[0] < area[2] <= 400 + 1e-9
        assert 0 <= area[1] < area[3] <= 300 + 1e-9
        taken.append(area)
