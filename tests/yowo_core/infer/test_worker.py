"""The live model's process: what it answers to loading, pictures and wishes, and how it ends."""

import io
import json
import queue
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from yowo_core.errors import ConfigError
from yowo_core.infer import worker
from yowo_core.infer.live_protocol import SLOTS, PictureRing
from yowo_core.infer.worker import LiveModel, serve
from yowo_core.input_spec import InputSpec, spec_to_json

SIZE, LENGTH = 32, 4
Message = dict[str, Any]


class BrightSquare:
    """Finds the bright part of the key frame; nothing where there is none."""

    labels: tuple[str, ...] = ("bright",)
    spec = InputSpec(length=LENGTH, size=SIZE, mean=(0.0, 0.0, 0.0), std=(1.0, 1.0, 1.0))
    device = "cpu"

    def run(
        self, clip: NDArray[np.float32], key_frame: NDArray[np.float32]
    ) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        ys, xs = np.nonzero(key_frame[0] > 0.7)
        if not len(ys):
            return np.zeros((1, 4), np.float32), np.zeros((1, 1), np.float32)
        box = np.array([[xs.min(), ys.min(), xs.max() + 1, ys.max() + 1]], np.float32)
        return box, np.array([[0.9]], np.float32)


class Answers(io.StringIO):
    """What was said, and a way to wait for the next saying."""

    def __init__(self) -> None:
        super().__init__()
        self._said = queue.SimpleQueue[None]()

    def flush(self) -> None:
        """Every answer is flushed once."""
        self._said.put(None)

    def wait(self) -> None:
        """Until something more was said."""
        self._said.get(timeout=10)

    @property
    def messages(self) -> list[Message]:
        """The answers so far."""
        return [json.loads(line) for line in self.getvalue().splitlines()]


@pytest.fixture
def ring_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "ring"
    PictureRing(path, SIZE, create=True)
    monkeypatch.setattr(worker, "open_engine", lambda *_, **__: BrightSquare())
    return path


def _picture(left: int) -> NDArray[np.uint8]:
    picture = np.zeros((SIZE, SIZE, 3), np.uint8)
    picture[8:24, left : left + 8] = 255
    return picture


def _load(ring_path: Path) -> Message:
    engine = {"model": "m", "backend": "onnx", "device": "cpu", "threads": 1}
    return {"do": "load", **engine, "ring": str(ring_path)}


def _put(ring_path: Path, frames: range, video: int = 1) -> list[Message]:
    """Pictures in the ring, and what is said of them."""
    ring = PictureRing(ring_path, SIZE, create=False)
    for frame in frames:
        ring.put(frame, _picture(frame % 20))
    return [{"do": "picture", "video": video, "frame": f, "number": f} for f in frames]


def _wish(frame: int, video: int = 1) -> Message:
    clip = list(range(frame - LENGTH + 1, frame + 1))
    shape = {"place": LENGTH - 1, "width": 2 * SIZE, "height": SIZE}
    return {"do": "detect", "video": video, "frame": frame, "clip": clip, **shape}


def _told(messages: list[Message]) -> list[Message]:
    """The answers to messages of a patient window: it waits for each before it goes on."""
    sink = Answers()

    def lines() -> Iterator[str]:
        for message in messages:
            yield json.dumps(message)
            if message["do"] in ("load", "detect"):
                sink.wait()

    serve(lines(), sink)
    return sink.messages


def _live(ring_path: Path, frames: range, *videos: int) -> LiveModel:
    live = LiveModel(BrightSquare(), PictureRing(ring_path, SIZE, create=False))
    for video in videos or (1,):
        for message in _put(ring_path, frames, video):
            live.keep(message)
    return live


def test_pictures_become_detections_in_the_source_s_pixels(ring_path: Path) -> None:
    told = _told([_load(ring_path), *_put(ring_path, range(4)), _wish(3)])
    ready, found = told
    assert ready == {
        "say": "ready",
        "labels": ["bright"],
        "backend": "onnx",
        "device": "cpu",
        "input": spec_to_json(BrightSquare.spec),
    }
    assert (found["say"], found["video"], found["frame"]) == ("detections", 1, 3)
    assert found["boxes"] == [[6, 8, 22, 24]]  # twice as wide as the input
    assert found["scores"] == [[0.9]]
    assert found["tracks"] == [0]


