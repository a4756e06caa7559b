"""Fine-tuning: a real, short one; stopping, discarding and going on with a quick stand-in."""

import hashlib
import json
import sys
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from app.services import job_runner
from app.services.background import Background
from app.services.job_runner import JobRunner
from app.services.left_runs import sweep
from app.services.training import (
    DISCARDED,
    Phase,
    Training,
    TrainingResult,
    TrainingState,
    read_training,
)
from yowo_core.annotations import ActionSpan, AnnotationSet, FrameRange, Label, Tube, Video
from yowo_core.errors import DataError
from yowo_core.events import Evaluated, Finished, Started, to_line
from yowo_core.models.card import ModelCard, read_card
from yowo_core.models.variants import variant
from yowo_core.train.config import TrainConfig, read_config

WAIT = 120_000
SHORT = TrainConfig(epochs=1, clips_per_epoch=2, batch=2, warmup=0, held_out_frames=2)

STAND_IN = """
import sys
from pathlib import Path
run_dir = Path(sys.argv[2])
def say(line):
    with (run_dir / "events.jsonl").open("a") as file:
        file.write(line + "\\n")
    print(line, flush=True)
for line in {before!r}:
    say(line)
from safetensors.numpy import save_file
import numpy as np
save_file({{"w": np.zeros(1)}}, run_dir / "best.safetensors", {card!r})
if {waits!r}:
    sys.stdin.readline()
for line in {after!r}:
    say(line)
"""

SMALL_NETWORK = """
from yowo_core.cli.main import run
from yowo_core.input_spec import InputSpec
from yowo_core.models.configs.yowov3 import YOWOv3Config
from yowo_core.train import loop

spec = InputSpec(length=8, size=64)
loop.network_of = lambda _folder, _config, classes: YOWOv3Config(
    "n", "shufflenetv2", 0.25, 16, classes, spec
)
run()
"""


@pytest.fixture
def training(runner: JobRunner, background: Background) -> Training:
    return Training(runner, background)


@pytest.fixture
def labelled(clip: Path) -> AnnotationSet:
    """Someone who walks through the clip and reads in its second half."""
    frames = np.array([0, 59], np.int64)
    boxes = np.array([[10, 20, 90, 180], [200, 20, 290, 180]], np.float64)
    spans = (ActionSpan(1, 0, 60), ActionSpan(2, 30, 60))
    tube = Tube("a", frames, boxes, spans)
    video = Video(clip.name, 320, 192, 60, Fraction(30), ranges=(FrameRange(0, 60),), tubes=(tube,))
    return AnnotationSet((Label(1, "walk"), Label(2, "read")), (video,))


@dataclass(frozen=True)
class Begun:
    """A training with a run folder that it can be prepared in."""

    training: Training
    run_dir: Path
    prepare: Callable[[], bool]

    def stands(self, phase: Phase) -> Callable[[], bool]:
        return lambda: self.training.state is not None and self.training.state.phase is phase


@pytest.fixture
def begun(training: Training, labelled: AnnotationSet, clip: Path, tmp_path: Path) -> Begun:
    run_dir = tmp_path / "run"
    return Begun(
        training,
        run_dir,
        lambda: training.prepare(labelled, {clip.name: clip}, run_dir, SHORT),
    )


Stand = Callable[..., None]


@pytest.fixture
def stand_in(monkeypatch: pytest.MonkeyPatch) -> Stand:
    """Lets jobs be a program that says these events instead of training."""

    def put(*, waits: bool) -> None:
        stopped = Finished("best.safetensors", stopped=waits)
        said = [Evaluated(0, 0, 40.0, {}, "before"), Evaluated(5, 1, 60.0, {}, "epoch", True)]
        before = [to_line(Started("train", 10)), *map(to_line, said)]
        config = variant("yowov3-tiny").config(2)
        card = ModelCard(config, ("walk", "read"), {"held_out_frame_map": 60.0, "epoch": 1})
        end, meta = [to_line(stopped)], card.as_metadata()
        code = STAND_IN.format(before=before, after=end, waits=waits, card=meta)
        monkeypatch.setattr(
            job_runner, "worker_command", lambda _name: [sys.executable, "-c", code]
        )

    return put


