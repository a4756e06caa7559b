"""A training can be stopped at any time, resumed, and starts well from another model."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from yowo_core import events
from yowo_core.annotations import ActionSpan, AnnotationSet
from yowo_core.data.prepare import prepare
from yowo_core.errors import CheckpointError, ConfigError
from yowo_core.models.card import ModelCard
from yowo_core.models.create import build
from yowo_core.models.variants import InputSpec, YOWOv3Config
from yowo_core.models.weights import load_model, save_model
from yowo_core.train import loop
from yowo_core.train.config import TrainConfig, read_config, write_config
from yowo_core.train.run_folder import STATE, load_state
from yowo_core.train.schedule import learning_rate
from yowo_core.train.transfer import start_from

SPEC = InputSpec(length=8, size=64)


def _small(_name: str, classes: int) -> torch.nn.Module:
    return build(YOWOv3Config("n", "shufflenetv2", 0.25, 16, classes, SPEC))


@pytest.fixture
def run_dir(
    square_labels: AnnotationSet,
    square_clip: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Path:
    """A prepared run of three short epochs on a network small enough for a test."""
    monkeypatch.setattr(loop, "create_model", _small)
    prepare(square_labels, {square_clip.name: square_clip}, tmp_path, held_out=0.25)
    write_config(tmp_path, TrainConfig(epochs=3, clips_per_epoch=8, batch=4, warmup=2))
    return tmp_path


def test_a_stopped_and_resumed_run_ends_with_the_same_weights(run_dir: Path) -> None:
    said: list[events.Event] = []
    asked = iter(
        [False] * 7 + [True]
    )  # four while decoding, then in the middle of the second epoch
    loop.train(run_dir, said.append, lambda: next(asked))
    assert isinstance(said[-1], events.Finished)
    assert said[-1].stopped
    state = load_state(run_dir)
    assert state is not None
    assert state["epoch"] == 1
    loop.train(run_dir, said.append)
    resumed = load_state(run_dir)
    (run_dir / STATE).unlink()
    loop.train(run_dir, lambda _event: None)
    straight = load_state(run_dir)
    assert resumed is not None
    assert straight is not None
    for name, value in straight["average"].items():
        torch.testing.assert_close(resumed["average"][name], value, rtol=0, atol=0)


def test_events_tell_the_whole_story(run_dir: Path) -> None:
    said: list[events.Event] = []
    best = loop.train(run_dir, said.append)
    started = next(e for e in said if isinstance(e, events.Started))
    assert started.total == 6
    assert [e.epoch for e in said if isinstance(e, events.Evaluated)] == [1, 2, 3]
    assert said[-1] == events.Finished(str(best), False, said[-1].facts)  # type: ignore[union-attr]
    model, card = load_model(best)
    assert card.labels == ("slide", "late")
    assert card.config == model.config


def test_known_classes_keep_their_rows(tmp_path: Path) -> None:
    base = build(YOWOv3Config("n", "shufflenetv2", 0.25, 16, 2, SPEC))
    save_model(tmp_path / "base", base.state_dict(), ModelCard(base.config, ("a", "b"), {}))
    model = build(YOWOv3Config("n", "shufflenetv2", 0.25, 16, 3, SPEC))
    fresh = [layer.weight.clone() for layer in model.cls.last_layers()]
    told = start_from(tmp_path / "base", model, ("b", "new", "a"))
    assert told == events.Classes(("b", "a"), ("new",), ())
    for mine, theirs, start in zip(
        model.cls.last_layers(), base.cls.last_layers(), fresh, strict=True
    ):
        half = theirs.weight.half().float()
        assert torch.equal(mine.weight[0], half[1])
        assert torch.equal(mine.weight[2], half[0])
        assert torch.equal(mine.weight[1], start[1])
    key = "spatial.stage1.conv.weight"
    assert torch.equal(model.state_dict()[key], base.state_dict()[key].half().float())


def test_another_network_is_no_base(tmp_path: Path) -> None:
    base = build(YOWOv3Config("n", "shufflenetv2", 0.25, 32, 2, SPEC))
    save_model(tmp_path / "base", base.state_dict(), ModelCard(base.config, ("a", "b"), {}))
    model = build(YOWOv3Config("n", "shufflenetv2", 0.25, 16, 2, SPEC))
    with pytest.raises(CheckpointError, match="another network"):
        start_from(tmp_path / "base", model, ("a", "b"))


def test_a_damaged_state_is_named(run_dir: Path) -> None:
    (run_dir / STATE).write_bytes(b"not a state")
    with pytest.raises(CheckpointError, match=r"state\.pt is damaged"):
        loop.train(run_dir, lambda _event: None)


def test_the_rate_rises_then_falls_to_a_hundredth() -> None:
    rates = [learning_rate(n, 1.0, 10, 110) for n in range(110)]
    assert rates[0] == pytest.approx(0.1)
    assert rates[9] == rates[10] == pytest.approx(1.0)
    assert rates[60] == pytest.approx(0.505)
    assert learning_rate(110, 1.0, 10, 110) == pytest.approx(0.01)


def test_settings_are_checked_and_unknown_ones_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="learning_rate cannot be 5"):
        TrainConfig(learning_rate=5)
    with pytest.raises(ConfigError, match="yowov3-tiny"):
        TrainConfig(model="yowov3-tinny")
    (tmp_path / "config.json").write_text('{"epochz": 3}')
    with pytest.raises(ConfigError, match="epochz"):
        read_config(tmp_path)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[]", "no settings"),
        ('{"epochs": "3"}', "int is needed"),
        ('{"flip": 1}', "bool is needed"),
    ],
)
def test_settings_of_a_wrong_kind_are_told(tmp_path: Path, text: str, words: str) -> None:
    (tmp_path / "config.json").write_text(text)
    with pytest.raises(ConfigError, match=words):
        read_config(tmp_path)


def test_stopping_while_decoding_ends_it_at_once(run_dir: Path) -> None:
    said: list[events.Event] = []
    best = loop.train(run_dir, said.append, lambda: True)
    assert said[-1] == events.Finished("", stopped=True)
    assert not any(isinstance(e, events.TrainLoss) for e in said)
    assert not best.is_file()


def test_going_on_never_replaces_better_weights(
    run_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    figures = iter([10.0, 80.0])
    monkeypatch.setattr(loop, "_measure", lambda *_: (next(figures), {}))
    asked = iter([False] * 6 + [True])  # four while decoding, one epoch, in the second
    best = loop.train(run_dir, lambda _event: None, lambda: next(asked))
    assert load_model(best)[1].facts["held_out_frame_map"] == 80
    figures = iter([20.0, 30.0])
    loop.train(run_dir, lambda _event: None)
    assert load_model(best)[1].facts["held_out_frame_map"] == 80


def test_held_out_frames_without_an_action_measure_nothing(
    square_labels: AnnotationSet, square_clip: Path, run_dir: Path
) -> None:
    video = square_labels.videos[0]
    early = replace(
        video.tubes[0],
        frames=np.array([0, 20], np.int64),
        spans=(ActionSpan(1, 0, 20), ActionSpan(2, 5, 20)),
    )
    labels = AnnotationSet(square_labels.labels, (replace(video, tubes=(early,)),))
    prepare(labels, {square_clip.name: square_clip}, run_dir, held_out=0.25)
    said: list[events.Event] = []
    best = loop.train(run_dir, said.append)
    assert not any(isinstance(e, events.Evaluated) for e in said)
    assert any(isinstance(e, events.Notice) and "last weights" in e.message for e in said)
    facts = load_model(best)[1].facts
    assert facts["epoch"] == 3
    assert "held_out_frame_map" not in facts


def test_without_held_out_frames_the_newest_weights_are_kept(
    square_labels: AnnotationSet, square_clip: Path, run_dir: Path
) -> None:
    prepare(square_labels, {square_clip.name: square_clip}, run_dir, held_out=0)
    asked = iter([False] * 4 + [True])  # two for decoding, one epoch, in the second
    best = loop.train(run_dir, lambda _event: None, lambda: next(asked))
    kept = load_model(best)[0].state_dict()
    state = load_state(run_dir)
    assert state is not None
    assert state["epoch"] == 1
    assert any(
        not torch.equal(value.half(), kept[name].half())
        for name, value in state["average"].items()
        if value.is_floating_point()
    )
