"""Which predictions a person goes through, and how far that is."""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True)
class ReviewFilter:
    """Which of the tubes that wait are gone through: from a score on, of one label or any."""

    min_score: float = 0.0
    label: int | None = None


EVERY_TUBE: Final = ReviewFilter()


@dataclass(frozen=True)
class VideoReview:
    """How many tubes of a video stand in which state, and how many of all a model made."""

    to_review: int = 0
    confirmed: int = 0
    rejected: int = 0
    unsure: int = 0
    predicted: int = 0


@dataclass(frozen=True)
class ReviewQueue:
    """How the review of the shown video stands.

    left: tubes that wait and pass the filter. elsewhere: those of the project's other videos.
    wanted: the filter, label: the name of its label, "" for any.
    """

    video: VideoReview | None = None
    left: int = 0
    elsewhere: int = 0
    wanted: ReviewFilter = EVERY_TUBE
    label: str = ""
    analysing: bool = False
