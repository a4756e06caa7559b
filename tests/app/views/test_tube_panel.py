"""The selected tube: what is told of it, and each way to change it by mouse and keys."""

from collections.abc import Sequence
from fractions import Fraction

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QApplication,
    QLabel,
    QLineEdit,
    QListView,
    QPushButton,
    QToolButton,
    QWidget,
)
from pytestqt.qtbot import QtBot

from app.domain.project import BoxAt, TubeSummary
from app.domain.review import ReviewQueue, VideoReview
from app.views.action_search import ActionSearch
from app.views.elided_label import ElidedLabel
from app.views.frame_spin import FrameSpin
from app.views.key_button import KeyButton
from app.views.tube_panel import TubePanel
from app.views.tube_texts import box_line, frames_line, states_line, title
from yowo_core.annotations import ActionSpan, Label, Review, Source

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")

LEFT = Qt.MouseButton.LeftButton
LABELS = [Label(1, "walk", "#f97316"), Label(2, "read", "#22c55e"), Label(3, "sit", "#38bdf8")]
WALK = ActionSpan(1, 598, 772, 0.91)
READ = ActionSpan(2, 600, 700)


def _tube(
    number: int, spans: Sequence[ActionSpan] = (), review: Review = Review.CORRECTED
) -> TubeSummary:
    """A tube whose id is ten times its number."""
    ticked = np.array([598, 600, 650, 771])
    spans = tuple(spans)
    return TubeSummary(number * 10, number, 1, 598, 771, spans, ticked, review, Source.HUMAN)


def _box(*, keyframe: bool = False) -> BoxAt:
    box = (505.2, 5.0, 690.0, 485.4)
    return BoxAt(170, 17, box, keyframe, not keyframe, (), Review.CORRECTED, Source.HUMAN)


@pytest.fixture
def panel(qtbot: QtBot) -> TubePanel:
    made = TubePanel()
    qtbot.addWidget(made)
    made.resize(300, 640)
    made.set_labels(LABELS)
    made.show()
    qtbot.waitExposed(made)
    return made


def _button(panel: QWidget, text: str) -> KeyButton:
    return next(b for b in panel.findChildren(KeyButton) if b.text() == text)


def _texts(panel: QWidget) -> list[str]:
    return [label.text() for label in panel.findChildren(QLabel) if label.isVisible()]


def _spins(panel: TubePanel) -> list[FrameSpin]:
    return [spin for spin in panel.findChildren(FrameSpin) if spin.isVisible()]


def test_a_tube_in_words() -> None:
    tube = _tube(17, review=Review.TO_REVIEW)
    assert title([tube]) == "TUBE #17 · TO REVIEW"
    assert title([tube, tube]) == "2 TUBES SELECTED"
    assert frames_line(tube, Fraction(30)) == "frames 598 \u2013 771 · 5.8 s · 4 keyframes"
    assert frames_line(tube, Fraction(0)) == "frames 598 \u2013 771 · 4 keyframes"
    assert frames_line(tube, Fraction(1)) == "frames 598 \u2013 771 · 02:54 · 4 keyframes"
    assert states_line([tube, _tube(1), tube]) == "2 to review · 1 corrected"


def test_a_box_in_words() -> None:
    assert box_line(_box()) == "box 505, 5, 185 \u00d7 480 px · interpolated"
    assert box_line(_box(keyframe=True)) == "box 505, 5, 185 \u00d7 480 px · keyframe"
    assert box_line(None) == "no box in this frame"


def test_one_tube_is_shown_with_its_actions(panel: TubePanel) -> None:
    panel.set_tubes([_tube(17, [WALK, READ])], Fraction(30))
    panel.set_box(_box())
    shown = _texts(panel)
    assert "TUBE #17 · CORRECTED" in shown
    assert shown.index("walk") < shown.index("read")
    assert {"0.91", "\u2713", "5.8 s", "3.3 s"} <= set(shown)
    assert [spin.value() for spin in _spins(panel)] == [598, 771, 600, 699]


