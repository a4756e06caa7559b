"""What a person asked of an export, and what came of it."""

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path


class ExportFormat(StrEnum):
    """The formats on offer; the value is what the command line calls it."""

    CSV = "csv"
    AVA = "ava"


@dataclass(frozen=True)
class ExportPlan:
    """A file to be written. time_offset: seconds added to AVA's time stamps, 0 for CSV.

    for_spreadsheets: guard texts of the CSV that a spreadsheet would take for formulas.
    """

    format: ExportFormat
    path: Path
    time_offset: int = 0
    for_spreadsheets: bool = False


@dataclass(frozen=True)
class ExportReport:
    """What was written: the files, and sentences about what the format could not hold."""

    files: tuple[Path, ...]
    warnings: tuple[str, ...] = ()
