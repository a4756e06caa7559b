"""Every row of the keymap, by real keys and the real mouse in one real window.

Each key of each ready profile is tried, as the profile has it: a changed key is tried as changed.
"""

import time
from collections.abc import Callable, Iterator
from fractions import Fraction
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QKeyEvent, QKeySequence, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QApplication,
    QComboBox,
    QDialog,
    QFileDialog,
    QInputDialog,
    QLabel,
    QLineEdit,
    QSpinBox,
    QWidget,
)
from pytestqt.qtbot import QtBot

from app.application import Options, make_window
from app.domain.project import TubeSummary
from app.editing.labels import AddLabel
from app.editing.tubes import AddTube
from app.services.inference import LiveInference
from app.services.keymaps import profiles
from app.views.action_search import ActionSearch
from app.views.command_palette import CommandPalette
from app.views.export_dialog import ExportDialog
from app.views.fine_tune_dialog import FineTuneDialog
from app.views.keys_dialog import KeysDialog
from app.views.label_entry import LabelEntry
from app.views.settings_dialog import SettingsDialog
from app.views.window_actions import DIGITS, TOGGLE, TOGGLE_WHOLE
from app.views.window_keys import PEEK_SECONDS
from app.widgets.toasts import Toast
from benchmarks.barcode_clip import ClipForm, write_clip
from tests.e2e.hands import CTRL, LEFT, LONG, MIDDLE, NO, SHIFT, Hands, drag, field
from yowo_core.annotations import ActionSpan, FrameRange, Label, Review, Source, Tube
from yowo_core.tubes.interpolate import box_at

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(600)]

FRAMES, FPS = 60, 30
FORM = ClipForm(options={"g": "12", "preset": "ultrafast"}, width=384, height=240)
A, B, P, Q = "a", "b", "p", "q"
BOX = {
    A: (20.0, 20.0, 80.0, 100.0),
    B: (120.0, 20.0, 180.0, 100.0),
    P: (220.0, 20.0, 280.0, 100.0),
    Q: (300.0, 20.0, 360.0, 100.0),
}
FOUND = {A: (5, 15, 30), B: (20, 35, 50), P: (10, 16, 25), Q: (35, 41, 50)}
"""Frames of the keyframes: a and b are a person's tubes, p and q predictions."""


