"""Our own CSV, one row a box and action, and the JSON beside it: docs/formats/yowo-csv.md."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

from yowo_core.annotations import AnnotationSet, FrameRange, Label, Video, merge_ranges
from yowo_core.formats.checked import check_names
from yowo_core.formats.csv_actors import Actors, find_actors
from yowo_core.formats.csv_lines import CsvLines, Extras, Times
from yowo_core.formats.csv_losses import csv_losses
from yowo_core.formats.csv_sidecar import (
    kept_sidecar,
    load_sidecar,
    sidecar_labels,
    sidecar_path,
    sidecar_text,
    sidecar_videos,
)
from yowo_core.formats.csv_table import COLUMNS, read_cells
from yowo_core.formats.csv_tubes import build_tubes
from yowo_core.formats.csv_values import read_rows
from yowo_core.formats.losses import Loss
from yowo_core.formats.problems import Problem
from yowo_core.formats.whole_file import replacing_both

__all__ = ["COLUMNS", "Extras", "Problem", "ReadResult", "Times", "read", "sidecar_path", "write"]

Ranges = Mapping[str, tuple[FrameRange, ...]]


@dataclass(frozen=True, eq=False)
class ReadResult:
    """What a file held, and what was left out of it.

    times: seconds of the frames by video as the file gives them, NaN where it does not; extras:
    unknown columns and keys. Give both to write() to get the same file again.
    """

    annotations: AnnotationSet
    problems: tuple[Problem, ...] = ()
    times: Times = field(default_factory=dict)
    extras: Extras = field(default_factory=Extras)


def read(path: Path, *, ranges: Ranges | None = None) -> ReadResult:
    """Labels and videos of a CSV and of the JSON beside it.

    A row that cannot be used is left out and named in problems with its line. ranges gives the
    labelled ranges of videos by name, instead of those in the JSON. FormatError when the file is
    missing, empty, no text, or lacks a column that every row needs.
    """
    problems: list[Problem] = []
    cells = read_cells(path, problems)
    actors = find_actors(read_rows(cells, problems), problems)
    beside = sidecar_path(path)
    content = load_sidecar(beside, problems)
    labels = _labels(sidecar_labels(content, beside, problems), actors.actions)
    videos = _videos(sidecar_videos(content, beside, problems), actors, labels)
    if ranges:
        videos = [replace(v, ranges=merge_ranges(ranges.get(v.name, v.ranges))) for v in videos]
    return ReadResult(
        AnnotationSet(tuple(labels), tuple(videos)),
        tuple(sorted(problems)),
        _times(actors),
        Extras(cells.unknown, _kept(actors) if cells.unknown else {}, content),
    )


def _labels(known: list[Label], actions: tuple[str, ...]) -> list[Label]:
    """The known labels, then one for every other action, with ids from the next free one on."""
    names = {label.name for label in known}
    new = [name for name in actions if name not in names]
    first = max((label.id for label in known), default=0) + 1
    return [*known, *(Label(first + i, name) for i, name in enumerate(new))]


def _videos(known: list[Video], actors: Actors, labels: list[Label]) -> list[Video]:
    """The known videos with their tubes, then those that only rows name."""
    ids = {label.name: label.id for label in labels}
    tubes = build_tubes(actors, [ids[name] for name in actors.actions])
    by_name = {actors.videos[number]: tuple(mine) for number, mine in tubes.items()}
    names = {video.name for video in known}
    new = [Video(name) for name in actors.videos if name in by_name and name not in names]
    return [replace(video, tubes=by_name.get(video.name, ())) for video in (*known, *new)]


def _times(actors: Actors) -> Times:
    """Seconds by frame of every video with any, NaN where no row tells."""
    rows = actors.rows
    told = np.flatnonzero(~np.isnan(rows.time))
    times = {}
    for number in np.unique(actors.video[told]).tolist():
        mine = told[actors.video[told] == number]
        seconds = np.full(int(rows.frame[mine].max()) + 1, np.nan)
        seconds[rows.frame[mine]] = rows.time[mine]
        times[actors.videos[number]] = seconds
    return times


def _kept(actors: Actors) -> dict[tuple[str, str, int, str], tuple[str, ...]]:
    rows = actors.rows
    ids = [actors.tube_ids[number] for number in actors.tube.tolist()]
    keys = zip(rows.video, ids, rows.frame.tolist(), rows.action, strict=True)
    return dict(zip(keys, rows.kept, strict=True))


def write(
    annotations: AnnotationSet,
    path: Path,
    *,
    times: Times | None = None,
    extras: Extras | None = None,
    for_spreadsheets: bool = False,
) -> tuple[Loss, ...]:
    """Write all tubes to path and the facts about videos and labels to the JSON beside it.

    Gives what the file cannot hold: actions marked where their tube has no box.

    times: seconds of every frame by video name; else frame / fps. extras: what read() found
    beyond our columns. for_spreadsheets puts a ' before text that a spreadsheet would take for a
    formula, and a byte order mark first, by which it knows the letters; such a file does not read
    back the same. Both files appear whole or not at all.
    FormatError when they cannot be written, when two labels, videos, or tubes of a
    video have the same name, or when the JSON's place is taken by a file of another kind.
    """
    check_names(annotations)
    beside = sidecar_path(path)
    known = kept_sidecar(beside)
    unknown = extras.sidecar if extras else known
    lines = CsvLines(times or {}, extras or Extras(), guarded=for_spreadsheets)
    with replacing_both(path, beside) as (table, facts):
        table.write("\ufeff" if for_spreadsheets else "")
        table.writelines(lines.of(annotations))
        facts.write(sidecar_text(annotations, unknown))
    return tuple(csv_losses(annotations, times or {}))
