"""Drawing a new box without a window."""

import pytest

from app.tools.draw_tool import DrawTool
from app.tools.gestures import BoxDrawn, Cursor, Nothing, Pointer


@pytest.fixture
def tool() -> DrawTool:
    made = DrawTool()
    made.set_picture((400.0, 300.0))
    return made


def test_a_drag_gives_a_box_whatever_its_direction(tool: DrawTool) -> None:
    assert tool.hover(Pointer(5, 5)).cursor is Cursor.CROSS
    tool.press(Pointer(90, 80))
    assert tool.move(Pointer(91, 80)).ghost is None
    assert tool.move(Pointer(20, 30)).ghost == (20, 30, 90, 80)
    assert tool.release(Pointer(20, 30)) == BoxDrawn((20, 30, 90, 80))
    assert tool.dragging is False


def test_a_click_or_a_sliver_draws_nothing(tool: DrawTool) -> None:
    tool.press(Pointer(90, 80))
    assert tool.release(Pointer(90, 80)) == Nothing()
    tool.press(Pointer(90, 80))
    assert tool.release(Pointer(93, 200)) == Nothing()


def test_the_box_ends_at_the_edge_of_the_picture(tool: DrawTool) -> None:
    tool.press(Pointer(350, 250))
    assert tool.release(Pointer(900, 900)) == BoxDrawn((350, 250, 400, 300))


def test_shift_draws_a_square_that_fits(tool: DrawTool) -> None:
    tool.press(Pointer(100, 100))
    assert tool.release(Pointer(150, 110, shift=True)) == BoxDrawn((100, 100, 150, 150))
    tool.press(Pointer(350, 100))
    assert tool.release(Pointer(450, 290, shift=True)) == BoxDrawn((350, 100, 400, 150))


def test_cancel_forgets_the_corner(tool: DrawTool) -> None:
    tool.press(Pointer(100, 100))
    tool.move(Pointer(150, 150))
    assert tool.cancel() is True
    assert tool.release(Pointer(200, 200)) == Nothing()
    assert tool.cancel() is False
