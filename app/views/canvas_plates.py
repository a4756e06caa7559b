"""Where name plates go: near their box, inside the picture, not over one another."""

from collections.abc import Sequence

Area = tuple[float, float, float, float]
"""x1, y1, x2, y2 in logical pixels of the view."""


def place_plate(box: Area, size: tuple[float, float], bounds: Area, taken: Sequence[Area]) -> Area:
    """The area for a plate (width, height) that belongs to a box.

    Above the box, else inside it along the top, below it, inside along the bottom, or above it on
    the right: the first place that covers none of those taken and need not leave the bounds; else
    the first free one down from the top of the box. It lies inside the bounds if it fits them.
    """
    for x, y in _places(box, size):
        area = _shoved((x, y, x + size[0], y + size[1]), bounds)
        if abs(area[1] - y) < 0.5 and _covered(area, taken) is None:
            return area
    return _below_others(box, size, bounds, taken)


def visible(box: Area, bounds: Area) -> bool:
    """Whether any part of a box lies inside the bounds."""
    return box[0] < bounds[2] and bounds[0] < box[2] and box[1] < bounds[3] and bounds[1] < box[3]


def _places(box: Area, size: tuple[float, float]) -> tuple[tuple[float, float], ...]:
    x1, y1, x2, y2 = box
    return (
        (x1, y1 - size[1]),
        (x1, y1),
        (x1, y2),
        (x1, y2 - size[1]),
        (x2 - size[0], y1 - size[1]),
    )


def _shoved(area: Area, bounds: Area) -> Area:
    x1 = max(min(area[0], bounds[2] - (area[2] - area[0])), bounds[0])
    y1 = max(min(area[1], bounds[3] - (area[3] - area[1])), bounds[1])
    return x1, y1, x1 + area[2] - area[0], y1 + area[3] - area[1]


def _below_others(
    box: Area, size: tuple[float, float], bounds: Area, taken: Sequence[Area]
) -> Area:
    area = first = _shoved((box[0], box[1], box[0] + size[0], box[1] + size[1]), bounds)
    for _ in taken:
        other = _covered(area, taken)
        if other is None or other[3] + size[1] > bounds[3]:
            break
        area = area[0], other[3], area[2], other[3] + size[1]
    return area if _covered(area, taken) is None else first


def _covered(area: Area, taken: Sequence[Area]) -> Area | None:
    """The first of those taken that an area overlaps."""
    x1, y1, x2, y2 = area
    for other in taken:
        if x1 < other[2] and other[0] < x2 and y1 < other[3] and other[1] < y2:
            return other
    return None