def test_a_clip_with_a_hole_is_missing(ring_path: Path) -> None:
    told = _told([_load(ring_path), *_put(ring_path, range(3)), _wish(3)])
    assert told[1] == {"say": "missing", "video": 1, "frame": 3}


def test_while_one_answer_is_made_only_the_newest_wish_is_kept(
    ring_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    busy, go, sink = threading.Event(), threading.Event(), Answers()

    class Held(BrightSquare):
        def run(
            self, clip: NDArray[np.float32], key_frame: NDArray[np.float32]
        ) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
            busy.set()
            assert go.wait(10)
            return super().run(clip, key_frame)

    def lines() -> Iterator[str]:
        yield json.dumps(_load(ring_path))
        sink.wait()
        yield from map(json.dumps, [*_put(ring_path, range(8)), _wish(3)])
        assert busy.wait(10)
        yield from map(json.dumps, [_wish(5), _wish(7)])
        go.set()
        sink.wait()
        sink.wait()

    monkeypatch.setattr(worker, "open_engine", lambda *_, **__: Held())
    serve(lines(), sink)
    assert [m["frame"] for m in sink.messages if m["say"] == "detections"] == [3, 7]


def test_a_model_that_cannot_be_loaded_is_told_and_the_next_one_works(
    ring_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def choosy(model: Path, *_: object, **__: object) -> BrightSquare:
        if model.name == "bad":
            raise ConfigError("bad is no model.")
        if model.name == "locked":
            raise PermissionError(13, "Permission denied", "locked")
        return BrightSquare()

    monkeypatch.setattr(worker, "open_engine", choosy)
    good = _load(ring_path)
    told = _told([{**good, "model": "bad"}, {**good, "model": "locked"}, good])
    assert told[0] == {"say": "failed", "message": "bad is no model."}
    assert told[1]["say"] == "failed"
    assert "locked" in told[1]["message"]
    assert told[2]["say"] == "ready"


def test_wishes_without_a_model_are_not_answered(ring_path: Path) -> None:
    source = io.StringIO("".join(json.dumps(m) + "\n" for m in (_wish(3), _wish(4))))
    sink = Answers()
    serve(source, sink)
    assert sink.messages == []


def test_an_actor_keeps_its_number_while_frames_ascend(ring_path: Path) -> None:
    live = _live(ring_path, range(12))
    tracks = [live.answer(_wish(frame))["tracks"] for frame in (3, 4, 6, 9)]
    assert tracks == [[0], [0], [0], [0]]


@pytest.mark.parametrize("jump", [5, 4, 11])
def test_a_repeat_and_a_jump_begin_new_actors(ring_path: Path, jump: int) -> None:
    live = _live(ring_path, range(12))
    assert live.answer(_wish(5))["tracks"] == [0]
    again = live.answer(_wish(jump))
    assert again["say"] == "detections"
    assert again["tracks"] == [1]


def test_another_video_begins_new_actors(ring_path: Path) -> None:
    live = _live(ring_path, range(8), 1, 2)
    assert live.answer(_wish(4, video=1))["tracks"] == [0]
    assert live.answer(_wish(5, video=2))["tracks"] == [1]


def test_a_picture_that_was_overwritten_is_missing(ring_path: Path) -> None:
    live = LiveModel(BrightSquare(), PictureRing(ring_path, SIZE, create=False))
    early = _put(ring_path, range(4))
    _put(ring_path, range(SLOTS, SLOTS + 4))
    for message in early:
        live.keep(message)
    assert live.answer(_wish(3))["say"] == "missing"


def test_pictures_that_came_again_are_kept_as_long_as_new_ones(ring_path: Path) -> None:
    live = _live(ring_path, range(SLOTS))
    for message in _put(ring_path, range(4)):  # sent once more
        live.keep(message)
    for message in _put(ring_path, range(SLOTS, 2 * SLOTS - 4)):
        live.keep(message)
    assert live.answer(_wish(3))["say"] == "detections"


@pytest.mark.parametrize("last_words", ["", '{"do": "pic'])
def test_the_process_ends_with_its_input(last_words: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "yowo_core.infer.worker"],
        input=last_words,
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert done.returncode == 0
    assert done.stdout == ""
