"""The live model in its own process: what it says, how it fails, and that it ends."""

import os
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QTimer
from pytestqt.qtbot import QtBot

from app.services import inference, live_link
from app.services.frame_source import FrameSource, VideoFacts
from app.services.inference import LiveDetections, LiveFacts, LiveInference
from app.services.job_runner import JobRunner
from app.services.live_link import LiveLink
from app.services.live_values import TwinStore
from app.services.model_preparing import ModelPreparing
from app.services.playback import Playback
from yowo_core.infer.pipeline import ChunkStore
from yowo_core.models.card import read_card

WAIT = 120_000
Show = Callable[[int], LiveDetections]


@pytest.fixture
def preparing(runner: JobRunner) -> ModelPreparing:
    return ModelPreparing(runner)


@pytest.fixture
def live(source: FrameSource, preparing: ModelPreparing) -> Iterator[LiveInference]:
    made = LiveInference(source, preparing)
    yield made
    made.shutdown()


@pytest.fixture
def facts(opened: Callable[[Path], FrameSource], clip: Path) -> VideoFacts:
    found = opened(clip).facts
    assert found is not None
    return found


@pytest.fixture
def show(live: LiveInference, source: FrameSource, facts: VideoFacts, qtbot: QtBot) -> Show:
    """Shows a frame as the window does and waits for what is in it."""

    def show_and_wait(frame: int) -> LiveDetections:
        with qtbot.waitSignal(live.detections, timeout=WAIT) as found:
            source.request(frame)
            live.show(17, facts, frame)
        answer = found.args[0]
        assert isinstance(answer, LiveDetections)
        return answer

    return show_and_wait


