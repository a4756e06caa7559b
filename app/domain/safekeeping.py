"""What keeps a project safe: why one was refused and what helps, and copies of it."""

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path


class Remedy(StrEnum):
    """What a person may do about a project that was refused."""

    READ = "read"  # open it to read: another program has it
    WITHOUT_LOG = "without log"  # open it as it was before the newest changes
    RESCUE = "rescue"  # copy what can be read into a new project
    SAVE_COPY = "save a copy"  # keep what is still here of a file that went away


@dataclass(frozen=True)
class Refusal:
    """A sentence about a project file that cannot be used as it is, and what helps."""

    path: Path
    text: str
    remedy: Remedy


@dataclass(frozen=True)
class Checkpoint:
    """A copy of a project that is kept beside it; at: ISO 8601 in UTC."""

    path: Path
    name: str
    at: str
    automatic: bool = False


@dataclass(frozen=True)
class RescueReport:
    """What came out of a damaged project: rows read by table, and how many were lost there."""

    path: Path
    read: dict[str, int]
    lost: dict[str, int]
