"""Work that would hold up the window, done on one thread; its outcome comes back to the window."""

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, TypeVar

from PySide6.QtCore import QObject, Qt, Signal

from app.errors import AppError
from yowo_core.errors import CoreError

T = TypeVar("T")


@dataclass(frozen=True)
class _Outcome:
    future: "Future[Any]"
    done: Callable[[Any], None]
    failed: Callable[[str], None]


class Background(QObject):
    """Runs functions one after the other, away from the thread that made this object.

    Call shutdown() before the program ends.
    """

    _arrived = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._executor = ThreadPoolExecutor(1, thread_name_prefix="background")
        self._over = False
        self._arrived.connect(self._take_in, Qt.ConnectionType.QueuedConnection)

    def run(
        self, work: Callable[[], T], done: Callable[[T], None], failed: Callable[[str], None]
    ) -> None:
        """Do work; then done gets its value, or failed a sentence, in this object's thread.

        Only situations of the user's become sentences; a bug is raised in this object's thread.
        """
        future = self._executor.submit(work)
        future.add_done_callback(lambda f: self._arrived.emit(_Outcome(f, done, failed)))

    def shutdown(self) -> None:
        """Finish what runs and forget what waits; no outcome is told any more."""
        self._over = True  # disconnecting would not stop what is already on its way
        self._executor.shutdown(cancel_futures=True)

    def _take_in(self, outcome: _Outcome) -> None:
        if self._over or outcome.future.cancelled():
            return
        try:
            value = outcome.future.result()
        except (CoreError, AppError, OSError) as error:
            outcome.failed(str(error))
        else:
            outcome.done(value)
