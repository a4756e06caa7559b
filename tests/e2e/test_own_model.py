"""A person brings a model of their own: add it, choose it, see its boxes, by mouse."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QComboBox, QLabel, QTableView

from app.views.fine_tune_dialog import FineTuneDialog
from app.views.models_dialog import ModelsDialog
from tests.e2e.conftest import Story
from tests.e2e.hands import CTRL, LONG, Hands, button, field
from yowo_core.models.card import ModelCard
from yowo_core.models.configs.base import DetectorConfig
from yowo_core.models.create import build
from yowo_core.models.variants import variant
from yowo_core.models.weights import save_model

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(600)]


@pytest.fixture
def nano(tmp_path: Path) -> Path:
    """An untrained YOWOv2-Nano for small clips, sure of everything, from another folder."""
    torch.manual_seed(0)
    plan: Any = variant("yowov2-nano").config(2)
    config: DetectorConfig = replace(plan, input=replace(plan.input, length=4, size=64))
    model = build(config)
    for name, value in model.named_parameters():
        if name.startswith(("confidence.", "classes.")) and name.endswith("bias"):
            value.data.fill_(1.0)
    path = tmp_path / "from a colleague.safetensors"
    save_model(path, model.state_dict(), ModelCard(config, ("jump", "sit"), {}), torch.float32)
    return path


def test_a_model_of_another_family_is_added_chosen_and_plays(story: Story, nano: Path) -> None:
    hands, window = story.hands, story.hands.window
    hands.name_file(lambda: hands.key(Qt.Key.Key_N, CTRL), story.project)
    hands.pick(field(window.top_bar, QComboBox, "Engine and device"), "PyTorch · CPU")
    hands.drop(window.canvas.viewport(), [story.clip])
    hands.until(lambda: window.play_desk.frame_count > 0)
    labels = [label.name for label in window.services.project.labels()]

    def broken_then_good(dialog: ModelsDialog) -> None:
        broken = nano.with_name("broken.safetensors")
        broken.write_bytes(nano.read_bytes()[:-500])
        add(hands, dialog, broken)
        hands.until(lambda: says(dialog, "broken.safetensors was not added"), LONG)
        assert len(window.services.project.models()) == 1
        add(hands, dialog, nano)
        hands.until(lambda: says(dialog, "from a colleague is added"), LONG)
        (table,) = dialog.findChildren(QTableView)
        assert table.currentIndex().siblingAtColumn(0).data() == "from a colleague"
        assert says(dialog, "jump, sit")
        hands.press_button(dialog, "Make live")
        hands.until(lambda: not button(dialog, "Make live").isEnabled())
        hands.press_button(dialog, "Close")

    hands.dialog(ModelsDialog, lambda: hands.menu("Learn", "Models"), broken_then_good)
    assert field(window.top_bar, QComboBox, "Live model").currentText() == "from a colleague"
    live = window.services.live
    hands.until(lambda: live.facts is not None and live.facts.labels == ("jump", "sit"), LONG)
    hands.until(lambda: boxes(hands), LONG)
    assert [label.name for label in window.services.project.labels()] == labels


def test_no_fine_tune_starts_from_it(story: Story) -> None:
    hands, window = story.hands, story.hands.window

    def look(dialog: FineTuneDialog) -> None:
        assert field(dialog, QComboBox, "Start from").currentText() == "from a colleague (live)"
        assert says(dialog, "from a colleague is a network of the family yowov2")
        assert not button(dialog, "Start").isEnabled()
        hands.pick(field(dialog, QComboBox, "Start from"), "Demo")
        assert not says(dialog, "from a colleague is a network")
        hands.press_button(dialog, "Cancel")

    hands.dialog(FineTuneDialog, lambda: hands.key(Qt.Key.Key_L, CTRL), look)
    assert window.services.training.state is None


def boxes(hands: Hands) -> bool:
    return hands.boxes_seen()


def add(hands: Hands, dialog: ModelsDialog, file: Path) -> None:
    hands.until(lambda: button(dialog, "Add a model file").isEnabled())
    hands.name_file(lambda: hands.press_button(dialog, "Add a model file"), file)


def says(dialog: ModelsDialog | FineTuneDialog, text: str) -> bool:
    shown = (label for label in dialog.findChildren(QLabel) if label.isVisible())
    return any(label.text().replace("\u200b", "").startswith(text) for label in shown)
