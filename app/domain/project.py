"""What a project knows of videos, tubes, runs and models, as frozen values."""

from dataclasses import dataclass, field
from enum import StrEnum
from fractions import Fraction
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from yowo_core.annotations import ActionSpan, FrameRange, Review, Source, Tube


@dataclass(frozen=True)
class VideoRecord:
    """A video of the project; problem is a sentence when the file is missing or damaged.

    size: bytes and modified_ns: time of the last change (ns since 1970) of the file as it joined,
    0 when not known. sample_aspect: width of a pixel over its height. uneven: the gaps between
    frames differ. notice: a sentence on a file that can be used. needs_proxy: '' or why it is
    worked on through a working copy.
    """

    id: int
    uid: str
    name: str
    path: Path
    width: int
    height: int
    frame_count: int
    fps: Fraction
    content_hash: str
    ranges: tuple[FrameRange, ...] = ()
    problem: str = ""
    size: int = 0
    modified_ns: int = 0
    sample_aspect: Fraction = Fraction(1)
    uneven: bool = False
    notice: str = ""
    needs_proxy: str = ""


@dataclass(frozen=True, eq=False)
class TubeSummary:
    """What a timeline needs of a tube: everything but its boxes.

    first and last are the frames of the first and last stored box, both inclusive.
    keyframes: (K,) int64 frames to be ticked. number is what people call it (#17).
    """

    id: int
    number: int
    video_id: int
    first: int
    last: int
    spans: tuple[ActionSpan, ...]
    keyframes: NDArray[np.int64]
    review: Review
    source: Source
    run_id: int | None = None

    @property
    def confirmed(self) -> bool:
        """Whether a person stands behind it."""
        return self.review in (Review.ACCEPTED, Review.CORRECTED)


@dataclass(frozen=True)
class BoxAt:
    """A tube's box in one frame, stored or interpolated, with the actions running there."""

    tube_id: int
    number: int
    box: tuple[float, float, float, float]
    keyframe: bool
    interpolated: bool
    spans: tuple[ActionSpan, ...]
    review: Review
    source: Source

    @property
    def confirmed(self) -> bool:
        """Whether a person stands behind it."""
        return self.review in (Review.ACCEPTED, Review.CORRECTED)


@dataclass(frozen=True, eq=False)
class TubeRecord:
    """A whole tube of the project; tube.id is its uid, unique across projects."""

    id: int
    number: int
    video_id: int
    tube: Tube
    run_id: int | None = None


class RunKind(StrEnum):
    """What a background run does."""

    DETECT = "detect"
    TRAIN = "train"


class RunState(StrEnum):
    """How a run stands."""

    RUNNING = "running"
    FINISHED = "finished"
    STOPPED = "stopped"
    FAILED = "failed"


@dataclass(frozen=True)
class RunRecord:
    """A background run: an analysis of one video or a training."""

    id: int
    uid: str
    kind: RunKind
    title: str
    state: RunState
    folder: Path
    created_at: str
    video_id: int | None = None
    model_uid: str = ""


@dataclass(frozen=True)
class ModelRecord:
    """A model that the project can play: the built-in demo or the result of a fine-tune.

    metrics holds name -> value of its held-out figures, before_ and after_ for a fine-tune.
    """

    id: int
    uid: str
    name: str
    path: Path
    sha256: str
    labels: tuple[str, ...]
    created_at: str
    parent_uid: str = ""
    run_id: int | None = None
    metrics: dict[str, float] = field(default_factory=dict)
    live: bool = False


@dataclass(frozen=True)
class Change:
    """What a committed edit touched, so that views re-read only that.

    videos are those whose own facts, labelled ranges or tubes changed; tubes may be new or gone.
    """

    videos: frozenset[int] = frozenset()
    tubes: frozenset[int] = frozenset()
    labels: bool = False
    media: bool = False
    models: bool = False
    runs: bool = False
    history: bool = True

    def __or__(self, other: "Change") -> "Change":
        return Change(
            self.videos | other.videos,
            self.tubes | other.tubes,
            self.labels or other.labels,
            self.media or other.media,
            self.models or other.models,
            self.runs or other.runs,
            self.history or other.history,
        )


@dataclass(frozen=True)
class ReviewCounts:
    """How many tubes of a project stand in which state of review."""

    accepted: int = 0
    to_review: int = 0
    rejected: int = 0


@dataclass(frozen=True)
class ClassCount:
    """How much confirmed material of one action there is to learn from.

    tubes counts the confirmed tubes that show the action, boxes their visible frames with it,
    stored or interpolated.
    """

    label_id: int
    name: str
    tubes: int
    boxes: int


@dataclass(frozen=True)
class NewVideo:
    """A video file that is to join a project; facts that are not known yet stay 0 or empty."""

    path: Path
    width: int = 0
    height: int = 0
    frame_count: int = 0
    fps: Fraction = Fraction(0)
    content_hash: str = ""
    size: int = 0
    problem: str = ""
    modified_ns: int = 0
    sample_aspect: Fraction = Fraction(1)
    uneven: bool = False
    notice: str = ""
    needs_proxy: str = ""


@dataclass(frozen=True)
class NewModel:
    """A model that is to be registered in a project; uid is the same in every project."""

    uid: str
    name: str
    path: Path
    sha256: str
    labels: tuple[str, ...]
    parent_uid: str = ""
    run_id: int | None = None
    metrics: dict[str, float] = field(default_factory=dict)
