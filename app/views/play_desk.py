"""Playing one video: picture, playhead, timeline and live detections belong together here."""

from collections.abc import Callable, Collection
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, QTimer, Signal

from app.domain.live import LiveAction, LiveBox
from app.domain.media import copy_key
from app.domain.project import Change, VideoRecord
from app.services.frame_values import BlankVideo, FirstPicture, FrameReady, VideoFacts
from app.services.live_values import LiveDetections
from app.services.media_files import learnt
from app.services.media_intake import IntakeState
from app.services.playback import PlaybackState
from app.services.services import Services
from app.views.canvas import CanvasView
from app.views.media_texts import CANCEL, LOCATE, copy_text, missing_text
from app.views.play_bar import PlayBar
from app.views.timeline import TimelineView
from app.views.timeline_ticks import clock
from app.views.top_bar import BACKEND_NAMES
from app.views.tube_loader import MANY, LoadedTubes, TubeLoader
from app.widgets.banner import Banner
from app.widgets.theme import label_color
from yowo_core.annotations import Label

_SHUTTLE = (1.0, 2.0, 4.0)
_LARGER = 1.25
_SLOW_MS = 400  # after which a picture that has not come yet is spoken of


class PlayDesk(QObject):
    """Knows which video is open and what is shown of it."""

    video_opened = Signal(object)  # VideoRecord or None
    frame_shown = Signal(int)
    asked = Signal(str)  # name of an action of the window
    locate_asked = Signal(int)  # the id of a video whose file is missing

    def __init__(
        self, services: Services, views: tuple[CanvasView, TimelineView, PlayBar], parent: QObject
    ) -> None:
        super().__init__(parent)
        self._services = services
        self._canvas, self._timeline, self._bar = views
        self.video: VideoRecord | None = None
        self._facts: VideoFacts | None = None
        self._labels: dict[int, Label] = {}
        self._boxes_visible = True
        self._live_status, self._delay = "", 0.0
        self._first: FirstPicture | None = None  # while the file is still being read
        self._path: Path | None = None  # the file that is played: the video's or its copy
        self._banner = Banner(self._canvas)
        self._slow = QTimer(self)
        self._slow.setSingleShot(True)
        self._slow.setInterval(_SLOW_MS)
        self._slow.timeout.connect(self._say_slow)
        self._loader = TubeLoader(services.project, self)
        self._loader.loaded.connect(self._take_tubes)
        self._connect()
        self._welcome()

    @property
    def frame(self) -> int:
        """The frame whose picture is on the screen, to which an edit belongs."""
        return self._canvas.frame

    @property
    def frame_count(self) -> int:
        """Frames of the open video, 0 when none is open."""
        return self._facts.frame_count if self._facts is not None else 0

    @property
    def blank(self) -> bool:
        """Whether grey is shown for a video whose file is missing."""
        return self._facts is not None and self._facts.blank

    @property
    def fps(self) -> float:
        """Frames a second of the open video, 0 when unknown."""
        return float(self._facts.fps) if self._facts is not None else 0.0

    def handlers(self) -> dict[str, Callable[[], object]]:
        """What the window's actions do here."""
        play = self._services.playback
        return {
            "play": play.toggle,
            "back": lambda: play.step(-1),
            "on": lambda: play.step(1),
            "back_ten": lambda: play.step(-10),
            "on_ten": lambda: play.step(10),
            "back_second": lambda: play.step_seconds(-1.0),
            "on_second": lambda: play.step_seconds(1.0),
            "shuttle_back": lambda: self._shuttle(-1),
            "shuttle_on": lambda: self._shuttle(1),
            "first": lambda: play.seek(0),
            "last": lambda: play.seek(max(0, self.frame_count - 1)),
            "go_to": self._bar.type_frame,
            "overlays": self._switch_boxes,
            "fit": self._canvas.fit,
            "zoom_in": lambda: self._canvas.zoom_by(_LARGER),
            "zoom_out": lambda: self._canvas.zoom_by(1 / _LARGER),
            "fit_time": self._timeline.zoom_to_fit,
            "time_in": lambda: self._timeline.zoom_time(_LARGER),
            "time_out": lambda: self._timeline.zoom_time(1 / _LARGER),
        }

    def limits(self) -> dict[str, Callable[[], str]]:
        """Why actions cannot be done now: all but the boxes need a video."""
        limits = {name: self.why_no_video for name in self.handlers() if name != "overlays"}
        return limits | {"play": self._why_not_play}

    def why_no_video(self) -> str:
        """What to do before anything can be done with a video; '' when one is open."""
        if self.frame_count:
            return ""
        if not self._services.project.is_open:
            return "Open a project or add videos first."
        if self.video is None:
            return "Choose a video first."
        reading = self._services.source.opening
        state = "still being read" if reading else "not open"
        return self.video.problem or f"{self.video.name} is {state}."

    @property
    def boxes_hidden(self) -> bool:
        """Whether the canvas shows the bare picture."""
        return not self._boxes_visible

    def open(self, video: VideoRecord | None) -> None:
        """Show a video from its beginning; None shows that nothing is open."""
        self._services.playback.pause()
        self.video, self._facts, self._path = video, None, None
        self._banner.hide()
        self._timeline.set_video(None, 0, 0.0)
        self._loader.stop()
        self._timeline.set_tubes([])
        self._timeline.set_ranges(())
        self._bar.set_video(0)
        self._bar.set_reading("")
        self._first = None
        self._canvas.set_boxes([])
        self._canvas.set_live([], -1)
        if video is None:
            self._services.source.close()
            self._welcome()
        else:
            self._show_video(video)
        self.video_opened.emit(video)

    def go_to(self, frame: int) -> None:
        """Stand at a frame."""
        self._services.playback.seek(frame)

    def take_in(self, change: Change) -> None:
        """Re-read what a change touched."""
        project = self._services.project
        if change.labels:
            self.read_labels()
        if self.video is None:
            return
        if change.media:
            known = {v.id: v for v in project.videos()}
            if self.video.id not in known:
                self.open(None)
                return
            now = known[self.video.id]
            other = (now.path, now.needs_proxy) != (self.video.path, self.video.needs_proxy)
            self.video = now
            back = self._facts is None or self._facts.blank
            if other or (back and not now.problem and not self._services.source.opening):
                self.open(self.video)
                return
        if self.video.id in change.videos:
            self._reread(change)

    def read_labels(self) -> None:
        """Take the project's labels over."""
        self._labels = {label.id: label for label in self._services.project.labels()}
        self._canvas.set_labels(self._labels)
        self._timeline.set_labels(self._labels)

    def set_score(self, score: float) -> None:
        """Hide what scores less."""
        self._services.settings.set(live_score=score)
        self._timeline.set_min_score(score)
        self.show_boxes()
        self._ask_live()

    def show_boxes(self) -> None:
        """Draw the project's tubes in the shown frame."""
        if self.video is not None and self._facts is not None:
            score = self._services.settings.now.live_score
            boxes = self._services.project.boxes_at(self.video.id, self.frame, score)
            self._canvas.set_boxes(boxes)

    def live_line(self) -> str:
        """How the live overlay goes, in a few words."""
        live = self._services.live
        if not live.enabled:
            return "overlay off"
        if self._live_status or live.facts is None:
            return self._live_status or "loading the model…"
        if live.upgrading:
            rate = f" {live.rate:.0f} fps" if self._services.playback.state.playing else ""
            return f"{BACKEND_NAMES[live.facts.backend]}{rate} · preparing ONNX Runtime…"
        if not self._services.playback.state.playing:
            return f"overlay on · answered in {self._delay:.0f} ms" if self._delay else "overlay on"
        return f"overlay {live.rate:.0f} fps · {self._delay:.0f} ms behind"

    def forget_live(self) -> None:
        """Take the live boxes away: the model went off or changed."""
        self._canvas.set_live([], -1)

    def _connect(self) -> None:
        services, play = self._services, self._services.playback
        services.source.looked.connect(self._look)
        services.source.reading.connect(self._say_reading)
        services.intake.progress.connect(self._say_intake)
        services.source.opened.connect(self._opened)
        services.source.failed.connect(self._failed)
        services.proxies.changed.connect(self._copy_changed)
        play.frame_shown.connect(self._shown)
        play.state_changed.connect(self._moved)
        services.live.detections.connect(self._seen)
        services.live.status.connect(self._say_status)
        services.live.ready.connect(lambda _facts: self._ask_live())
        self._timeline.frame_requested.connect(play.scrub)
        self._timeline.scrubbing.connect(lambda on: None if on else play.end_scrub())
        self._canvas.gesture_started.connect(play.pause)
        self._bar.frame_typed.connect(self.go_to)
        self._bar.speed_chosen.connect(play.set_speed)

    def _why_not_play(self) -> str:
        """A file that is still being read plays as soon as it can."""
        return "" if self._services.source.opening else self.why_no_video()

    def _look(self, first: FirstPicture) -> None:
        """A file takes long to read: show its first picture, of which no frame is known yet."""
        if self.video is None or first.path != self._path:
            return
        self._first = first
        self._canvas.set_sample_aspect(float(first.look.sample_aspect))
        self._canvas.show_preview(first.look.picture)
        self._canvas.fit()

    def _say_intake(self, state: IntakeState | None) -> None:
        """Files are looked at before they join the project, which may have no other video yet."""
        if self.video is not None or not self._services.project.is_open:
            return
        if state is None:
            self._timeline.say_instead("")
            self._welcome()
        elif state.name:
            text = f"Reading {state.name}… {state.share:.0%}"
            self._timeline.say_instead(text)
            self._canvas.show_state("", text, state.share)

    def _say_reading(self, share: float) -> None:
        text = f"Reading the file… {share:.0%}"
        if self.video is not None:
            self._timeline.say_instead(f"Reading {self.video.name}… {share:.0%}")
        if self._first is None:
            self._canvas.show_state("", text, share)
        elif self._first.look.frames:
            length = clock(self._first.look.seconds, hours=True)
            text += f" · about {self._first.look.frames:,} frames, {length}"
        self._bar.set_reading(text)

    def _opened(self, facts: VideoFacts) -> None:
        if self.video is None or facts.path != self._path:
            return
        self._facts = facts
        self._bar.set_reading("")
        if not self._may_show(self.video, facts):
            return
        self._canvas.set_sample_aspect(float(facts.sample_aspect))
        self._timeline.set_video(facts.times, facts.frame_count, float(facts.fps))
        self._timeline.set_min_score(self._services.settings.now.live_score)
        self._bar.set_video(facts.frame_count)
        if facts.blank:
            ask = partial(self.locate_asked.emit, self.video.id)
            self._banner.say(missing_text(self.video), LOCATE, ask)
        elif self.video.problem:  # the file was put back or mended
            self._services.project.set_media_problem(self.video.id, "")
        self._reread(Change(videos=frozenset({self.video.id})))
        if facts.notice:
            self._services.messages.warning(f"{self.video.name}: {facts.notice}")

    def _show_video(self, video: VideoRecord) -> None:
        """Play the video's copy if it needs one, else its file; say what keeps it from that."""
        services = self._services
        copy = services.proxies.copy_of(video) if video.needs_proxy else None
        if copy is None and not video.path.is_file():
            self._show_missing(video)
        elif copy is None and video.needs_proxy:
            services.source.close()
            services.proxies.make_missing(video)
            self._say_copy(video)
        else:
            self._path = copy or video.path
            self._canvas.show_message(f"Opening {video.name}…")
            self._timeline.say_instead(f"Opening {video.name}…")
            services.source.open(self._path)

    def _show_missing(self, video: VideoRecord) -> None:
        if not (video.width and video.height and video.frame_count):
            self._services.source.close()
            self._canvas.show_message(video.problem)
            self._timeline.say_instead(video.problem)
            return
        self._path = video.path
        size = (video.width, video.height, video.frame_count, video.fps)
        self._services.source.open_blank(BlankVideo(video.path, *size, video.sample_aspect))

    def _say_copy(self, video: VideoRecord) -> None:
        told = copy_text(video, self._services.proxies.state(video))
        self._timeline.say_instead(f"{told.title}.")
        run = (
            self._services.proxies.cancel if told.caption == CANCEL else self._services.proxies.make
        )
        self._canvas.show_state(
            told.title, told.text, told.share, (told.caption, partial(run, video))
        )

    def _copy_changed(self, key: str) -> None:
        """The open video's working copy is further on, is there, or is gone."""
        video = self.video
        if video is None or not video.needs_proxy or key not in ("", copy_key(video)):
            return
        there = self._services.proxies.copy_of(video) is not None
        if there != (self._path is not None and self._path != video.path):
            self.open(video)
        elif not there and self._path is None:
            self._say_copy(video)

    def _may_show(self, video: VideoRecord, facts: VideoFacts) -> bool:
        """Whether what was opened is the whole video and can be worked on; else see to that."""
        if facts.path == video.path:
            noted = learnt(video, facts)
            if noted is not None:
                self._services.project.set_media_facts(video.id, noted)
            return noted is None or not noted.needs_proxy
        if facts.frame_count == video.frame_count:
            return True
        self._services.messages.warning(
            f"The working copy of {video.name} does not have its frames; it was deleted."
        )
        self._services.proxies.remove(video)
        return False

    def _failed(self, sentence: str) -> None:
        if self._facts is None:
            self._bar.set_reading("")
        if self._facts is None and self.video is not None and self._path != self.video.path:
            self._services.proxies.remove(self.video)  # the copy is damaged, not the video
        elif self._facts is None:
            self._canvas.show_state("This video cannot be opened", sentence)
            self._timeline.say_instead("This video cannot be opened.")
            if self.video is not None and self.video.problem != sentence:
                self._services.project.set_media_problem(self.video.id, sentence)
        else:
            self._canvas.show_state("No picture", sentence)

    def _welcome(self) -> None:
        """Say what to begin with."""
        if self._services.project.is_open:
            add = partial(self.asked.emit, "add_videos")
            text = "Drop videos here, or choose one from the list."
            self._canvas.show_state("No video is open", text, None, ("Add videos…", add))
        else:
            demo = partial(self.asked.emit, "open_demo")
            text = "Drop videos here, or open a project."
            self._canvas.show_state("No project is open", text, None, ("Open the demo", demo))

    def _say_slow(self) -> None:
        if self._facts is not None and not self._canvas.state_text:
            self._canvas.show_note(f"Decoding frame {self._services.playback.state.frame}…")

    def _shown(self, ready: FrameReady) -> None:
        if self._facts is None or ready.opening != self._facts.opening:
            return
        first = self._canvas.picture_size != (ready.bgra.shape[1], ready.bgra.shape[0])
        self._slow.stop()
        self._canvas.show_frame(ready.bgra, ready.frame)
        if first:
            self._canvas.fit()
        self.show_boxes()
        self._ask_live()
        self._timeline.set_current_frame(ready.frame)
        self._bar.set_position(ready.frame, float(self._facts.times[ready.frame]))
        self.frame_shown.emit(ready.frame)

    def _moved(self, state: PlaybackState) -> None:
        self._bar.set_playing(playing=state.playing or state.waiting)
        self._bar.set_speed(state.speed)
        if self._facts is not None and not state.playing:
            self._timeline.set_current_frame(state.frame)
            self._bar.set_position(state.frame, float(self._facts.times[state.frame]))
            if state.frame != self.frame and not self._slow.isActive():
                self._slow.start()

    def _ask_live(self) -> None:
        facts = self._facts
        if self._services.live.enabled and self.video is not None and facts and not facts.blank:
            self._services.live.show(self.video.id, facts, self.frame)

    def _say_status(self, status: str) -> None:
        self._live_status = status

    def _seen(self, found: LiveDetections) -> None:
        self._delay = found.delay_ms
        if self.video is None or found.video_key != self.video.id:
            return
        self._canvas.set_live(self._live_boxes(found), found.frame)

    def _live_boxes(self, found: LiveDetections) -> list[LiveBox]:
        threshold = self._services.settings.now.live_score
        names = self._services.live.facts.labels if self._services.live.facts else ()
        colors = {label.name: label.color for label in self._labels.values()}
        boxes = []
        for box, scores, track in zip(found.boxes, found.scores, found.tracks, strict=True):
            ranked = sorted(zip(names, scores.tolist(), strict=True), key=lambda pair: -pair[1])
            actions = tuple(
                LiveAction(name, colors.get(name) or label_color(names.index(name)), score)
                for name, score in ranked
                if score >= threshold
            )
            if actions:
                x1, y1, x2, y2 = (float(v) for v in box)
                boxes.append(LiveBox((x1, y1, x2, y2), track, actions))
        return boxes

    def _reread(self, change: Change) -> None:
        if self.video is None:
            return
        project, before = self._services.project, self.video.ranges
        self.video = next((v for v in project.videos() if v.id == self.video.id), self.video)
        self._timeline.set_ranges(self.video.ranges)
        if self.video.ranges != before and not change.tubes:
            return  # frames were marked as labelled, which no tube knows of
        self._reread_tubes(self.video.id, change.tubes)
        self.show_boxes()

    def _reread_tubes(self, video_id: int, changed: Collection[int]) -> None:
        """Take in the changed tubes, or all of them anew; very many part by part."""
        project = self._services.project
        ids = changed or project.tube_ids(video_id)
        if len(ids) > MANY:
            self._loader.start(video_id, ids, whole=not changed)
        elif changed:
            self._loader.read_again(ids)
            found = project.tubes(video_id, ids)
            self._timeline.update_tubes(found, set(ids) - {t.id for t in found})
        else:
            self._timeline.set_tubes(project.tubes(video_id))

    def _take_tubes(self, loaded: LoadedTubes) -> None:
        """Many tubes were read."""
        if loaded.whole:
            self._timeline.set_tubes(loaded.found)
        else:
            self._timeline.update_tubes(loaded.found, loaded.gone)

    def _shuttle(self, way: int) -> None:
        """J and L: start, and each further press doubles the speed up to four times."""
        play, state = self._services.playback, self._services.playback.state
        speed = float(way)
        if state.playing and state.speed * way > 0:
            faster = [s for s in _SHUTTLE if s > abs(state.speed)]
            speed = way * (faster[0] if faster else _SHUTTLE[-1])
        play.shuttle(speed)

    def _switch_boxes(self) -> None:
        self._boxes_visible = not self._boxes_visible
        self._canvas.set_overlays_visible(self._boxes_visible)
