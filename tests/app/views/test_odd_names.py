"""Names as people really give them, in every place of the window that shows one."""

import html
from collections.abc import Iterator

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QComboBox, QLabel
from pytestqt.qtbot import QtBot

from app.domain.names import readable_name
from app.editing.labels import AddLabel, RenameLabel
from app.editing.tubes import AddTube
from app.itemmodels.labels_model import LabelsModel
from app.views.label_entry import LabelEntry
from app.views.main_window import MainWindow
from yowo_core.annotations import ActionSpan, FrameRange, Review, Source, Tube

ODD = (
    "a very long name " * 18,
    "x" * 300,
    "comma, \"quote\" 'single'; semicolon",
    "line\nbreak\r\nand\ttab",
    "👩‍👩‍👧‍👦 running 🏃🏽‍♀️ with emoji",
    "שלום עולם",
    "مرحبا (3)",
    "\u3164",
    "<b>bold</b> <img src=x> <script>",
    "R&D &amp; &File [*]",
    "-leading dash",
    "../../etc/passwd",
)


@pytest.fixture
def widths(window: MainWindow, qtbot: QtBot) -> Iterator[tuple[int, int]]:
    """The window shown, and how narrow it and its column for tubes may be with plain names."""
    window.resize(1366, 768)
    window.show()
    _label_tube(window, "walk")
    qtbot.waitUntil(lambda: bool(window.services.project.labels()))
    window.review_desk.say()
    QApplication.processEvents()
    yield window.minimumSizeHint().width(), window.tube.minimumSizeHint().width()
    window.timeline.set_selected_range(None)


def _label_tube(window: MainWindow, name: str) -> int:
    """A selected prediction whose action has that name; gives the label's id."""
    project, video = window.services.project, window.play_desk.video
    assert video is not None
    if project.submit(AddLabel(name)) is None:
        project.ensure_labels([name])
    label = project.labels()[-1].id
    boxes = np.array([[1, 1, 40, 40], [1, 1, 40, 40]], np.float64)
    span = (ActionSpan(label, 0, 20, 0.9),)
    made = (Source.MODEL,) * 2
    tube = Tube("", np.array([0, 19]), boxes, span, made, review=Review.TO_REVIEW)
    change = project.submit(AddTube(video.id, tube))
    assert change is not None
    window.tube_desk.choose(sorted(change.tubes))
    return label


@pytest.mark.parametrize("part", [ODD[:6], ODD[6:]], ids=["first", "others"])
def test_no_name_changes_the_layout_or_is_taken_for_markup(
    window: MainWindow, widths: tuple[int, int], part: tuple[str, ...], qtbot: QtBot
) -> None:
    for name in part:
        _try_name(window, widths, name, qtbot)


def _try_name(window: MainWindow, widths: tuple[int, int], name: str, qtbot: QtBot) -> None:
    label = _label_tube(window, name)
    window.tube.label_wanted.emit(label)
    window.services.messages.info(f"Deleted {name}.", "Undo", lambda: None)
    window.services.project.submit(RenameLabel(label, f"{name} again"))
    qtbot.wait(120)
    assert (window.minimumSizeHint().width(), window.tube.minimumSizeHint().width()) <= widths
    wrong = [w.text() for w in window.findChildren(QLabel) if w.textFormat() != PLAIN]
    assert not wrong
    for toast in window.toasts._shown:
        assert window.rect().contains(toast.geometry())
    assert max(len(action.text()) for action in window.actions()) < 120
    assert not any("\n" in action.text() for action in window.actions())
    window.grab()


PLAIN = Qt.TextFormat.PlainText


def test_a_name_is_whole_in_its_tooltip(window: MainWindow, widths: tuple[int, int]) -> None:
    model = LabelsModel()
    for name in ODD:
        _label_tube(window, name)
        kept = window.services.project.labels()[-1].name
        model.set_labels(window.services.project.labels())
        tip = str(model.index(len(model.labels) - 1).data(Qt.ItemDataRole.ToolTipRole))
        assert html.escape(kept.split(" ")[0][:20], quote=False) in tip or kept in tip
        bar = window.timeline._told_at(window.timeline.axis.x_of(2), _y_of_last_row(window))
        assert readable_name(kept) in bar
        for box in window.findChildren(QComboBox):
            assert all("\n" not in box.itemText(n) for n in range(box.count()))
        assert LabelEntry([name], window.canvas).width() <= 360


def _y_of_last_row(window: MainWindow) -> float:
    scene = window.timeline._scene
    return float(scene.y_of(scene.layout.row_count - 1) + 8)


def test_a_project_of_an_odd_name_is_named_in_the_title(
    window: MainWindow, widths: tuple[int, int]
) -> None:
    path = window.services.project.path
    assert path is not None
    odd = path.with_name("-R&D [*] שלום 👩.yowo")
    assert window.services.project.create(odd)
    assert "[*]" in window.windowTitle().replace("[*][*]", "[*]")
    window.timeline.set_selected_range(FrameRange(0, 1))
