"""Asking for a fine-tune: safe defaults, honest counts, and a reason when nothing can be learnt."""

from collections.abc import Sequence
from pathlib import Path
from typing import TypeVar

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QStandardItemModel
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QComboBox, QLabel, QPushButton, QSpinBox, QToolButton
from pytestqt.qtbot import QtBot

from app.domain.project import ModelRecord
from app.domain.training import LearningCount
from app.views.figures import Figures
from app.views.fine_tune_dialog import FineTuneDialog
from app.views.fine_tune_settings import RATE
from app.views.fine_tune_texts import length_text, reason_not_to_start, warning
from yowo_core.train.config import TrainConfig

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")

LEFT = Qt.MouseButton.LeftButton


def _model(number: int, *, live: bool = False) -> ModelRecord:
    path = Path(f"/models/{number}.safetensors")
    return ModelRecord(number, str(number), f"model {number}", path, "", ("walk",), "", live=live)


T = TypeVar("T", QComboBox, QSpinBox)
MODELS = [_model(4), _model(9, live=True)]


def _counts(share: float) -> Sequence[LearningCount]:
    held = round(1000 * share)
    return [LearningCount("walk", 412, 61_000, held), LearningCount("read", 12, 400, held // 10)]


@pytest.fixture
def dialog(qtbot: QtBot) -> FineTuneDialog:
    made = FineTuneDialog(MODELS, _counts, 5.6)
    qtbot.addWidget(made)
    made.show()
    qtbot.waitExposed(made)
    return made


def _named(dialog: FineTuneDialog, kind: type[T], name: str) -> T:
    return next(w for w in dialog.findChildren(kind) if w.accessibleName() == name)


def _button(dialog: FineTuneDialog, text: str) -> QPushButton:
    return next(b for b in dialog.findChildren(QPushButton) if b.text() == text)


def _texts(dialog: FineTuneDialog) -> list[str]:
    return [label.text() for label in dialog.findChildren(QLabel) if label.isVisible()]


def test_the_defaults_are_the_live_model_and_a_normal_length(dialog: FineTuneDialog) -> None:
    plan = dialog.plan()
    assert plan.base_model == 9
    assert plan.held_out == 0.2
    assert plan.config == TrainConfig(epochs=7, warmup=89, learning_rate=RATE)
    assert plan.config.warmup * 5 <= plan.config.updates


def test_lengths_tell_their_time() -> None:
    assert length_text("Normal", 7, 512, 5.6) == "Normal \u2014 7 epochs, about 11 minutes"
    assert length_text("Quick", 1, 512, 0) == "Quick \u2014 1 epoch"


def test_what_is_chosen_is_what_is_planned(dialog: FineTuneDialog) -> None:
    QTest.keyClick(_named(dialog, QComboBox, "Start from"), Qt.Key.Key_Up)
    QTest.keyClick(_named(dialog, QComboBox, "How long"), Qt.Key.Key_Down)
    QTest.keyClick(_named(dialog, QComboBox, "Device"), Qt.Key.Key_Down)
    QTest.mouseClick(dialog.findChildren(QToolButton)[0], LEFT)
    batch = _named(dialog, QSpinBox, "Batch")
    batch.selectAll()
    QTest.keyClicks(batch, "4")
    clips = _named(dialog, QSpinBox, "Clips per epoch")
    clips.selectAll()
    QTest.keyClicks(clips, "128\t")
    plan = dialog.plan()
    assert plan.base_model == 4
    assert (plan.config.epochs, plan.config.device) == (20, "cpu")
    assert (plan.config.batch, plan.config.clips_per_epoch) == (4, 128)
    assert "about 8 minutes" in _named(dialog, QComboBox, "How long").currentText()


def test_a_batch_is_never_larger_than_an_epoch(dialog: FineTuneDialog) -> None:
    _named(dialog, QSpinBox, "Batch").setValue(256)
    _named(dialog, QSpinBox, "Clips per epoch").setValue(16)
    assert dialog.plan().config.batch == 16


def test_the_fold_out_is_shut_until_it_is_asked_for(dialog: FineTuneDialog) -> None:
    batch = _named(dialog, QSpinBox, "Batch")
    assert not batch.isVisible()
    height = dialog.height()
    QTest.mouseClick(dialog.findChildren(QToolButton)[0], LEFT)
    assert batch.isVisible()
    assert dialog.height() > height
    QTest.mouseClick(dialog.findChildren(QToolButton)[0], LEFT)
    assert not batch.isVisible()
    assert dialog.height() == height


def test_another_share_counts_anew(dialog: FineTuneDialog) -> None:
    cells = dialog.findChildren(Figures)[0].model()
    assert [cells.index(0, column).data() for column in range(4)] == ["walk", "412", "61 k", "200"]
    assert "\u201cread\u201d has fewer than 20 tubes: little can be expected." in _texts(dialog)
    _named(dialog, QSpinBox, "Held out").setValue(0)
    assert cells.index(0, 3).data() == "0"
    assert any("Nothing is held out" in text for text in _texts(dialog))
    assert dialog.plan().held_out == 0


def test_warnings_name_what_is_short() -> None:
    fine = LearningCount("walk", 100, 1000, 50)
    few = [LearningCount(f"c{n}", n, 10 * n, 1) for n in range(1, 4)]
    none = LearningCount("sit", 0, 0, 0)
    assert warning([fine, none]) == ""
    assert warning([fine, *few]) == (
        "3 of 4 classes have fewer than 20 tubes: little can be expected."
    )
    assert warning(few).startswith("All 3 classes have fewer")
    unseen = LearningCount("run", 50, 500, 0)
    assert (
        warning([fine, unseen]) == "\u201crun\u201d has no held-out frame and cannot be measured."
    )


def test_start_accepts_and_cancel_does_not(qtbot: QtBot) -> None:
    for text, result in (("Start", 1), ("Cancel", 0)):
        dialog = FineTuneDialog(MODELS, _counts, 5.6)
        qtbot.addWidget(dialog)
        dialog.show()
        QTest.mouseClick(_button(dialog, text), LEFT)
        assert not dialog.isVisible()
        assert dialog.result() == result


def test_nothing_to_learn_from_says_why_it_cannot_start(qtbot: QtBot) -> None:
    dialog = FineTuneDialog(MODELS, lambda _: [LearningCount("walk", 0, 0)], 5.6)
    qtbot.addWidget(dialog)
    dialog.show()
    start = _button(dialog, "Start")
    reason = "There is no confirmed tube with an action. Accept or draw one first."
    assert not start.isEnabled()
    assert start.toolTip() == reason
    assert reason in _texts(dialog)
    assert "no model" in reason_not_to_start(0, _counts(0.2))


def test_a_gpu_is_only_offered_where_there_is_one(qtbot: QtBot) -> None:
    for cuda in (True, False):
        dialog = FineTuneDialog(MODELS, _counts, 0, cuda=cuda)
        qtbot.addWidget(dialog)
        choices = _named(dialog, QComboBox, "Device").model()
        assert isinstance(choices, QStandardItemModel)
        assert choices.item(2).isEnabled() is cuda
