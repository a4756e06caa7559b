"""Python's garbage collector, run in the window's thread alone and never all at once."""

import gc
from typing import Final

from PySide6.QtCore import QObject, QTimer

_INTERVAL_MS: Final = 200


class Collector(QObject):
    """Takes the collector over for as long as the program runs.

    Left to itself it runs in whichever thread allocates, and a widget that is part of a cycle
    would then be destroyed in the decoding thread, which Qt does not survive.
    """

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        gc.disable()
        self._timer = QTimer(self)
        self._timer.timeout.connect(self.collect)
        self._timer.start(_INTERVAL_MS)

    def spare(self) -> None:
        """Pass over what was loaded by now and stays until the end.

        Going through all of it takes 60 to 160 ms, in the middle of whatever the window does.
        """
        gc.collect()
        gc.freeze()

    def collect(self) -> None:
        """Look through the oldest generation that is due by the collector's own thresholds."""
        due = [
            generation
            for generation, (count, threshold) in enumerate(
                zip(gc.get_count(), gc.get_threshold(), strict=True)
            )
            if count > threshold
        ]
        if due:
            gc.collect(due[-1])

    def stop(self) -> None:
        """Leave the collector to itself again."""
        self._timer.stop()
        gc.enable()