@pytest.fixture
def small_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """Lets the real command train a network that is small enough for a test."""
    monkeypatch.setattr(
        job_runner, "worker_command", lambda _name: [sys.executable, "-c", SMALL_NETWORK]
    )


@pytest.mark.usefixtures("small_network")
def test_a_real_training_ends_with_a_model(qtbot: QtBot, begun: Begun) -> None:
    training = begun.training
    states: list[TrainingState] = []
    training.state_changed.connect(states.append)
    with qtbot.waitSignal(training.finished, timeout=WAIT) as finished:
        assert begun.prepare()
        assert training.running
        assert not begun.prepare()
    result = finished.args[0]
    assert isinstance(result, TrainingResult)
    assert result.labels == ("walk", "read")
    assert result.sha256 == hashlib.sha256(result.path.read_bytes()).hexdigest()
    assert result.path.parent == begun.run_dir.parent / "models"
    assert (result.epoch, result.update) == (1, 1)
    assert not result.stopped
    assert read_config(begun.run_dir) == SHORT
    phases = list(dict.fromkeys(s.phase for s in states))
    assert phases == [Phase.PREPARING, Phase.DECODING, Phase.TRAINING, Phase.FINISHED]
    last = states[-1]
    assert last.frames == (48, 12)
    assert last.boxes == {"walk": 48, "read": 18}
    assert (last.epoch, last.epochs) == (1, 1)
    assert [p.update for p in last.losses] == [1]
    assert last.best == last.maps[-1].value == result.after
    assert result.metrics == {"after_frame_map": result.after}
    assert not training.running


def test_nothing_to_learn_from_is_a_sentence(
    qtbot: QtBot, training: Training, clip: Path, tmp_path: Path
) -> None:
    empty = AnnotationSet((Label(1, "walk"),), (Video(clip.name, ranges=(FrameRange(0, 9),)),))
    with qtbot.waitSignal(training.failed, timeout=WAIT) as told:
        training.prepare(empty, {clip.name: clip}, tmp_path / "run", SHORT)
    assert "no confirmed tube" in told.args[0]
    assert training.state is not None
    assert (training.state.phase, training.state.message) == (Phase.FAILED, told.args[0])


def test_stopping_keeps_the_best_weights(qtbot: QtBot, begun: Begun, stand_in: Stand) -> None:
    stand_in(waits=True)
    training = begun.training
    begun.prepare()
    qtbot.waitUntil(lambda: training.state is not None and training.state.best == 60, timeout=WAIT)
    with qtbot.waitSignal(training.finished, timeout=WAIT) as finished:
        training.stop_and_keep_best()
        assert begun.stands(Phase.STOPPING)()
    result = finished.args[0]
    assert result.stopped
    assert read_card(result.path).labels == ("walk", "read")
    assert result.metrics == {"before_frame_map": 40.0, "after_frame_map": 60.0}
    assert begun.stands(Phase.STOPPED)()


def test_discarding_deletes_the_run_folder(qtbot: QtBot, begun: Begun, stand_in: Stand) -> None:
    stand_in(waits=True)
    finished: list[object] = []
    begun.training.finished.connect(finished.append)
    begun.prepare()
    qtbot.waitUntil(begun.stands(Phase.TRAINING), timeout=WAIT)
    begun.training.discard()
    qtbot.waitUntil(begun.stands(Phase.DISCARDED), timeout=WAIT)
    assert not begun.run_dir.exists()
    qtbot.waitUntil(lambda: not list(begun.run_dir.parent.glob("run*")), timeout=WAIT)
    assert finished == []
    assert not begun.training.running


def test_a_folder_whose_deleting_was_cut_off_is_swept(tmp_path: Path) -> None:
    (tmp_path / f"train-1{DISCARDED}" / "cache").mkdir(parents=True)
    (tmp_path / "train-2").mkdir()
    sweep(tmp_path)
    assert [p.name for p in tmp_path.iterdir()] == ["train-2"]


