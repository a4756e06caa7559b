"""What the model sees, as values: which map is wanted, and what came of it."""

from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class SeeingWish:
    """The maps of one frame of a video file by a model; action '' is that of the best detection."""

    video: Path
    frame: int
    model: Path
    action: str = ""
    device: str = "auto"


@dataclass(frozen=True, eq=False)
class Seen:
    """Activation maps by branch ('2d', '3d'), float32 (S, S) in 0..1, and for which class.

    score is the best detection's of that class.
    """

    maps: dict[str, NDArray[np.float32]]
    action: str
    score: float


class SeeingPhase(Enum):
    """How a wish stands."""

    NOTHING = "nothing"
    WORKING = "working"
    THERE = "there"
    FAILED = "failed"


@dataclass(frozen=True, eq=False)
class SeeingState:
    """How the newest wish stands; seen when it is there, message when it failed."""

    phase: SeeingPhase = SeeingPhase.NOTHING
    wish: SeeingWish | None = None
    seen: Seen | None = None
    message: str = field(default="")
