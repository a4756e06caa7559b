"""Work of the window in parts, between which it answers the person."""

from collections import deque
from collections.abc import Callable, Sequence

from PySide6.QtCore import QObject, QTimer


class Stepwise(QObject):
    """Does one step each time the event loop comes around."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._left: deque[Callable[[], None]] = deque()
        self._within = False
        self._timer = QTimer(self)
        self._timer.setInterval(0)
        self._timer.timeout.connect(self._step)

    @property
    def left(self) -> int:
        """How many steps are still to be done."""
        return len(self._left)

    def begin(self, steps: Sequence[Callable[[], None]]) -> None:
        """Do these steps in their order, and none that was left of others."""
        self._left = deque(steps)
        self._timer.start()

    def finish(self) -> None:
        """Do at once what is left; called by a step itself it leaves that for later."""
        while self._left and not self._within:
            self._step()

    def stop(self) -> None:
        """Do nothing of what is left."""
        self._left.clear()
        self._timer.stop()

    def _step(self) -> None:
        if self._within:  # the step waits for an answer in an event loop of its own
            return
        if not self._left:
            self._timer.stop()
            return
        self._within = True
        try:
            self._left.popleft()()
        finally:
            self._within = False