def test_discarding_while_it_is_prepared_never_starts_it(
    qtbot: QtBot, begun: Begun, runner: JobRunner
) -> None:
    begun.prepare()
    begun.training.discard()
    qtbot.waitUntil(begun.stands(Phase.DISCARDED), timeout=WAIT)
    assert runner.running() == ()


def test_what_was_kept_outlives_the_run_it_came_of(
    qtbot: QtBot, begun: Begun, stand_in: Stand
) -> None:
    stand_in(waits=True)
    begun.prepare()
    qtbot.waitUntil(begun.stands(Phase.TRAINING), timeout=WAIT)
    with qtbot.waitSignal(begun.training.finished, timeout=WAIT) as finished:
        begun.training.stop_and_keep_best()
    begun.training.discard()
    qtbot.waitUntil(begun.stands(Phase.DISCARDED), timeout=WAIT)
    assert not begun.run_dir.exists()
    assert read_card(finished.args[0].path).labels == ("walk", "read")


def test_after_a_restart_a_run_is_shown_and_its_model_kept(
    qtbot: QtBot, begun: Begun, stand_in: Stand, runner: JobRunner, background: Background
) -> None:
    stand_in(waits=False)
    with qtbot.waitSignal(begun.training.finished, timeout=WAIT) as first:
        begun.prepare()
    restarted = Training(runner, background)
    state = read_training(begun.run_dir)
    assert (state.phase, state.before, state.best) == (Phase.FINISHED, 40.0, 60.0)
    assert state.has_weights
    assert not state.can_go_on
    assert restarted.show(state)
    with qtbot.waitSignal(restarted.finished, timeout=WAIT) as again:
        assert restarted.keep()
    assert again.args == first.args


def test_a_training_that_was_paused_can_go_on(qtbot: QtBot, begun: Begun, stand_in: Stand) -> None:
    stand_in(waits=True)
    kept: list[object] = []
    begun.training.finished.connect(kept.append)
    begun.prepare()
    qtbot.waitUntil(begun.stands(Phase.TRAINING), timeout=WAIT)
    with qtbot.waitSignal(begun.training.paused, timeout=WAIT):
        begun.training.pause()
    assert kept == []
    state = begun.training.state
    assert state is not None
    assert (state.phase, state.can_go_on, state.has_weights) == (Phase.STOPPED, True, True)
    stand_in(waits=False)
    with qtbot.waitSignal(begun.training.finished, timeout=WAIT) as finished:
        assert begun.training.go_on()
    assert not finished.args[0].stopped
    told = (begun.run_dir / "events.jsonl").read_text().splitlines()
    assert [json.loads(line)["event"] for line in told].count("started") == 2


@pytest.mark.usefixtures("small_network")
def test_one_that_is_paused_while_it_loads_has_no_model_and_goes_on(
    qtbot: QtBot, begun: Begun
) -> None:
    training = begun.training
    begun.prepare()
    qtbot.waitUntil(begun.stands(Phase.DECODING), timeout=WAIT)
    with qtbot.waitSignal(training.paused, timeout=WAIT):
        training.stop_and_keep_best()
    assert training.state is not None
    assert "before its first update" in training.state.message
    with qtbot.waitSignal(training.finished, timeout=WAIT):
        assert training.go_on()


def test_a_training_that_crashes_fails_with_its_last_words(
    qtbot: QtBot, begun: Begun, monkeypatch: pytest.MonkeyPatch
) -> None:
    crash = [sys.executable, "-c", "raise SystemExit('the disk is full')"]
    monkeypatch.setattr(job_runner, "worker_command", lambda _name: crash)
    with qtbot.waitSignal(begun.training.failed, timeout=WAIT) as told:
        begun.prepare()
    assert "the disk is full" in told.args[0]
    assert begun.stands(Phase.FAILED)()


def test_a_folder_without_a_run_is_told(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=str(tmp_path)):
        read_training(tmp_path)
