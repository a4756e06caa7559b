"""A training can be stopped at any time, resumed, and starts well from another model."""

import shutil
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from yowo_core import events
from yowo_core.annotations import ActionSpan, AnnotationSet
from yowo_core.data.prepare import prepare
from yowo_core.errors import CheckpointError, ConfigError, DataError
from yowo_core.folder_lock import locked
from yowo_core.input_spec import InputSpec
from yowo_core.losses.tal import Losses
from yowo_core.models.card import ModelCard
from yowo_core.models.configs.yowov3 import YOWOv3Config
from yowo_core.models.create import build
from yowo_core.models.variants import variant
from yowo_core.models.weights import load_model, save_model
from yowo_core.models.yowov3 import YOWOv3
from yowo_core.train import loop
from yowo_core.train.config import TrainConfig, read_config, write_config
from yowo_core.train.run import save
from yowo_core.train.run_folder import BEST, STATE, load_state, save_state
from yowo_core.train.schedule import learning_rate
from yowo_core.train.transfer import network_of, start_from
from yowo_core.train.update import make_update

SPEC = InputSpec(length=8, size=32)


def _once_only(real: Any) -> Any:
    """Does it once; then the process is killed."""
    left = [real]

    def called(*given: Any, **how: Any) -> None:
        if not left:
            raise KeyboardInterrupt
        left.pop()(*given, **how)

    return called


def _small(_run_dir: Path, _config: TrainConfig, classes: int) -> YOWOv3Config:
    return YOWOv3Config("n", "shufflenetv2", 0.25, 16, classes, SPEC)


