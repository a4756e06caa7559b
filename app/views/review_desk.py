"""The queue through the predicted tubes: accept, reject, next, and back by undo."""

from collections.abc import Callable, Sequence

from PySide6.QtCore import QObject, Signal

from app.domain.project import Change
from app.domain.review import ReviewFilter, ReviewQueue
from app.editing.tubes import SetReview
from app.services.review_order import ReviewOrder
from app.services.services import Services
from app.views.canvas import CanvasView
from app.views.play_desk import PlayDesk
from app.views.review_texts import NEXT_STEPS, next_step
from app.views.tube_desk import TubeDesk
from app.views.tube_panel import TubePanel
from yowo_core.annotations import Review
from yowo_core.tubes.seen import best_frame

_LOWEST_SCORE = 0.05
_MOST_SELECTED = 200


class ReviewDesk(QObject):
    """Shows the next undecided tube after each decision, where it is best seen.

    asked carries the name of an action of the window, video_asked the id of a video to be shown,
    score_asked the threshold to be set.
    """

    asked = Signal(str)
    video_asked = Signal(int)
    score_asked = Signal(float)

    def __init__(
        self,
        services: Services,
        desks: tuple[PlayDesk, TubeDesk],
        views: tuple[CanvasView, TubePanel],
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._services = services
        self._play, self._tubes = desks
        self._canvas, self._panel = views
        self._order = ReviewOrder(services.project, self)
        self._label: int | None = None
        self._pending: tuple[int, Callable[[], None]] | None = None  # once that video is shown
        self._connect()

    def handlers(self) -> dict[str, Callable[[], object]]:
        """What the window's actions do here."""
        return {
            "accept": lambda: self.decide(Review.ACCEPTED),
            "reject": lambda: self.decide(Review.REJECTED),
            "unsure": lambda: self.decide(Review.UNSURE),
            "previous": lambda: self.go(-1),
            "next": lambda: self.go(1),
            "undo": lambda: self._return_to(self._services.project.undo()),
            "redo": lambda: self._return_to(self._services.project.redo()),
        }

    def limits(self) -> dict[str, Callable[[], str]]:
        """Why actions cannot be done now: a review needs a video, undo is the window's matter."""
        names = [name for name in self.handlers() if name not in ("undo", "redo")]
        return dict.fromkeys(names, self._play.why_no_video)

    def queue(self) -> ReviewQueue:
        """How the review stands."""
        project, video = self._services.project, self._play.video
        if video is None:
            return ReviewQueue()
        wanted = self._wanted()
        waiting = project.waiting(wanted)
        left = waiting.pop(video.id, 0)
        names = {label.id: label.name for label in project.labels()}
        return ReviewQueue(
            project.video_review(video.id),
            left,
            sum(waiting.values()),
            wanted,
            names.get(wanted.label, "") if wanted.label is not None else "",
            any(s.run.video_id == video.id for s in self._services.analysis.running()),
        )

    def say(self) -> None:
        """Show how the review stands."""
        self._panel.set_queue(self.queue())

    def decide(self, review: Review) -> None:
        """Note a decision on the selected tubes and go on; without any go to the next one."""
        tubes = self._tubes.selected
        if not tubes:
            self.go(1)
            return
        following = self._neighbour(1)
        if self._services.project.submit(SetReview(tuple(t.id for t in tubes), review)) is None:
            return
        if review is Review.UNSURE:
            return
        if following is not None:
            self.show(following)
        elif any(tube.review is Review.TO_REVIEW for tube in tubes):
            self._end()

    def go(self, way: int) -> None:
        """Show the next or the previous tube that waits."""
        found = self._neighbour(way)
        if found is not None:
            self.show(found)
        elif self._play.video is not None and not self.queue().left:
            self._end()
        else:
            self._services.messages.info("This is the last one that waits.")

    def show(self, tube_id: int) -> None:
        """Select a tube and stand still where it is best seen; the zoom stays."""
        record = self._services.project.tube(tube_id)
        if record is None:
            return
        self._services.playback.pause()
        self._tubes.select(tube_id)
        frame = best_frame(record.tube, self._label)
        self._play.go_to(frame)
        here = self._services.project.boxes_at(record.video_id, frame)
        for box in (b.box for b in here if b.tube_id == tube_id):
            self._canvas.bring_into_view(box)

    def _connect(self) -> None:
        panel = self._panel
        panel.accept_asked.connect(lambda: self.decide(Review.ACCEPTED))
        panel.reject_asked.connect(lambda: self.decide(Review.REJECTED))
        panel.unsure_asked.connect(lambda: self.decide(Review.UNSURE))
        panel.next_asked.connect(lambda: self.go(1))
        panel.label_wanted.connect(self._want_label)
        panel.step_asked.connect(self._take_step)
        self._services.source.opened.connect(self._opened)

    def _wanted(self) -> ReviewFilter:
        known = {label.id for label in self._services.project.labels()}
        label = self._label if self._label in known else None
        return ReviewFilter(self._services.settings.now.live_score, label)

    def _want_label(self, label: int | None) -> None:
        self._label = label
        self.say()

    def _neighbour(self, way: int) -> int | None:
        """The next or previous tube of this video that waits, around its end."""
        video = self._play.video
        if video is None:
            return None
        chosen = self._tubes.selected
        ids = {tube.id for tube in chosen}
        here = min(((t.first, t.id) for t in chosen), default=(self._play.frame, -1))
        return self._order.neighbour(video.id, self._wanted(), here, way, ids)

    def _end(self) -> None:
        """Say that nothing is left and what comes next."""
        self._tubes.select(None)
        self.say()
        text, steps = next_step(self.queue())
        if steps:
            caption = NEXT_STEPS[steps[0]]
            self._services.messages.info(text, caption, lambda: self._take_step(steps[0]))
        else:
            self._services.messages.info(text)

    def _take_step(self, step: str) -> None:
        if step == "widen":
            self._label = None
            self.score_asked.emit(_LOWEST_SCORE)
        elif step == "next_video":
            self._next_video()
        else:
            self.asked.emit(step)

    def _next_video(self) -> None:
        """Show the next video in which something waits, and its first tube."""
        video, waiting = self._play.video, self._services.project.waiting(self._wanted())
        ids = [v.id for v in self._services.project.videos()]
        place = ids.index(video.id) + 1 if video is not None and video.id in ids else 0
        following = next((i for i in ids[place:] + ids[:place] if waiting.get(i)), None)
        if following is not None:
            self._pending = following, lambda: self.go(1)
            self.video_asked.emit(following)

    def _return_to(self, change: Change | None) -> None:
        """Select the tubes that an undo or redo touched, in their video."""
        if change is None or not 0 < len(change.tubes) <= _MOST_SELECTED:
            return
        project, ids = self._services.project, sorted(change.tubes)
        found = next((r for r in map(project.tube, ids) if r is not None), None)
        if found is None:
            return
        video = self._play.video
        if video is not None and video.id == found.video_id:
            self._show_again(ids)
        else:
            self._pending = found.video_id, lambda: self._show_again(ids)
            self.video_asked.emit(found.video_id)

    def _show_again(self, ids: Sequence[int]) -> None:
        """Select tubes; the playhead moves only when none of them is in its frame."""
        self._tubes.choose(ids)
        tubes = self._tubes.selected
        if tubes and not any(t.first <= self._play.frame <= t.last for t in tubes):
            record = self._services.project.tube(tubes[0].id)
            if record is not None:
                self._play.go_to(best_frame(record.tube, self._label))

    def _opened(self) -> None:
        """A video can be shown: do what waited for it; for another one that is over."""
        waited, self._pending = self._pending, None
        video = self._play.video
        if waited is not None and video is not None and waited[0] == video.id:
            waited[1]()