def test_nothing_selected_leaves_only_the_way_to_the_next(panel: TubePanel) -> None:
    panel.set_tubes([], Fraction(30))

    def visible() -> list[str]:
        return [b.text() for b in panel.findChildren(KeyButton) if b.isVisible()]

    assert visible() == []
    assert "NO TUBE SELECTED" in _texts(panel)
    panel.set_queue(ReviewQueue(VideoReview(to_review=12), 12))
    assert visible() == ["Next"]
    assert "12 predictions wait for your decision." in _texts(panel)


def test_what_comes_after_the_review_is_a_button(panel: TubePanel) -> None:
    asked: list[str] = []
    panel.step_asked.connect(asked.append)
    panel.set_queue(ReviewQueue(VideoReview(confirmed=3, predicted=4, rejected=1)))
    offered = [b for b in panel.findChildren(QPushButton) if b.isVisible()]
    assert [b.text() for b in offered] == ["Fine-tune…", "Export…"]
    for button in offered:
        QTest.mouseClick(button, LEFT)
    assert asked == ["fine_tune", "export"]


def test_every_button_asks(panel: TubePanel) -> None:
    panel.set_tubes([_tube(17, [WALK])], Fraction(30))
    panel.set_box(_box())
    heard: list[str] = []
    for text, signal in (
        ("Accept", panel.accept_asked),
        ("Reject", panel.reject_asked),
        ("Unsure", panel.unsure_asked),
        ("Next", panel.next_asked),
        ("Keyframe here", panel.keyframe_asked),
        ("Delete", panel.delete_asked),
    ):
        signal.connect(lambda text=text: heard.append(text))
        panel.set_queue(ReviewQueue(VideoReview(to_review=12), 12))
        QTest.mouseClick(_button(panel, text), LEFT)
    assert heard == ["Accept", "Reject", "Unsure", "Next", "Keyframe here", "Delete"]


def test_a_click_on_a_button_leaves_the_keyboard_where_it_was(panel: TubePanel) -> None:
    panel.set_tubes([_tube(17, [WALK])], Fraction(30))
    spin = _spins(panel)[0]
    spin.setFocus()
    QTest.mouseClick(_button(panel, "Accept"), LEFT)
    assert panel.focusWidget() is spin


def test_the_keyframe_button_says_what_it_would_do(panel: TubePanel) -> None:
    panel.set_tubes([_tube(17)], Fraction(30))
    panel.set_box(_box(keyframe=True))
    assert _button(panel, "Drop keyframe").isEnabled()
    panel.set_box(None)
    button = _button(panel, "Keyframe here")
    assert not button.isEnabled()
    assert button.toolTip() == "The tube has no box in this frame."


def test_several_tubes_are_counted_and_reviewed_together(panel: TubePanel) -> None:
    panel.set_queue(ReviewQueue(VideoReview(to_review=1), 1))
    panel.set_tubes([_tube(1), _tube(2, review=Review.TO_REVIEW), _tube(3)], Fraction(30))
    shown = _texts(panel)
    assert "3 TUBES SELECTED" in shown
    assert "2 corrected · 1 to review" in shown
    assert not _spins(panel)
    visible = {b.text() for b in panel.findChildren(KeyButton) if b.isVisible()}
    assert visible == {"Accept", "Reject", "Unsure", "Next", "Delete"}


def test_an_end_is_typed_and_reported_half_open(panel: TubePanel) -> None:
    panel.set_tubes([_tube(17, [READ, WALK])], Fraction(30))
    moved: list[tuple[int, int, int, int]] = []
    panel.span_moved.connect(lambda *told: moved.append(told))
    last_of_walk = _spins(panel)[1]
    last_of_walk.setFocus()
    last_of_walk.selectAll()
    QTest.keyClicks(last_of_walk, "650")
    assert moved == []
    QTest.keyClick(last_of_walk, Qt.Key.Key_Return)
    assert moved == [(170, 1, 598, 651)]


