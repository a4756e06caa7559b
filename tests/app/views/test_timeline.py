"""The timeline in a window: what it shows, and what the mouse asks for."""

import numpy as np
import pytest
from numpy.typing import NDArray
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QColor, QImage, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QPushButton
from pytestqt.qtbot import QtBot

from app.domain.project import TubeSummary
from app.views.timeline import TimelineView
from app.views.timeline_scene import BAR, BAR_TOP, NUMBERS, ROW, RULER, TOP
from app.widgets.palettes import DARK, LIGHT
from app.widgets.theme import apply_theme
from yowo_core.annotations import ActionSpan, FrameRange, Label, Review, Source

LEFT = Qt.MouseButton.LeftButton
NO = Qt.KeyboardModifier.NoModifier
SHIFT = Qt.KeyboardModifier.ShiftModifier
CTRL = Qt.KeyboardModifier.ControlModifier
LABELS = {1: Label(1, "walk", "#ff0000"), 2: Label(2, "read", "#0000ff")}
FRAMES = 1000  # a frame is a pixel wide


def tube(
    number: int,
    first: int,
    last: int,
    *spans: tuple[int, int, int],
    review: Review = Review.ACCEPTED,
    keyframes: tuple[int, ...] = (),
    score: float | None = None,
) -> TubeSummary:
    """A tube whose id is ten times its number; spans are (label, start, stop)."""
    actions = tuple(ActionSpan(label, start, stop, score) for label, start, stop in spans)
    ticked = np.array(keyframes, dtype=np.int64)
    return TubeSummary(10 * number, number, 1, first, last, actions, ticked, review, Source.HUMAN)


class Heard:
    """Everything the timeline says, in order."""

    def __init__(self, view: TimelineView) -> None:
        self.said: list[tuple[object, ...]] = []
        view.frame_requested.connect(lambda frame: self.said.append(("frame", frame)))
        view.scrubbing.connect(lambda on: self.said.append(("scrub", on)))
        view.tube_selected.connect(lambda i, extend: self.said.append(("tube", i, extend)))
        view.extent_edited.connect(lambda i, a, b: self.said.append(("extent", i, a, b)))
        view.span_edited.connect(lambda i, n, a, b: self.said.append(("span", i, n, a, b)))
        view.range_selected.connect(self._hear_range)

    def _hear_range(self, frames: FrameRange | None) -> None:
        ends = (None, None) if frames is None else (frames.start, frames.stop)
        self.said.append(("range", *ends))


@pytest.fixture
def view(qtbot: QtBot) -> TimelineView:
    timeline = TimelineView()
    qtbot.addWidget(timeline)
    timeline.resize(NUMBERS + FRAMES + 1, 260)
    timeline.set_labels(LABELS)
    timeline.show()
    timeline.set_video(None, FRAMES, 25.0)
    timeline.set_tubes(
        [
            tube(1, 100, 299, (1, 100, 300), keyframes=(100, 200, 299)),
            tube(2, 400, 599, (1, 400, 500), (2, 450, 600)),
            tube(3, 120, 219, (2, 130, 200), review=Review.TO_REVIEW, score=0.5),
            tube(4, 700, 799),
        ]
    )
    assert timeline.axis.pixels == 1.0
    return timeline


ROW_OF_1, ROW_OF_2B, ROW_OF_3 = 0, 1, 2


def at(view: TimelineView, frame: float, row: int = 0) -> QPoint:
    return QPoint(round(view.axis.x_of(frame)), TOP + row * ROW + BAR_TOP + 6)


def click(view: TimelineView, place: QPoint, keys: Qt.KeyboardModifier = NO) -> None:
    QTest.mouseClick(view.viewport(), LEFT, keys, place)


def drag(view: TimelineView, start: QPoint, end: QPoint, keys: Qt.KeyboardModifier = NO) -> None:
    QTest.mousePress(view.viewport(), LEFT, keys, start)
    QTest.mouseMove(view.viewport(), (start + end) / 2)
    QTest.mouseMove(view.viewport(), end)
    QTest.mouseRelease(view.viewport(), LEFT, keys, end)


