"""How adding somebody's model file to a project stands."""

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from app.domain.project import ModelRecord


class FilePhase(StrEnum):
    """From the choice of a file to its model."""

    READING = "reading"
    ADDED = "added"
    KNOWN = "known"  # the project had it already
    FAILED = "failed"


@dataclass(frozen=True)
class ModelFileState:
    """One file. rows: pairs of a word and what the import says of it.

    message is a sentence about why it was not added, '' otherwise.
    """

    phase: FilePhase
    file: Path
    model: ModelRecord | None = None
    rows: tuple[tuple[str, str], ...] = ()
    message: str = ""
