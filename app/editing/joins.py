"""Edits that cut tubes apart, put them together, exchange them, and straighten or hold boxes."""

from dataclasses import dataclass, replace

from app.editing import tube_draft
from app.editing.draft import Draft
from app.editing.tube_draft import Held
from app.errors import EditError
from yowo_core.annotations import Review, Source, Tube
from yowo_core.tubes.join import between, held, interpolated, merged, split, swapped

BRIDGE_SECONDS = 1.0
"""A gap this long is interpolated when tubes are put together; in a longer one nobody is there."""
_BRIDGE_UNKNOWN = 30


@dataclass(frozen=True)
class MergeTubes:
    """Make one tube of several of a video: the first one, with the others' boxes and actions."""

    tube_ids: tuple[int, ...]

    def apply(self, draft: Draft) -> str:
        """Extend the first, remove the others; EditError for fewer than two or two videos."""
        found = [tube_draft.find(draft, tube_id) for tube_id in dict.fromkeys(self.tube_ids)]
        if len(found) < 2:
            raise EditError("Two tubes at least are needed to merge them.")
        first, whole = found[0], _keyed(found[0])
        for other in found[1:]:
            _check_video(first, other)
            whole = merged(whole, _keyed(other), _bridge(draft, first))
        tube_draft.correct(draft, first, whole)
        others = [item.id for item in found[1:]]
        tube_draft.remove(draft, tube_draft.find_rows(draft, others))
        return f"Merge {', '.join(f'#{item.number}' for item in found[1:])} into #{first.number}"


@dataclass(frozen=True)
class SplitTube:
    """Make two tubes of one: before a frame, and from it on."""

    tube_id: int
    frame: int

    def apply(self, draft: Draft) -> str:
        """Cut the tube and add the rest as another."""
        item = tube_draft.find(draft, self.tube_id)
        head, tail = split(_keyed(item), self.frame)
        tube_draft.correct(draft, item, head)
        review = item.tube.review if item.source is Source.HUMAN else Review.CORRECTED
        number = tube_draft.add(draft, draft.video(item.video_id), replace(tail, review=review))
        return f"Split #{number} from #{item.number}"


@dataclass(frozen=True)
class SwapTubes:
    """Exchange what two tubes of a video are from a frame on: their actors were mixed up."""

    first_id: int
    second_id: int
    frame: int

    def apply(self, draft: Draft) -> str:
        """Exchange boxes and actions."""
        first, second = (tube_draft.find(draft, i) for i in (self.first_id, self.second_id))
        if first.id == second.id:
            raise EditError(f"#{first.number} cannot be swapped with itself.")
        _check_video(first, second)
        bridge = _bridge(draft, first)
        one, other = swapped(_keyed(first), _keyed(second), self.frame, bridge)
        tube_draft.correct(draft, first, one)
        tube_draft.correct(draft, second, other)
        return f"Swap #{first.number} and #{second.number} from frame {self.frame} on"


@dataclass(frozen=True)
class Interpolate:
    """Let a straight line take the place of a tube's boxes between two frames.

    Both are inclusive. Without them: between the boxes around frame that a person set.
    """

    tube_id: int
    frame: int
    limits: tuple[int, int] | None = None

    def apply(self, draft: Draft) -> str:
        """Drop what lies between."""
        item = tube_draft.find(draft, self.tube_id)
        tube = _keyed(item)
        first, last = self.limits or between(tube, self.frame)
        tube_draft.correct(draft, item, interpolated(tube, first, last))
        return f"Interpolate #{item.number} from frame {first} to {last}"


@dataclass(frozen=True)
class HoldBox:
    """Keep a tube's box of one frame where it is up to frame last, inclusive."""

    tube_id: int
    frame: int
    last: int

    def apply(self, draft: Draft) -> str:
        """Copy the box on."""
        item = tube_draft.find(draft, self.tube_id)
        tube_draft.check_frame(draft.video(item.video_id), self.last)
        tube_draft.correct(draft, item, held(_keyed(item), self.frame, self.last))
        return f"Copy the box of #{item.number} on to frame {self.last}"


def _keyed(item: Held) -> Tube:
    return tube_draft.shaped(item.tube)


def _check_video(first: Held, second: Held) -> None:
    if first.video_id != second.video_id:
        raise EditError(f"#{first.number} and #{second.number} are of different videos.")


def _bridge(draft: Draft, item: Held) -> int:
    fps = draft.video(item.video_id).fps
    return round(float(fps) * BRIDGE_SECONDS) if fps else _BRIDGE_UNKNOWN
