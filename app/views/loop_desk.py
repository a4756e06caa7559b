"""Playing a range of frames or a tube over and over."""

from collections.abc import Callable

from PySide6.QtCore import QObject, Signal

from app.services.services import Services
from app.views.play_bar import PlayBar
from app.views.play_desk import PlayDesk
from app.views.timeline import TimelineView
from app.views.tube_desk import TubeDesk
from yowo_core.annotations import FrameRange

_NOTHING = "Select a tube to loop, or frames with Shift+drag on the timeline."


class LoopDesk(QObject):
    """Loops the selected range, else the selected tubes; while on it follows what is selected."""

    changed = Signal()  # whether it loops, or could

    def __init__(
        self,
        services: Services,
        desks: tuple[PlayDesk, TubeDesk],
        views: tuple[TimelineView, PlayBar],
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._playback = services.playback
        self._timeline, self._bar = views
        self._play, self._tubes = desks
        self._on = False
        self._playback.state_changed.connect(self._see)
        self._timeline.range_selected.connect(self._follow)
        self._tubes.selection_changed.connect(self._follow)

    @property
    def on(self) -> bool:
        """Whether playing goes round."""
        return self._on

    def handlers(self) -> dict[str, Callable[[], object]]:
        """What the window's actions do here."""
        return {"loop": self.switch}

    def limits(self) -> dict[str, Callable[[], str]]:
        """Why actions cannot be done now."""
        return {"loop": self._why_not}

    def switch(self) -> None:
        """Play what is selected over and over from now on; or no more."""
        if self._on:
            self._playback.set_loop(None)
            return
        frames = self._chosen()
        if frames is not None:
            self._playback.set_loop(frames)
            self._playback.play()

    def _why_not(self) -> str:
        nothing = "" if self._on or self._chosen() is not None else _NOTHING
        return self._play.why_no_video() or nothing

    def _chosen(self) -> FrameRange | None:
        if self._timeline.selected_range is not None:
            return self._timeline.selected_range
        tubes = self._tubes.selected
        if not tubes:
            return None
        return FrameRange(min(t.first for t in tubes), max(t.last for t in tubes) + 1)

    def _follow(self) -> None:
        """Another tube or range is selected: loop that one instead."""
        frames = self._chosen()
        if self._on and frames is not None:
            self._playback.set_loop(frames)
        self.changed.emit()

    def _see(self) -> None:
        on = self._playback.state.loop is not None
        if on != self._on:
            self._on = on
            self._bar.set_looping(looping=on)
            self.changed.emit()
