"""Live detections: asks the model's own process about each frame that is shown."""

import time
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Qt, QTimer, Signal

from app.services.frame_source import FrameSource, VideoFacts
from app.services.live_link import LiveLink
from app.services.live_upgrade import LiveUpgrade
from app.services.live_values import LiveDetections, LiveFacts, TwinStore
from app.services.model_preparing import ModelPreparing
from yowo_core.annotations import FrameRange
from yowo_core.infer.live_protocol import SLOTS
from yowo_core.input_spec import spec_from_json
from yowo_core.video.clips import causal_clip

__all__ = ["LiveDetections", "LiveFacts", "LiveInference"]

_RATE_SECONDS: Final = 2.0
_LONG_LOAD_MS: Final = 2000
_MOST_MISSES: Final = 2
_WAITS: Final = (0.5, 1.0, 2.0, 4.0, 8.0)
"""Seconds until a process that died is started again, each time longer."""
_HEALTHY_SECONDS: Final = 60.0
"""One that lived so long has not died of what the ones before it died of."""


@dataclass(frozen=True)
class _Wish:
    video_key: int
    facts: VideoFacts
    frame: int
    asked_at: float  # time.perf_counter()
    misses: int = 0

    @property
    def key(self) -> tuple[int, int]:
        """Opening and frame: the same picture has the same key."""
        return self.facts.opening, self.frame


