"""Clicking, dragging and resizing boxes without a window."""

import pytest

from app.tools.gestures import BoxMoved, Clicked, Cursor, Nothing, Outcome, Pointer, Target
from app.tools.select_tool import SelectTool

Point = tuple[float, float]
PICTURE = (400.0, 300.0)
SMALL = Target(1, (100.0, 100.0, 140.0, 140.0))
BIG = Target(2, (50.0, 50.0, 250.0, 250.0))
BIGGEST = Target(3, (40.0, 40.0, 300.0, 280.0))


@pytest.fixture
def tool() -> SelectTool:
    made = SelectTool()
    made.set_scene([BIGGEST, BIG, SMALL], None, PICTURE)
    return made


def click(tool: SelectTool, x: float, y: float, unit: float = 1.0) -> Outcome:
    tool.press(Pointer(x, y, unit, unit))
    return tool.release(Pointer(x, y, unit, unit))


def drag(tool: SelectTool, start: Point, *stops: Point, shift: bool = False) -> Outcome:
    tool.press(Pointer(*start))
    for stop in stops:
        tool.move(Pointer(stop[0], stop[1], shift=shift))
    return tool.release(Pointer(stops[-1][0], stops[-1][1], shift=shift))


def test_a_click_takes_the_smallest_box_under_the_mouse(tool: SelectTool) -> None:
    assert click(tool, 120, 120) == Clicked(1)
    assert click(tool, 60, 60) == Clicked(2)
    assert click(tool, 390, 290) == Clicked(None)


def test_clicking_again_goes_through_the_boxes_below(tool: SelectTool) -> None:
    seen = []
    selected: int | None = None
    for _ in range(4):
        tool.set_scene([BIGGEST, BIG, SMALL], selected, PICTURE)
        outcome = click(tool, 120, 120)
        assert isinstance(outcome, Clicked)
        selected = outcome.tube_id
        seen.append(selected)
    assert seen == [1, 2, 3, 1]


def test_a_click_elsewhere_starts_with_the_smallest_again(tool: SelectTool) -> None:
    click(tool, 120, 120)
    tool.set_scene([BIGGEST, BIG, SMALL], 1, PICTURE)
    assert click(tool, 130, 130) == Clicked(1)


def test_trembling_under_three_screen_pixels_is_a_click_at_every_zoom(tool: SelectTool) -> None:
    zoomed = 0.1  # ten screen pixels to a video pixel
    tool.press(Pointer(120, 120, zoomed, zoomed))
    tool.move(Pointer(120.25, 120, zoomed, zoomed))
    assert tool.release(Pointer(120.25, 120, zoomed, zoomed)) == Clicked(1)
    tool.press(Pointer(120, 120, zoomed, zoomed))
    tool.move(Pointer(121, 120, zoomed, zoomed))
    assert tool.release(Pointer(121, 120, zoomed, zoomed)) == BoxMoved(1, (101, 100, 141, 140))


def test_only_the_ghost_moves_until_the_release(tool: SelectTool) -> None:
    tool.press(Pointer(120, 120))
    assert tool.move(Pointer(121, 120)).ghost is None
    feedback = tool.move(Pointer(150, 110))
    assert feedback.ghost == (130, 90, 170, 130)
    assert feedback.tube_id == 1
    assert tool.release(Pointer(150, 110)) == BoxMoved(1, (130, 90, 170, 130))
    assert tool.move(Pointer(200, 200)).ghost is None


def test_a_drag_back_to_where_it_began_changes_nothing(tool: SelectTool) -> None:
    assert drag(tool, (120, 120), (160, 160), (120, 120)) == Nothing()
    tool.set_scene([SMALL], 1, PICTURE)
    assert drag(tool, (140, 140), (160, 160), (140, 140)) == Nothing()


def test_a_drag_inside_the_selected_box_moves_it_though_a_smaller_one_is_there(
    tool: SelectTool,
) -> None:
    tool.set_scene([SMALL, BIG], 2, PICTURE)
    assert drag(tool, (120, 120), (130, 120)) == BoxMoved(2, (60, 50, 260, 250))


def test_a_handle_of_the_selected_box_comes_before_a_smaller_box(tool: SelectTool) -> None:
    corner = Target(4, (230.0, 230.0, 270.0, 270.0))
    tool.set_scene([corner, BIG], 2, PICTURE)
    assert tool.hover(Pointer(252, 252)).cursor is Cursor.FALLING
    assert drag(tool, (252, 252), (282, 262)) == BoxMoved(2, (50, 50, 280, 260))


def test_handles_of_unselected_boxes_are_not_there(tool: SelectTool) -> None:
    assert tool.hover(Pointer(250, 150)).cursor is Cursor.MOVE
    assert tool.hover(Pointer(395, 295)).cursor is Cursor.ARROW


def test_a_click_on_a_handle_keeps_the_selection(tool: SelectTool) -> None:
    tool.set_scene([SMALL, BIG], 2, PICTURE)
    assert click(tool, 250, 250) == Clicked(2)


def test_shift_keeps_proportions(tool: SelectTool) -> None:
    tool.set_scene([SMALL], 1, PICTURE)
    assert drag(tool, (140, 140), (180, 141), shift=True) == BoxMoved(1, (100, 100, 180, 180))


def test_a_box_that_sticks_out_comes_back_into_the_picture(tool: SelectTool) -> None:
    tool.set_scene([Target(9, (-30.0, 10.0, 60.0, 60.0))], 9, PICTURE)
    assert drag(tool, (60, 60), (80, 70)) == BoxMoved(9, (0, 10, 80, 70))


def test_cancel_leaves_the_release_without_consequence(tool: SelectTool) -> None:
    tool.press(Pointer(120, 120))
    tool.move(Pointer(160, 160))
    assert tool.cancel() is True
    assert tool.dragging is False
    assert tool.release(Pointer(160, 160)) == Nothing()
    assert tool.cancel() is False


def test_a_sweep_over_empty_ground_does_not_deselect(tool: SelectTool) -> None:
    assert drag(tool, (390, 290), (320, 290)) == Nothing()
