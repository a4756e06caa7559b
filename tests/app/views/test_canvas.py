"""The canvas in a window: what it shows, and what the mouse and the keys make of it."""

import numpy as np
import pytest
from numpy.typing import NDArray
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QColor, QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.domain.live import LiveAction, LiveBox
from app.domain.project import BoxAt
from app.errors import AppError
from app.views.canvas import CanvasView
from app.views.label_entry import LabelEntry
from yowo_core.annotations import ActionSpan, Label, Review, Source

Box = tuple[float, float, float, float]
LEFT, NO, SHIFT = (
    Qt.MouseButton.LeftButton,
    Qt.KeyboardModifier.NoModifier,
    Qt.KeyboardModifier.ShiftModifier,
)
POPUPS_OFFSCREEN = pytest.mark.qt_log_ignore("This plugin does not support")
LABELS = {1: Label(1, "Reading a ticket", "#ff0000"), 2: Label(2, "walk", "#0000ff")}


def picture(width: int = 400, height: int = 300, gray: int = 90) -> NDArray[np.uint8]:
    return np.full((height, width, 4), gray, dtype=np.uint8)


def tube(
    tube_id: int, box: Box, review: Review = Review.ACCEPTED, label: int = 1, score: float = 0.5
) -> BoxAt:
    spans = (ActionSpan(label, 0, 10, score),)
    return BoxAt(tube_id, tube_id, box, True, False, spans, review, Source.HUMAN)


class Heard:
    """Everything the canvas says, in order."""

    def __init__(self, canvas: CanvasView) -> None:
        self.said: list[tuple[object, ...]] = []
        canvas.tube_clicked.connect(lambda i: self.said.append(("clicked", i)))
        canvas.box_edited.connect(lambda i, box: self.said.append(("edited", i, _rounded(box))))
        canvas.box_drawn.connect(lambda box: self.said.append(("drawn", _rounded(box))))
        canvas.tube_double_clicked.connect(lambda i: self.said.append(("double", i)))
        canvas.live_double_clicked.connect(lambda live: self.said.append(("live", live)))


def _rounded(box: Box) -> tuple[int, ...]:
    return tuple(round(side) for side in box)


@pytest.fixture
def canvas(qtbot: QtBot) -> CanvasView:
    view = CanvasView()
    qtbot.addWidget(view)
    view.resize(420, 320)
    view.set_labels(LABELS)
    view.show()
    view.show_frame(picture(), 7)
    assert view.zoom == 1.0
    return view


def at(canvas: CanvasView, x: float, y: float) -> QPoint:
    return canvas.viewportTransform().map(QPointF(x, y)).toPoint()


def click(canvas: CanvasView, x: float, y: float) -> None:
    QTest.mouseClick(canvas.viewport(), LEFT, NO, at(canvas, x, y))


def drag(
    canvas: CanvasView,
    start: tuple[float, float],
    end: tuple[float, float],
    modifiers: Qt.KeyboardModifier = NO,
) -> None:
    hold(canvas, start, end, modifiers)
    QTest.mouseRelease(canvas.viewport(), LEFT, modifiers, at(canvas, *end))


def hold(
    canvas: CanvasView,
    start: tuple[float, float],
    end: tuple[float, float],
    modifiers: Qt.KeyboardModifier = NO,
) -> None:
    QTest.mousePress(canvas.viewport(), LEFT, modifiers, at(canvas, *start))
    middle = (at(canvas, *start) + at(canvas, *end)) / 2
    QTest.mouseMove(canvas.viewport(), middle)
    QTest.mouseMove(canvas.viewport(), at(canvas, *end))