def test_several_steps_are_one_move(panel: TubePanel, qtbot: QtBot) -> None:
    panel.set_tubes([_tube(17, [WALK])], Fraction(30))
    moved: list[tuple[int, int, int, int]] = []
    panel.span_moved.connect(lambda *told: moved.append(told))
    first = _spins(panel)[0]
    first.setFocus()
    for _ in range(3):
        QTest.keyClick(first, Qt.Key.Key_Up)
    assert moved == []
    qtbot.waitUntil(lambda: bool(moved), timeout=3000)
    assert moved == [(170, 0, 601, 772)]


def test_a_number_beyond_the_tube_is_not_taken(panel: TubePanel) -> None:
    panel.set_tubes([_tube(17, [WALK])], Fraction(30))
    moved: list[tuple[int, ...]] = []
    panel.span_moved.connect(lambda *told: moved.append(told))
    last = _spins(panel)[1]
    last.setFocus()
    last.selectAll()
    QTest.keyClicks(last, "900")
    QTest.keyClick(last, Qt.Key.Key_Return)
    assert last.value() <= 771
    assert all(stop <= 772 for *_, stop in moved)


def test_going_to_another_tube_keeps_what_was_set(panel: TubePanel) -> None:
    panel.set_tubes([_tube(17, [WALK])], Fraction(30))
    moved: list[tuple[int, int, int, int]] = []
    panel.span_moved.connect(lambda *told: moved.append(told))
    first = _spins(panel)[0]
    first.setFocus()
    QTest.keyClick(first, Qt.Key.Key_Up)
    panel.set_tubes([_tube(18, [READ])], Fraction(30))
    assert moved == [(170, 0, 599, 772)]
    assert [spin.value() for spin in _spins(panel)] == [600, 699]


def test_news_of_the_playhead_do_not_disturb_typing(panel: TubePanel) -> None:
    panel.set_tubes([_tube(17, [WALK])], Fraction(30))
    first = _spins(panel)[0]
    first.setFocus()
    first.selectAll()
    QTest.keyClicks(first, "61")
    panel.set_box(_box())
    panel.set_tubes([_tube(17, [WALK])], Fraction(30))
    QTest.keyClicks(first, "2")
    QTest.keyClick(first, Qt.Key.Key_Return)
    assert first.value() == 612


