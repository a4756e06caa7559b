"""The one place where anything in the program says a sentence to the person."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from PySide6.QtCore import QObject, Signal

from yowo_core.video.naming import as_text


class Level(StrEnum):
    """How much a message matters."""

    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


@dataclass(frozen=True, eq=False)
class Message:
    """A sentence, and at most one thing that can be done about it: its caption and action."""

    text: str
    level: Level = Level.INFO
    caption: str = ""
    action: Callable[[], None] | None = None


class Messages(QObject):
    """Hands every message on to whoever shows them."""

    posted = Signal(object)  # Message

    def info(self, text: str, caption: str = "", action: Callable[[], None] | None = None) -> None:
        """Something worth knowing, such as work that is done."""
        self.posted.emit(Message(as_text(text), Level.INFO, caption, action))

    def warning(
        self, text: str, caption: str = "", action: Callable[[], None] | None = None
    ) -> None:
        """Something that did not go as wished; the rest goes on."""
        self.posted.emit(Message(as_text(text), Level.WARNING, caption, action))

    def error(self, text: str, caption: str = "", action: Callable[[], None] | None = None) -> None:
        """Something that could not be done."""
        self.posted.emit(Message(as_text(text), Level.ERROR, caption, action))