@pytest.fixture
def run_dir(
    square_labels: AnnotationSet,
    square_clip: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Path:
    """A prepared run of two short epochs on a network small enough for a test."""
    monkeypatch.setattr(loop, "network_of", _small)
    prepare(square_labels, {square_clip.name: square_clip}, tmp_path, held_out=0.25)
    config = TrainConfig(epochs=2, clips_per_epoch=4, batch=2, warmup=2, save_seconds=3600.0)
    write_config(tmp_path, config)  # never saved by the clock, however slow the machine
    return tmp_path


class Asked:
    """Says stop so many questions after an update was made: in the middle of the next one."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, update: int, later: int = 0) -> None:
        self._made, self._left, self._wanted = 0, later, update
        real = make_update

        def counted(*given: Any) -> Losses:
            losses = real(*given)
            self._made += 1
            return losses

        monkeypatch.setattr(loop, "make_update", counted)

    def __call__(self) -> bool:
        if self._made < self._wanted:
            return False
        self._left -= 1
        return self._left < 0


def _same(one: Any, other: Any) -> bool:
    """Whether two states hold the same bits."""
    if isinstance(one, torch.Tensor):
        return bool(torch.equal(one, other))
    if isinstance(one, dict):
        return one.keys() == other.keys() and all(_same(one[k], other[k]) for k in one)
    if isinstance(one, list):
        return len(one) == len(other) and all(map(_same, one, other))
    return bool(one == other)


def _told(said: list[events.Event], *kinds: type) -> list[events.Event]:
    return [event for event in said if isinstance(event, kinds)]


@pytest.fixture
def straight(run_dir: Path) -> tuple[dict[str, Any], list[events.Event]]:
    """How the run ends, and what it tells, when nothing disturbs it; the folder is as before."""
    said: list[events.Event] = []
    loop.train(run_dir, said.append)
    state = load_state(run_dir)
    assert state is not None
    (run_dir / STATE).unlink()
    (run_dir / BEST).unlink()
    return state, said


STOPS = {
    "before an update": (1, 0),
    "in a forward pass": (1, 300),
    "in a backward pass": (3, 900),
    "while an epoch is measured": (2, 40),
    "while the last epoch is measured": (4, 400),
}


def test_a_stopped_and_resumed_run_is_the_same_to_the_bit(
    run_dir: Path,
    straight: tuple[dict[str, Any], list[events.Event]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    kinds = (events.TrainLoss, events.Evaluated)
    wanted = list(map(str, _told(straight[1], *kinds)))
    for when, (update, later) in STOPS.items():
        folder = Path(shutil.copytree(run_dir, run_dir.with_name(f"stopped {when}")))
        said: list[events.Event] = []
        with monkeypatch.context() as patch:
            loop.train(folder, said.append, Asked(patch, update, later))
        assert isinstance(said[-1], events.Finished), when
        assert said[-1].stopped, when
        state = load_state(folder)
        assert state is not None
        assert 2 * state["epoch"] + state["step"] == update, when
        assert list((folder / "cache").iterdir()), when
        loop.train(folder, said.append)
        resumed = load_state(folder)
        assert resumed is not None
        assert _same(resumed, straight[0]), when
        told = list(dict.fromkeys(map(str, _told(said, *kinds))))  # the last figure comes twice
        assert told == wanted, when


def test_every_update_can_be_the_last_one_saved(
    run_dir: Path,
    straight: tuple[dict[str, Any], list[events.Event]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    write_config(run_dir, replace(read_config(run_dir), save_seconds=0))
    real, made = make_update, 0

    def killed(*given: Any) -> Losses:
        nonlocal made
        made += 1
        if made % 2:
            return real(*given)
        raise KeyboardInterrupt  # nothing of ours is run any more

    monkeypatch.setattr(loop, "make_update", killed)
    for _ in range(4):
        with suppress(KeyboardInterrupt):
            loop.train(run_dir, lambda _event: None)
    state = load_state(run_dir)
    assert state is not None
    assert _same(state, straight[0])


def test_enf_loss_learns_from_the_frames_of_each_class(
    run_dir: Path, straight: tuple[dict[str, Any], list[events.Event]]
) -> None:
    def cost(said: list[events.Event]) -> float:
        return next(e.cls for e in said if isinstance(e, events.TrainLoss))

    costs: list[float] = []
    settings: tuple[dict[str, Any], ...] = (
        {"enf_weight": "inverse"},
        {"enf_weight": "effective"},
        {"enf_alpha": 0.0, "enf_beta": 0.0},
    )
    for setting in settings:
        folder = Path(shutil.copytree(run_dir, run_dir.with_name(f"enf {len(costs)}")))
        write_config(folder, replace(read_config(run_dir), class_loss="enf", **setting))
        said: list[events.Event] = []
        assert loop.train(folder, said.append).is_file()
        costs.append(cost(said))
    # 27 and 7 frames: weights .3 and .33, or 3.3 and 3.1 as the formula is printed
    assert 8 < costs[1] / costs[0] < 12
    assert costs[2] == pytest.approx(cost(straight[1]), rel=1e-3)


def test_what_was_measured_is_saved_before_it_is_told(run_dir: Path) -> None:
    def killed(event: events.Event) -> None:
        if isinstance(event, events.Evaluated):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        loop.train(run_dir, killed)
    said: list[events.Event] = []
    loop.train(run_dir, said.append)
    assert [e.epoch for e in said if isinstance(e, events.Evaluated)] == [1, 2]


def test_a_kill_between_weights_and_state_keeps_the_figure_as_the_best(
    run_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def killed(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(loop, "_measure", lambda *_: (50.0, {}))
    with monkeypatch.context() as patch:
        patch.setattr(loop, "save", killed)
        with pytest.raises(KeyboardInterrupt):
            loop.train(run_dir, lambda _event: None)
    said: list[events.Event] = []
    loop.train(run_dir, said.append)
    assert [e.best for e in said if isinstance(e, events.Evaluated)] == [True, False]


def test_stopped_before_a_figure_the_weights_are_kept_without_one(
    run_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        best = loop.train(run_dir, lambda _event: None, Asked(patch, 1))
    facts = load_model(best)[1].facts
    assert facts["updates"] == 1
    assert "held_out_frame_map" not in facts
    loop.train(run_dir, lambda _event: None)
    assert "held_out_frame_map" in load_model(best)[1].facts


def test_a_run_that_ended_for_want_of_patience_is_over(
    run_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_config(run_dir, replace(read_config(run_dir), epochs=9, patience=1))
    figures = iter([50.0, 40.0])
    monkeypatch.setattr(loop, "_measure", lambda *_: (next(figures), {}))
    said: list[events.Event] = []
    loop.train(run_dir, said.append)
    assert any(isinstance(e, events.Notice) and "ends here" in e.message for e in said)
    again: list[events.Event] = []
    loop.train(run_dir, again.append)
    assert _told(again, events.TrainLoss) == []
    assert isinstance(again[-1], events.Finished)
    assert not again[-1].stopped


@pytest.mark.parametrize("full", ["save", "save_model"])
def test_a_full_disk_is_told_and_the_training_goes_on(
    run_dir: Path, monkeypatch: pytest.MonkeyPatch, full: str
) -> None:
    def refused(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    real = getattr(loop, full)
    calls = 0

    def first_refused(*given: Any, **how: Any) -> None:
        nonlocal calls
        calls += 1
        (refused if calls == 1 else real)(*given, **how)

    monkeypatch.setattr(loop, full, first_refused)
    monkeypatch.setattr(loop, "_measure", lambda *_: (50.0, {}))
    said: list[events.Event] = []
    best = loop.train(run_dir, said.append)
    assert any(isinstance(e, events.Notice) and "No space left" in e.message for e in said)
    kept = [e.epoch for e in said if isinstance(e, events.Evaluated) and e.best]
    assert kept == ([2] if full == "save_model" else [1])  # what is not on the disk is not the best
    assert load_model(best)[1].facts["epoch"] == kept[0]
    assert load_state(run_dir) is not None


def test_a_state_that_finds_no_room_leaves_the_older_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    save_state(tmp_path, {"epoch": 1})

    def broken(*_: object) -> None:
        raise RuntimeError("PytorchStreamWriter failed writing file\nat some place")

    monkeypatch.setattr(torch, "save", broken)
    with pytest.raises(OSError, match="failed writing file"):
        save_state(tmp_path, {"epoch": 2})
    assert load_state(tmp_path) == {"epoch": 1}
    assert [p.name for p in tmp_path.iterdir()] == [STATE]


def test_a_state_saved_in_a_hurry_keeps_the_one_before(tmp_path: Path) -> None:
    save_state(tmp_path, {"epoch": 1})
    save_state(tmp_path, {"epoch": 2}, at_once=True)
    assert load_state(tmp_path) == {"epoch": 2}
    (tmp_path / STATE).write_bytes(b"")  # as a power cut may leave it
    assert load_state(tmp_path) == {"epoch": 1}
    save_state(tmp_path, {"epoch": 3})
    assert [p.name for p in tmp_path.iterdir()] == [STATE]
    assert load_state(tmp_path) == {"epoch": 3}


def test_two_trainers_never_share_a_folder(run_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loop, "LOCK_SECONDS", 0.0)
    with locked(run_dir), pytest.raises(DataError, match="Another program works in"):
        loop.train(run_dir, lambda _event: None)


def test_events_tell_the_whole_story(run_dir: Path) -> None:
    said: list[events.Event] = []
    best = loop.train(run_dir, said.append)
    started = next(e for e in said if isinstance(e, events.Started))
    assert started.total == 4
    assert [e.epoch for e in said if isinstance(e, events.Evaluated)] == [1, 2]
    assert said[-1] == events.Finished(str(best), False, said[-1].facts)  # type: ignore[union-attr]
    model, card = load_model(best)
    assert card.labels == ("slide", "late")
    assert card.config == model.config
    assert not (run_dir / "cache").exists()  # the frames can be decoded again


def test_a_run_keeps_its_network_when_its_base_is_gone(tmp_path: Path) -> None:
    small = YOWOv3Config("n", "shufflenetv2", 0.25, 16, 2, SPEC)
    base = tmp_path / "base.safetensors"
    save_model(base, build(small).state_dict(), ModelCard(small, ("a", "b"), {}))
    config = TrainConfig(base=str(base))
    assert network_of(tmp_path, config, 5) == replace(small, num_classes=5)
    assert network_of(tmp_path, config, 4) == replace(small, num_classes=4)  # prepared anew
    assert network_of(tmp_path, TrainConfig(), 5) == variant("yowov3-tiny").config(5)
    network_of(tmp_path, config, 5)
    (tmp_path / STATE).touch()  # something was learnt
    base.unlink()
    assert network_of(tmp_path, config, 5) == replace(small, num_classes=5)
    (tmp_path / "a-run").mkdir()
    named = network_of(tmp_path / "a-run", TrainConfig(), 3)
    assert named == variant("yowov3-tiny").config(3)
    (tmp_path / "network.json").write_text("{}")
    with pytest.raises(ConfigError, match="family"):
        network_of(tmp_path, config, 5)


def test_known_classes_keep_their_rows(tmp_path: Path) -> None:
    base = YOWOv3(YOWOv3Config("n", "shufflenetv2", 0.25, 16, 2, SPEC))
    save_model(tmp_path / "base", base.state_dict(), ModelCard(base.config, ("a", "b"), {}))
    model = YOWOv3(YOWOv3Config("n", "shufflenetv2", 0.25, 16, 3, SPEC))
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
    with monkeypatch.context() as patch:
        patch.setattr(loop, "save", _once_only(save))  # the state of epoch 2 is lost
        with pytest.raises(KeyboardInterrupt):
            best = loop.train(run_dir, lambda _event: None)
    best = run_dir / BEST
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
    assert facts["epoch"] == 2
    assert "held_out_frame_map" not in facts


def test_without_held_out_frames_the_newest_weights_are_kept(
    square_labels: AnnotationSet,
    square_clip: Path,
    run_dir: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    prepare(square_labels, {square_clip.name: square_clip}, run_dir, held_out=0)
    best = loop.train(run_dir, lambda _event: None, Asked(monkeypatch, 3))
    kept = load_model(best)[0].state_dict()
    state = load_state(run_dir)
    assert state is not None
    assert (state["epoch"], state["step"]) == (1, 1)
    for name, value in state["average"].items():
        if value.is_floating_point():
            assert torch.equal(value.half(), kept[name].half())