def test_the_wheel_scrolls_past_a_number_without_turning_it(panel: TubePanel) -> None:
    panel.set_tubes([_tube(17, [WALK])], Fraction(30))
    first = _spins(panel)[0]
    _button(panel, "Accept").setFocus()
    middle = QPointF(first.rect().center())
    turn = QWheelEvent(
        middle,
        QPointF(first.mapToGlobal(middle)),
        QPoint(),
        QPoint(0, 120),
        Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(first, turn)
    assert first.value() == 598


def test_an_action_that_goes_takes_its_unfinished_number_along(
    panel: TubePanel, qtbot: QtBot
) -> None:
    panel.set_tubes([_tube(17, [READ, WALK])], Fraction(30))
    moved: list[tuple[int, ...]] = []
    panel.span_moved.connect(lambda *told: moved.append(told))
    last = _spins(panel)[3]
    last.setFocus()
    QTest.keyClick(last, Qt.Key.Key_Down)
    panel.set_tubes([_tube(17, [READ])], Fraction(30))
    qtbot.wait(700)
    assert moved == []


def test_an_action_is_removed(panel: TubePanel) -> None:
    panel.set_tubes([_tube(17, [READ, WALK])], Fraction(30))
    removed: list[tuple[int, int]] = []
    panel.span_removed.connect(lambda *told: removed.append(told))
    cross = next(b for b in panel.findChildren(QToolButton) if "walk" in b.toolTip())
    QTest.mouseClick(cross, LEFT)
    assert removed == [(170, 1)]


def _open(panel: TubePanel) -> tuple[ActionSearch, QLineEdit]:
    QTest.mouseClick(_button(panel, "+ add action\u2026"), LEFT)
    search = panel.findChildren(ActionSearch)[0]
    assert search.isVisible()
    return search, search.findChildren(QLineEdit)[0]


@pytest.fixture
def added(panel: TubePanel) -> list[tuple[int, object]]:
    heard: list[tuple[int, object]] = []
    panel.set_tubes([_tube(17, [WALK])], Fraction(30))
    panel.action_added.connect(lambda tube, label: heard.append((tube, label)))
    panel.action_typed.connect(lambda tube, name: heard.append((tube, name)))
    return heard


def test_an_action_is_found_by_typing(panel: TubePanel, added: list[object]) -> None:
    search, line = _open(panel)
    QTest.keyClicks(line, "REA")
    QTest.keyClick(line, Qt.Key.Key_Return)
    assert added == [(170, 2)]
    assert not search.isVisible()


def test_an_action_is_chosen_with_the_arrows(panel: TubePanel, added: list[object]) -> None:
    _, line = _open(panel)
    QTest.keyClick(line, Qt.Key.Key_Down)
    QTest.keyClick(line, Qt.Key.Key_Down)
    QTest.keyClick(line, Qt.Key.Key_Return)
    assert added == [(170, 3)]


def test_an_action_is_chosen_with_the_mouse(panel: TubePanel, added: list[object]) -> None:
    search, _ = _open(panel)
    listing = search.findChildren(QListView)[0]
    place = listing.visualRect(listing.model().index(1, 0)).center()
    QTest.mouseClick(listing.viewport(), LEFT, pos=place)
    assert added == [(170, 2)]


def test_a_name_that_is_new_becomes_a_label(panel: TubePanel, added: list[object]) -> None:
    _, line = _open(panel)
    QTest.keyClicks(line, " pick  up ")
    QTest.keyClick(line, Qt.Key.Key_Return)
    search, line = _open(panel)
    QTest.keyClicks(line, "rea")
    QTest.mouseClick(_button(search, "New label \u201crea\u201d"), LEFT)
    _, line = _open(panel)
    QTest.keyClicks(line, "wal")
    QTest.keyClick(line, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    assert added == [(170, "pick up"), (170, "rea"), (170, "wal")]


def test_a_known_name_is_never_made_twice(panel: TubePanel, added: list[object]) -> None:
    search, line = _open(panel)
    QTest.keyClicks(line, "Walk")
    assert not _button(search, "New label \u201cWalk\u201d").isVisible()
    QTest.keyClick(line, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    assert added == [(170, 1)]


def test_escape_closes_the_search(panel: TubePanel, added: list[object]) -> None:
    search, line = _open(panel)
    QTest.keyClicks(line, "rea")
    QTest.keyClick(line, Qt.Key.Key_Escape)
    assert not search.isVisible()
    assert added == []


def test_the_search_opens_only_for_one_tube(panel: TubePanel) -> None:
    panel.set_tubes([_tube(1), _tube(2)], Fraction(30))
    panel.open_search()
    assert not panel.findChildren(ActionSearch)[0].isVisible()


def test_a_very_long_name_is_cut_and_told_in_the_tooltip(panel: TubePanel) -> None:
    name = "handing the finished meal over to a waiting customer " * 4
    panel.set_labels([Label(1, name)])
    panel.set_tubes([_tube(17, [WALK])], Fraction(30))
    QApplication.processEvents()
    label = next(e for e in panel.findChildren(ElidedLabel) if e.isVisible())
    assert name.strip() in label.toolTip()
    assert panel.minimumSizeHint().width() < 300


def test_many_actions_scroll_instead_of_growing(panel: TubePanel) -> None:
    spans = [ActionSpan(1 + n % 3, 598 + n, 772) for n in range(60)]
    panel.set_tubes([_tube(17, spans)], Fraction(30))
    QApplication.processEvents()
    assert panel.sizeHint().height() < 700
    panel.set_tubes([_tube(17, spans[:1])], Fraction(30))
    QApplication.processEvents()
    assert len(_spins(panel)) == 2
