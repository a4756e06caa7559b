"""Cutting tubes apart, putting them together, exchanging them, straightening and holding boxes."""

from collections.abc import Callable

from PySide6.QtCore import QObject

from app.domain.project import Change, TubeSummary
from app.editing.draft import Edit
from app.editing.joins import HoldBox, Interpolate, MergeTubes, SplitTube, SwapTubes
from app.services.services import Services
from app.views.play_desk import PlayDesk
from app.views.timeline import TimelineView
from app.views.tube_desk import TubeDesk

HOLD_SECONDS = 1.0
"""How far a box is copied on after the last keyframe of its tube."""


class JoinDesk(QObject):
    """Does it to the selected tubes, at the playhead or in the selected frames."""

    def __init__(
        self,
        services: Services,
        desks: tuple[PlayDesk, TubeDesk],
        timeline: TimelineView,
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._services, self._timeline = services, timeline
        self._play, self._tubes = desks

    def handlers(self) -> dict[str, Callable[[], object]]:
        """What the window's actions do here."""
        return {
            "merge": self._merge,
            "split": self._split,
            "swap": self._swap,
            "interpolate": self._interpolate,
            "copy_on": self._copy_on,
        }

    def limits(self) -> dict[str, Callable[[], str]]:
        """Why actions cannot be done now."""
        return {
            "merge": lambda: self._why_not(2, 1000, "Select the tubes to merge, with Ctrl+click."),
            "split": lambda: self._why_not(1, 1, "Select the one tube to split."),
            "swap": lambda: self._why_not(2, 2, "Select the two tubes to swap, with Ctrl+click."),
            "interpolate": lambda: self._why_not(1, 1000, "Select a tube first."),
            "copy_on": lambda: self._why_not(1, 1000, "Select a tube first."),
        }

    def _why_not(self, least: int, most: int, wanted: str) -> str:
        right = least <= self._tubes.selected_count <= most
        return self._play.why_no_video() or ("" if right else wanted)

    def _submit(self, edit: Edit) -> Change | None:
        return self._services.project.submit(edit)

    def _merge(self) -> None:
        tubes = self._tubes.selected
        if self._submit(MergeTubes(tuple(tube.id for tube in tubes))) is not None:
            self._tubes.select(tubes[0].id)
            others = ", ".join(f"#{tube.number}" for tube in tubes[1:])
            told = f"Merged {others} into #{tubes[0].number}."
            self._services.messages.info(told, "Undo", self._undo)

    def _split(self) -> None:
        """The part from the playhead on is selected: it is what one wants to change next."""
        (tube,) = self._tubes.selected
        change = self._submit(SplitTube(tube.id, self._play.frame))
        for new in change.tubes - {tube.id} if change is not None else ():
            self._tubes.select(new)

    def _swap(self) -> None:
        first, second = self._tubes.selected
        self._submit(SwapTubes(first.id, second.id, self._play.frame))

    def _interpolate(self) -> None:
        frames = self._timeline.selected_range
        limits = None if frames is None else (frames.start, frames.stop - 1)
        for tube in self._tubes.selected:
            self._submit(Interpolate(tube.id, self._play.frame, limits))

    def _copy_on(self) -> None:
        for tube in self._tubes.selected:
            self._submit(HoldBox(tube.id, self._play.frame, self._last_held(tube)))

    def _last_held(self, tube: TubeSummary) -> int:
        """To the end of the selected frames, else up to the next keyframe, else for a second."""
        here, frames = self._play.frame, self._timeline.selected_range
        if frames is not None and frames.start <= here < frames.stop - 1:
            return frames.stop - 1
        later = tube.keyframes[tube.keyframes > here]
        if len(later):
            return max(int(later[0]) - 1, here + 1)
        second = max(1, round(self._play.fps * HOLD_SECONDS))
        return min(here + second, self._play.frame_count - 1)

    def _undo(self) -> None:
        self._services.project.undo()
