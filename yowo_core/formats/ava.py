"""Writes AVA v2.2: a CSV with one row a whole second, box and action, and its label map.

Columns: video id, second, x1, y1, x2, y2 normalised to 0..1, action id from 1, person id. The
dialect's facts are in docs/formats/ava.md.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from posixpath import splitext

import numpy as np
from numpy.typing import NDArray

from yowo_core.annotations import AnnotationSet, Label, Tube, Video
from yowo_core.errors import ConfigError, FormatError
from yowo_core.formats.checked import check_names
from yowo_core.formats.whole_file import replacing
from yowo_core.tubes.interpolate import dense

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Times = Mapping[str, Floats]


@dataclass(frozen=True)
class LostTube:
    """A confirmed tube without a row: it runs from start to before stop, in seconds."""

    video: str
    tube: str
    start: float
    stop: float


@dataclass(frozen=True)
class AvaReport:
    """What was written and what AVA cannot hold.

    rows: written rows. skipped_unlabelled: boxes at a whole second without any action.
    skipped_outside: boxes at a whole second that do not reach into the picture. unconfirmed:
    tubes that no person confirmed. lost_tubes: confirmed tubes that are seen at no whole second.
    """

    rows: int
    skipped_unlabelled: int
    skipped_outside: int
    unconfirmed: int
    lost_tubes: tuple[LostTube, ...]

    def sentences(self) -> tuple[str, ...]:
        """What a person should know of it, nothing when all is there."""
        lost = ", ".join(f"{t.video} #{t.tube} from {t.start:.2f} s" for t in self.lost_tubes[:20])
        counted = (
            (self.skipped_unlabelled, "boxes without an action", ""),
            (self.skipped_outside, "boxes outside their picture", ""),
            (self.unconfirmed, "tubes that nobody confirmed", ""),
            (len(self.lost_tubes), "tubes seen at no whole second", f" ({lost})"),
        )
        return tuple(f"Left out: {what}, {n}{which}." for n, what, which in counted if n)


def write(
    annotations: AnnotationSet, path: Path, *, times: Times | None = None, offset: int = 0
) -> AvaReport:
    """Write the confirmed tubes to path and the label map to NAME.pbtxt beside it.

    times: seconds of every frame by video name; where they are missing or incomplete, frame / fps
    counts. Every whole second is shown by
    the frame nearest to it in time. offset: seconds added to every time stamp; readers that
    insist on AVA's own 902..1798 need 902. Action ids are 1, 2, ... in the order of the labels'
    ids. FormatError when a video's size or times are unknown or its name cannot stand in an AVA
    file, ConfigError for a negative offset.
    """
    if offset < 0:
        raise ConfigError(f"The offset of {offset} seconds is negative; AVA's time stamps are not.")
    check_names(annotations)
    labels = sorted(annotations.labels, key=lambda label: label.id)
    numbers = {label.id: number for number, label in enumerate(labels, start=1)}
    count = _Count()
    used = [v for v in annotations.videos if any(t.confirmed for t in v.tubes)]
    count.unconfirmed = sum(not t.confirmed for v in annotations.videos for t in v.tubes)
    names = _video_ids(used)
    with replacing(path) as table:
        for video in used:
            grid = _Grid.of(video, (times or {}).get(video.name), offset)
            for line in _video_lines(video, grid, numbers, count):
                table.write(f"{names[video.name]},{line}\n")
                count.rows += 1
        with replacing(label_map_path(path)) as label_map:
            label_map.writelines(_label_map(labels))
    return AvaReport(
        count.rows, count.unlabelled, count.outside, count.unconfirmed, tuple(count.lost)
    )


def label_map_path(path: Path) -> Path:
    """Where the label map of that CSV lies: NAME.pbtxt beside NAME.csv."""
    return path.with_suffix(".pbtxt") if path.suffix.lower() == ".csv" else Path(f"{path}.pbtxt")


@dataclass
class _Count:
    """What is counted while writing."""

    rows: int = 0
    unlabelled: int = 0
    outside: int = 0
    unconfirmed: int = 0
    lost: list[LostTube] = field(default_factory=list)


@dataclass(frozen=True, eq=False)
class _Grid:
    """Which frame stands for which second: frames, stamps (S,); seconds (F,) of all frames."""

    frames: Ints
    stamps: Ints
    seconds: Floats

    @staticmethod
    def of(video: Video, times: "Floats | None", offset: int) -> "_Grid":
        if not video.width or not video.height:
            raise FormatError(
                f"The picture size of {video.name} is unknown, and AVA's boxes are shares of it. "
                "Add the video's file."
            )
        whole = times is not None and len(times) and not np.isnan(times).any()
        seconds = times if times is not None and whole else _seconds(video)
        frames, stamps = whole_seconds(seconds)
        return _Grid(frames, stamps + offset, seconds)

    def moment(self, frame: int) -> float:
        """When that frame is shown, in seconds."""
        return float(self.seconds[min(frame, len(self.seconds) - 1)])


def whole_seconds(seconds: Floats) -> tuple[Ints, Ints]:
    """The frame nearest to each whole second that the video has: frames (S,), seconds (S,).

    seconds: (F,) ascending, when each frame is shown; F at least 1. The first frame may come one
    frame late for its second; after the last frame half a frame still counts. Of two frames
    equally near the earlier one is taken.
    """
    gap = float(np.median(np.diff(seconds))) if len(seconds) > 1 else 1.0
    first = max(0, int(np.ceil(seconds[0] - gap)))
    last = int(np.ceil(seconds[-1] + gap / 2)) - 1
    stamps = np.arange(first, max(first, last + 1), dtype=np.int64)
    after = np.clip(np.searchsorted(seconds, stamps), 0, len(seconds) - 1)
    before = np.maximum(after - 1, 0)
    earlier = stamps - seconds[before] <= np.abs(seconds[after] - stamps)
    return np.where(earlier, before, after), stamps


def _seconds(video: Video) -> Floats:
    if not video.fps:
        raise FormatError(
            f"Neither times nor the frame rate of {video.name} are known. Add the video's file."
        )
    count = max(video.frame_count, *(tube.stop for tube in video.tubes))
    return np.asarray(np.arange(count) * video.fps.denominator / video.fps.numerator)


def _video_ids(videos: list[Video]) -> dict[str, str]:
    """The names without their file type; FormatError for two equal ones or a comma."""
    names: dict[str, str] = {}
    taken: dict[str, str] = {}
    for video in videos:
        plain = splitext(video.name)[0]
        if any(mark in plain for mark in ',"\r\n'):
            raise FormatError(
                f"AVA files know no quoting, so the video name {video.name!r} cannot stand in one. "
                "Rename the video."
            )
        if plain in taken:
            raise FormatError(
                f"{taken[plain]} and {video.name} are both called {plain} in an AVA file. "
                "Rename one of them."
            )
        names[video.name] = plain
        taken[plain] = video.name
    return names


def _video_lines(
    video: Video, grid: _Grid, numbers: Mapping[int, int], count: _Count
) -> Iterator[str]:
    """The rows of a video without its id, by tube and second."""
    people: dict[str, int] = {}
    for tube in video.tubes:
        if tube.confirmed:
            key = f"person {tube.person}" if tube.person else f"tube {tube.id}"
            person = people.setdefault(key, len(people))
            yield from _tube_lines(video, tube, grid, numbers, (person, count))


def _tube_lines(
    video: Video,
    tube: Tube,
    grid: _Grid,
    numbers: Mapping[int, int],
    tally: tuple[int, _Count],
) -> Iterator[str]:
    person, count = tally
    filled = dense(tube)
    at = np.flatnonzero(np.isin(grid.frames, filled.frames))
    mine = np.searchsorted(filled.frames, grid.frames[at])
    if not len(at):
        span = grid.moment(tube.start), grid.moment(tube.stop)
        count.lost.append(LostTube(video.name, tube.id, *span))
    for box, frame, stamp in zip(
        filled.boxes[mine], filled.frames[mine].tolist(), grid.stamps[at].tolist(), strict=True
    ):
        actions = sorted({numbers[s.label] for s in tube.spans if frame in s})
        text = _box_text(box, video)
        count.unlabelled += not actions
        count.outside += bool(actions) and not text
        if text:
            yield from (f"{stamp:04d},{text},{action},{person}" for action in actions)


def _box_text(box: Floats, video: Video) -> str:
    """The part of the box inside the picture as shares with 3 decimals, '' when there is none.

    A box that would be rounded to nothing is widened to the next thousandth on both sides.
    """
    shares = np.clip(box / [video.width, video.height, video.width, video.height], 0, 1) * 1000
    if shares[0] >= shares[2] or shares[1] >= shares[3]:
        return ""
    rounded = np.rint(shares)
    for low, high in ((0, 2), (1, 3)):
        if rounded[low] == rounded[high]:
            rounded[low], rounded[high] = np.floor(shares[low]), np.ceil(shares[high])
    return ",".join(f"{value / 1000:.3f}" for value in rounded)


def _label_map(labels: list[Label]) -> Iterator[str]:
    """The label map in the spelling of the ActivityNet evaluator; readers want the two spaces."""
    for number, label in enumerate(labels, start=1):
        name = label.name.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
        yield f'item {{\n  name: "{name}"\n  id: {number}\n}}\n'
