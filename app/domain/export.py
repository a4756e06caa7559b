"""What a person asked of an export, and what came of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from math import isnan
from pathlib import Path
from typing import NamedTuple

from app.domain.wording import DASH, counted, one_line
from yowo_core.formats.losses import Loss, counts


class ExportFormat(StrEnum):
    """The formats on offer; the value is what the command line calls it."""

    CSV = "csv"
    AVA = "ava"


@dataclass(frozen=True)
class ExportPlan:
    """A file to be written. time_offset: seconds added to AVA's time stamps, 0 for CSV.

    for_spreadsheets: guard texts of the CSV that a spreadsheet would take for formulas.
    replace: files that are there already may be replaced.
    """

    format: ExportFormat
    path: Path
    time_offset: int = 0
    for_spreadsheets: bool = False
    replace: bool = False


@dataclass(frozen=True)
class ExportReport:
    """What was written: the files, and what of the tubes the format could not hold.

    tubes: how many were to be written. notes: sentences about whole videos.
    """

    files: tuple[Path, ...]
    tubes: int = 0
    notes: tuple[str, ...] = ()
    losses: tuple[Loss, ...] = ()

    def sentences(self) -> tuple[str, ...]:
        """How many tubes are missing or lack something, for which reasons, then the notes."""
        gone = {(x.video, x.tube) for x in self.losses if x.whole}
        touched = {(x.video, x.tube) for x in self.losses} - gone
        said = []
        if gone or touched:
            missing = counted(len(gone), "is", "are") + " not in the file"
            part = counted(len(touched), "is", "are") + " there only in part"
            said.append(f"Of {counted(self.tubes, 'tube')} {missing}, {part}:")
        return (*said, *counts(self.losses), *self.notes)


class TubeName(NamedTuple):
    """How people call a tube (#17), and where it is found."""

    number: int
    tube_id: int
    video_id: int


class LossRow(NamedTuple):
    """A line of what was lost, in words; name is None when the tube is not in the project."""

    tube: str
    video: str
    time: str
    missing: str
    reason: str
    name: TubeName | None = None
    frame: int = 0

    @property
    def line(self) -> str:
        """All of it as one line of text."""
        return f"{self.video} {self.tube}, {self.time}: {self.reason} ({self.missing} missing)"


def loss_row(loss: Loss, names: Mapping[str, TubeName]) -> LossRow:
    """One loss in words; names: the project's tubes by uid."""
    name = names.get(loss.tube)
    tube = f"#{name.number}" if name else one_line(loss.tube)
    what = f"{one_line(loss.action)}: {loss.why.value}" if loss.action else loss.why.value
    reason = f"{what} ({loss.detail})" if loss.detail else what
    missing = "all" if loss.whole else "a part"
    return LossRow(
        tube, one_line(loss.video), _reach(loss), missing, reason, name, loss.frames.start
    )


def _reach(loss: Loss) -> str:
    if isnan(loss.start) or isnan(loss.stop):
        return f"frames {loss.frames.start}{DASH}{loss.frames.stop - 1}"
    return f"{loss.start:.2f}{DASH}{loss.stop:.2f} s"