class LiveInference(QObject):
    """Runs one live model beside the frame source.

    One question is on its way at a time; of the others only the newest waits. status says what
    a wait is for, '' when it is over. A model that is not prepared for the wanted engine answers
    on another one meanwhile; told says once when it stays there. A process that dies is started
    again, each time after a longer wait, and asked again; failed comes when that does not help or
    the model cannot be loaded. After failed, start() works again.
    """

    ready = Signal(object)  # LiveFacts
    detections = Signal(object)  # LiveDetections
    failed = Signal(str)
    status = Signal(str)
    told = Signal(str)
    _twin_came = Signal()

    def __init__(
        self, source: FrameSource, preparing: ModelPreparing, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._source = source
        self._upgrade = LiveUpgrade(preparing, self)
        self._upgrade.ready.connect(self._take_over)
        self._upgrade.failed.connect(self._stay)
        self._stays = False  # on the engine that stands in
        self._twin_came.connect(self._pump, Qt.ConnectionType.QueuedConnection)
        self._store = TwinStore(2 * SLOTS, self._twin_came.emit)
        self._link: LiveLink | None = None
        self._facts: LiveFacts | None = None
        self._waiting: _Wish | None = None
        self._asked: _Wish | None = None
        self._last: tuple[_Wish, LiveDetections] | None = None
        self._answers: deque[float] = deque()
        self._loading = ""
        self._long_load = QTimer(self)
        self._long_load.setSingleShot(True)
        self._long_load.timeout.connect(self._tell_long_load)
        self._wanted: tuple[Path, str, str, int] | None = None
        self._deaths, self._began = 0, 0.0
        self._again = QTimer(self)
        self._again.setSingleShot(True)
        self._again.timeout.connect(self._begin)
        self._over = False

    @property
    def enabled(self) -> bool:
        """Whether a model runs or is being loaded, maybe after a wait."""
        return self._link is not None or self._again.isActive()

    @property
    def facts(self) -> LiveFacts | None:
        """The model that runs; None until it is ready."""
        return self._facts

    @property
    def upgrading(self) -> bool:
        """Whether the engine that runs stands in for the wanted one, which is being prepared."""
        return self._upgrade.active

    @property
    def pid(self) -> int:
        """The number of the model's process; 0 when none runs."""
        return self._link.pid if self._link else 0

    @property
    def rate(self) -> float:
        """Answers a second over the last two seconds."""
        self._forget_old_answers()
        return len(self._answers) / _RATE_SECONDS

    def start(self, model: Path, backend: str, device: str, threads: int = 0) -> None:
        """Load a model file in a process of its own, instead of the one that runs.

        backend and device as `yowo_core.infer.engine.open_engine` knows them; threads 0 takes
        every core. ready or failed tells how it went. Nothing happens after shutdown().
        """
        if self._over:
            return
        self.stop()
        self._wanted = (model, backend, device, threads)
        self._deaths, self._stays = 0, False
        self._begin()

    def stop(self) -> None:
        """End the model's process; it is gone within a second."""
        self._again.stop()
        self._upgrade.stop()
        self._wanted = None
        if self._let_go():
            self.status.emit("")

    def shutdown(self) -> None:
        """End every process now; blocks up to a second. For closing down, for good."""
        self._over = True
        self._again.stop()
        self._upgrade.stop()
        link, self._link = self._link, None
        if link is not None:
            self._forget()
            link.let_go()
        for left in self.findChildren(LiveLink):  # one that was let go may still be ending
            left.end()

    def show(self, video_key: int, facts: VideoFacts, frame: int) -> None:
        """A frame is on the screen: find out what is in it. Newer frames replace it.

        video_key comes back in the answer. Shown while the model loads, it is asked about then.
        """
        self._waiting = _Wish(video_key, facts, frame, time.perf_counter())
        self._pump()

    def _begin(self) -> None:
        """Start the process that is wanted."""
        if self._wanted is None:
            return
        model = self._wanted[0]
        self._began = time.monotonic()
        self._link = LiveLink(self)
        self._link.said.connect(self._hear)
        self._link.broke.connect(self._died)
        self._loading = f"Still loading {model.stem}..."
        self._long_load.start(_LONG_LOAD_MS)
        self.status.emit(f"Loading {model.stem}...")
        self._link.start(*self._wanted)

    def _let_go(self) -> bool:
        """End the process; whether there was one."""
        link, self._link = self._link, None
        if link is not None:
            self._forget()
            link.let_go()
        return link is not None

    def _died(self, why: str) -> None:
        """The process ended by itself: begin again, unless it does so again and again."""
        if time.monotonic() - self._began > _HEALTHY_SECONDS:
            self._deaths = 0
        if self._deaths >= len(_WAITS):
            self._fail(why)
            return
        self._waiting = self._waiting or self._asked
        self._let_go()
        seconds = _WAITS[self._deaths]
        self._deaths += 1
        self._again.start(round(1000 * seconds))
        self.status.emit(f"The live model's process ended; again in {seconds:g} s...")

    def _forget(self) -> None:
        self._long_load.stop()
        self._source.set_twin_sink(None)
        self._facts, self._asked, self._last = None, None, None
        self._answers.clear()

    def _hear(self, message: dict[str, Any]) -> None:
        if message["say"] == "ready":
            self._become_ready(message)
        elif message["say"] == "failed":
            self._fail(str(message["message"]))
        elif message["say"] == "detections":
            self._answer(message)
        elif message["say"] == "missing":
            self._resend()

    def _become_ready(self, message: dict[str, Any]) -> None:
        if self._link is None or self._wanted is None:
            return
        self._long_load.stop()
        before, facts = self._facts, _facts(message)
        spec = facts.spec
        self._link.pictures_of(spec.size)
        self._facts = facts
        if before is None or before.spec != spec:  # other twins are of no use
            kept = max(2 * SLOTS, 2 * spec.length * spec.stride)
            self._store = TwinStore(kept, self._twin_came.emit)
            self._source.set_twin_sink(self._store, spec)
        if facts.backend == self._wanted[1]:
            self._upgrade.stop()
        elif not (self._stays or self._upgrade.active):
            self._upgrade.begin(*self._wanted)
        self.status.emit("")
        self.ready.emit(facts)
        self._pump()

    def _take_over(self, link: LiveLink, message: dict[str, Any]) -> None:
        """The wanted engine is up: from now on it answers, also what the other was asked."""
        old, self._link = self._link, link
        if old is not None:
            old.let_go()
        self._again.stop()
        link.said.connect(self._hear)
        link.broke.connect(self._died)
        self._began = time.monotonic()
        self._waiting, self._asked = self._waiting or self._asked, None
        self._become_ready(message)

    def _stay(self, why: str) -> None:
        """The wanted engine cannot be had: the one that stands in goes on."""
        self._stays = True
        if self._wanted is not None:
            name = self._wanted[0].stem
            self.told.emit(
                f"{name} could not be prepared for ONNX Runtime and goes on on PyTorch, "
                f"which is slower. {why}"
            )

    def _fail(self, message: str) -> None:
        self.stop()
        self.failed.emit(message)

    def _pump(self) -> None:
        """Ask about the frame that waits, once its clip is there."""
        wish = self._waiting
        if wish is None or self._link is None or self._facts is None or self._asked is not None:
            return
        if self._last is not None and self._last[0].key == wish.key:
            self._waiting = None
            self.detections.emit(self._last[1])
            return
        bounds = FrameRange(0, wish.facts.frame_count)
        clip, place = causal_clip(wish.frame, bounds, self._facts.spec)
        frames = clip.tolist()
        twins = self._store.clip(wish.facts.opening, frames)
        if twins is None:
            self._source.want_clip(wish.frame)
            return
        self._waiting, self._asked = None, wish
        self._put(wish, twins, (frames, place))

    def _put(
        self, wish: _Wish, twins: Mapping[int, NDArray[np.uint8]], clip: tuple[list[int], int]
    ) -> None:
        if self._link is not None:
            size = (wish.facts.width, wish.facts.height)
            self._link.ask(wish.facts.opening, wish.frame, (twins, *clip), size)

    def _answer(self, message: dict[str, Any]) -> None:
        wish, self._asked = self._asked, None
        if wish is None or self._facts is None:
            return
        now = time.perf_counter()
        found = LiveDetections(
            wish.video_key,
            wish.frame,
            np.asarray(message["boxes"], np.float32).reshape(-1, 4),
            np.asarray(message["scores"], np.float32).reshape(-1, len(self._facts.labels)),
            tuple(None if number < 0 else int(number) for number in message["tracks"]),
            float(message["ms"]),
            1000 * (now - wish.asked_at),
        )
        self._answers.append(now)
        self._forget_old_answers()
        self._last = (wish, found)
        self.detections.emit(found)
        self._pump()

    def _resend(self) -> None:
        """The process lacks pictures that we thought it had: send the whole clip once more."""
        wish, self._asked = self._asked, None
        if wish is None or self._link is None:
            return
        self._link.forget_sent()
        if self._waiting is None and wish.misses < _MOST_MISSES:
            self._waiting = _Wish(
                wish.video_key, wish.facts, wish.frame, wish.asked_at, wish.misses + 1
            )
        self._pump()

    def _forget_old_answers(self) -> None:
        oldest = time.perf_counter() - _RATE_SECONDS
        while self._answers and self._answers[0] < oldest:
            self._answers.popleft()

    def _tell_long_load(self) -> None:
        self.status.emit(self._loading)


def _facts(message: dict[str, Any]) -> LiveFacts:
    backend, device = str(message["backend"]), str(message["device"])
    return LiveFacts(tuple(message["labels"]), backend, device, spec_from_json(message["input"]))
