"""A person's hands on the real window: keys, mouse, menus, drops and dialogs."""

import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Generic, TypeVar

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QTimer, QUrl
from PySide6.QtGui import QContextMenuEvent, QDragEnterEvent, QDropEvent, QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QComboBox,
    QFileDialog,
    QLineEdit,
    QMenu,
    QWidget,
)
from pytestqt.qtbot import QtBot

from app.views.main_window import MainWindow
from app.views.menus import plain

W = TypeVar("W", bound=QWidget)
LEFT, MIDDLE = Qt.MouseButton.LeftButton, Qt.MouseButton.MiddleButton
NO, CTRL, SHIFT = (
    Qt.KeyboardModifier.NoModifier,
    Qt.KeyboardModifier.ControlModifier,
    Qt.KeyboardModifier.ShiftModifier,
)
LONG = 90_000
"""Milliseconds that a process may take to start and to answer on a busy machine."""
SHORT = 15_000
VISIT_SECONDS = 30.0
"""After which a dialog that nobody closed is closed, and the test fails."""


class Hands:
    """Everything goes through events of real widgets; nothing is called behind their back."""

    def __init__(self, window: MainWindow, bot: QtBot) -> None:
        self.window, self.bot = window, bot

    def until(self, reached: Callable[[], bool], timeout: int = SHORT) -> None:
        """Let the window live until something is so."""
        self.bot.waitUntil(reached, timeout=timeout)

    def activate(self) -> None:
        """Bring the window to the front, as a click on it would."""
        if not self.window.isActiveWindow():
            self.window.activateWindow()
            self.until(self.window.isActiveWindow)

    def key(self, key: Qt.Key, modifiers: Qt.KeyboardModifier = NO, times: int = 1) -> None:
        """Press a key wherever the keyboard is."""
        self.activate()
        for _ in range(times):
            QTest.keyClick(QApplication.focusWidget() or self.window, key, modifiers)

    def write(self, text: str, then: Qt.Key = Qt.Key.Key_Return) -> None:
        """Type into whatever has the keyboard, and end with a key."""
        target = QApplication.focusWidget()
        assert target is not None, "nothing has the keyboard"
        QTest.keyClicks(target, text)
        QTest.keyClick(target, then)

    def press_button(self, within: QWidget, text: str) -> None:
        """Click the visible button that begins with a text."""
        QTest.mouseClick(button(within, text), LEFT)

    def menu(self, title: str, entry: str) -> None:
        """Open a menu of the bar by a click and click on one of its entries."""
        bar = self.window.menuBar()
        (top,) = [a for a in bar.actions() if plain(a) == title]
        QTest.mouseClick(bar, LEFT, NO, bar.actionGeometry(top).center())
        opened = top.menu()
        assert isinstance(opened, QMenu)
        self.until(opened.isVisible)
        self.choose(opened, entry)

    def choose(self, menu: QMenu, entry: str) -> None:
        """Click on an entry of an open menu."""
        (action,) = [a for a in menu.actions() if plain(a).startswith(entry)]
        assert action.isEnabled(), entry
        QTest.mouseClick(menu, LEFT, NO, menu.actionGeometry(action).center())

    def context_menu(self, target: QWidget, at: QPoint, entry: str) -> None:
        """Open what a right click opens and click on an entry."""
        asked = QContextMenuEvent(QContextMenuEvent.Reason.Mouse, at, target.mapToGlobal(at))
        QApplication.sendEvent(target, asked)
        self.choose_from_popup(entry)

    def choose_from_popup(self, entry: str) -> None:
        """Click on an entry of the menu that has opened."""
        self.until(lambda: isinstance(QApplication.activePopupWidget(), QMenu))
        menu = QApplication.activePopupWidget()
        assert isinstance(menu, QMenu)
        self.choose(menu, entry)

    def pick(self, box: QComboBox, entry: str) -> None:
        """Open a combo box by a click and choose an entry by keys."""
        place = next(n for n in range(box.count()) if box.itemText(n).startswith(entry))
        QTest.mouseClick(box, LEFT)
        view = box.view()
        self.until(view.isVisible)
        QTest.keyClick(view, Qt.Key.Key_Home)
        for _ in range(place):
            QTest.keyClick(view, Qt.Key.Key_Down)
        QTest.keyClick(view, Qt.Key.Key_Return)
        self.until(lambda: not view.isVisible())

    def drop(self, target: QWidget, paths: Sequence[Path]) -> bool:
        """Drag files over a widget and let go; whether they were welcome."""
        data = QMimeData()
        data.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
        at, copy = QPointF(target.rect().center()), Qt.DropAction.CopyAction
        enter = QDragEnterEvent(at.toPoint(), copy, data, LEFT, NO)
        QApplication.sendEvent(target, enter)
        dropped = QDropEvent(at, copy, data, LEFT, NO)
        QApplication.sendEvent(target, dropped)
        return enter.isAccepted() and dropped.isAccepted()

    def dialog(self, kind: type[W], ask: Callable[[], object], use: Callable[[W], object]) -> None:
        """Do what opens a modal dialog, use it, and come back when it is closed."""
        visit = _Visit(kind, use)
        ask()
        visit.end()

    def name_file(self, ask: Callable[[], object], path: Path) -> None:
        """Answer a file dialog with a path."""

        def use(dialog: QFileDialog) -> None:
            field = dialog.findChild(QLineEdit, "fileNameEdit")
            assert field is not None
            # its list of suggestions would take the keys
            field.setCompleter(None)  # type: ignore[arg-type]
            field.selectAll()
            QTest.keyClicks(field, str(path))
            QTest.keyClick(field, Qt.Key.Key_Return)

        self.dialog(QFileDialog, ask, use)

    def on_picture(self, x: float, y: float) -> QPoint:
        """Where a pixel of the video is on the canvas."""
        return self.window.canvas.viewportTransform().map(QPointF(x, y)).toPoint()

    def click_picture(self, x: float, y: float) -> None:
        """Click on a pixel of the video."""
        QTest.mouseClick(self.window.canvas.viewport(), LEFT, NO, self.on_picture(x, y))

    def drag_picture(self, start: tuple[float, float], end: tuple[float, float]) -> None:
        """Drag from one pixel of the video to another."""
        drag(self.window.canvas.viewport(), self.on_picture(*start), self.on_picture(*end))

    def on_timeline(self, frame: float, row: int = 0) -> QPoint:
        """Where a frame is on the timeline, in one of its rows; -1 is the ruler."""
        scene = self.window.timeline._scene
        y = scene.y_of(row) + 12 if row >= 0 else 10
        return QPoint(round(scene.axis.x_of(frame)), y)

    def row_of(self, tube_id: int) -> int:
        """The row of the timeline in which a tube's first bar is."""
        layout = self.window.timeline._scene.layout
        return int(layout.top[layout.index[tube_id]])

    def picture_pixels(self) -> NDArray[np.uint8]:
        """(H, W, 4) uint8 of the canvas as it is seen."""
        image = self.window.canvas.viewport().grab().toImage()
        image = image.convertToFormat(QImage.Format.Format_RGBX8888)
        raw = np.array(image.constBits(), dtype=np.uint8)
        return raw.reshape(image.height(), image.bytesPerLine())

    def boxes_seen(self) -> bool:
        """Whether the canvas shows boxes: H, which hides them, changes what is seen."""
        with_boxes = self.picture_pixels()
        self.key(Qt.Key.Key_H)
        without = self.picture_pixels()
        self.key(Qt.Key.Key_H)
        return not np.array_equal(with_boxes, without)


