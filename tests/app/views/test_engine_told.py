"""Which engine the live model runs on is said, and a new model is prepared for it in time."""

from pathlib import Path

import pytest

from app.domain.project import ModelRecord
from app.services.inference import LiveInference
from app.services.live_values import LiveFacts
from app.services.messages import Level, Message
from app.services.model_preparing import ModelPreparing
from app.views.main_window import MainWindow
from yowo_core.input_spec import InputSpec

ON_TORCH = LiveFacts(("walk",), "torch", "cpu", InputSpec())


def _property(patch: pytest.MonkeyPatch, name: str, value: object) -> None:
    patch.setattr(LiveInference, name, property(lambda _self: value))


@pytest.fixture
def stand_in(window: MainWindow, monkeypatch: pytest.MonkeyPatch) -> MainWindow:
    """The window while PyTorch answers for ONNX Runtime."""
    for name, value in (("enabled", True), ("facts", ON_TORCH), ("upgrading", True)):
        _property(monkeypatch, name, value)
    return window


def test_the_play_bar_says_what_runs_and_what_is_prepared(
    stand_in: MainWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert stand_in.services.settings.now.live_backend == "onnx"
    stand_in._say_live()
    assert stand_in.play_bar._live.text() == "PyTorch · preparing ONNX Runtime…"
    assert stand_in._engine.text() == "PyTorch on CPU"
    _property(monkeypatch, "upgrading", False)
    stand_in._say_live()
    assert "preparing" not in stand_in.play_bar._live.text()


@pytest.mark.parametrize(("backend", "prepared"), [("onnx", 1), ("torch", 0)])
def test_a_new_model_is_prepared_for_the_engine_that_is_chosen(
    window: MainWindow, monkeypatch: pytest.MonkeyPatch, backend: str, prepared: int
) -> None:
    asked: list[Path] = []
    monkeypatch.setattr(ModelPreparing, "prepare", lambda _self, model: asked.append(model))
    services = window.services
    services.settings.set(live_backend=backend)
    new = ModelRecord(1, "uid", "Fine-tune 1", Path("new.safetensors"), "", ("walk",), "")
    services.fine_tunes.registered.emit(new, True)
    assert asked == [new.path] * prepared


def test_that_a_model_stays_on_the_slower_engine_is_a_message(window: MainWindow) -> None:
    said: list[Message] = []
    window.services.messages.posted.connect(said.append)
    window.services.live.told.emit("It stays on PyTorch.")
    assert [(message.text, message.level) for message in said] == [
        ("It stays on PyTorch.", Level.WARNING)
    ]
