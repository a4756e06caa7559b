"""What goes into a canvas tool and what comes out: pointers, feedback and outcomes."""

from dataclasses import dataclass
from enum import StrEnum

Box = tuple[float, float, float, float]
"""x1, y1, x2, y2 in video pixels, half-open."""

CLICK_SLOP = 3.0
"""A press and release nearer together than this, in screen pixels, is a click, not a drag."""


class Cursor(StrEnum):
    """The mouse pointer a tool asks for."""

    ARROW = "arrow"
    CROSS = "cross"
    MOVE = "move"
    HORIZONTAL = "horizontal"
    VERTICAL = "vertical"
    FALLING = "falling"  # the diagonal from top left to bottom right
    RISING = "rising"


@dataclass(frozen=True)
class Pointer:
    """Where the mouse is, in video pixels, which may lie outside the picture.

    unit_x, unit_y: how many video pixels one logical screen pixel covers, so that slack stays the
    same on screen at every zoom and pixel aspect. shift: whether Shift is held.
    """

    x: float
    y: float
    unit_x: float = 1.0
    unit_y: float = 1.0
    shift: bool = False

    def away_from(self, other: "Pointer") -> bool:
        """Whether both are too far apart on screen to belong to one click."""
        across, down = (self.x - other.x) / self.unit_x, (self.y - other.y) / self.unit_y
        return across * across + down * down >= CLICK_SLOP * CLICK_SLOP


@dataclass(frozen=True)
class Target:
    """A box that can be hit: a tube's box in the frame that is shown."""

    tube_id: int
    box: Box


@dataclass(frozen=True)
class Feedback:
    """What to show while the mouse moves: the pointer, and the ghost of a box being dragged.

    tube_id says whose box the ghost stands for; None for a box that is being drawn.
    """

    cursor: Cursor = Cursor.ARROW
    ghost: Box | None = None
    tube_id: int | None = None


@dataclass(frozen=True)
class Nothing:
    """The gesture has no consequence."""


@dataclass(frozen=True)
class Clicked:
    """A click on a tube's box, or beside all of them (None)."""

    tube_id: int | None


@dataclass(frozen=True)
class BoxMoved:
    """A tube's box was moved or resized in the shown frame."""

    tube_id: int
    box: Box


@dataclass(frozen=True)
class BoxDrawn:
    """A new box was drawn."""

    box: Box


Outcome = Nothing | Clicked | BoxMoved | BoxDrawn