def drag(target: QWidget, start: QPoint, end: QPoint, modifiers: Qt.KeyboardModifier = NO) -> None:
    """Press, move by way of the middle, release."""
    QTest.mousePress(target, LEFT, modifiers, start)
    QTest.mouseMove(target, (start + end) / 2)
    QTest.mouseMove(target, end)
    QTest.mouseRelease(target, LEFT, modifiers, end)


def button(within: QWidget, text: str) -> QAbstractButton:
    """The visible button that begins with a text."""
    found = [b for b in within.findChildren(QAbstractButton) if b.isVisible()]
    (chosen,) = [b for b in found if b.text().startswith(text)]
    return chosen


def field(within: QWidget, kind: type[W], name: str) -> W:
    """The field that a screen reader calls so."""
    (chosen,) = [w for w in within.findChildren(kind) if w.accessibleName() == name]
    return chosen


class _Visit(Generic[W]):
    """Waits beside a dialog's own event loop, uses it, and never leaves it open."""

    def __init__(self, kind: type[W], use: Callable[[W], object]) -> None:
        self._kind, self._use = kind, use
        self._error: BaseException | None = None
        self._used = False
        self._until = time.monotonic() + VISIT_SECONDS
        self._timer = QTimer()
        self._timer.timeout.connect(self._look)
        self._timer.start(20)

    def end(self) -> None:
        """Raise what went wrong in the dialog."""
        self._timer.stop()
        if self._error is not None:
            raise self._error
        assert self._used, f"no {self._kind.__name__} came"

    def _look(self) -> None:
        shown = QApplication.activeModalWidget()
        if time.monotonic() > self._until and shown is not None:
            self._error = self._error or AssertionError(f"{shown} stayed open")
            shown.close()
        elif isinstance(shown, self._kind) and shown.isActiveWindow() and not self._used:
            self._used = True
            self._work(shown)

    def _work(self, shown: W) -> None:
        try:
            self._use(shown)
        except BaseException as error:  # noqa: BLE001 it is raised where the test goes on
            self._error = error
            shown.close()
