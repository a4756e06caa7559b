"""A fine-tune from its button to its figures."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QDialog, QLabel, QProgressBar, QPushButton
from pytestqt.qtbot import QtBot

from app.services.training_state import LossPoint, MapPoint, Phase, TrainingState
from app.views.discard_dialog import DiscardDialog, what_is_lost
from app.views.figures import Figures
from app.views.fine_tune_panel import FineTunePanel
from app.views.training_plot import TrainingPlot
from app.views.training_texts import (
    better,
    class_rows,
    classes_line,
    figure_line,
    notices_text,
    progress_line,
)
from app.widgets.palettes import DARK
from app.widgets.theme import apply_theme

LEFT = Qt.MouseButton.LeftButton
RUNNING = TrainingState(
    Path("/runs/6"),
    Phase.TRAINING,
    epoch=3,
    epochs=7,
    update=192,
    updates=448,
    stage="training",
    done=192,
    total=448,
    losses=(LossPoint(10, 9.0, 3, 3, 3), LossPoint(190, 2.5, 1, 1, 0.5)),
    maps=(MapPoint(0, 0, 41.7), MapPoint(64, 1, 58.3, best=True)),
    before=41.7,
    best=58.3,
    per_class_before={"walk": 50.0, "read": 33.4},
    per_class_best={"walk": 60.1, "read": 30.0, "sit": 71.0},
    rate=14.2,
    seconds_left=160.0,
    kept=("walk", "read"),
    fresh=("sit",),
)
FINISHED = replace(RUNNING, phase=Phase.FINISHED, epoch=7, registered=True)


@pytest.fixture
def panel(qtbot: QtBot) -> FineTunePanel:
    made = FineTunePanel()
    qtbot.addWidget(made)
    made.resize(290, 640)
    made.show()
    qtbot.waitExposed(made)
    return made


def _button(panel: FineTunePanel, text: str) -> QPushButton:
    return next(b for b in panel.findChildren(QPushButton) if b.text() == text)


def _visible(panel: FineTunePanel) -> set[str]:
    return {b.text() for b in panel.findChildren(QPushButton) if b.isVisible()}


def _texts(panel: FineTunePanel) -> list[str]:
    return [label.text() for label in panel.findChildren(QLabel) if label.isVisible()]


def test_a_run_in_words() -> None:
    assert progress_line(RUNNING) == "epoch 3 / 7 · 14.2 clips/s · 02:40 left"
    decoding = replace(RUNNING, phase=Phase.DECODING, stage="decoding", seconds_left=12.0)
    assert (
        progress_line(decoding) == "reading the videos · 192 of 448 frames, 42\u00a0% · 00:12 left"
    )
    measuring = replace(RUNNING, stage="measuring", done=50, total=200, seconds_left=4.0)
    assert progress_line(measuring) == "measuring · 50 of 200 frames, 25\u00a0% · 00:04 left"
    assert progress_line(FINISHED) == "finished, 7 epochs"
    stopped = replace(RUNNING, phase=Phase.STOPPED)
    assert progress_line(stopped) == "stopped in epoch 3 of 7, update 192"
    assert classes_line(RUNNING) == "knows already: walk, read · new: sit"
    many = replace(RUNNING, kept=tuple(f"c{n}" for n in range(9)), fresh=())
    assert classes_line(many) == "knows already: c0, c1, c2, c3, c4, c5 and 3 more"


def test_a_better_figure_is_green_and_a_worse_one_is_not() -> None:
    assert figure_line(RUNNING) == (f'frame-mAP 41.7 \u2192 <b style="color:{DARK.good}">58.3</b>')
    assert DARK.warning in figure_line(replace(RUNNING, best=41.7))
    assert better(RUNNING)
    assert not better(replace(RUNNING, best=41.7))
    assert better(replace(RUNNING, before=None))
    assert figure_line(replace(FINISHED, best=None)) == "frame-mAP was not measured"


def test_classes_are_compared_by_name() -> None:
    told = [[(cell.text, cell.tone) for cell in row] for row in class_rows(RUNNING)]
    assert told == [
        [("read", ""), ("33.4", "muted"), ("30.0", "warning")],
        [("sit", ""), ("\u2013", "muted"), ("71.0", "good")],
        [("walk", ""), ("50.0", "muted"), ("60.1", "good")],
    ]


def test_a_file_name_in_a_notice_cannot_become_markup() -> None:
    state = replace(RUNNING, notices=("<b>a</b>.mp4 was left out.",))
    assert notices_text(state) == "&lt;b&gt;a&lt;/b&gt;.mp4 was left out."


def test_the_button_names_what_is_new_and_why_it_cannot_start(panel: FineTunePanel) -> None:
    asked: list[int] = []
    panel.fine_tune_asked.connect(lambda: asked.append(1))
    panel.set_ready(128)
    QTest.mouseClick(_button(panel, "Fine-tune on 128 new labels"), LEFT)
    assert asked == [1]
    panel.set_ready(1)
    assert _visible(panel) == {"Fine-tune on 1 new label"}
    panel.set_ready(0, "There is no confirmed tube with an action yet.")
    button = _button(panel, "Fine-tune\u2026")
    assert not button.isEnabled()
    assert button.toolTip() == "There is no confirmed tube with an action yet."
    assert "There is no confirmed tube with an action yet." in _texts(panel)


def test_a_running_one_shows_curves_and_can_be_stopped(panel: FineTunePanel) -> None:
    heard: list[str] = []
    panel.stop_asked.connect(lambda: heard.append("stop"))
    panel.log_asked.connect(lambda: heard.append("log"))
    panel.set_state(RUNNING, 6)
    assert "FINE-TUNE 6" in _texts(panel)
    plot = panel.findChildren(TrainingPlot)[0]
    assert plot.isVisible()
    told = "loss 9.00 to 2.50, frame-mAP before 41.7 percent, now 58.3 percent"
    assert plot.accessibleDescription() == told
    bar = panel.findChildren(QProgressBar)[0]
    assert (bar.value(), bar.maximum()) == (192, 448)
    QTest.mouseClick(_button(panel, "Stop and keep best"), LEFT)
    QTest.mouseClick(_button(panel, "Log"), LEFT)
    assert heard == ["stop", "log"]


def test_stopping_pausing_and_discarding_are_three_buttons(panel: FineTunePanel) -> None:
    heard: list[str] = []
    panel.stop_asked.connect(lambda: heard.append("stop"))
    panel.pause_asked.connect(lambda: heard.append("pause"))
    panel.discard_asked.connect(lambda: heard.append("discard"))
    panel.set_state(RUNNING)
    for text in ("Stop and keep best", "Pause", "Discard\u2026"):
        QTest.mouseClick(_button(panel, text), LEFT)
    assert heard == ["stop", "pause", "discard"]
    assert any("Closing the window pauses it" in text for text in _texts(panel))


def test_before_the_first_update_nothing_can_be_lost(panel: FineTunePanel) -> None:
    panel.set_state(TrainingState(Path("/runs/6"), done=3, total=12))
    assert _visible(panel) == {"Cancel"}
    assert "looking at the videos · 3 of 12 videos, 25\u00a0%" in _texts(panel)
    panel.set_state(TrainingState(Path("/runs/6"), Phase.DECODING, stage="loading"))
    assert _visible(panel) == {"Pause", "Cancel", "Log"}
    assert "loading PyTorch\u2026" in _texts(panel)


def test_what_discarding_takes_is_said_first(qtbot: QtBot) -> None:
    told = what_is_lost(replace(RUNNING, has_weights=True))
    assert told == (
        "Lost are 192 updates of training, 1 measured epoch with the curves, the best weights so "
        f"far (frame-mAP 58.3), and the folder {Path('/runs/6')}."
    )
    assert "best weights" not in what_is_lost(replace(RUNNING, registered=True))
    dialog = DiscardDialog(RUNNING, "fine-tune 6")
    qtbot.addWidget(dialog)
    dialog.show()
    QTest.keyClick(dialog, Qt.Key.Key_Return)  # the default leaves it
    assert dialog.result() == QDialog.DialogCode.Rejected


def test_the_curves_are_drawn_and_their_axes_hold_them(panel: FineTunePanel) -> None:
    plot = TrainingPlot(panel)
    losses = [LossPoint(n, 1000.0 / (n + 1), 0, 0, 0) for n in range(20_000)]
    plot.set_curves(losses, [MapPoint(10_000, 1, 99.0)], None)
    item = plot._plot.getPlotItem()
    (left, right), (low, high) = item.vb.viewRange()
    assert left <= 0
    assert right >= 19_999
    assert low == 0
    assert high >= 1000
    assert plot._maps.viewRange()[1] == [0, 100]
    assert plot._maps.viewRange()[0] == pytest.approx([left, right])


def test_a_finished_one_shows_each_class_and_goes_live(panel: FineTunePanel) -> None:
    heard: list[str] = []
    panel.make_live_asked.connect(lambda: heard.append("live"))
    panel.close_asked.connect(lambda: heard.append("close"))
    panel.set_state(FINISHED)
    table = panel.findChildren(Figures)[0]
    assert table.isVisible()
    assert table.model().rowCount() == 3
    QTest.mouseClick(_button(panel, "Make it live"), LEFT)
    QTest.mouseClick(_button(panel, "Close"), LEFT)
    assert heard == ["live", "close"]
    assert _button(panel, "Make it live").property("role") == "primary"


def test_one_that_is_no_better_says_so(panel: FineTunePanel) -> None:
    panel.set_state(replace(FINISHED, best=40.0))
    assert "The new model is not better than the one it started from." in _texts(panel)
    assert _button(panel, "Make it live").property("role") == ""


@pytest.mark.parametrize(
    ("known", "shown"),
    [
        ({"registered": True}, {"Make it live", "Close", "Log"}),
        ({"has_weights": True}, {"Keep as model", "Close", "Log"}),
        ({"can_go_on": True}, {"Go on", "Discard\u2026", "Close", "Log"}),
        ({}, {"Close", "Log"}),
    ],
)
def test_what_can_be_done_with_one_that_stopped(
    panel: FineTunePanel, known: dict[str, Any], shown: set[str]
) -> None:
    panel.set_state(replace(RUNNING, phase=Phase.STOPPED, best=None, maps=(), **known))
    assert _visible(panel) == shown
    told = "no epoch was measured yet: its weights have no figure"
    assert (told in _texts(panel)) == ("has_weights" in known)


def test_a_run_of_another_project_says_so(panel: FineTunePanel) -> None:
    panel.set_state(RUNNING, 6, "a very long\nname of a project \U0001f3ac" * 9 + ".yowo")
    (title,) = [text for text in _texts(panel) if text.startswith("FINE-TUNE 6 · a very")]
    assert "\n" not in title
    assert len(title) < 45


def test_a_failed_one_tells_its_sentence(panel: FineTunePanel) -> None:
    sentence = "The GPU ran out of memory with 8 clips at once. Start again with a smaller batch."
    panel.set_state(replace(RUNNING, phase=Phase.FAILED, message=sentence))
    assert sentence in _texts(panel)
    panel.set_state(replace(RUNNING, phase=Phase.FAILED, message=sentence, can_go_on=True))
    assert f"{sentence} What it had saved is kept: go on, or discard it." in _texts(panel)
    panel.set_state(replace(RUNNING, phase=Phase.FAILED, message=sentence))
    assert _visible(panel) == {"Close", "Log"}


def test_a_discarded_one_leaves_the_button(panel: FineTunePanel) -> None:
    panel.set_ready(5)
    panel.set_state(RUNNING, 6)
    panel.set_state(replace(RUNNING, phase=Phase.DISCARDED), 6)
    assert _visible(panel) == {"Fine-tune on 5 new labels"}
    assert "FINE-TUNE" in _texts(panel)


@pytest.fixture
def dressed(qapp: QApplication) -> object:
    sheet, palette, font = qapp.styleSheet(), qapp.palette(), qapp.font()
    yield
    qapp.setProperty("yowo_theme", None)
    qapp.setStyleSheet(sheet)
    qapp.setPalette(palette)
    qapp.setFont(font)


def test_the_plot_follows_the_scheme(
    panel: FineTunePanel, qapp: QApplication, dressed: object
) -> None:
    panel.set_state(RUNNING)
    for name in ("light", "dark"):
        theme = apply_theme(qapp, name)
        QApplication.processEvents()
        plot = panel.findChildren(TrainingPlot)[0]
        assert plot._plot.backgroundBrush().color().name() == theme.field
        assert plot._loss_curve.opts["pen"].color().name() == theme.accent
