"""What the live model sees in one frame, as values that a canvas can draw."""

from dataclasses import dataclass
from typing import NamedTuple


class LiveAction(NamedTuple):
    """One action of a live detection: label name, label colour (#rrggbb) and score in 0..1."""

    name: str
    color: str
    score: float


@dataclass(frozen=True)
class LiveBox:
    """One actor that the live model found in a frame.

    box: x1, y1, x2, y2 in source pixels. track: the online linker's number of the actor, None
    while unlinked. actions: highest score first; empty when no action passed the threshold.
    """

    box: tuple[float, float, float, float]
    track: int | None = None
    actions: tuple[LiveAction, ...] = ()
