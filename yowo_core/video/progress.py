"""How far a long pass over a file is, told now and then, and the way to cancel it."""

import time
from collections.abc import Callable
from typing import TypeAlias

Progress: TypeAlias = Callable[[float], None]  # gets a share 0..1; raises in order to cancel
_EVERY_S = 0.05


class Meter:
    """Passes on the share that is done, at most 20 times a second; what it calls may raise."""

    def __init__(self, tell: Progress | None) -> None:
        self._tell = tell
        self._due = 0.0

    def say(self, done: float, whole: float) -> None:
        """So much of the whole is done, in any unit; nothing is told of an unknown whole."""
        if self._tell is None or whole <= 0 or time.monotonic() < self._due:
            return
        self._tell(min(max(done / whole, 0.0), 1.0))
        self._due = time.monotonic() + _EVERY_S

    def finish(self) -> None:
        """All is done."""
        if self._tell is not None:
            self._tell(1.0)
