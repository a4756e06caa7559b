"""Writes confirmed tubes to files; used by the window and by the command line alike."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from app.domain.export import ExportFormat, ExportPlan, ExportReport
from yowo_core.annotations import AnnotationSet
from yowo_core.errors import VideoError
from yowo_core.formats import ava, yowo_csv
from yowo_core.video import open_video


def export(annotations: AnnotationSet, paths: Mapping[str, Path], plan: ExportPlan) -> ExportReport:
    """Write the tubes; paths finds videos by name, for the exact time of each frame.

    A video that cannot be read is exported by its frame rate, and the report says so. CoreError
    or OSError when nothing can be written.
    """
    plan.path.parent.mkdir(parents=True, exist_ok=True)
    times, warnings = _times(annotations, paths)
    if plan.format is ExportFormat.AVA:
        report = ava.write(annotations, plan.path, times=times, offset=plan.time_offset)
        beside = ava.label_map_path(plan.path)
        warnings.extend(report.sentences())
    else:
        guard = plan.for_spreadsheets
        yowo_csv.write(annotations, plan.path, times=times, for_spreadsheets=guard)
        beside = yowo_csv.sidecar_path(plan.path)
    return ExportReport((plan.path, beside), tuple(warnings))


def _times(
    annotations: AnnotationSet, paths: Mapping[str, Path]
) -> tuple[dict[str, NDArray[np.float64]], list[str]]:
    times: dict[str, NDArray[np.float64]] = {}
    warnings = []
    for video in annotations.videos:
        if not video.tubes:
            continue
        if video.name not in paths:
            warnings.append(
                f"Times of {video.name} are counted from its frame rate: it is missing."
            )
            continue
        try:
            with open_video(paths[video.name]) as reader:
                times[video.name] = reader.times
        except VideoError as error:
            warnings.append(f"Times of {video.name} are counted from its frame rate: {error}")
    return times, warnings