def gone(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    return False


@pytest.mark.parametrize(
    ("which", "labels"), [("tiny_model", ("walk", "read")), ("nano_model", ("jump", "sit"))]
)
def test_the_live_model_sees_what_the_analysis_sees(
    qtbot: QtBot,
    live: LiveInference,
    show: Show,
    clip: Path,
    request: pytest.FixtureRequest,
    which: str,
    labels: tuple[str, ...],
) -> None:
    model: Path = request.getfixturevalue(which)
    runner: JobRunner = request.getfixturevalue("runner")
    tmp_path: Path = request.getfixturevalue("tmp_path")
    options = ["--causal", "--frames", "0:34", "--min-score", "0.05", "--backend", "torch"]
    where = [str(clip), "--model", str(model), "--run-dir", str(tmp_path)]
    ready: list[LiveFacts] = []
    said: list[str] = []
    live.ready.connect(ready.append)
    live.status.connect(said.append)
    live.start(model, "torch", "cpu")
    assert live.enabled
    with qtbot.waitSignal(runner.ended, timeout=WAIT) as end:
        runner.start(["detect", *where, *options, "--events", "--stop-on-stdin"])
    assert end.args[0].message == ""
    (chunks,) = (tmp_path / "chunks").iterdir()
    analysed = ChunkStore(chunks, 2).load()
    for frame in (0, 33, 12, 13):
        answer = show(frame)
        wanted = analysed[frame]
        assert (answer.video_key, answer.frame) == (17, frame)
        assert len(wanted) > 0
        np.testing.assert_allclose(answer.boxes, wanted.boxes, atol=0.02)
        np.testing.assert_allclose(answer.scores, wanted.scores, atol=2e-3)
        assert len(answer.tracks) == len(wanted)
        assert answer.delay_ms >= answer.ms > 0
    assert ready == [LiveFacts(labels, "torch", "cpu", read_card(model).config.input)]
    assert live.facts == ready[0]
    assert said[0] == f"Loading {model.stem}..."
    assert said[-1] == ""
    assert live.rate > 0
    same = show(13)  # shown once more: the same answer, at once
    np.testing.assert_array_equal(same.boxes, answer.boxes)


def test_while_playing_answers_belong_to_shown_frames_and_ascend(
    qtbot: QtBot, live: LiveInference, source: FrameSource, clip: Path, tiny_model: Path
) -> None:
    playback = Playback(source)
    shown: list[int] = []
    found: list[LiveDetections] = []

    def see(picture: object) -> None:
        if source.facts is not None:
            shown.append(playback.state.frame)
            live.show(1, source.facts, playback.state.frame)

    playback.frame_shown.connect(see)
    live.detections.connect(found.append)
    with qtbot.waitSignal(live.ready, timeout=WAIT):
        live.start(tiny_model, "torch", "cpu")
        source.open(clip)
    qtbot.waitUntil(lambda: bool(found), timeout=WAIT)  # the first frame, paused
    playback.set_speed(0.5)
    playback.play()
    qtbot.waitUntil(lambda: not playback.state.playing, timeout=WAIT)
    qtbot.waitUntil(lambda: found[-1].frame == shown[-1], timeout=WAIT)
    frames = [f.frame for f in found]
    assert set(frames) <= set(shown)
    assert frames == sorted(frames)
    assert len(frames) > 3


def test_a_model_that_cannot_be_loaded_is_a_sentence_and_another_can_follow(
    qtbot: QtBot, live: LiveInference, tiny_model: Path, tmp_path: Path
) -> None:
    broken = tmp_path / "broken.safetensors"
    broken.write_bytes(b"no weights")
    with qtbot.waitSignal(live.failed, timeout=WAIT) as told:
        live.start(broken, "torch", "cpu")
    assert str(broken) in told.args[0]
    assert not live.enabled
    with qtbot.waitSignal(live.ready, timeout=WAIT):
        live.start(tiny_model, "torch", "cpu")


def test_lost_pictures_are_sent_again_and_a_lost_process_begins_anew(
    qtbot: QtBot, live: LiveInference, show: Show, facts: VideoFacts, tiny_model: Path
) -> None:
    with qtbot.waitSignal(live.ready, timeout=WAIT):
        live.start(tiny_model, "torch", "cpu")
    link = live._link
    assert link is not None
    for frame in range(13, 21):  # believed to be there, but never sent
        link._sent[facts.opening, frame] = None
    assert len(show(20).boxes) > 0
    said: list[str] = []
    live.status.connect(said.append)
    lost = live.pid
    with qtbot.waitSignal(live.detections, timeout=WAIT) as found:
        os.kill(lost, 9)
        live.show(17, facts, 33)  # asked of a process that is dying
        assert live.enabled
    assert found.args[0].frame == 33
    assert live.pid not in (0, lost)
    assert said[0] == "The live model's process ended; again in 0.5 s..."


def test_a_process_that_dies_again_and_again_is_given_up(
    qtbot: QtBot, live: LiveInference, tiny_model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(inference, "_WAITS", (0.01, 0.02))
    crash = [sys.executable, "-c", "raise SystemExit('out of memory')"]
    monkeypatch.setattr(live_link, "worker_command", lambda _name: crash)
    said: list[str] = []
    live.status.connect(said.append)
    with qtbot.waitSignal(live.failed, timeout=WAIT) as told:
        live.start(tiny_model, "torch", "cpu")
    assert "ended by itself" in told.args[0]
    assert "out of memory" in told.args[0]
    assert [text for text in said if "again in" in text] == [
        "The live model's process ended; again in 0.01 s...",
        "The live model's process ended; again in 0.02 s...",
    ]
    assert not live.enabled
    assert live.pid == 0


def test_switching_off_while_it_waits_begins_no_process(
    qtbot: QtBot, live: LiveInference, tiny_model: Path
) -> None:
    with qtbot.waitSignal(live.ready, timeout=WAIT):
        live.start(tiny_model, "torch", "cpu")
    os.kill(live.pid, 9)
    qtbot.waitUntil(live._again.isActive, timeout=WAIT)
    live.stop()
    assert not live.enabled
    qtbot.wait(600)
    assert live.pid == 0


def test_ending_the_model_ends_its_process_within_a_second(
    qtbot: QtBot, live: LiveInference, tiny_model: Path
) -> None:
    failures: list[str] = []
    live.failed.connect(failures.append)
    live.start(tiny_model, "torch", "cpu")
    pid = live.pid
    assert pid > 0
    live.stop()
    began = time.monotonic()
    qtbot.waitUntil(lambda: gone(pid), timeout=WAIT)
    assert time.monotonic() - began < 5
    qtbot.wait(20)
    assert failures == []
    assert not live.enabled


def test_closing_down_leaves_no_process(
    qtbot: QtBot, live: LiveInference, tiny_model: Path
) -> None:
    live.start(tiny_model, "torch", "cpu")
    pid = live.pid
    live.shutdown()
    assert gone(pid)


def test_closing_down_waits_for_one_that_was_just_switched_off(
    qtbot: QtBot, live: LiveInference, tiny_model: Path
) -> None:
    live.start(tiny_model, "torch", "cpu")
    pid = live.pid
    live.stop()
    live.shutdown()
    assert gone(pid)


def test_after_closing_down_no_process_begins(
    qtbot: QtBot, live: LiveInference, tiny_model: Path
) -> None:
    live.shutdown()
    live.start(tiny_model, "torch", "cpu")
    assert not live.enabled


@pytest.fixture
def cold(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A cache folder in which no model is prepared."""
    monkeypatch.setenv("YOWO_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


def loads_torch(pid: int) -> bool:
    return "libtorch" in Path(f"/proc/{pid}/maps").read_text()


@pytest.mark.skipif(sys.platform != "linux", reason="reads what a process has loaded in /proc")
@pytest.mark.usefixtures("cold")
@pytest.mark.slow
def test_a_model_that_is_not_prepared_answers_on_torch_until_onnx_runtime_takes_over(
    qtbot: QtBot, live: LiveInference, show: Show, tiny_model: Path
) -> None:
    ready: list[LiveFacts] = []
    live.ready.connect(ready.append)
    with qtbot.waitSignal(live.ready, timeout=WAIT):
        live.start(tiny_model, "onnx", "cpu")
    first = live.pid
    assert ready[0].backend == "torch"
    assert live.upgrading
    assert loads_torch(first)
    on_torch = {frame: show(frame) for frame in (20, 33)}
    frame = 20
    while live.upgrading:  # asked all the time, also in the moment of the change
        frame = 34 + (frame - 33) % 20
        assert show(frame).frame == frame
        qtbot.wait(20)  # leaves room for the work of low priority
    assert [facts.backend for facts in ready] == ["torch", "onnx"]
    qtbot.waitUntil(lambda: gone(first), timeout=WAIT)
    assert live.pid not in (0, first)
    assert not loads_torch(live.pid)
    for frame, before in on_torch.items():
        after = show(frame)
        np.testing.assert_allclose(after.boxes, before.boxes, atol=0.02)
        np.testing.assert_allclose(after.scores, before.scores, atol=2e-3)
    with qtbot.waitSignal(live.ready, timeout=WAIT):  # the next time it is there at once
        live.start(tiny_model, "onnx", "cpu")
    assert [facts.backend for facts in ready] == ["torch", "onnx", "onnx"]
    assert not live.upgrading


def test_a_model_that_cannot_be_prepared_stays_on_torch_and_that_is_told_once(
    qtbot: QtBot, live: LiveInference, show: Show, tiny_model: Path, cold: Path
) -> None:
    cold.write_text("a file stands where the folder should be")
    said: list[str] = []
    live.told.connect(said.append)
    with qtbot.waitSignal(live.told, timeout=WAIT):
        live.start(tiny_model, "onnx", "cpu")
    assert live.facts is not None
    assert live.facts.backend == "torch"
    assert not live.upgrading
    with qtbot.waitSignal(live.ready, timeout=WAIT):  # begun again, as after a crash
        os.kill(live.pid, 9)
    assert not live.upgrading
    assert len(show(20).boxes) > 0
    assert len(said) == 1
    assert said[0].startswith("tiny could not be prepared for ONNX Runtime and goes on on PyTorch")
    assert str(cold) in said[0]


class Prepared(ModelPreparing):
    """Believes at once that a model is prepared."""

    def prepare(self, model: Path) -> None:
        QTimer.singleShot(0, self, lambda: self.ended.emit(model, ""))


@pytest.mark.usefixtures("cold")
@pytest.mark.parametrize(
    ("dies", "why"), [(True, "ended by itself"), (False, "What was prepared is not there any more")]
)
def test_torch_goes_on_when_the_process_that_was_to_take_over_does_not_come_up(
    qtbot: QtBot, source: FrameSource, runner: JobRunner, tiny_model: Path, dies: bool, why: str
) -> None:
    live = LiveInference(source, Prepared(runner))
    with qtbot.waitSignal(live.told, timeout=WAIT) as told:
        live.start(tiny_model, "onnx", "cpu")
        if dies:
            qtbot.waitUntil(lambda: second(live) > 0, timeout=WAIT)
            os.kill(second(live), 9)
    assert why in told.args[0]
    assert live.facts is not None
    assert live.facts.backend == "torch"
    assert not live.upgrading
    assert not gone(live.pid)
    let_go(qtbot, live)


def let_go(qtbot: QtBot, live: LiveInference) -> None:
    live.stop()
    qtbot.waitUntil(lambda: not live.findChildren(LiveLink), timeout=WAIT)


def second(live: LiveInference) -> int:
    """The number of the process that is to take over, 0 when there is none."""
    link = live._upgrade._link
    return link.pid if link is not None else 0


@pytest.mark.usefixtures("cold")
def test_no_process_of_the_wanted_engine_outlives_switching_off(
    qtbot: QtBot, source: FrameSource, runner: JobRunner, tiny_model: Path
) -> None:
    live = LiveInference(source, Prepared(runner))
    for closes in (False, True):
        live.start(tiny_model, "onnx", "cpu")
        qtbot.waitUntil(lambda: second(live) > 0, timeout=WAIT)
        numbers = live.pid, second(live)
        if closes:
            live.shutdown()
        else:
            let_go(qtbot, live)
        assert (live.pid, second(live)) == (0, 0)
        assert all(map(gone, numbers))


def test_a_model_is_prepared_once_at_a_time_and_what_goes_wrong_is_told(
    qtbot: QtBot, runner: JobRunner, tmp_path: Path
) -> None:
    preparing, ended = ModelPreparing(runner), dict[Path, str]()
    preparing.ended.connect(ended.__setitem__)
    lost = tmp_path / "lost.safetensors"
    for model in (lost, tmp_path / "gone.safetensors", lost):
        preparing.prepare(model)
    assert len(runner.running()) == 2
    qtbot.waitUntil(lambda: len(ended) == 2, timeout=WAIT)
    assert f"No model {str(lost)!r}" in ended[lost]


def test_twins_are_of_the_newest_opening_and_bounded() -> None:
    told: list[int] = []
    store = TwinStore(3, lambda: told.append(1))
    pictures = {n: np.full((2, 2, 3), n, np.uint8) for n in range(6)}
    for frame in (0, 1, 2):
        store.put(1, frame, pictures[frame])
    assert store.clip(1, [0, 2]) is not None  # asked for, so kept longest
    store.put(1, 3, pictures[3])
    assert [store.holds(1, n) for n in range(4)] == [True, False, True, True]
    assert store.clip(1, [1, 2]) is None
    store.put(2, 5, pictures[5])
    assert not store.holds(1, 3)
    clip = store.clip(2, [5, 5])
    assert clip is not None
    np.testing.assert_array_equal(clip[5], pictures[5])
    assert len(told) == 5
