"""The one in-memory model of labelled video: who is where, when, and does what.

Frames are 0-based, ranges half-open. Boxes are float x1, y1, x2, y2 in the pixels of the decoded
array. All values are frozen; a change makes a new value.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from enum import StrEnum
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from yowo_core.errors import DataError


class Source(StrEnum):
    """Who made a box."""

    HUMAN = "human"
    MODEL = "model"
    INTERPOLATION = "interpolation"
    TRACKER = "tracker"
    IMPORT = "import"


class Review(StrEnum):
    """What a person decided about a tube."""

    TO_REVIEW = "to_review"
    ACCEPTED = "accepted"
    CORRECTED = "corrected"
    REJECTED = "rejected"
    UNSURE = "unsure"


@dataclass(frozen=True)
class Label:
    """An action class with an id that stays the same for the life of a project."""

    id: int
    name: str
    color: str = "#38bdf8"
    kind: str = "action"


@dataclass(frozen=True, order=True)
class FrameRange:
    """Frames start, start + 1, ..., stop - 1."""

    start: int
    stop: int

    def __post_init__(self) -> None:
        """Refuse an empty or negative range: it would silently label nothing."""
        if not 0 <= self.start < self.stop:
            raise DataError(f"Frame range [{self.start}, {self.stop}) is empty or negative.")

    def __contains__(self, frame: int) -> bool:
        return self.start <= frame < self.stop

    def __len__(self) -> int:
        return self.stop - self.start


def merge_ranges(ranges: Iterable[FrameRange]) -> tuple[FrameRange, ...]:
    """The same frames as the fewest ranges, ascending; touching ranges become one."""
    merged: list[FrameRange] = []
    for item in sorted(ranges):
        if merged and item.start <= merged[-1].stop:
            merged[-1] = FrameRange(merged[-1].start, max(merged[-1].stop, item.stop))
        else:
            merged.append(item)
    return tuple(merged)


@dataclass(frozen=True)
class ActionSpan:
    """An actor does one action from frame start to before stop.

    score is the span's mean score, None for people's work; scores holds one value for each of
    the tube's frames inside the span, or is empty.
    """

    label: int
    start: int
    stop: int
    score: float | None = None
    scores: tuple[float, ...] = ()

    def __contains__(self, frame: int) -> bool:
        return self.start <= frame < self.stop


def _no_flags() -> NDArray[np.bool_]:
    return np.zeros(0, dtype=np.bool_)


@dataclass(frozen=True, eq=False)
class Tube:
    """One actor's boxes over time with the spans of their actions.

    frames: (F,) int64 ascending, the frames with a stored box; between two of them the box is
    interpolated linearly. boxes: (F, 4) float64. sources: who made each box. keyframe: (F,) bool,
    boxes that a person set or that carry the shape of the tube. outside: (F,) bool, the actor is
    not visible from this stored box until the next one.
    """

    id: str
    frames: NDArray[np.int64]
    boxes: NDArray[np.float64]
    spans: tuple[ActionSpan, ...] = ()
    sources: tuple[Source, ...] = ()
    keyframe: NDArray[np.bool_] = field(default_factory=_no_flags)
    outside: NDArray[np.bool_] = field(default_factory=_no_flags)
    person: str = ""
    model: str = ""
    review: Review = Review.ACCEPTED

    def __post_init__(self) -> None:
        """Check the shapes and fill the defaults: human keyframes, always visible."""
        count = len(self.frames)
        if count == 0:
            raise DataError(f"Tube {self.id!r} has no box.")
        if self.boxes.shape != (count, 4):
            raise DataError(f"Tube {self.id!r}: {count} frames but boxes {self.boxes.shape}.")
        if count > 1 and not bool(np.all(np.diff(self.frames) > 0)):
            raise DataError(f"Tube {self.id!r}: frames must ascend without repeats.")
        if not self.sources:
            object.__setattr__(self, "sources", (Source.HUMAN,) * count)
        if not len(self.keyframe):
            object.__setattr__(self, "keyframe", np.ones(count, dtype=np.bool_))
        if not len(self.outside):
            object.__setattr__(self, "outside", np.zeros(count, dtype=np.bool_))
        if not len(self.sources) == len(self.keyframe) == len(self.outside) == count:
            raise DataError(f"Tube {self.id!r}: every box needs one source and one of each flag.")

    @property
    def start(self) -> int:
        """First frame with a box."""
        return int(self.frames[0])

    @property
    def stop(self) -> int:
        """One past the last frame with a box."""
        return int(self.frames[-1]) + 1

    @property
    def confirmed(self) -> bool:
        """Whether a person stands behind this tube: it may be trained on and exported."""
        return self.review in (Review.ACCEPTED, Review.CORRECTED)

    def equals(self, other: "Tube") -> bool:
        """Whether both tubes hold the same values, arrays included."""
        plain = ("id", "spans", "sources", "person", "model", "review")
        arrays = ("frames", "boxes", "keyframe", "outside")
        return all(getattr(self, n) == getattr(other, n) for n in plain) and all(
            np.array_equal(getattr(self, n), getattr(other, n)) for n in arrays
        )


@dataclass(frozen=True, eq=False)
class Video:
    """One labelled video: its picture facts, the ranges that are fully labelled, its tubes.

    Only inside ranges is a frame without a box a negative; elsewhere it is unknown.
    fps is 0 when unknown; frame_count, width and height are 0 when unknown.
    """

    name: str
    width: int = 0
    height: int = 0
    frame_count: int = 0
    fps: Fraction = Fraction(0)
    content_hash: str = ""
    ranges: tuple[FrameRange, ...] = ()
    tubes: tuple[Tube, ...] = ()

    def labelled(self, frame: int) -> bool:
        """Whether everything that happens in this frame is known."""
        return any(frame in r for r in self.ranges)


@dataclass(frozen=True, eq=False)
class AnnotationSet:
    """Labels and labelled videos: what every format is read to and written from."""

    labels: tuple[Label, ...] = ()
    videos: tuple[Video, ...] = ()

    def video(self, name: str) -> Video:
        """The video of that name; DataError lists what is there."""
        for item in self.videos:
            if item.name == name:
                return item
        known = ", ".join(v.name for v in self.videos[:10]) or "none"
        raise DataError(f"No labels for video {name!r}; labelled videos: {known}.")

    def label(self, label_id: int) -> Label:
        """The label with that id; DataError when there is none."""
        for item in self.labels:
            if item.id == label_id:
                return item
        raise DataError(f"No label has the id {label_id}.")

    def with_tubes(self, keep: "set[Review]") -> "AnnotationSet":
        """The same set with only the tubes in one of those review states."""
        videos = tuple(
            replace(v, tubes=tuple(t for t in v.tubes if t.review in keep)) for v in self.videos
        )
        return AnnotationSet(self.labels, videos)
