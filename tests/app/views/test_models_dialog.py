"""The list of models: order, figures, and which one goes live."""

from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QPushButton
from pytestqt.qtbot import QtBot

from app.domain.project import ModelRecord
from app.views.figures import Figures
from app.views.models_dialog import ModelsDialog

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")

LEFT = Qt.MouseButton.LeftButton


def _model(number: int, *, live: bool = False, **metrics: float) -> ModelRecord:
    made = f"2025-03-{number:02d}T12:00:00+00:00"
    path = Path(f"/models/{number}.safetensors")
    return ModelRecord(
        number,
        str(number),
        f"model {number}",
        path,
        "",
        ("walk", "read"),
        made,
        metrics=metrics,
        live=live,
    )


MODELS = [
    _model(1, after_frame_map=71.34),
    _model(2, live=True, before_frame_map=41.7, after_frame_map=58.3),
    _model(3, before_frame_map=58.3, after_frame_map=50.0),
]


@pytest.fixture
def dialog(qtbot: QtBot) -> ModelsDialog:
    made = ModelsDialog()
    qtbot.addWidget(made)
    made.set_models(MODELS)
    made.show()
    qtbot.waitExposed(made)
    return made


def _button(dialog: ModelsDialog, text: str) -> QPushButton:
    return next(b for b in dialog.findChildren(QPushButton) if b.text() == text)


def _click_row(dialog: ModelsDialog, row: int) -> None:
    table = dialog.findChildren(Figures)[0]
    place = table.visualRect(table.model().index(row, 0)).center()
    QTest.mouseClick(table.viewport(), LEFT, pos=place)


def test_the_newest_comes_first_with_its_figures(dialog: ModelsDialog) -> None:
    cells = dialog.findChildren(Figures)[0].model()
    told = [[cells.index(r, c).data() for c in (0, 2, 3, 4)] for r in range(3)]
    assert told == [
        ["model 3", "2", "58.3 \u2192 50.0", ""],
        ["model 2", "2", "41.7 \u2192 58.3", "live"],
        ["model 1", "2", "71.3", ""],
    ]
    assert str(cells.index(0, 1).data()).startswith("2025-03-0")


def test_another_model_goes_live_on_a_click(dialog: ModelsDialog) -> None:
    asked: list[int] = []
    dialog.make_live_asked.connect(asked.append)
    assert not _button(dialog, "Make live").isEnabled()
    assert _button(dialog, "Make live").toolTip() == "This model is live already."
    _click_row(dialog, 2)
    QTest.mouseClick(_button(dialog, "Make live"), LEFT)
    assert asked == [1]


def test_keys_choose_too(dialog: ModelsDialog) -> None:
    asked: list[int] = []
    dialog.show_in_folder_asked.connect(asked.append)
    table = dialog.findChildren(Figures)[0]
    QTest.keyClick(table, Qt.Key.Key_Up)
    QTest.mouseClick(_button(dialog, "Show in folder"), LEFT)
    assert asked == [3]


def test_the_choice_stays_when_the_list_comes_anew(dialog: ModelsDialog) -> None:
    asked: list[int] = []
    dialog.show_in_folder_asked.connect(asked.append)
    _click_row(dialog, 2)
    dialog.set_models([*MODELS, _model(4)])
    QTest.mouseClick(_button(dialog, "Show in folder"), LEFT)
    assert asked == [1]
    now_live = [replace(m, live=m.id == 1) for m in MODELS]
    dialog.set_models(now_live)
    assert not _button(dialog, "Make live").isEnabled()


def test_no_model_is_said_and_nothing_can_be_pressed(qtbot: QtBot) -> None:
    dialog = ModelsDialog()
    qtbot.addWidget(dialog)
    dialog.show()
    texts = [label.text() for label in dialog.findChildren(QLabel) if label.isVisible()]
    assert "The project has no model yet." in texts
    assert not _button(dialog, "Make live").isEnabled()
    assert not _button(dialog, "Show in folder").isEnabled()
