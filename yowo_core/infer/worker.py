"""The live model's process: told by JSON lines on stdin, answers by JSON lines on stdout.

In:  {"do": "load", "model", "backend", "device", "threads", "ring"}, then for each picture
     {"do": "picture", "video", "frame", "number"}, and for a frame that is shown
     {"do": "detect", "video", "frame", "clip": [frames], "place", "width", "height"}.
Out: {"say": "ready", "labels", "backend", "device", "input": what the model is fed}; the backend is
     torch, too, when a model is wanted on ONNX Runtime but was never prepared for it,
     {"say": "detections", "video", "frame", "boxes", "scores", "tracks", "ms"},
     {"say": "missing", "video", "frame"} when the clip has a hole, {"say": "failed", "message"}.
End of input ends the process, so it never outlives the window.
"""

import json
import queue
import sys
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, TextIO

import numpy as np
from numpy.typing import NDArray

from yowo_core.errors import CoreError
from yowo_core.infer.engine import Engine, detect, open_engine
from yowo_core.infer.live_protocol import SLOTS, PictureRing
from yowo_core.infer.postprocess import PostprocessConfig
from yowo_core.input_spec import spec_to_json
from yowo_core.tubes.link import ActorLinker, LinkConfig

SHOWN_FROM = 0.05
"""Actors below this score are not sent; the window's slider works above it."""

Key = tuple[int, int]


class LiveModel:
    """An engine with the pictures it was given and the actors it follows."""

    def __init__(self, engine: Engine, ring: PictureRing) -> None:
        self._engine, self._ring = engine, ring
        self._pictures: OrderedDict[Key, NDArray[np.uint8]] = OrderedDict()
        self._linker = ActorLinker(LinkConfig())
        self._last: Key = (-1, -1)

    def keep(self, message: dict[str, Any]) -> None:
        """Copy a picture out of the ring."""
        picture = self._ring.get(message["number"])
        if picture is not None:
            key = (message["video"], message["frame"])
            self._pictures[key] = picture
            self._pictures.move_to_end(key)  # the sender forgets them in the order it sent them
            while len(self._pictures) > SLOTS:
                self._pictures.popitem(last=False)

    def answer(self, message: dict[str, Any]) -> dict[str, Any]:
        """Detections of one frame, or that pictures of its clip are missing."""
        began = time.perf_counter()
        video, frame = message["video"], message["frame"]
        keys = [(video, f) for f in message["clip"]]
        if any(k not in self._pictures for k in keys):
            return {"say": "missing", "video": video, "frame": frame}
        clip = np.stack([self._pictures[k] for k in keys])
        size = (message["width"], message["height"])
        config = PostprocessConfig(min_score=SHOWN_FROM)
        found = detect(self._engine, clip, message["place"], size, config)
        # a frame that comes again is a jump too: actors are followed forwards only
        if self._last[0] != video or not 0 < frame - self._last[1] <= self._engine.spec.length:
            self._linker.forget()
        self._last = (video, frame)
        return {
            "say": "detections",
            "video": video,
            "frame": frame,
            "boxes": np.round(found.boxes.astype(float), 2).tolist(),
            "scores": np.round(found.scores.astype(float), 4).tolist(),
            "tracks": self._linker.push(frame, found),
            "ms": round(1000 * (time.perf_counter() - began), 1),
        }


def serve(source: Iterable[str], sink: TextIO) -> None:
    """Answer until the input ends; only the newest wish for detections is fulfilled."""

    def say(message: dict[str, Any]) -> None:
        sink.write(json.dumps(message) + "\n")
        sink.flush()

    messages: queue.SimpleQueue[dict[str, Any] | None] = queue.SimpleQueue()
    threading.Thread(target=_listen, args=(source, messages), daemon=True).start()
    live: LiveModel | None = None
    while (first := messages.get()) is not None:
        wish: dict[str, Any] | None = None
        batch: list[dict[str, Any] | None] = [first]
        while not messages.empty():
            batch.append(messages.get())
        for message in batch:
            if message is None:
                return
            if message["do"] == "load":
                live = _load(message, say)
            elif live is not None and message["do"] == "picture":
                live.keep(message)
            elif message["do"] == "detect":
                wish = message
        if live is not None and wish is not None:
            say(live.answer(wish))


def _listen(source: Iterable[str], messages: "queue.SimpleQueue[dict[str, Any] | None]") -> None:
    """Pass messages on; a line that broke off with a dying window ends the process as well."""
    try:
        for line in source:
            messages.put(json.loads(line))
    finally:
        messages.put(None)


def _load(message: dict[str, Any], say: Callable[[dict[str, Any]], None]) -> LiveModel | None:
    try:
        engine, backend = _open(message)
    except (CoreError, OSError) as error:
        say({"say": "failed", "message": str(error)})
        return None
    spec = engine.spec
    ring = PictureRing(Path(message["ring"]), spec.size, create=False)
    runs_on = {"backend": backend, "device": engine.device}
    say({"say": "ready", "labels": engine.labels, **runs_on, "input": spec_to_json(spec)})
    return LiveModel(engine, ring)


class _NotPreparedError(Exception):
    """ONNX Runtime would have to wait until the model is prepared."""


def _open(message: dict[str, Any]) -> tuple[Engine, str]:
    """The engine that is wanted and its backend.

    A model that is not prepared for ONNX Runtime answers sooner on torch than it could be
    prepared, and another process can do that, so that torch does not stay in this one for good.
    """
    model, backend, device = Path(message["model"]), message["backend"], message["device"]
    threads = message["threads"]

    def refuse() -> None:
        raise _NotPreparedError

    try:
        return open_engine(model, backend, device, threads, prepares=refuse), backend
    except _NotPreparedError:
        return open_engine(model, "torch", device if device == "cpu" else "auto", threads), "torch"


def main() -> int:
    """Entry of the process; what libraries print goes to stderr, stdout is for answers alone."""
    sink = sys.stdout
    sys.stdout = sys.stderr
    serve(sys.stdin, sink)
    return 0


if __name__ == "__main__":
    sys.exit(main())
