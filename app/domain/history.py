"""What a project remembers of its edits."""

from dataclasses import dataclass


@dataclass(frozen=True)
class HistoryState:
    """What undo and redo would do; empty strings when there is nothing.

    Edits have numbers from first to last without a gap; 0 for both when there is none. position
    is the newest edit that is not taken back, first - 1 when all are.
    """

    undo: str = ""
    redo: str = ""
    saved_at: str = ""
    first: int = 0
    last: int = 0
    position: int = 0


@dataclass(frozen=True)
class EditRecord:
    """One edit: its number, what it was, who made it and when (ISO 8601, UTC)."""

    number: int
    title: str
    author: str
    at: str
