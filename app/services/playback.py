"""Playing, stepping and scrubbing: which frame is due, by the frames' own times and one clock."""

import math
from dataclasses import dataclass, replace
from typing import Final

from PySide6.QtCore import QObject, Qt, QTimer, Signal

from app.services.frame_source import FrameReady, FrameSource, VideoFacts
from app.services.play_clock import PlayClock, due_frame, frame_away, shown_step, time_after
from yowo_core.annotations import FrameRange

_POLL_MS: Final = 3  # how soon to look again for a picture that is not decoded yet


@dataclass(frozen=True)
class PlaybackState:
    """What the controls show. frame is where the playhead stands; while a frame is being sought

    the picture may still be another. A negative speed plays backwards. waiting: play was asked
    for while the file is still being read.
    """

    playing: bool = False
    frame: int = 0
    speed: float = 1.0
    loop: FrameRange | None = None
    waiting: bool = False


@dataclass(frozen=True)
class PlaybackStatistics:
    """Since play was started last: pictures shown and dropped, and how late the newest was.

    What is left out because it plays fast is not dropped: pictures that came too late are.
    """

    shown: int = 0
    dropped: int = 0
    delay_ms: float = 0.0


class Playback(QObject):
    """Shows the frames of a FrameSource in time.

    When decoding or drawing is late pictures are left out; time never slows down. frame_shown
    tells each picture; state_changed tells every other move of the playhead, and the controls.
    Frames outside the video mean its first or last one.
    """

    frame_shown = Signal(object)  # FrameReady
    state_changed = Signal(object)  # PlaybackState

    def __init__(self, source: FrameSource, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._source = source
        self._facts: VideoFacts | None = None
        self._state = PlaybackState()
        self._chosen = self._state.speed  # what counts when the shuttle is over
        self._statistics = PlaybackStatistics()
        self._clock = PlayClock()
        self._asked = -1  # the frame that was requested and has not come yet
        self._seen = -1  # the frame whose picture was shown last
        self._play_after_scrub = False
        self._step = 1  # of so many frames one is shown
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._tick)
        source.opened.connect(self._begin)
        source.closed.connect(self._end)
        source.failed.connect(self._not_coming)
        source.frame_ready.connect(self._came)

    @property
    def state(self) -> PlaybackState:
        """How the controls stand."""
        return self._state

    @property
    def statistics(self) -> PlaybackStatistics:
        """How playing went since it was started last."""
        return self._statistics

    def play(self) -> None:
        """Play from the playhead on; from the beginning (of the loop) when it is at the end.

        While a file is still being read it plays as soon as it can.
        """
        if self._facts is None:
            self._change(replace(self._state, waiting=self._source.opening))
        elif not self._state.playing:
            self._start(self._facts)

    def _start(self, facts: VideoFacts) -> None:
        first, last = self._bounds(facts)
        goal, frame = self._goal(facts), self._state.frame
        if frame == goal or not first <= frame <= last:
            frame = first + last - goal
        self._statistics = PlaybackStatistics()
        self._change(replace(self._state, playing=True, frame=frame))
        self._run_from(frame)

    def pause(self) -> None:
        """Stand still on the frame that is shown."""
        self._play_after_scrub = False
        if not self._state.playing:
            self._change(replace(self._state, waiting=False, speed=self._chosen))
        else:
            self._halt()
            self._change(replace(self._state, playing=False, speed=self._chosen))
            # a picture that is still on its way, as when playing backwards, must not come after
            if self._seen != self._state.frame or self._asked >= 0:
                self._ask(self._state.frame)

    def toggle(self) -> None:
        """Play or pause."""
        if self._state.playing or self._state.waiting:
            self.pause()
        else:
            self.play()

    def seek(self, frame: int) -> None:
        """Go to a frame; when playing, play on from there."""
        self._go(frame, exact=True)

    def step(self, count: int) -> None:
        """Pause and go that many frames on, or back when negative."""
        self.pause()
        self.seek(self._state.frame + count)

    def step_seconds(self, seconds: float) -> None:
        """Go on, or back when negative, by seconds of the video, at least one frame."""
        if self._facts is None:
            return
        self.seek(frame_away(self._facts.times, self._state.frame, seconds))

    def shuttle(self, speed: float) -> None:
        """Play at a speed until it pauses; then the one that was set last counts again."""
        chosen = self._chosen
        self.set_speed(speed)
        self._chosen = chosen
        self.play()

    def set_speed(self, speed: float) -> None:
        """Play that many times as fast; negative is backwards, 0 pauses and changes nothing."""
        if speed == 0 or not math.isfinite(speed):
            self.pause()
            return
        self._chosen = speed
        self._change(replace(self._state, speed=speed))
        if self._state.playing:
            self._run_from(self._state.frame)

    def set_loop(self, loop: FrameRange | None) -> None:
        """Play only these frames, over and over; None plays to the end of the video."""
        self._change(replace(self._state, loop=loop))
        if self._state.playing and self._facts is not None:
            first, last = self._bounds(self._facts)
            inside = first <= self._state.frame <= last
            self._run_from(self._state.frame if inside else first)

    def scrub(self, frame: int) -> None:
        """Follow a dragging hand: the nearest quick frame first, playing held meanwhile."""
        if self._state.playing:
            self._halt()
            self._change(replace(self._state, playing=False))
            self._play_after_scrub = True
        self._go(frame, exact=False)

    def end_scrub(self) -> None:
        """The hand has let go: show exactly the frame under it, and play on if it played."""
        resume, self._play_after_scrub = self._play_after_scrub, False
        self._go(self._state.frame, exact=True)
        if resume and self._facts is not None and self._state.frame != self._goal(self._facts):
            self.play()

    def _begin(self, facts: VideoFacts) -> None:
        self._halt()
        self._facts = facts
        self._statistics, self._play_after_scrub = PlaybackStatistics(), False
        wanted = self._state.waiting
        self._change(replace(self._state, playing=False, waiting=False, frame=0, loop=None))
        self._ask(0)
        if wanted:
            self.play()

    def _end(self) -> None:
        self._halt()
        self._facts = None
        still = replace(self._state, playing=False, waiting=False, speed=self._chosen)
        self._change(replace(still, frame=0, loop=None))

    def _change(self, state: PlaybackState) -> None:
        if state != self._state:
            self._state = state
            self.state_changed.emit(state)

    def _bounds(self, facts: VideoFacts) -> tuple[int, int]:
        """First and last frame that are played."""
        last = facts.frame_count - 1
        loop = self._state.loop
        return (0, last) if loop is None else (min(loop.start, last), min(loop.stop - 1, last))

    def _goal(self, facts: VideoFacts) -> int:
        """The frame on which playing ends."""
        return self._bounds(facts)[1 if self._state.speed > 0 else 0]

    def _go(self, frame: int, *, exact: bool) -> None:
        if self._facts is None:
            return
        inside = min(max(frame, 0), self._facts.frame_count - 1)
        self._change(replace(self._state, frame=inside))
        if self._state.playing:
            self._run_from(inside)
        else:
            self._ask(inside, exact=exact)

    def _ask(self, frame: int, *, exact: bool = True) -> None:
        self._asked = frame
        self._source.request(frame, exact=exact)

    def _halt(self) -> None:
        self._timer.stop()
        self._clock.stop()
        self._source.stop_ahead()

    def _run_from(self, frame: int) -> None:
        """Play from a frame on; the clock starts when its picture is there."""
        self._halt()
        if self._facts is None:
            return
        self._step = shown_step(float(self._facts.fps), self._state.speed)
        if self._state.speed > 0:
            self._source.play_ahead(frame, self._bounds(self._facts)[1] + 1, self._step)
        else:
            self._clock.start(float(self._facts.times[frame]), self._state.speed)
        self._timer.start(0)

    def _tick(self) -> None:
        if self._facts is None:
            return
        if self._state.speed < 0:
            self._tick_back(self._facts)
        elif not self._clock.running:
            self._tick_first(self._facts)
        else:
            self._tick_on(self._facts)

    def _tick_first(self, facts: VideoFacts) -> None:
        """Wait for the first picture, and let time run from it."""
        picture = self._source.take_first()
        if picture is None:
            if self._source.exhausted:
                self.pause()
            else:
                self._timer.start(_POLL_MS)
            return
        self._clock.start(float(facts.times[picture.frame]), self._state.speed)
        self._show(picture, passed=0)
        if self._clock.running:  # else whoever saw the picture has paused or sought
            self._schedule(facts, picture.frame, picture.frame)

    def _tick_on(self, facts: VideoFacts) -> None:
        now, before = self._clock.now(), self._state.frame
        first, last = self._bounds(facts)
        due = min(due_frame(facts.times, now), last)
        picture = self._source.take(due)
        if picture is not None:
            self._show(picture, passed=picture.frame - before)
        if not self._clock.running:
            return
        over, shown = time_after(facts.times, last), self._state.frame
        if now < over and shown < last:
            self._schedule(facts, due, shown)
        elif self._state.loop is None:
            self._arrive(shown, last)
        elif now < over:
            self._timer.start(self._clock.ms_until(over))
        else:
            self._run_from(first)

    def _arrive(self, shown: int, last: int) -> None:
        """Playing is over; when decoding was too slow the last picture is still to come."""
        self.pause()
        if shown < last:
            dropped = self._statistics.dropped + (last - shown) // self._step
            self._statistics = replace(self._statistics, dropped=dropped)
            self.seek(last)

    def _tick_back(self, facts: VideoFacts) -> None:
        """Backwards frames are asked for one by one; the reader's cache makes that quick."""
        due, first = due_frame(facts.times, self._clock.now()), self._bounds(facts)[0]
        steps = max(0, self._state.frame - due) // self._step
        frame = first if due <= first else self._state.frame - steps * self._step
        if frame < self._state.frame and self._asked < 0:
            self._ask(frame)
        self._timer.start(_POLL_MS)

    def _schedule(self, facts: VideoFacts, due: int, shown: int) -> None:
        """Wake up when the next picture is due, or soon when the due one is not there yet."""
        before_next = min(shown + self._step, self._bounds(facts)[1] + 1) - 1
        at = time_after(facts.times, before_next)
        self._timer.start(_POLL_MS if before_next < due else self._clock.ms_until(at))

    def _came(self, picture: FrameReady) -> None:
        """A frame that was asked for is there."""
        if picture.frame == self._asked:
            self._asked = -1
        if not self._state.playing:
            self._seen = picture.frame
            self.frame_shown.emit(picture)
        elif self._state.speed < 0 and picture.frame < self._state.frame:
            self._show(picture, passed=self._state.frame - picture.frame)
            self._end_if_back_at(picture.frame)

    def _not_coming(self) -> None:
        missed, self._asked = self._asked, -1
        if self._facts is None:
            self._change(replace(self._state, waiting=False))
        if self._state.playing and self._state.speed < 0:
            self._end_if_back_at(missed)

    def _end_if_back_at(self, frame: int) -> None:
        if self._facts is not None and frame == self._goal(self._facts):
            self.pause()

    def _show(self, picture: FrameReady, passed: int) -> None:
        """Count a picture so many frames from the one before, move the playhead and show it."""
        late = 0.0
        if self._facts is not None:
            late = self._clock.ms_since(float(self._facts.times[picture.frame]))
        told = self._statistics
        dropped = told.dropped + max(0, passed // self._step - 1)
        self._statistics = PlaybackStatistics(told.shown + 1, dropped, late)
        self._state = replace(self._state, frame=picture.frame)
        self._seen = picture.frame
        self.frame_shown.emit(picture)