def pixels(view: TimelineView) -> NDArray[np.uint8]:
    """(H, W, 3) uint8 red, green, blue of what the timeline shows."""
    image = view.viewport().grab().toImage().convertToFormat(QImage.Format.Format_RGBX8888)
    raw = np.array(image.constBits(), dtype=np.uint8)
    return raw.reshape(image.height(), image.bytesPerLine() // 4, 4)[:, : image.width(), :3]


def colors_at(view: TimelineView, frame: float, row: int) -> list[int]:
    place = at(view, frame, row)
    return [int(part) for part in pixels(view)[place.y() + 6, place.x()]]


def test_tubes_share_lanes_and_actions_have_rows(view: TimelineView) -> None:
    assert colors_at(view, 250, ROW_OF_1) == [255, 0, 0]
    assert colors_at(view, 425, ROW_OF_1) == [255, 0, 0]
    assert colors_at(view, 580, ROW_OF_2B) == [0, 0, 255]
    predicted = colors_at(view, 190, ROW_OF_3)
    assert predicted[2] > 100
    assert predicted != [0, 0, 255]
    gray = colors_at(view, 750, ROW_OF_1)
    assert max(gray) - min(gray) < 40
    assert colors_at(view, 350, ROW_OF_1) == colors_at(view, 900, ROW_OF_1)


def test_keyframes_are_ticked_on_confirmed_tubes(view: TimelineView) -> None:
    y = TOP + BAR_TOP + BAR - 1  # the middle of a tick lies on the bar's lower edge
    x = round(view.axis.x_of(200.5))
    assert pixels(view)[y, x].tolist() == [255, 255, 255]
    view.set_tubes([tube(1, 100, 299, (1, 100, 300), keyframes=(200,), review=Review.TO_REVIEW)])
    assert pixels(view)[y, x].tolist() != [255, 255, 255]


def test_weak_predictions_fade_and_people_stay(view: TimelineView) -> None:
    before = colors_at(view, 190, ROW_OF_3)
    view.set_min_score(0.6)
    assert sum(colors_at(view, 190, ROW_OF_3)) < sum(before)
    assert colors_at(view, 250, ROW_OF_1) == [255, 0, 0]
    view.set_min_score(0.4)
    assert colors_at(view, 190, ROW_OF_3) == before


def test_rejected_tubes_are_hidden_until_asked_for(view: TimelineView) -> None:
    heard = Heard(view)
    view.set_tubes([tube(5, 100, 300, (1, 100, 301), review=Review.REJECTED)])
    click(view, at(view, 200))
    view.set_show_rejected(True)
    click(view, at(view, 200))
    selected = [said for said in heard.said if said[0] == "tube"]
    assert selected == [("tube", 50, False)]


def test_a_click_goes_there_and_selects_what_it_hits(view: TimelineView) -> None:
    heard = Heard(view)
    click(view, at(view, 250))
    assert heard.said == [
        ("tube", 10, False),
        ("scrub", True),
        ("frame", 250),
        ("scrub", False),
    ]
    heard.said.clear()
    click(view, at(view, 900))
    click(view, QPoint(NUMBERS + 333, 5))
    assert [said for said in heard.said if said[0] != "scrub"] == [("frame", 900), ("frame", 333)]


def test_dragging_scrubs(view: TimelineView) -> None:
    heard = Heard(view)
    drag(view, QPoint(NUMBERS + 300, 5), QPoint(NUMBERS + 340, 5))
    assert heard.said == [
        ("scrub", True),
        ("frame", 300),
        ("frame", 320),
        ("frame", 340),
        ("scrub", False),
    ]


def test_selection_is_the_callers(view: TimelineView) -> None:
    heard = Heard(view)
    click(view, at(view, 250), CTRL)
    click(view, at(view, 900), CTRL)
    assert heard.said == [("tube", 10, True), ("tube", None, False)]
    assert view.selection == frozenset()
    view.select(10)
    view.select(20, extend=True)
    assert view.selection == {10, 20}
    view.select(10, extend=True)
    assert view.selection == {20}
    view.select(None)
    assert view.selection == frozenset()


def test_the_number_on_the_left_selects_its_tube(view: TimelineView) -> None:
    heard = Heard(view)
    click(view, QPoint(20, at(view, 0, ROW_OF_3).y()))
    assert heard.said == [("tube", 30, False)]


def test_an_end_is_dragged_and_told_once(view: TimelineView) -> None:
    heard = Heard(view)
    drag(view, at(view, 298), at(view, 338))
    assert heard.said == [("extent", 10, 100, 339)]
    heard.said.clear()
    drag(view, at(view, 102), at(view, 62))
    assert heard.said == [("extent", 10, 60, 299)]


def test_an_end_that_comes_back_or_never_left_edits_nothing(view: TimelineView) -> None:
    heard = Heard(view)
    QTest.mousePress(view.viewport(), LEFT, NO, at(view, 298))
    QTest.mouseMove(view.viewport(), at(view, 350))
    QTest.mouseMove(view.viewport(), at(view, 298))
    QTest.mouseRelease(view.viewport(), LEFT, NO, at(view, 298))
    assert heard.said == []
    click(view, at(view, 298))
    assert heard.said == [("tube", 10, False), ("frame", 298)]


def test_no_end_passes_the_other_or_leaves_the_video(view: TimelineView) -> None:
    heard = Heard(view)
    drag(view, at(view, 298), at(view, 20))
    drag(view, at(view, 102), QPoint(0, at(view, 0).y()))
    assert heard.said == [("extent", 10, 100, 100), ("extent", 10, 0, 299)]


def test_with_several_actions_each_has_its_own_ends(view: TimelineView) -> None:
    heard = Heard(view)
    drag(view, at(view, 498), at(view, 528))
    drag(view, at(view, 452, ROW_OF_2B), at(view, 302, ROW_OF_2B))
    assert heard.said == [("span", 20, 0, 400, 530), ("span", 20, 1, 400, 600)]


def test_a_single_action_shorter_than_its_tube_has_its_own_ends(view: TimelineView) -> None:
    heard = Heard(view)
    drag(view, at(view, 132, ROW_OF_3), at(view, 142, ROW_OF_3))
    drag(view, at(view, 122, ROW_OF_3), at(view, 112, ROW_OF_3))
    assert heard.said == [("span", 30, 0, 140, 200), ("extent", 30, 110, 219)]


def test_ends_snap_to_the_playhead(view: TimelineView) -> None:
    heard = Heard(view)
    view.set_current_frame(340)
    drag(view, at(view, 300), at(view, 337))
    drag(view, at(view, 100), at(view, 50))
    assert heard.said == [("extent", 10, 100, 340), ("extent", 10, 50, 299)]


def test_the_cursor_tells_where_an_end_is(view: TimelineView, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: view.windowHandle().isExposed(), timeout=2000)
    shape = view.viewport().cursor
    QTest.mouseMove(view.viewport(), at(view, 299))
    qtbot.waitUntil(lambda: shape().shape() is Qt.CursorShape.SizeHorCursor, timeout=2000)
    QTest.mouseMove(view.viewport(), at(view, 200))
    qtbot.waitUntil(lambda: shape().shape() is Qt.CursorShape.ArrowCursor, timeout=2000)


def test_only_a_ghost_moves_and_escape_gives_it_up(view: TimelineView) -> None:
    heard = Heard(view)
    before = pixels(view)
    QTest.mousePress(view.viewport(), LEFT, NO, at(view, 298))
    QTest.mouseMove(view.viewport(), at(view, 350))
    assert not np.array_equal(pixels(view), before)
    QTest.keyClick(view, Qt.Key.Key_Escape)
    QTest.mouseRelease(view.viewport(), LEFT, NO, at(view, 350))
    assert heard.said == []
    assert np.array_equal(pixels(view), before)


def test_shift_drag_selects_a_range(view: TimelineView) -> None:
    heard = Heard(view)
    before = pixels(view)
    drag(view, at(view, 500), at(view, 430), SHIFT)
    click(view, at(view, 500), SHIFT)
    assert heard.said == [("range", 430, 501)]
    assert view.selected_range == FrameRange(430, 501)
    assert not np.array_equal(pixels(view), before)
    QTest.keyClick(view, Qt.Key.Key_Escape)
    assert heard.said[-1] == ("range", None, None)
    assert np.array_equal(pixels(view), before)


@pytest.mark.parametrize(
    ("grabbed", "to", "expected"),
    [
        (851, 900, (820, 900)),
        (820, 810, (810, 851)),
        (820, 880, (850, 881)),
        (852, 852, (820, 851)),
    ],
)
def test_the_ends_of_a_range_can_be_dragged(
    view: TimelineView, grabbed: int, to: int, expected: tuple[int, int]
) -> None:
    view.set_selected_range(FrameRange(820, 851))
    heard = Heard(view)
    drag(view, at(view, grabbed), at(view, to))
    assert view.selected_range == FrameRange(*expected)
    assert ("scrub", True) not in heard.said


def test_a_range_is_cut_to_the_video_and_goes_with_it(view: TimelineView) -> None:
    view.set_selected_range(FrameRange(990, 2000))
    assert view.selected_range == FrameRange(990, 1000)
    view.set_selected_range(FrameRange(1000, 2000))
    assert view.selected_range is None
    view.set_selected_range(FrameRange(5, 9))
    view.set_video(None, 1000, 25.0)
    assert view.selected_range is None


def test_a_double_click_on_the_strip_selects_the_labelled_range(view: TimelineView) -> None:
    view.set_ranges((FrameRange(100, 200), FrameRange(300, 340)))
    strip = QPoint(round(view.axis.x_of(320)), RULER + 3)
    QTest.mouseDClick(view.viewport(), LEFT, NO, strip)
    assert view.selected_range == FrameRange(300, 340)
    assert view.labelled_at(339) == FrameRange(300, 340)
    assert view.labelled_at(340) is None


def wheel(view: TimelineView, place: QPoint, notches: int, keys: Qt.KeyboardModifier) -> None:
    where = QPointF(place)
    event = QWheelEvent(
        where,
        QPointF(view.viewport().mapToGlobal(place)),
        QPoint(),
        QPoint(0, 120 * notches),
        Qt.MouseButton.NoButton,
        keys,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(view.viewport(), event)


def test_the_wheel_zooms_pans_and_scrolls(view: TimelineView) -> None:
    place = at(view, 600)
    wheel(view, place, 8, CTRL)
    assert view.axis.pixels == pytest.approx(1.25**8)
    assert view.axis.frame_at(place.x()) == pytest.approx(600, abs=1)
    before = view.axis.offset
    wheel(view, place, -1, SHIFT)
    assert view.axis.offset > before
    view.set_tubes([tube(n, 10, 900, (1, 10, 901)) for n in range(1, 40)])
    assert view.verticalScrollBar().maximum() > 0
    wheel(view, place, -1, NO)
    assert view.verticalScrollBar().value() == 2 * ROW


def test_middle_drag_pans(view: TimelineView) -> None:
    view.zoom(4, 500)
    before = view.axis.x_of(500)
    QTest.mousePress(view.viewport(), Qt.MouseButton.MiddleButton, NO, QPoint(500, 100))
    QTest.mouseMove(view.viewport(), QPoint(460, 100))
    QTest.mouseRelease(view.viewport(), Qt.MouseButton.MiddleButton, NO, QPoint(460, 100))
    assert view.axis.x_of(500) == pytest.approx(before - 40)


def test_the_scroll_bar_and_the_view_agree(view: TimelineView) -> None:
    view.zoom(4, 500)
    bar = view.horizontalScrollBar()
    assert bar.value() == round(view.axis.offset * view.axis.pixels)
    bar.setValue(100)
    assert view.axis.offset == pytest.approx(100 / view.axis.pixels)
    view.zoom_to_fit()
    assert bar.maximum() == 0


def test_the_view_follows_the_playhead_but_not_against_the_user(view: TimelineView) -> None:
    view.zoom(10, 0)
    view.set_current_frame(50)
    view.set_current_frame(101)
    assert 101 in view.axis.visible
    view.zoom_to_fit()
    view.zoom(10, 999)
    shown = view.axis.visible
    view.set_current_frame(102)  # playing on while somebody looks elsewhere
    assert view.axis.visible == shown
    view.set_current_frame(400)  # somebody jumped
    assert 400 in view.axis.visible


def test_selecting_brings_the_lane_into_view(view: TimelineView) -> None:
    view.set_tubes([tube(n, 10, 900, (1, 10, 901)) for n in range(1, 40)])
    view.select(390)
    top = view.verticalScrollBar().value()
    row = 38 * ROW
    assert top <= row <= top + view.viewport().height() - TOP - ROW


def test_an_update_touches_only_what_it_names(view: TimelineView) -> None:
    view.update_tubes([tube(4, 700, 899, (2, 700, 900))], {10})
    assert colors_at(view, 880, ROW_OF_1) == [0, 0, 255]
    assert colors_at(view, 250, ROW_OF_1) != [255, 0, 0]
    assert colors_at(view, 425, ROW_OF_1) == [255, 0, 0]


def test_emptiness_says_what_to_do(qtbot: QtBot) -> None:
    view = TimelineView()
    qtbot.addWidget(view)
    heard = Heard(view)
    view.resize(600, 200)
    view.show()
    said = view._state
    assert said.says == "No video is open."
    view.say_instead("Opening a.mp4…")
    assert said.says == "Opening a.mp4…"
    click(view, QPoint(300, 100))
    view.set_video(np.arange(50) / 25, 50, 25.0)
    assert said.says == "No tubes yet: analyse the video, or draw a box."
    asked: list[int] = []
    view.set_empty_action(("Analyse", lambda: asked.append(1)))
    (button,) = said.findChildren(QPushButton)
    QTest.mouseClick(button, LEFT)
    assert asked == [1]
    view.set_tubes([tube(1, 0, 9, review=Review.REJECTED)])
    assert said.says == "Nothing but rejected tubes here (1), and they are hidden."
    assert button.isHidden()
    view.set_tubes([tube(1, 0, 9)])
    assert said.says == ""
    assert heard.said == []


def test_the_colour_scheme_can_change_while_it_is_open(
    view: TimelineView, qapp: QApplication
) -> None:
    grounds = []
    for name in ("light", "dark"):
        theme = apply_theme(qapp, name)
        QApplication.processEvents()
        grounds.append((QColor(*colors_at(view, 900, ROW_OF_1)).name(), theme.timeline))
    assert grounds == [(LIGHT.timeline, LIGHT.timeline), (DARK.timeline, DARK.timeline)]


def test_another_video_forgets_the_last_one(view: TimelineView) -> None:
    view.select(10)
    view.set_ranges((FrameRange(0, 500),))
    view.zoom(5, 100)
    view.set_video(None, 300, 25.0)
    assert view.selection == frozenset()
    assert view.axis.visible == FrameRange(0, 300)
    assert colors_at(view, 40, ROW_OF_1) == colors_at(view, 200, ROW_OF_1)


def test_labelled_ranges_are_a_strip_under_the_ruler(view: TimelineView) -> None:
    view.set_ranges((FrameRange(100, 200),))
    row = pixels(view)[TOP - 5]
    inside, outside = row[NUMBERS + 150], row[NUMBERS + 250]
    assert inside[1] > inside[0] + 40
    assert outside.tolist() != inside.tolist()


@pytest.mark.parametrize("count", [0, 1, 10_000])
def test_any_number_of_tubes_at_any_zoom(view: TimelineView, count: int) -> None:
    rng = np.random.default_rng(1)
    view.set_video(None, 100_000, 25.0)
    starts = rng.integers(0, 99_000, count).tolist()
    view.set_tubes(
        [
            tube(n, start, start + 300, (1, start, start + 301), review=Review.TO_REVIEW, score=0.5)
            for n, start in enumerate(starts)
        ]
    )
    for factor in (1.0, 10.0, 100.0, 1000.0):
        view.zoom(factor, 50_000)
        assert pixels(view).std() > 0
