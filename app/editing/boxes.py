"""Edits of a tube's boxes and extent. A dense prediction is thinned to keyframes on the way."""

from dataclasses import dataclass

import numpy as np

from app.editing import tube_draft
from app.editing.draft import Draft
from app.errors import EditError
from yowo_core.annotations import Tube
from yowo_core.tubes.edit import keyframe_here, with_box, with_extent, without_keyframe
from yowo_core.tubes.interpolate import box_at

_SAME_PX = 1e-6  # what mapping between screen and video may lose


@dataclass(frozen=True)
class MoveBox:
    """Put a tube's box in one frame elsewhere (x1, y1, x2, y2 in pixels), as a keyframe.

    A frame beyond the tube's ends extends it. A move to where the box is already is none.
    """

    tube_id: int
    frame: int
    box: tuple[float, float, float, float]

    def apply(self, draft: Draft) -> str:
        """Set the keyframe."""
        held = tube_draft.find(draft, self.tube_id)
        tube_draft.check_frame(draft.video(held.video_id), self.frame)
        found = box_at(held.tube, self.frame)
        if found is None or not np.allclose(found[0], self.box, rtol=0, atol=_SAME_PX):
            tube = with_box(tube_draft.shaped(held.tube), self.frame, self.box)
            tube_draft.correct(draft, held, tube)
        return f"Move box of #{held.number}"


@dataclass(frozen=True)
class MakeKeyframe:
    """Pin a tube's box in one frame where it is."""

    tube_id: int
    frame: int

    def apply(self, draft: Draft) -> str:
        """Set the keyframe; nothing where one is."""
        held = tube_draft.find(draft, self.tube_id)
        if not _is_keyframe(held.tube, self.frame):
            tube_draft.correct(draft, held, _pinned(held.tube, self.frame))
        return f"Keyframe in #{held.number}"


@dataclass(frozen=True)
class RemoveKeyframe:
    """Let interpolation take the place of a keyframe."""

    tube_id: int
    frame: int

    def apply(self, draft: Draft) -> str:
        """Remove the keyframe; EditError where there is none or no other."""
        held = tube_draft.find(draft, self.tube_id)
        if not _is_keyframe(held.tube, self.frame):
            raise EditError(f"#{held.number} has no keyframe in frame {self.frame}.")
        tube = tube_draft.shaped(held.tube)
        if self.frame in tube.frames:
            tube = without_keyframe(tube, self.frame)
        tube_draft.correct(draft, held, tube)
        return f"Remove keyframe of #{held.number}"


@dataclass(frozen=True)
class SetExtent:
    """Let a tube run from frame first to last, both inclusive, as far as the video goes."""

    tube_id: int
    first: int
    last: int

    def apply(self, draft: Draft) -> str:
        """Cut or extend the tube."""
        held = tube_draft.find(draft, self.tube_id)
        video = draft.video(held.video_id)
        end = video.frame_count - 1 if video.frame_count else self.last
        tube = with_extent(held.tube, max(0, self.first), min(self.last, end))
        tube_draft.correct(draft, held, tube)
        longer = tube.stop - tube.start > held.tube.stop - held.tube.start
        return f"{'Extend' if longer else 'Trim'} #{held.number}"


def _is_keyframe(tube: Tube, frame: int) -> bool:
    return bool(np.any(tube.frames[tube.keyframe] == frame))


def _pinned(tube: Tube, frame: int) -> Tube:
    """The tube with a keyframe at its box; one of a dense tube holds although thinning moves it."""
    found = box_at(tube, frame)
    if found is None or bool(tube.keyframe.all()):
        return keyframe_here(tube, frame)
    return with_box(tube_draft.shaped(tube), frame, found[0])