class Desk:
    """The window with its project, brought back to its beginning before every row."""

    def __init__(self, bot: QtBot, folder: Path) -> None:
        self.window = make_window(Options())
        self.hands = Hands(self.window, bot)
        self.window.resize(1500, 950)
        self.window.show()
        bot.waitExposed(self.window)
        self.project = self.window.services.project
        assert self.project.create(folder / "keys.yowo")
        clip = write_clip(folder / "clip.mp4", range(FRAMES), FORM, Fraction(1, FPS))
        self.window.media_desk.add([clip])
        self.hands.until(lambda: self.window.play_desk.frame_count == FRAMES)
        self.hands.until(lambda: self.window.canvas.picture_size == (FORM.width, FORM.height))
        for digit in DIGITS:
            self.project.submit(AddLabel(f"action {digit}"))
        self.ids = {name: self._add(name) for name in FOUND}
        self.project.forget_history()

    def _add(self, name: str) -> int:
        frames = np.array(FOUND[name], np.int64)
        boxes = np.array([BOX[name]] * len(frames))
        mine = name in (A, B)
        spans = (ActionSpan(self.label(0).id, int(frames[0]), int(frames[-1]) + 1),)
        sources = (Source.HUMAN if mine else Source.MODEL,) * len(frames)
        review = Review.ACCEPTED if mine else Review.TO_REVIEW
        tube = Tube("", frames, boxes, spans, sources, review=review)
        video = self.window.play_desk.video
        assert video is not None
        change = self.project.submit(AddTube(video.id, tube))
        assert change is not None
        (tube_id,) = change.tubes
        return tube_id

    def label(self, place: int) -> Label:
        return self.project.labels()[place]

    def begin(self) -> None:
        """Undo everything, stand in frame 15, select nothing, show the whole picture."""
        window, services = self.window, self.window.services
        popup = QApplication.activePopupWidget()
        if popup is not None:
            popup.close()
        services.playback.pause()
        services.playback.set_speed(1.0)
        services.playback.set_loop(None)
        while self.project.history().undo:
            assert self.project.undo() is not None
        window.canvas.cancel()
        window.timeline.cancel()
        window.timeline.set_selected_range(None)
        if window.play_desk.boxes_hidden:
            window.actions_by_name["overlays"].trigger()
        window.tube_desk.select(None)
        window.canvas.fit()
        window.timeline.zoom_to_fit()
        self.stand(15)
        window.canvas.setFocus()
        self.hands.activate()

    def stand(self, frame: int) -> None:
        self.window.services.playback.seek(frame)
        self.at(frame)

    def at(self, frame: int) -> None:
        """Wait until that frame's picture is on the screen."""
        self.hands.until(lambda: self.window.canvas.frame == self.frame == frame)

    @property
    def frame(self) -> int:
        return self.window.services.playback.state.frame

    def select(self, *names: str) -> None:
        for place, name in enumerate(names):
            self.window.tube_desk.select(self.ids[name], extend=place > 0)

    @property
    def selected(self) -> list[str]:
        names = {number: name for name, number in self.ids.items()}
        return [names.get(tube.id, "new") for tube in self.window.tube_desk.selected]

    def summary(self, name: str) -> TubeSummary | None:
        video = self.window.play_desk.video
        assert video is not None
        return next(iter(self.project.tubes(video.id, [self.ids[name]])), None)

    def tube(self, name: str) -> Tube:
        record = self.project.tube(self.ids[name])
        assert record is not None
        return record.tube

    def extent(self, name: str) -> tuple[int, int]:
        tube = self.tube(name)
        return tube.start, tube.stop - 1

    def runs(self, name: str, place: int) -> list[tuple[int, int]]:
        wanted = self.label(place).id
        return [(s.start, s.stop) for s in self.tube(name).spans if s.label == wanted]

    def box(self, name: str, frame: int) -> tuple[float, ...]:
        found = box_at(self.tube(name), frame)
        assert found is not None
        return tuple(float(x) for x in found[0])

    def middle(self, name: str) -> tuple[float, float]:
        x1, y1, x2, y2 = BOX[name]
        return (x1 + x2) / 2, (y1 + y2) / 2

    @property
    def tubes(self) -> int:
        video = self.window.play_desk.video
        assert video is not None
        return len(self.project.tubes(video.id))

    @property
    def ranges(self) -> tuple[FrameRange, ...]:
        video = self.window.play_desk.video
        assert video is not None
        return video.ranges


Press = Callable[[], None]
Row = Callable[[Desk, Press], None]
ROWS: dict[str, Row] = {}


def row(*names: str) -> Callable[[Row], Row]:
    """The test of one row of the keymap, or of several that are alike."""

    def keep(test: Row) -> Row:
        ROWS.update(dict.fromkeys(names, test))
        return test

    return keep


