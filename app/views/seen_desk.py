"""What the model sees in the shown frame: asks for the map and lays it over the picture."""

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QObject, QTimer

from app.domain.names import readable_name
from app.domain.project import ModelRecord, VideoRecord
from app.domain.seeing import SeeingPhase, SeeingState, SeeingWish, Seen
from app.services.services import Services
from app.views.canvas import CanvasView
from app.views.play_desk import PlayDesk
from app.views.seen_bar import BRANCHES, USUAL, SeenBar
from yowo_core.errors import CheckpointError
from yowo_core.models.card import read_card

_REST_MS = 250
"""How long the picture stands still before its map is worked out."""
_LOOKING = "Looking at frame {}…"


class SeenDesk(QObject):
    """While it is on, the frame that the picture stands still on gets its activation map."""

    def __init__(
        self,
        services: Services,
        desk: PlayDesk,
        views: tuple[CanvasView, SeenBar],
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._services, self._desk = services, desk
        self._canvas, self._bar = views
        self._branch = USUAL[0]
        self._cards: dict[Path, tuple[str, ...]] = {}
        self._told = ""
        self.on = False
        self._rest = QTimer(self)
        self._rest.setSingleShot(True)
        self._rest.setInterval(_REST_MS)
        self._rest.timeout.connect(self._ask)
        self._connect()

    def handlers(self) -> dict[str, Callable[[], object]]:
        """What the window's actions do here."""
        return {"see": self.switch}

    def limits(self) -> dict[str, Callable[[], str]]:
        """Why it cannot be switched on now; off it can always be."""
        return {"see": lambda: "" if self.on else self._why_not()}

    def switch(self) -> None:
        """Show what the model sees, or the picture alone again."""
        self.on, self._told = not self.on, ""
        self._bar.setVisible(self.on)
        if self.on:
            self._ask()
        else:
            self._rest.stop()
            self._services.seeing.stop()
            self._canvas.set_heat(None, -1)

    def follow(self) -> None:
        """Another frame, video or model is shown: its map comes when the picture rests."""
        if not self.on:
            return
        wish = self._services.seeing.state.wish
        if wish is not None and wish == self._wish():
            return
        self._canvas.set_heat(None, -1)
        self._services.seeing.stop()
        self._say_waiting()
        self._rest.start()

    def _connect(self) -> None:
        bar = self._bar
        self._desk.frame_shown.connect(self._follow_frame)
        self._desk.video_opened.connect(self._follow_frame)
        self._services.playback.state_changed.connect(self._follow_frame)
        self._services.seeing.changed.connect(self._show)
        bar.branch_chosen.connect(self._choose_branch)
        bar.action_chosen.connect(self._follow_frame)
        bar.strength_moved.connect(self._canvas.set_heat_strength)
        bar.again_asked.connect(self._ask)
        bar.close_asked.connect(self._close)

    def _follow_frame(self, _news: object) -> None:
        self.follow()

    def _close(self) -> None:
        self._desk.asked.emit("see")  # so that its action shows it, too

    def _choose_branch(self, branch: str) -> None:
        self._branch = branch
        self._show(self._services.seeing.state)

    def _why_not(self) -> str:
        video = self._desk.video
        missing = video.problem if video is not None and self._desk.blank else ""
        nothing = "" if self._model() is not None else "Choose a model in the bar first."
        return self._desk.why_no_video() or missing or nothing

    def _model(self) -> ModelRecord | None:
        return next((m for m in self._services.project.models() if m.live), None)

    def _file(self, video: VideoRecord) -> Path:
        """Frame i of the working copy is frame i of the video, and is reached faster."""
        copy = self._services.proxies.copy_of(video) if video.needs_proxy else None
        return copy or video.path

    def _wish(self) -> SeeingWish | None:
        """What the shown picture asks for; None while it moves or nothing can be seen."""
        if self._services.playback.state.playing:
            return None
        video, model = self._desk.video, self._model()
        if video is None or model is None or self._why_not():
            return None
        device = self._services.settings.now.live_device
        return SeeingWish(self._file(video), self._desk.frame, model.path, self._bar.action, device)

    def _ask(self) -> None:
        self._rest.stop()
        wish = self._wish() if self.on else None
        if wish is None:
            self._say_waiting()
            return
        try:
            self._bar.set_labels(self._labels(wish.model))
        except CheckpointError as error:
            self._fail(str(error))
            return
        self._services.seeing.ask(wish)

    def _labels(self, model: Path) -> tuple[str, ...]:
        if model not in self._cards:
            self._cards[model] = read_card(model).labels
        return self._cards[model]

    def _say_waiting(self) -> None:
        if self._services.playback.state.playing:
            self._bar.say("It shows when you pause.")
            return
        why = self._why_not()
        self._bar.say(why or _LOOKING.format(self._desk.frame), busy=not why)

    def _show(self, state: SeeingState) -> None:
        """Lay the map on the frame that it belongs to, and say what it is."""
        if not self.on or state.wish is None:
            return
        if state.phase is SeeingPhase.WORKING:
            self._bar.say(_LOOKING.format(state.wish.frame), busy=True)
        elif state.phase is SeeingPhase.FAILED:
            self._fail(state.message)
        elif state.seen is not None and state.wish == self._wish():
            self._lay(state.seen, state.wish.frame)

    def _fail(self, message: str) -> None:
        """The strip has room for its beginning; all of it is said once, not for every frame."""
        self._bar.say(message, failed=True)
        if message != self._told:
            self._told = message
            self._services.messages.warning(f"What the model sees cannot be shown. {message}")

    def _lay(self, seen: Seen, frame: int) -> None:
        there = [name for name, _, _ in BRANCHES if name in seen.maps]
        chosen = self._branch if self._branch in there else (there or [""])[0]
        self._bar.set_branches(there, chosen)
        shown = seen.maps.get(chosen)
        self._canvas.set_heat(shown, frame)
        name = readable_name(seen.action)
        if shown is None or not shown.any():
            self._bar.say(f"Nothing in frame {frame} speaks for {name}.")
        else:
            self._bar.say(f"Frame {frame}: {name} {seen.score:.2f}")
