"""Which handle or box lies under the mouse."""

from collections.abc import Sequence

from app.tools.box_shapes import Handle
from app.tools.gestures import Box, Pointer, Target

GRAB = 6.0
"""How far from a handle's middle the mouse still takes it, in screen pixels."""

_EDGE_HANDLES_FROM = 28.0
"""A side shorter than this many screen pixels shows no handle in its middle."""


def handles_of(box: Box, unit: tuple[float, float]) -> tuple[Handle, ...]:
    """The handles that fit a box; unit: video pixels to a screen pixel in x and y.

    On a small box the corners stay alone, or nothing would be left inside to move it by.
    """
    wide = (box[2] - box[0]) / unit[0] >= _EDGE_HANDLES_FROM
    high = (box[3] - box[1]) / unit[1] >= _EDGE_HANDLES_FROM
    fits = {(0, -1): wide, (0, 1): wide, (-1, 0): high, (1, 0): high}
    return tuple(handle for handle in Handle if fits.get(handle.value, True))


def handle_at(pointer: Pointer, box: Box) -> Handle | None:
    """The handle of that box within reach of the mouse, corners first."""
    fitting = handles_of(box, (pointer.unit_x, pointer.unit_y))
    for handle in sorted(fitting, key=lambda h: not h.is_corner):
        x, y = handle.position(box)
        across, down = (pointer.x - x) / pointer.unit_x, (pointer.y - y) / pointer.unit_y
        if max(abs(across), abs(down)) <= GRAB:
            return handle
    return None


def targets_at(pointer: Pointer, targets: Sequence[Target]) -> tuple[Target, ...]:
    """The targets under the mouse, the smallest box first."""
    hits = [target for target in targets if _contains(target.box, pointer)]
    return tuple(sorted(hits, key=lambda target: (_area(target.box), target.tube_id)))


def _contains(box: Box, pointer: Pointer) -> bool:
    return box[0] <= pointer.x < box[2] and box[1] <= pointer.y < box[3]


def _area(box: Box) -> float:
    return (box[2] - box[0]) * (box[3] - box[1])
