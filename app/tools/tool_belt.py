"""The canvas's two tools and which of them has the mouse."""

from collections.abc import Sequence

from app.tools.draw_tool import DrawTool
from app.tools.gestures import (
    BoxDrawn,
    Cursor,
    Feedback,
    Outcome,
    Pointer,
    Target,
)
from app.tools.select_tool import SelectTool


class ToolBelt:
    """Selecting is the rule; drawing lasts until one box is drawn or it is given up."""

    def __init__(self) -> None:
        self._select = SelectTool()
        self._draw = DrawTool()
        self._drawing = False

    @property
    def drawing(self) -> bool:
        """Whether the next drag draws a new box."""
        return self._drawing

    @property
    def dragging(self) -> bool:
        """Whether a button is down and the active tool follows it."""
        return self._active.dragging

    @property
    def idle_feedback(self) -> Feedback:
        """What to show when no tool has hold of anything."""
        return Feedback(Cursor.CROSS if self._drawing else Cursor.ARROW)

    def set_scene(
        self, targets: Sequence[Target], selected: int | None, picture: tuple[float, float]
    ) -> None:
        """Boxes that can be hit, the selected tube, and the picture's width and height."""
        self._select.set_scene(targets, selected, picture)
        self._draw.set_picture(picture)

    def start_drawing(self) -> None:
        """Give the mouse to the drawing tool."""
        self._select.cancel()
        self._drawing = True

    def stop_drawing(self) -> None:
        """Give the mouse back to the selecting tool."""
        self._draw.cancel()
        self._drawing = False

    def hover(self, pointer: Pointer) -> Feedback:
        """The mouse moved with no button down."""
        return self._active.hover(pointer)

    def press(self, pointer: Pointer) -> Feedback:
        """The left button went down."""
        return self._active.press(pointer)

    def move(self, pointer: Pointer) -> Feedback:
        """The mouse moved with the left button down."""
        return self._active.move(pointer)

    def release(self, pointer: Pointer) -> Outcome:
        """The left button went up; a drawn box ends the drawing."""
        outcome = self._active.release(pointer)
        if isinstance(outcome, BoxDrawn):
            self._drawing = False
        return outcome

    def cancel(self) -> bool:
        """Give up the drag in progress; False when there was none."""
        return self._active.cancel()

    @property
    def _active(self) -> SelectTool | DrawTool:
        return self._draw if self._drawing else self._select
