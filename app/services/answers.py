"""Answers of the open project that are asked for again and again while one event is handled."""

from collections.abc import Callable, Hashable
from typing import Any, TypeVar

from PySide6.QtCore import QObject, QTimer

T = TypeVar("T")


class Answers(QObject):
    """Remembers lists until forget(), and never longer than until the event loop comes around.

    So a change is seen at once, and so is, with the next event, what changes outside the project:
    a video's file that comes back is found again.
    """

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._known: dict[Hashable, list[Any]] = {}
        self._turn = QTimer(self)
        self._turn.setSingleShot(True)
        self._turn.setInterval(0)
        self._turn.timeout.connect(self.forget)

    def of(self, question: Hashable, ask: Callable[[], list[T] | None]) -> list[T]:
        """A list of the caller's own; ask gives None for an answer not to be remembered."""
        known = self._known.get(question)
        if known is None:
            known = ask()
            if known is None:
                return []
            self._known[question] = known
            self._turn.start()
        return list(known)

    def forget(self) -> None:
        """Ask everything anew."""
        self._known.clear()
