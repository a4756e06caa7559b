"""Writes AVA v2.2: a CSV with one row a whole second, box and action, and its label map.

Columns: video id, second, x1, y1, x2, y2 normalised to 0..1, action id from 1, person id. The
dialect's facts are in docs/formats/ava.md.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from yowo_core.annotations import AnnotationSet, Label, Video
from yowo_core.errors import ConfigError, FormatError
from yowo_core.formats.ava_grid import Grid, unusable
from yowo_core.formats.ava_names import plain_name, video_ids
from yowo_core.formats.ava_tubes import VideoRows, unconfirmed, without_video
from yowo_core.formats.checked import check_names
from yowo_core.formats.losses import Loss
from yowo_core.formats.whole_file import replacing_both

Times = Mapping[str, NDArray[np.float64]]


@dataclass(frozen=True)
class AvaReport:
    """What was written and what AVA cannot hold.

    rows: written rows. losses: what of which tube is missing, by video and tube. renamed: videos
    whose plain name cannot stand in the file, and what they are called there.
    """

    rows: int
    losses: tuple[Loss, ...] = ()
    renamed: Mapping[str, str] = field(default_factory=dict)


def write(
    annotations: AnnotationSet, path: Path, *, times: Times | None = None, offset: int = 0
) -> AvaReport:
    """Write the confirmed tubes to path and the label map to NAME.pbtxt beside it.

    times: seconds of every frame by video name; where they are missing or incomplete, frame / fps
    counts. Every whole second is shown by the frame nearest to it in time. offset: seconds added
    to every time stamp; readers that insist on AVA's own 902..1798 need 902. Action ids are
    1, 2, ... in the order of the labels' ids. A video whose size or times are unknown is left
    out, and its tubes are among the losses. FormatError when no video is left or the files cannot
    be written, ConfigError for a negative offset.
    """
    if offset < 0:
        raise ConfigError(f"The offset of {offset} seconds is negative; AVA's time stamps are not.")
    check_names(annotations)
    book = _Book(sorted(annotations.labels, key=lambda label: label.id), times or {}, offset)
    used = [v for v in annotations.videos if any(t.confirmed for t in v.tubes)]
    reasons = {v.name: unusable(v, book.times.get(v.name)) for v in used}
    if used and all(reasons.values()):
        raise FormatError(reasons[used[0].name])
    names = video_ids([v.name for v in used if not reasons[v.name]])
    with replacing_both(path, label_map_path(path)) as (table, label_map):
        for video in annotations.videos:
            book.losses.extend(unconfirmed(video))
            if reasons.get(video.name):
                book.losses.extend(without_video(video, reasons[video.name]))
            elif video.name in names:
                table.writelines(book.lines(video, names[video.name]))
        label_map.writelines(_label_map(book.labels))
    renamed = {name: new for name, new in names.items() if new != plain_name(name)}
    return AvaReport(book.rows, tuple(book.losses), renamed)


def label_map_path(path: Path) -> Path:
    """Where the label map of that CSV lies: NAME.pbtxt beside NAME.csv."""
    return path.with_suffix(".pbtxt") if path.suffix.lower() == ".csv" else Path(f"{path}.pbtxt")


@dataclass
class _Book:
    """What every video's rows need, and what is counted while they are written."""

    labels: list[Label]
    times: Times
    offset: int
    rows: int = 0
    losses: list[Loss] = field(default_factory=list)

    def lines(self, video: Video, name: str) -> Iterator[str]:
        grid = Grid.of(video, self.times.get(video.name), self.offset)
        written = VideoRows(video, grid, self.labels)
        for line in written:
            self.rows += 1
            yield f"{name},{line}\n"
        self.losses.extend(written.losses)


def _label_map(labels: list[Label]) -> Iterator[str]:
    """The label map in the spelling of the ActivityNet evaluator; readers want the two spaces."""
    for number, label in enumerate(labels, start=1):
        name = label.name.replace("\\", "\\\\").replace('"', '\\"')
        name = name.replace("\n", "\\n").replace("\r", "\\r")
        yield f'item {{\n  name: "{name}"\n  id: {number}\n}}\n'
