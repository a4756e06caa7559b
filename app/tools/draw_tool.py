"""Draw a new box by dragging from corner to corner."""

from app.tools.box_shapes import spanned
from app.tools.gestures import Box, BoxDrawn, Cursor, Feedback, Nothing, Outcome, Pointer


class DrawTool:
    """Active from the wish to draw until a box is there or the wish is given up.

    A drag too small to be meant makes no box and leaves the tool ready for another try.
    Shift draws a square.
    """

    def __init__(self) -> None:
        self._picture = (0.0, 0.0)
        self._start: Pointer | None = None
        self._ghost: Box | None = None

    def set_picture(self, picture: tuple[float, float]) -> None:
        """Width and height in video pixels of the picture that boxes are kept inside."""
        self._picture = picture

    @property
    def dragging(self) -> bool:
        """Whether the button is down."""
        return self._start is not None

    def hover(self, pointer: Pointer) -> Feedback:
        """A cross."""
        return Feedback(Cursor.CROSS)

    def press(self, pointer: Pointer) -> Feedback:
        """The first corner."""
        self._start, self._ghost = pointer, None
        return Feedback(Cursor.CROSS)

    def move(self, pointer: Pointer) -> Feedback:
        """The box so far as the ghost."""
        start = self._start
        if start is not None and (self._ghost is not None or pointer.away_from(start)):
            self._ghost = spanned((start.x, start.y), self._corner(start, pointer), self._picture)
        return Feedback(Cursor.CROSS, self._ghost)

    def release(self, pointer: Pointer) -> Outcome:
        """The drawn box, or nothing when it is too small."""
        self.move(pointer)
        ghost = self._ghost
        self.cancel()
        return Nothing() if ghost is None else BoxDrawn(ghost)

    def cancel(self) -> bool:
        """Forget the first corner; False when there was none."""
        held = self._start is not None
        self._start = self._ghost = None
        return held

    def _corner(self, start: Pointer, pointer: Pointer) -> tuple[float, float]:
        dx, dy = pointer.x - start.x, pointer.y - start.y
        if pointer.shift:
            side = max(abs(dx), abs(dy))
            room_x = self._picture[0] - start.x if dx > 0 else start.x
            room_y = self._picture[1] - start.y if dy > 0 else start.y
            side = min(side, room_x, room_y)
            dx, dy = side if dx > 0 else -side, side if dy > 0 else -side
        return start.x + dx, start.y + dy