def pixels(canvas: CanvasView) -> NDArray[np.uint8]:
    """(H, W, 3) uint8 red, green, blue of what the canvas shows."""
    image = canvas.grab().toImage().convertToFormat(QImage.Format.Format_RGBX8888)
    raw = np.array(image.constBits(), dtype=np.uint8)  # a copy: the image dies here
    return raw.reshape(image.height(), image.bytesPerLine() // 4, 4)[:, : image.width(), :3]


def has_color(canvas: CanvasView, color: str) -> bool:
    value = QColor(color)
    wanted = (value.red(), value.green(), value.blue())
    return bool((pixels(canvas) == wanted).all(axis=2).any())


def test_a_frame_is_shown_as_it_is_without_a_copy(canvas: CanvasView) -> None:
    frame = picture()
    frame[:150] = (255, 0, 0, 0)
    canvas.show_frame(frame, 8)
    assert canvas.frame == 8
    shown = pixels(canvas)
    upper, lower = at(canvas, 200, 50), at(canvas, 200, 250)
    assert shown[upper.y(), upper.x()].tolist() == [0, 0, 255]
    assert shown[lower.y(), lower.x()].tolist() == [90, 90, 90]
    frame[150:] = (0, 255, 0, 0)  # the same memory: what a copy would not show
    canvas.viewport().update()
    assert pixels(canvas)[lower.y(), lower.x()].tolist() == [0, 255, 0]


def test_a_frame_of_another_shape_is_refused(canvas: CanvasView) -> None:
    with pytest.raises(AppError, match=r"shape \(300, 400, 3\) and type uint8 cannot be shown"):
        canvas.show_frame(np.zeros((300, 400, 3), np.uint8), 0)


def test_oblong_pixels_stretch_the_view_and_nothing_else(canvas: CanvasView) -> None:
    heard = Heard(canvas)
    canvas.set_sample_aspect(2.0)
    assert canvas.transform().m11() == pytest.approx(2 * canvas.transform().m22())
    canvas.set_boxes([tube(1, (100, 100, 200, 200))])
    drag(canvas, (150, 150), (190, 150))
    assert heard.said == [("clicked", 1), ("edited", 1, (140, 100, 240, 200))]


def test_confirmed_is_solid_predicted_dashed_rejected_hidden(canvas: CanvasView) -> None:
    box = (100.0, 100.0, 300.0, 250.0)
    share = {}
    for review in (Review.ACCEPTED, Review.TO_REVIEW, Review.REJECTED):
        canvas.set_boxes([tube(1, box, review)])
        line = pixels(canvas)[
            at(canvas, 0, 250).y(), at(canvas, 110, 0).x() : at(canvas, 290, 0).x()
        ]
        share[review] = float((line == (255, 0, 0)).all(axis=1).mean())
    assert share[Review.ACCEPTED] == 1.0
    assert 0.3 < share[Review.TO_REVIEW] < 0.8
    assert share[Review.REJECTED] == 0.0


def test_a_box_without_a_known_action_is_gray(canvas: CanvasView) -> None:
    canvas.set_boxes([tube(1, (100, 100, 200, 200), label=99)])
    assert not has_color(canvas, "#ff0000")
    assert pixels(canvas)[at(canvas, 150, 200).y(), at(canvas, 150, 0).x()].tolist() != [90] * 3


def test_names_stay_inside_the_picture(canvas: CanvasView) -> None:
    canvas.set_labels(
        {1: Label(1, "A name so long that it fits into no picture at all " * 4, "#ff0000")}
    )
    canvas.set_boxes([tube(1, (380, 0, 400, 300)), tube(2, (0, 290, 20, 300))])
    red = np.argwhere((pixels(canvas) == (255, 0, 0)).all(axis=2))
    top_left, bottom_right = at(canvas, 0, 0), at(canvas, 400, 300)
    assert red[:, 1].min() >= top_left.x() - 2
    assert red[:, 1].max() <= bottom_right.x() + 2
    assert red[:, 0].min() >= top_left.y() - 2
    assert red[:, 0].max() <= bottom_right.y() + 2


def test_the_selected_box_has_handles(canvas: CanvasView) -> None:
    canvas.set_boxes([tube(1, (100, 100, 200, 200))])
    corner = at(canvas, 200, 200)
    assert pixels(canvas)[corner.y(), corner.x()].tolist() != [255] * 3
    canvas.select(1)
    assert pixels(canvas)[corner.y(), corner.x()].tolist() == [255] * 3


def test_hidden_overlays_are_neither_seen_nor_hit(canvas: CanvasView) -> None:
    heard = Heard(canvas)
    canvas.set_boxes([tube(1, (100, 100, 200, 200))])
    canvas.set_overlays_visible(False)
    assert not has_color(canvas, "#ff0000")
    click(canvas, 150, 150)
    canvas.set_overlays_visible(True)
    click(canvas, 150, 150)
    assert heard.said == [("clicked", None), ("clicked", 1)]


def test_live_boxes_belong_to_their_picture(canvas: CanvasView) -> None:
    live = LiveBox((50, 50, 150, 200), 3, (LiveAction("walk", "#00ff00", 0.8),))
    canvas.set_live([live], 7)
    assert has_color(canvas, "#00ff00")
    canvas.show_frame(picture(), 9)
    assert not has_color(canvas, "#00ff00")  # faded: it lags two frames behind
    assert len(np.unique(pixels(canvas).reshape(-1, 3), axis=0)) > 3
    canvas.show_frame(picture(), 300)
    inside = pixels(canvas)[at(canvas, 0, 40).y() : at(canvas, 0, 210).y(), 30:200]
    assert (inside == 90).all()
    canvas.show_frame(picture(), 6)
    canvas.set_live([live], 7)
    assert not has_color(canvas, "#00ff00")  # not seen yet
    canvas.show_frame(picture(), 7)
    assert has_color(canvas, "#00ff00")


def test_at_most_three_actions_are_listed(canvas: CanvasView) -> None:
    colors = ("#00ff00", "#00ffff", "#ff00ff", "#ffff00")
    actions = tuple(LiveAction(f"a{n}", color, 0.9 - n / 10) for n, color in enumerate(colors))
    canvas.set_live([LiveBox((50, 50, 150, 200), None, actions)], 7)
    assert [has_color(canvas, color) for color in colors] == [True, True, True, False]


def test_a_click_selects_and_moves_nothing(canvas: CanvasView) -> None:
    heard = Heard(canvas)
    canvas.set_boxes([tube(1, (100, 100, 200, 200))])
    canvas.select(1)
    drag(canvas, (150, 150), (151, 151))
    click(canvas, 300, 250)
    assert heard.said == [("clicked", 1), ("clicked", None)]


def test_a_handle_resizes_and_shift_keeps_the_shape(canvas: CanvasView) -> None:
    heard = Heard(canvas)
    canvas.set_boxes([tube(1, (100, 100, 200, 150))])
    canvas.select(1)
    drag(canvas, (200, 150), (240, 160))
    drag(canvas, (200, 150), (260, 151), SHIFT)
    assert heard.said == [("edited", 1, (100, 100, 240, 160)), ("edited", 1, (100, 100, 260, 180))]


def test_no_drag_leaves_the_picture(canvas: CanvasView) -> None:
    heard = Heard(canvas)
    canvas.set_boxes([tube(1, (300, 200, 380, 280))])
    canvas.select(1)
    drag(canvas, (340, 240), (405, 305))
    assert heard.said == [("edited", 1, (320, 220, 400, 300))]


def test_escape_gives_up_a_drag(canvas: CanvasView) -> None:
    heard = Heard(canvas)
    canvas.set_boxes([tube(1, (100, 100, 200, 200))])
    hold(canvas, (150, 150), (190, 150))
    QTest.keyClick(canvas, Qt.Key.Key_Escape)
    QTest.mouseRelease(canvas.viewport(), LEFT, NO, at(canvas, 190, 150))
    assert heard.said == []


def test_the_picture_stands_still_under_a_drag(canvas: CanvasView) -> None:
    heard = Heard(canvas)
    started: list[int] = []
    frames: list[int] = []
    canvas.gesture_started.connect(lambda: started.append(canvas.frame))
    canvas.box_edited.connect(lambda _id, _box: frames.append(canvas.frame))
    canvas.set_boxes([tube(1, (100, 100, 200, 200))])
    hold(canvas, (150, 150), (190, 150))
    canvas.show_frame(picture(gray=10), 8)
    canvas.set_boxes([])
    assert canvas.frame == 7
    QTest.mouseRelease(canvas.viewport(), LEFT, NO, at(canvas, 190, 150))
    assert (started, frames, canvas.frame) == ([7], [7], 8)
    assert heard.said[-1] == ("edited", 1, (140, 100, 240, 200))
    assert not has_color(canvas, "#ff0000")


def test_double_clicks_tell_tubes_from_live_boxes(canvas: CanvasView) -> None:
    heard = Heard(canvas)
    live = LiveBox((220, 100, 300, 200), None, (LiveAction("walk", "#00ff00", 0.8),))
    canvas.set_boxes([tube(1, (100, 100, 200, 200))])
    canvas.set_live([live], 7)
    for x in (150, 260, 390):
        QTest.mouseDClick(canvas.viewport(), LEFT, NO, at(canvas, x, 150))
    doubles = [said for said in heard.said if said[0] != "clicked"]
    assert doubles == [("double", 1), ("live", live)]


def test_drawing_lasts_for_one_box(canvas: CanvasView) -> None:
    heard = Heard(canvas)
    canvas.start_drawing()
    assert canvas.viewport().cursor().shape() is Qt.CursorShape.CrossCursor
    click(canvas, 50, 50)
    assert canvas.drawing
    drag(canvas, (50, 60), (120, 200))
    assert not canvas.drawing
    assert heard.said == [("drawn", (50, 60, 120, 200))]
    canvas.start_drawing()
    assert canvas.cancel() is True
    drag(canvas, (50, 60), (120, 200))
    assert heard.said == [("drawn", (50, 60, 120, 200))]
    assert canvas.cancel() is False


def test_the_wheel_zooms_at_the_cursor(canvas: CanvasView) -> None:
    zooms: list[float] = []
    canvas.zoom_changed.connect(zooms.append)
    place = QPointF(300, 120)
    before = canvas.to_video(place)
    for _ in range(6):
        canvas.zoom_at(place, 1.3)
    after = canvas.to_video(place)
    assert zooms == sorted(zooms)
    assert canvas.zoom == pytest.approx(1.3**6)
    assert (after.x(), after.y()) == pytest.approx((before.x(), before.y()), abs=0.5)
    canvas.fit()
    assert canvas.zoom == 1.0


def test_middle_drag_pans(canvas: CanvasView) -> None:
    middle = Qt.MouseButton.MiddleButton
    before = at(canvas, 100, 100)
    QTest.mousePress(canvas.viewport(), middle, NO, QPoint(200, 150))
    QTest.mouseMove(canvas.viewport(), QPoint(230, 140))
    QTest.mouseRelease(canvas.viewport(), middle, NO, QPoint(230, 140))
    assert at(canvas, 100, 100) - before == QPoint(30, -10)


def test_fitting_follows_the_window_until_somebody_zooms(canvas: CanvasView) -> None:
    canvas.resize(820, 620)
    QApplication.processEvents()
    assert canvas.zoom == 2.0
    canvas.zoom_to((100, 100, 140, 130))
    zoomed = canvas.zoom
    assert zoomed > 5
    center = canvas.to_video(QPointF(410, 310))
    assert (center.x(), center.y()) == pytest.approx((120, 115), abs=1)
    canvas.resize(420, 320)
    QApplication.processEvents()
    assert canvas.zoom == zoomed


def test_a_message_stands_in_for_the_picture(canvas: CanvasView) -> None:
    heard = Heard(canvas)
    canvas.set_boxes([tube(1, (100, 100, 200, 200))])
    canvas.show_message("till-01.avi was moved. Locate it to go on.")
    assert not has_color(canvas, "#ff0000")
    ground = pixels(canvas)[0, 0]
    assert (pixels(canvas) != ground).any()
    click(canvas, 150, 150)
    canvas.start_drawing()
    assert heard.said == []
    assert not canvas.drawing
    canvas.show_frame(picture(), 7)
    assert has_color(canvas, "#ff0000")


def test_a_note_stands_over_the_picture_until_the_next_one(canvas: CanvasView) -> None:
    before = pixels(canvas)
    canvas.show_note("Decoding frame 812…")
    assert not np.array_equal(pixels(canvas), before)
    canvas.show_frame(picture(), 812)
    assert np.array_equal(pixels(canvas), before)


def test_a_state_moves_on_without_giving_up_what_is_being_said(canvas: CanvasView) -> None:
    for share in (0.1, 0.6):
        canvas.show_state("Opening", "Reading till-01.avi.", share)
        assert canvas.state_text == "Opening\nReading till-01.avi."
    canvas.show_frame(picture(), 0)
    assert canvas.state_text == ""
    canvas.start_drawing()
    canvas.show_state("No picture", "Frame 3 is damaged.")
    assert not canvas.drawing
    assert canvas.state_text == "No picture\nFrame 3 is damaged."


@POPUPS_OFFSCREEN
@pytest.mark.parametrize(
    ("typed", "key", "answer"),
    [
        ("READING a ticket ", Qt.Key.Key_Return, "Reading a ticket"),
        ("jump", Qt.Key.Key_Return, "jump"),
        ("jump", Qt.Key.Key_Escape, None),
        ("", Qt.Key.Key_Return, None),
    ],
)
def test_a_label_is_typed_at_the_box(
    canvas: CanvasView, qtbot: QtBot, typed: str, key: Qt.Key, answer: str | None
) -> None:
    answers: list[str | None] = []
    canvas.activateWindow()
    canvas.edit_label_near((350, 250, 400, 300), ["Reading a ticket", "walk"], answers.append)
    entry = canvas.findChild(LabelEntry)
    assert isinstance(entry, LabelEntry)
    assert canvas.viewport().rect().contains(entry.geometry())
    QTest.keyClicks(entry, typed)
    QTest.keyClick(entry, key)
    assert answers == [answer]
    qtbot.waitUntil(lambda: canvas.findChild(LabelEntry) is None, timeout=2000)
    assert canvas.cancel() is False


@POPUPS_OFFSCREEN
def test_a_known_label_is_picked_from_the_list(canvas: CanvasView, qtbot: QtBot) -> None:
    answers: list[str | None] = []
    canvas.activateWindow()
    canvas.edit_label_near((50, 50, 100, 100), ["Reading a ticket", "walk"], answers.append)
    entry = canvas.findChild(LabelEntry)
    assert isinstance(entry, LabelEntry)
    QTest.keyClicks(entry, "tick")
    popup = entry.completer().popup()
    assert popup is not None
    qtbot.waitUntil(popup.isVisible, timeout=2000)
    QTest.keyClick(popup, Qt.Key.Key_Down)
    QTest.keyClick(popup, Qt.Key.Key_Return)
    assert answers == ["Reading a ticket"]


@POPUPS_OFFSCREEN
def test_escape_over_the_list_gives_up_at_once(canvas: CanvasView, qtbot: QtBot) -> None:
    answers: list[str | None] = []
    canvas.activateWindow()
    canvas.edit_label_near((50, 50, 100, 100), ["Reading a ticket", "walk"], answers.append)
    entry = canvas.findChild(LabelEntry)
    assert isinstance(entry, LabelEntry)
    popup = entry.completer().popup()
    assert popup is not None
    qtbot.waitUntil(popup.isVisible, timeout=2000)
    QTest.keyClick(popup, Qt.Key.Key_Escape)
    assert answers == [None]


@POPUPS_OFFSCREEN
def test_a_second_box_ends_the_first_question(canvas: CanvasView) -> None:
    answers: list[tuple[int, str | None]] = []
    canvas.edit_label_near((50, 50, 100, 100), [], lambda label: answers.append((1, label)))
    canvas.edit_label_near((60, 60, 100, 100), [], lambda label: answers.append((2, label)))
    assert answers == [(1, None)]
    assert canvas.cancel() is True
    assert answers == [(1, None), (2, None)]