@pytest.fixture(scope="module")
def module_desk(
    request: pytest.FixtureRequest,
    qapp: QApplication,
    own_folders: Path,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Desk]:
    """No model plays: keys do not depend on it."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(LiveInference, "start", lambda *_args: None)
        made = Desk(QtBot(request), tmp_path_factory.mktemp("keymap"))
        yield made
        made.window.close()


@pytest.fixture
def desk(module_desk: Desk) -> Desk:
    module_desk.window.services.settings.set(key_profile="default", keys={})
    module_desk.begin()
    return module_desk


def press(text: str, times: int = 1) -> None:
    """Press a key wherever the keyboard is."""
    combination = QKeySequence(text)[0]  # type: ignore[index]  # the stubs do not know it
    for _ in range(times):
        target = QApplication.focusWidget()
        assert target is not None
        QTest.keyClick(target, combination.key(), combination.keyboardModifiers())


EVERY_KEY = [
    pytest.param(profile.name, name, key, id=f"{profile.name}-{name}-{key}")
    for profile in profiles()
    for name, keys in profile.keys.items()
    for key in keys
    if name != "quit" and (profile.name == "default" or keys != profiles()[0].keys.get(name))
]


@pytest.mark.parametrize(("profile", "name", "key"), EVERY_KEY)
def test_a_row_of_the_keymap(desk: Desk, profile: str, name: str, key: str) -> None:
    desk.window.services.settings.set(key_profile=profile)
    ROWS[name](desk, partial(press, key))


def test_every_row_that_has_a_key_is_tried() -> None:
    """An action that gets a key gets a test above: @row with its name."""
    assert set(profiles()[0].keys) - {"quit"} == set(ROWS)


# Playing


@row("play")
def _play(desk: Desk, do: Press) -> None:
    do()
    assert desk.window.services.playback.state.playing
    desk.hands.until(lambda: desk.window.canvas.frame > 17)
    do()
    assert not desk.window.services.playback.state.playing


@row("back")
def _back(desk: Desk, do: Press) -> None:
    do()
    desk.at(14)
    do()
    desk.at(13)


@row("on")
def _on(desk: Desk, do: Press) -> None:
    do()
    desk.at(16)
    do()
    desk.at(17)


@row("back_ten")
def _back_ten(desk: Desk, do: Press) -> None:
    do()
    desk.at(5)


@row("on_ten")
def _on_ten(desk: Desk, do: Press) -> None:
    do()
    desk.at(25)


@row("back_second")
def _back_second(desk: Desk, do: Press) -> None:
    desk.stand(40)
    do()
    desk.at(40 - FPS)


@row("on_second")
def _on_second(desk: Desk, do: Press) -> None:
    do()
    desk.at(15 + FPS)


@row("shuttle_on")
def _shuttle_on(desk: Desk, do: Press) -> None:
    play = desk.window.services.playback
    for speed in (1, 2, 4, 4):
        do()
        assert (play.state.playing, play.state.speed) == (True, speed)
    press(_key(desk, "keyframe"))
    assert (play.state.playing, play.state.speed) == (False, 1)
    assert not desk.project.history().undo


@row("shuttle_back")
def _shuttle_back(desk: Desk, do: Press) -> None:
    play = desk.window.services.playback
    desk.stand(50)
    for speed in (-1, -2):
        do()
        assert (play.state.playing, play.state.speed) == (True, speed)
    desk.hands.until(lambda: desk.window.canvas.frame < 50)
    press(_key(desk, "play"))
    assert not play.state.playing
    stood = play.state.frame
    press(_key(desk, "play"))
    assert (play.state.playing, play.state.speed) == (True, 1)
    desk.hands.until(lambda: desk.window.canvas.frame > stood)


@row("loop")
def _loop(desk: Desk, do: Press) -> None:
    desk.select(A)
    do()
    state = desk.window.services.playback.state
    assert (state.playing, state.loop) == (True, FrameRange(5, 31))
    do()
    assert desk.window.services.playback.state.loop is None


@row("first")
def _first(desk: Desk, do: Press) -> None:
    do()
    desk.at(0)


@row("last")
def _last(desk: Desk, do: Press) -> None:
    do()
    desk.at(FRAMES - 1)


@row("tube_first")
def _tube_first(desk: Desk, do: Press) -> None:
    desk.select(A)
    do()
    desk.at(5)


@row("tube_last")
def _tube_last(desk: Desk, do: Press) -> None:
    desk.select(A)
    do()
    desk.at(30)


@row("key_back")
def _key_back(desk: Desk, do: Press) -> None:
    desk.select(A)
    desk.stand(20)
    do()
    desk.at(15)
    do()
    desk.at(5)


@row("key_on")
def _key_on(desk: Desk, do: Press) -> None:
    desk.select(A)
    do()
    desk.at(30)


@row("key_middle")
def _key_middle(desk: Desk, do: Press) -> None:
    desk.select(A)
    desk.stand(18)
    do()
    desk.at(22)


@row("go_to")
def _go_to(desk: Desk, do: Press) -> None:
    do()
    spin = QApplication.focusWidget()
    assert isinstance(spin, QSpinBox)
    QTest.keyClicks(spin, "42")
    QTest.keyClick(spin, Qt.Key.Key_Return)
    desk.at(42)


# Tubes


@row("draw")
def _draw(desk: Desk, do: Press) -> None:
    do()
    assert desk.window.canvas.drawing
    desk.hands.drag_picture((100, 130), (200, 220))
    assert desk.selected == ["new"]
    (line,) = [e for e in desk.window.canvas.findChildren(LabelEntry) if e.isVisible()]
    desk.hands.until(line.hasFocus)
    QTest.keyClicks(line, "action 2")
    line._list.hide()
    QTest.keyClick(line, Qt.Key.Key_Return)
    (new,) = desk.window.tube_desk.selected
    assert (new.first, [s.label for s in new.spans]) == (15, [desk.label(1).id])


@row("keyframe")
def _keyframe(desk: Desk, do: Press) -> None:
    desk.select(A)
    desk.stand(20)
    do()
    assert desk.tube(A).frames.tolist() == [5, 15, 20, 30]
    do()
    assert desk.tube(A).frames.tolist() == [5, 15, 30]


@row("tube_start")
def _tube_start(desk: Desk, do: Press) -> None:
    desk.select(A)
    desk.stand(8)
    do()
    assert desk.extent(A) == (8, 30)


@row("tube_end")
def _tube_end(desk: Desk, do: Press) -> None:
    desk.select(A)
    desk.stand(40)
    do()
    assert desk.extent(A) == (5, 40)


@row("find_action")
def _find_action(desk: Desk, do: Press) -> None:
    desk.select(A)
    do()
    popup = QApplication.activePopupWidget()
    assert isinstance(popup, ActionSearch)
    line = QApplication.focusWidget()
    assert isinstance(line, QLineEdit)
    QTest.keyClicks(line, "action 4")
    QTest.keyClick(line, Qt.Key.Key_Return)
    assert desk.runs(A, 3) == [(15, 31)]


@row("delete")
def _delete(desk: Desk, do: Press) -> None:
    desk.select(A)
    do()
    assert desk.summary(A) is None
    toasts = [t for t in desk.window.findChildren(Toast) if t.isVisible() and _says(t, "Deleted")]
    desk.hands.press_button(toasts[-1], "Undo")
    assert desk.summary(A) is not None


def _says(toast: Toast, text: str) -> bool:
    return any(label.text().startswith(text) for label in toast.findChildren(QLabel))


@row("delete_here")
def _delete_here(desk: Desk, do: Press) -> None:
    desk.select(A)
    do()
    assert desk.tube(A).frames.tolist() == [5, 30]


@row("delete_on")
def _delete_on(desk: Desk, do: Press) -> None:
    desk.select(A)
    do()
    assert desk.extent(A) == (5, 14)


@row("interpolate")
def _interpolate(desk: Desk, do: Press) -> None:
    desk.window.timeline.set_selected_range(FrameRange(10, 26))
    desk.select(A)
    do()
    assert desk.tube(A).frames.tolist() == [5, 10, 25, 30]


@row("copy_on")
def _copy_on(desk: Desk, do: Press) -> None:
    desk.select(A)
    desk.stand(30)
    do()
    assert desk.extent(A) == (5, 59)
    assert desk.box(A, 59) == BOX[A]


@row("merge")
def _merge(desk: Desk, do: Press) -> None:
    desk.select(A, B)
    do()
    assert desk.summary(B) is None
    assert desk.extent(A) == (5, 50)
    assert desk.selected == [A]


@row("split")
def _split(desk: Desk, do: Press) -> None:
    desk.select(A)
    do()
    assert desk.extent(A) == (5, 14)
    assert desk.selected == ["new"]
    (new,) = desk.window.tube_desk.selected
    assert (new.first, new.last) == (15, 30)


@row("swap")
def _swap(desk: Desk, do: Press) -> None:
    desk.select(A, B)
    desk.stand(25)
    do()
    assert (desk.extent(A), desk.extent(B)) == ((5, 50), (20, 30))
    assert (desk.box(A, 24), desk.box(A, 25)) == (BOX[A], BOX[B])


@row("cancel")
def _cancel(desk: Desk, do: Press) -> None:
    desk.select(A)
    desk.window.canvas.start_drawing()
    do()
    assert not desk.window.canvas.drawing
    assert desk.selected == [A]
    do()
    assert desk.selected == []


def _toggle(place: int, desk: Desk, do: Press) -> None:
    desk.select(A)
    before = _frames_of(desk, place)
    do()
    assert desk.runs(A, place) == ([(5, 15)] if before else [(15, 31)])
    do()
    assert _frames_of(desk, place) == before


def _frames_of(desk: Desk, place: int) -> set[int]:
    return {frame for start, stop in desk.runs(A, place) for frame in range(start, stop)}


def _toggle_whole(place: int, desk: Desk, do: Press) -> None:
    desk.select(A)
    before = desk.runs(A, place)
    do()
    assert desk.runs(A, place) == ([] if before else [(5, 31)])


for _place, _digit in enumerate(DIGITS):
    ROWS[TOGGLE + _digit] = partial(_toggle, _place)
    ROWS[TOGGLE_WHOLE + _digit] = partial(_toggle_whole, _place)


# Reviewing


def _reviews(desk: Desk) -> list[Review]:
    return [desk.tube(name).review for name in (P, Q)]


@row("accept")
def _accept(desk: Desk, do: Press) -> None:
    desk.select(P)
    do()
    assert _reviews(desk) == [Review.ACCEPTED, Review.TO_REVIEW]
    assert desk.selected == [Q]


@row("reject")
def _reject(desk: Desk, do: Press) -> None:
    desk.select(P)
    do()
    assert _reviews(desk) == [Review.REJECTED, Review.TO_REVIEW]
    assert desk.selected == [Q]


@row("unsure")
def _unsure(desk: Desk, do: Press) -> None:
    desk.select(P)
    do()
    assert _reviews(desk) == [Review.UNSURE, Review.TO_REVIEW]


@row("next")
def _next(desk: Desk, do: Press) -> None:
    desk.select(P)
    do()
    assert desk.selected == [Q]
    desk.hands.until(lambda: 35 <= desk.window.canvas.frame <= 50)


@row("previous")
def _previous(desk: Desk, do: Press) -> None:
    desk.select(Q)
    do()
    assert desk.selected == [P]


@row("tube_down")
def _tube_down(desk: Desk, do: Press) -> None:
    for name in (A, P, B, Q, A):
        do()
        assert desk.selected == [name]


@row("tube_up")
def _tube_up(desk: Desk, do: Press) -> None:
    desk.select(B)
    for name in (P, A, Q):
        do()
        assert desk.selected == [name]


@row("more_down")
def _more_down(desk: Desk, do: Press) -> None:
    desk.select(A)
    do()
    do()
    assert desk.selected == [A, P, B]


@row("more_up")
def _more_up(desk: Desk, do: Press) -> None:
    desk.select(B)
    do()
    assert desk.selected == [B, P]


# Ranges


@row("range_start")
def _range_start(desk: Desk, do: Press) -> None:
    do()
    assert desk.window.timeline.selected_range == FrameRange(15, 16)


@row("range_end")
def _range_end(desk: Desk, do: Press) -> None:
    desk.window.timeline.set_selected_range(FrameRange(10, 12))
    do()
    assert desk.window.timeline.selected_range == FrameRange(10, 16)


@row("mark_labelled")
def _mark(desk: Desk, do: Press) -> None:
    desk.window.timeline.set_selected_range(FrameRange(0, 60))
    do()
    assert desk.ranges == (FrameRange(0, 60),)


@row("unmark_labelled")
def _unmark(desk: Desk, do: Press) -> None:
    desk.window.timeline.set_selected_range(FrameRange(0, 60))
    do()
    assert desk.ranges == ()


# Undo, looks


@row("undo")
def _undo(desk: Desk, do: Press) -> None:
    before = len(desk.project.labels())
    desk.project.submit(AddLabel("more"))
    do()
    assert len(desk.project.labels()) == before


@row("redo")
def _redo(desk: Desk, do: Press) -> None:
    before = len(desk.project.labels())
    desk.project.submit(AddLabel("more"))
    desk.project.undo()
    do()
    assert len(desk.project.labels()) == before + 1


@row("overlays")
def _overlays(desk: Desk, do: Press) -> None:
    shown = desk.hands.picture_pixels()
    do()
    hidden = desk.hands.picture_pixels()
    assert not np.array_equal(shown, hidden)
    do()
    assert np.array_equal(desk.hands.picture_pixels(), shown)


@row("see")
def _see(desk: Desk, do: Press) -> None:
    """The real command works the map out; a step takes it away with its frame."""
    canvas, bar, looking = desk.window.canvas, desk.window.seen_bar, desk.window.seen_desk
    do()
    assert bar.says == "Looking at frame 15…"
    desk.hands.until(lambda: canvas.heat_shown, LONG)
    assert "frame 15" in bar.says.lower()
    desk.hands.pick(field(bar, QComboBox, "Class"), "read")
    desk.hands.until(lambda: canvas.heat_shown and "read" in bar.says, LONG)
    for branch in ("2D", "3D"):
        desk.hands.press_button(bar, branch)
        assert canvas.heat_shown
    desk.stand(16)
    assert not canvas.heat_shown
    do()
    assert not looking.on
    assert not bar.isVisible()


@row("fit")
def _fit(desk: Desk, do: Press) -> None:
    fitted = desk.window.canvas.zoom
    desk.window.canvas.zoom_by(3)
    do()
    assert desk.window.canvas.zoom == pytest.approx(fitted)


@row("zoom_tube")
def _zoom_tube(desk: Desk, do: Press) -> None:
    desk.select(A)
    before = desk.window.canvas.zoom
    do()
    assert desk.window.canvas.zoom > 1.3 * before


@row("zoom_in")
def _zoom_in(desk: Desk, do: Press) -> None:
    before, time_before = desk.window.canvas.zoom, desk.window.timeline.axis.pixels
    do()
    assert desk.window.canvas.zoom > before
    assert desk.window.timeline.axis.pixels == time_before


@row("zoom_out")
def _zoom_out(desk: Desk, do: Press) -> None:
    desk.window.canvas.zoom_by(3)
    before = desk.window.canvas.zoom
    do()
    assert desk.window.canvas.zoom < before


@row("time_in")
def _time_in(desk: Desk, do: Press) -> None:
    desk.window.timeline.setFocus()
    before, zoom_before = desk.window.timeline.axis.pixels, desk.window.canvas.zoom
    do()
    assert desk.window.timeline.axis.pixels > before
    assert desk.window.canvas.zoom == zoom_before


@row("time_out")
def _time_out(desk: Desk, do: Press) -> None:
    desk.window.timeline.zoom_time(4)
    desk.window.timeline.setFocus()
    before = desk.window.timeline.axis.pixels
    do()
    assert desk.window.timeline.axis.pixels < before


# Dialogs


def _opens(kind: type[QDialog], desk: Desk, do: Press) -> None:
    desk.hands.dialog(kind, do, lambda dialog: dialog.reject())


ROWS |= {
    "new_project": partial(_opens, QFileDialog),
    "open_project": partial(_opens, QFileDialog),
    "add_videos": partial(_opens, QFileDialog),
    "export": partial(_opens, ExportDialog),
    "fine_tune": partial(_opens, FineTuneDialog),
    "keys": partial(_opens, KeysDialog),
    "settings": partial(_opens, SettingsDialog),
}


@row("checkpoint")
def _checkpoint(desk: Desk, do: Press) -> None:
    before = len(desk.window.services.safekeeping.checkpoints())
    desk.hands.dialog(QInputDialog, do, lambda dialog: dialog.accept())
    desk.hands.until(lambda: len(desk.window.services.safekeeping.checkpoints()) == before + 1)


@row("history")
def _history(desk: Desk, do: Press) -> None:
    do()
    assert desk.window.history_desk.shown
    do()
    assert not desk.window.history_desk.shown


@row("palette")
def _palette(desk: Desk, do: Press) -> None:
    do()
    assert isinstance(QApplication.activePopupWidget(), CommandPalette)
    line = QApplication.focusWidget()
    assert isinstance(line, QLineEdit)
    QTest.keyClicks(line, "last frame")
    QTest.keyClick(line, Qt.Key.Key_Return)
    desk.at(FRAMES - 1)


# The mouse


def test_a_click_selects_and_moves_nothing(desk: Desk) -> None:
    before = desk.tube(A)
    desk.stand(20)
    for _ in range(2):
        desk.hands.click_picture(*desk.middle(A))
        assert desk.selected == [A]
    assert desk.tube(A).equals(before)
    assert not desk.project.history().undo


def test_a_drag_inside_moves_and_a_handle_resizes(desk: Desk) -> None:
    desk.select(A)
    x, y = desk.middle(A)
    desk.hands.drag_picture((x, y), (x + 10, y + 30))
    assert desk.box(A, 15) == pytest.approx((30, 50, 90, 130), abs=1)
    desk.hands.drag_picture((90, 130), (100, 150))
    assert desk.box(A, 15) == pytest.approx((30, 50, 100, 150), abs=1)
    assert desk.box(A, 5) == BOX[A]


def test_the_wheel_zooms_where_the_mouse_is(desk: Desk) -> None:
    canvas = desk.window.canvas
    spot = QPointF(desk.hands.on_picture(*desk.middle(A)))
    before, under = canvas.zoom, canvas.to_video(spot)
    wheel(canvas.viewport(), spot.toPoint(), NO)
    assert canvas.zoom > before
    now = canvas.to_video(spot)
    assert (now.x(), now.y()) == pytest.approx((under.x(), under.y()), abs=2)


def test_ctrl_and_the_wheel_zoom_the_time(desk: Desk) -> None:
    timeline = desk.window.timeline
    before, spot = timeline.axis.pixels, desk.hands.on_timeline(30, -1)
    wheel(timeline.viewport(), spot, CTRL)
    assert timeline.axis.pixels > before
    assert timeline.axis.x_of(30) == pytest.approx(spot.x(), abs=2)


def test_a_middle_drag_pans(desk: Desk) -> None:
    canvas = desk.window.canvas
    canvas.zoom_by(4)
    start = canvas.viewport().rect().center()
    before = canvas.to_video(QPointF(start))
    QTest.mousePress(canvas.viewport(), MIDDLE, NO, start)
    QTest.mouseMove(canvas.viewport(), start + QPoint(40, 20))
    QTest.mouseRelease(canvas.viewport(), MIDDLE, NO, start + QPoint(40, 20))
    now = canvas.to_video(QPointF(start + QPoint(40, 20)))
    assert (now.x(), now.y()) == pytest.approx((before.x(), before.y()), abs=1)


def test_shift_and_a_drag_on_the_timeline_select_frames(desk: Desk) -> None:
    start, end = desk.hands.on_timeline(10.5, -1), desk.hands.on_timeline(20.5, -1)
    drag(desk.window.timeline.viewport(), start, end, SHIFT)
    assert desk.window.timeline.selected_range == FrameRange(10, 21)


def test_ctrl_and_clicks_select_several_in_the_picture(desk: Desk) -> None:
    desk.stand(22)
    view = desk.window.canvas.viewport()
    for name, modifiers, chosen in ((A, NO, [A]), (B, CTRL, [A, B]), (P, CTRL, [A, B, P])):
        QTest.mouseClick(view, LEFT, modifiers, desk.hands.on_picture(*desk.middle(name)))
        assert desk.selected == chosen
    QTest.mouseClick(view, LEFT, CTRL, desk.hands.on_picture(*desk.middle(B)))
    assert desk.selected == [A, P]
    QTest.mouseClick(view, LEFT, CTRL, desk.hands.on_picture(200, 220))
    assert desk.selected == [A, P]


def test_ctrl_and_clicks_select_several_on_the_timeline(desk: Desk) -> None:
    view = desk.window.timeline.viewport()
    for name, frame, modifiers in ((A, 8, NO), (B, 45, CTRL)):
        spot = desk.hands.on_timeline(frame + 0.5, desk.hands.row_of(desk.ids[name]))
        QTest.mouseClick(view, LEFT, modifiers, spot)
    assert desk.selected == [A, B]


def test_a_double_click_takes_a_prediction_over(desk: Desk) -> None:
    view = desk.window.canvas.viewport()
    QTest.mouseDClick(view, LEFT, NO, desk.hands.on_picture(*desk.middle(P)))
    assert desk.tube(P).review is Review.CORRECTED


def wheel(target: QWidget, at: QPoint, modifiers: Qt.KeyboardModifier) -> None:
    """One notch away from the hand."""
    place = QPointF(at)
    turn = QWheelEvent(
        place,
        QPointF(target.mapToGlobal(at)),
        QPoint(),
        QPoint(0, 120),
        Qt.MouseButton.NoButton,
        modifiers,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(target, turn)


# The rules


def _key(desk: Desk, name: str) -> str:
    return desk.window.actions_by_name.keymap.keys(name)[0]


def test_no_key_acts_while_a_field_is_written_in(desk: Desk) -> None:
    desk.select(A)
    before = desk.tube(A)
    line = field(desk.window.labels, QLineEdit, "Name of a new label")
    line.setFocus()
    QTest.keyClicks(line, "mix 1?/.,[]uhk ")
    for key in (Qt.Key.Key_Backspace, Qt.Key.Key_Left, Qt.Key.Key_Home, Qt.Key.Key_Delete):
        QTest.keyClick(line, key)
    assert line.text() == "ix 1?/.,[]uhk"
    line.clear()
    QTest.keyClick(line, Qt.Key.Key_Return)
    QTest.keyClick(line, Qt.Key.Key_Escape)
    spin = desk.window.play_bar.findChild(QSpinBox)
    assert spin is not None
    spin.setFocus()
    QTest.keyClicks(spin, "12")
    assert desk.tube(A).equals(before)
    assert desk.frame == 15
    assert desk.selected == [A]
    assert not desk.project.history().undo
    spin.setValue(15)
    desk.window.canvas.setFocus()


def test_tab_goes_from_widget_to_widget(desk: Desk) -> None:
    seen = set()
    for _ in range(6):
        target = QApplication.focusWidget()
        assert target is not None
        seen.add(id(target))
        QTest.keyClick(target, Qt.Key.Key_Tab)
    assert len(seen) == 6


def test_a_changed_key_acts_and_the_old_one_does_not(desk: Desk) -> None:
    desk.window.services.settings.set(keys={"on": ("Q",)})
    press("Right")
    press("F")
    press("Q")
    desk.at(16)
    assert desk.window.actions_by_name["on"].shortcut() == QKeySequence("Q")


def test_a_key_of_what_cannot_be_done_says_why(desk: Desk) -> None:
    said: list[str] = []
    desk.window.services.messages.posted.connect(lambda message: said.append(message.text))
    action = desk.window.actions_by_name["delete"]
    assert not action.isEnabled()
    assert action.toolTip() == "Select a tube first: click its box or its bar."
    press(_key(desk, "delete"))
    assert said == [action.toolTip()]
    desk.select(A)
    assert action.isEnabled()


CYRILLIC = {"K": (45, "\u043b"), "N": (57, "\u0442"), "F": (41, "\u0430"), "Z": (52, "\u044f")}
"""What the keys write on a Russian keyboard under X11, with their scan codes there."""


@pytest.mark.skipif(__import__("sys").platform != "linux", reason="scan codes of X11")
@pytest.mark.parametrize("widget", ["canvas", "timeline", "labels", "media"])
def test_letters_match_by_their_place_on_the_keyboard(desk: Desk, widget: str) -> None:
    target: QWidget = getattr(desk.window, widget)
    if widget in ("labels", "media"):
        target = next(w for w in target.findChildren(QWidget) if "List" in type(w).__name__)
    target.setFocus()
    other_key(target, "F")
    desk.at(16)
    desk.select(A)
    other_key(target, "K")
    assert desk.tube(A).frames.tolist() == [5, 15, 16, 30]
    other_key(target, "Z", CTRL)
    assert desk.tube(A).frames.tolist() == [5, 15, 30]
    desk.window.canvas.setFocus()


def other_key(target: QWidget, place: str, modifiers: Qt.KeyboardModifier = NO) -> None:
    """Press the key at the place of a Latin letter on a Russian keyboard."""
    scan, letter = CYRILLIC[place]
    for kind in (QEvent.Type.KeyPress, QEvent.Type.KeyRelease):
        key = ord(letter.upper())
        event = QKeyEvent(kind, key, modifiers, scan, 0, 0, "" if modifiers else letter)
        QApplication.sendEvent(target, event)


def test_a_held_key_hides_the_boxes_only_as_long(desk: Desk) -> None:
    target = desk.window.canvas
    shown = desk.hands.picture_pixels()
    QTest.keyPress(target, Qt.Key.Key_H)
    assert not np.array_equal(desk.hands.picture_pixels(), shown)
    time.sleep(PEEK_SECONDS + 0.05)
    QTest.keyRelease(target, Qt.Key.Key_H)
    assert np.array_equal(desk.hands.picture_pixels(), shown)
    assert not desk.window.play_desk.boxes_hidden


def test_a_whole_review_goes_without_the_mouse(desk: Desk) -> None:
    desk.stand(0)
    press(_key(desk, "next"))
    assert desk.selected == [P]
    desk.hands.until(lambda: 10 <= desk.window.canvas.frame <= 25)
    press(_key(desk, "toggle_3"))
    press(_key(desk, "accept"))
    assert desk.selected == [Q]
    press(_key(desk, "keyframe"))
    press(_key(desk, "reject"))
    assert [desk.tube(name).review for name in (P, Q)] == [Review.ACCEPTED, Review.REJECTED]
    assert len(desk.runs(P, 2)) == 1
    press(_key(desk, "undo"))
    assert desk.tube(Q).review is not Review.REJECTED


def test_every_entry_of_the_menus_is_in_the_palette(desk: Desk) -> None:
    from app.itemmodels.commands_model import FOUND_ROLE  # noqa: PLC0415

    press(_key(desk, "palette"))
    popup = QApplication.activePopupWidget()
    assert popup is not None
    model = popup._model  # type: ignore[attr-defined]
    told = {model.index(n, 0).data(FOUND_ROLE).command.name for n in range(model.rowCount())}
    assert told >= {spec.name for spec in desk.window.actions_by_name.specs} - {"palette"}
    popup.close()


def test_the_window_closes_by_its_key(desk: Desk) -> None:
    press(_key(desk, "quit"))
    assert not desk.window.isVisible()
