"""Moving, resizing and drawing of one box inside a picture: pure functions on numbers."""

from enum import Enum

from app.tools.gestures import Box, Cursor

MIN_SIDE = 4.0
"""No box made by hand is narrower or lower than this many video pixels."""


class Handle(Enum):
    """The eight grips of a box: which side moves in x and in y (-1 low, 0 none, 1 high)."""

    TOP_LEFT = (-1, -1)
    TOP = (0, -1)
    TOP_RIGHT = (1, -1)
    RIGHT = (1, 0)
    BOTTOM_RIGHT = (1, 1)
    BOTTOM = (0, 1)
    BOTTOM_LEFT = (-1, 1)
    LEFT = (-1, 0)

    @property
    def is_corner(self) -> bool:
        """Whether it moves two sides."""
        return 0 not in self.value

    @property
    def cursor(self) -> Cursor:
        """The pointer that shows which way it pulls."""
        across, down = self.value
        if not down:
            return Cursor.HORIZONTAL
        if not across:
            return Cursor.VERTICAL
        return Cursor.FALLING if across == down else Cursor.RISING

    def position(self, box: Box) -> tuple[float, float]:
        """Where the grip sits on that box."""
        x1, y1, x2, y2 = box
        across, down = self.value
        return (x1 + x2 + across * (x2 - x1)) / 2, (y1 + y2 + down * (y2 - y1)) / 2


def clip(box: Box, width: float, height: float) -> Box:
    """The part of a box inside a picture, at least MIN_SIDE wide and high where it has room."""
    x1, x2 = _clip_side(box[0], box[2], width)
    y1, y2 = _clip_side(box[1], box[3], height)
    return x1, y1, x2, y2


def moved(box: Box, dx: float, dy: float, width: float, height: float) -> Box:
    """The box shifted by that much, stopped at the picture's edges with its size kept."""
    x1, y1, x2, y2 = clip(box, width, height)
    dx = min(max(dx, -x1), width - x2)
    dy = min(max(dy, -y1), height - y2)
    return x1 + dx, y1 + dy, x2 + dx, y2 + dy


def resized(box: Box, handle: Handle, to: tuple[float, float], picture: tuple[float, float]) -> Box:
    """The box with the handle's sides put at (x, y), inside a picture (width, height).

    The opposite sides stay; a handle pulled past them stops MIN_SIDE before.
    """
    x1, x2 = _pull(box[0], box[2], handle.value[0], to[0], picture[0])
    y1, y2 = _pull(box[1], box[3], handle.value[1], to[1], picture[1])
    return x1, y1, x2, y2


def resized_in_proportion(
    box: Box, handle: Handle, to: tuple[float, float], picture: tuple[float, float]
) -> Box:
    """As resized, but width : height stay as they were.

    A corner holds the opposite corner; a side's handle holds the middle of the opposite side.
    """
    free = resized(box, handle, to, picture)
    width, height = box[2] - box[0], box[3] - box[1]
    wanted = _stronger((free[2] - free[0]) / width, (free[3] - free[1]) / height)
    room = min(
        _room(box[0], box[2], handle.value[0], picture[0]) / width,
        _room(box[1], box[3], handle.value[1], picture[1]) / height,
    )
    scale = min(max(wanted, MIN_SIDE / min(width, height)), room)
    x1, x2 = _scaled(box[0], box[2], handle.value[0], scale)
    y1, y2 = _scaled(box[1], box[3], handle.value[1], scale)
    return x1, y1, x2, y2


def spanned(
    start: tuple[float, float], end: tuple[float, float], picture: tuple[float, float]
) -> Box | None:
    """The box between two corners inside a picture, or None when it is too small to be meant."""
    low_x, high_x = sorted(min(max(x, 0.0), picture[0]) for x in (start[0], end[0]))
    low_y, high_y = sorted(min(max(y, 0.0), picture[1]) for y in (start[1], end[1]))
    if high_x - low_x < MIN_SIDE or high_y - low_y < MIN_SIDE:
        return None
    return low_x, low_y, high_x, high_y


def _clip_side(low: float, high: float, limit: float) -> tuple[float, float]:
    low, high = min(max(low, 0.0), limit), min(max(high, 0.0), limit)
    side = min(MIN_SIDE, limit)
    if high - low < side:
        low = min(low, limit - side)
        high = low + side
    return low, high


def _pull(low: float, high: float, which: int, to: float, limit: float) -> tuple[float, float]:
    if which < 0:
        return min(max(to, 0.0), high - MIN_SIDE), high
    if which > 0:
        return low, max(min(to, limit), low + MIN_SIDE)
    return low, high


def _stronger(first: float, second: float) -> float:
    """The scale that differs more from 1: the direction in which the hand pulls."""
    return first if abs(first - 1) >= abs(second - 1) else second


def _room(low: float, high: float, which: int, limit: float) -> float:
    """How long a side may become when it grows away from what the handle holds."""
    if which < 0:
        return high
    if which > 0:
        return limit - low
    middle = (low + high) / 2
    return 2 * min(middle, limit - middle)


def _scaled(low: float, high: float, which: int, scale: float) -> tuple[float, float]:
    side = (high - low) * scale
    if which < 0:
        return high - side, high
    if which > 0:
        return low, low + side
    middle = (low + high) / 2
    return middle - side / 2, middle + side / 2
