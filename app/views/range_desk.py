"""Marking frames as completely labelled: by the timeline's range, its menu, and by key."""

from collections.abc import Callable

from PySide6.QtCore import QObject, QPoint
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu

from app.domain.wording import DASH
from app.editing.ranges import MarkLabelled, UnmarkLabelled
from app.services.services import Services
from app.views.play_desk import PlayDesk
from app.views.range_bar import RangeBar
from app.views.timeline import TimelineView
from app.views.timeline_tooltip import LABELLED_MEANS
from app.views.tube_desk import TubeDesk
from yowo_core.annotations import FrameRange


class RangeDesk(QObject):
    """Turns the selected range, else the selected tubes, else the shown frame into an edit."""

    def __init__(
        self,
        services: Services,
        desks: tuple[PlayDesk, TubeDesk],
        timeline: TimelineView,
        actions: tuple[QAction, QAction],
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._services, self._timeline = services, timeline
        self._play, self._tubes = desks
        self._mark, self._unmark = actions
        self._bar, self._menu = RangeBar(timeline), QMenu(timeline)
        self._under: FrameRange | None = None
        self._mark.setToolTip(LABELLED_MEANS)
        self._menu.setToolTipsVisible(True)
        self._menu.addActions([self._mark, self._unmark])
        self._take = self._menu.addAction("", self._select_known)
        self._drop = self._menu.addAction("Select no frames", self._select_none)
        timeline.range_selected.connect(self.show)
        timeline.menu_asked.connect(self._open_menu)
        self._bar.mark_asked.connect(self._mark.trigger)
        self._bar.unmark_asked.connect(self._unmark.trigger)
        self._bar.clear_asked.connect(self._select_none)

    def handlers(self) -> dict[str, Callable[[], object]]:
        """What the window's actions do here."""
        return {
            "mark_labelled": lambda: self.mark(labelled=True),
            "unmark_labelled": lambda: self.mark(labelled=False),
            "range_start": lambda: self._set_end(first=True),
            "range_end": lambda: self._set_end(first=False),
        }

    def limits(self) -> dict[str, Callable[[], str]]:
        """Why actions cannot be done now: all of them need a video."""
        return dict.fromkeys(self.handlers(), self._play.why_no_video)

    def show(self) -> None:
        """Offer what can be done with the selected range as it is now."""
        video = self._play.video
        keys = (self._mark.shortcut().toString(), self._unmark.shortcut().toString())
        known = video.ranges if video is not None else ()
        self._bar.show_range(self._timeline.selected_range, known, keys)

    def mark(self, *, labelled: bool) -> None:
        """Mark what is chosen as completely labelled, or as not."""
        video = self._play.video
        if video is None:
            self._services.messages.info("Open a video first: there are no frames to mark.")
            return
        edit = MarkLabelled if labelled else UnmarkLabelled
        ranges = self._chosen()
        made = [self._services.project.submit(edit(video.id, r.start, r.stop)) for r in ranges]
        shown = self._timeline.selected_range is not None  # then the timeline shows what came of it
        if None not in made and not shown:
            changed = any(change is not None and change.videos for change in made)
            state = "completely labelled" if labelled else "not completely labelled"
            names = " and ".join(_frames(r) for r in ranges[:2]) + " and more" * (len(ranges) > 2)
            begin = "Marked as" if changed else "Already marked as"
            self._services.messages.info(f"{begin} {state}: {names}.")

    def _chosen(self) -> list[FrameRange]:
        if self._timeline.selected_range is not None:
            return [self._timeline.selected_range]
        extents = [FrameRange(t.first, t.last + 1) for t in self._tubes.selected]
        return extents or [FrameRange(self._play.frame, self._play.frame + 1)]

    def _set_end(self, *, first: bool) -> None:
        """Let the selected range begin, or end, with the shown frame."""
        count, frame = self._play.frame_count, self._play.frame
        if not count:
            return
        now = self._timeline.selected_range
        start, stop = (now.start, now.stop) if now is not None else (frame, frame + 1)
        if first:
            frames = FrameRange(frame, max(stop, frame + 1))
        else:
            frames = FrameRange(min(start, frame), frame + 1)
        self._timeline.set_selected_range(frames)

    def _open_menu(self, place: QPoint, frame: int) -> None:
        """What can be done with the selected range, or with the labelled one under the mouse."""
        frames, known = self._timeline.selected_range, self._timeline.labelled_at(frame)
        self._under = known
        self._take.setVisible(known is not None and known != frames)
        self._take.setText(f"Select the labelled {_frames(known)}" if known is not None else "")
        self._drop.setVisible(frames is not None)
        self._menu.popup(place)

    def _select_known(self) -> None:
        self._timeline.set_selected_range(self._under)

    def _select_none(self) -> None:
        self._timeline.set_selected_range(None)


def _frames(frames: FrameRange) -> str:
    if frames.stop - frames.start == 1:
        return f"frame {frames.start}"
    return f"frames {frames.start}{DASH}{frames.stop - 1}"
