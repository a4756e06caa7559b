"""Writes confirmed tubes to files; used by the window and by the command line alike."""

from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from app.domain.export import ExportFormat, ExportPlan, ExportReport, LossRow
from app.errors import AppError
from yowo_core.annotations import AnnotationSet
from yowo_core.errors import VideoError
from yowo_core.formats import ava, yowo_csv
from yowo_core.formats.csv_lines import text_line
from yowo_core.formats.losses import Loss
from yowo_core.formats.whole_file import replacing
from yowo_core.machine import index_folder
from yowo_core.video import open_video

_HEADINGS = ("tube", "video", "time", "missing", "reason")
_LOOK = 4096


def export(annotations: AnnotationSet, paths: Mapping[str, Path], plan: ExportPlan) -> ExportReport:
    """Write the tubes; paths finds videos by name, for the exact time of each frame.

    A video that cannot be read is exported by its frame rate, and the report says so. AppError
    when a file is in the way, CoreError or OSError when nothing can be written.
    """
    files = export_files(plan)
    check_free(files, replace=plan.replace)
    _make_folder(plan.path.parent)
    times, notes = _times(annotations, paths)
    losses: tuple[Loss, ...]
    if plan.format is ExportFormat.AVA:
        report = ava.write(annotations, plan.path, times=times, offset=plan.time_offset)
        losses = report.losses
        notes.extend(f"{old} is called {new} in the file." for old, new in report.renamed.items())
    else:
        guard = plan.for_spreadsheets
        losses = yowo_csv.write(annotations, plan.path, times=times, for_spreadsheets=guard)
    tubes = sum(len(video.tubes) for video in annotations.videos)
    return ExportReport(files, tubes, tuple(notes), losses)


def export_files(plan: ExportPlan) -> tuple[Path, Path]:
    """The two files that an export writes."""
    ours = ava.label_map_path if plan.format is ExportFormat.AVA else yowo_csv.sidecar_path
    return plan.path, ours(plan.path)


def check_free(files: Iterable[Path], *, replace: bool) -> None:
    """AppError when a file is in the way: one that is no text always, any other unless replace."""
    there = [file for file in files if file.exists()]
    for file in there:
        if _is_foreign(file):
            raise AppError(f"{file} is there already and is no table of labels. Name another file.")
    if there and not replace:
        names = " and ".join(file.name for file in there)
        verb = "are" if len(there) > 1 else "is"
        raise AppError(f"{names} {verb} in {there[0].parent} already. Name another file.")


def save_losses(rows: Iterable[LossRow], path: Path) -> None:
    """Write the list of what was lost as a table for a spreadsheet; CoreError when it cannot."""
    with replacing(path) as file:
        file.write("\ufeff" + text_line(_HEADINGS, guarded=True))
        for row in rows:
            cells = (row.tube, row.video, row.time, row.missing, row.reason)
            file.write(text_line(cells, guarded=True))


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        reason = error.strerror or str(error)
        raise AppError(f"{folder} cannot be made: {reason}. Choose another place.") from error


def _is_foreign(path: Path) -> bool:
    """Whether it is a folder, or a file such as a project or a video, which holds no text."""
    if not path.is_file():
        return True
    with suppress(OSError), path.open("rb") as file:
        return b"\0" in file.read(_LOOK)
    return False


def _times(
    annotations: AnnotationSet, paths: Mapping[str, Path]
) -> tuple[dict[str, NDArray[np.float64]], list[str]]:
    times: dict[str, NDArray[np.float64]] = {}
    notes = []
    for video in annotations.videos:
        if not video.tubes:
            continue
        if video.name not in paths:
            notes.append(f"Times of {video.name} are counted from its frame rate: it is missing.")
            continue
        try:
            with open_video(paths[video.name], index_folder=index_folder()) as reader:
                times[video.name] = reader.times
        except VideoError as error:
            notes.append(f"Times of {video.name} are counted from its frame rate: {error}")
    return times, notes
