"""Edits of whole tubes: add, review, take over, delete."""

from dataclasses import dataclass, replace
from typing import Final

from app.editing import tube_draft
from app.editing.draft import Draft
from yowo_core.annotations import Review, Source, Tube

_VERBS: Final = {
    Review.TO_REVIEW: "Put back to review",
    Review.ACCEPTED: "Accept",
    Review.CORRECTED: "Mark as corrected",
    Review.REJECTED: "Reject",
    Review.UNSURE: "Mark as unsure",
}


@dataclass(frozen=True, eq=False)
class AddTube:
    """Add a tube to a video; a confirmed one labels its frames.

    Its uid is tube.id if that is one (32 hexadecimal digits) that the project does not know. A
    tube with the id of a known one counts as its copy.
    """

    video_id: int
    tube: Tube

    def apply(self, draft: Draft) -> str:
        """Add the tube; its number is new to the project."""
        number = tube_draft.add(draft, draft.video(self.video_id), self.tube)
        return f"Add #{number}"


@dataclass(frozen=True)
class SetReview:
    """Note what a person decided about tubes; accepted ones label their frames."""

    tube_ids: tuple[int, ...]
    review: Review

    def apply(self, draft: Draft) -> str:
        """Set the state of those that do not have it yet."""
        rows = tube_draft.find_rows(draft, self.tube_ids)
        tube_draft.review(draft, rows, self.review)
        return f"{_VERBS[self.review]} {_named([row.number for row in rows])}"


@dataclass(frozen=True)
class DeleteTubes:
    """Take tubes out of the project; what range they labelled stays labelled."""

    tube_ids: tuple[int, ...]

    def apply(self, draft: Draft) -> str:
        """Remove the tubes."""
        rows = tube_draft.find_rows(draft, self.tube_ids)
        tube_draft.remove(draft, rows)
        return f"Delete {_named([row.number for row in rows])}"


@dataclass(frozen=True)
class TakeOver:
    """Make a prediction a person's tube: few keyframes that can be moved, review corrected."""

    tube_id: int

    def apply(self, draft: Draft) -> str:
        """Thin the tube; nothing for one that a person made."""
        held = tube_draft.find(draft, self.tube_id)
        if held.source is not Source.HUMAN:
            tube = replace(tube_draft.shaped(held.tube), review=Review.CORRECTED)
            tube_draft.put(draft, held, tube)
        return f"Take over #{held.number}"


def _named(numbers: list[int]) -> str:
    return f"#{numbers[0]}" if len(numbers) == 1 else f"{len(numbers)} tubes"
