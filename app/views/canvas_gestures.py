"""The mouse on the canvas: what the tools make of it goes out as signals."""

from collections.abc import Callable

from PySide6.QtCore import QEvent, QPointF, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QWidget

from app.domain.live import LiveBox
from app.tools.gestures import (
    BoxDrawn,
    BoxMoved,
    Clicked,
    Cursor,
    Feedback,
    Outcome,
    Pointer,
    Target,
)
from app.tools.hit_test import targets_at
from app.tools.tool_belt import ToolBelt
from app.views.canvas_overlay import OverlayScene
from app.views.canvas_window import ZoomableView

_CURSORS = {
    Cursor.ARROW: Qt.CursorShape.ArrowCursor,
    Cursor.CROSS: Qt.CursorShape.CrossCursor,
    Cursor.MOVE: Qt.CursorShape.SizeAllCursor,
    Cursor.HORIZONTAL: Qt.CursorShape.SizeHorCursor,
    Cursor.VERTICAL: Qt.CursorShape.SizeVerCursor,
    Cursor.FALLING: Qt.CursorShape.SizeFDiagCursor,
    Cursor.RISING: Qt.CursorShape.SizeBDiagCursor,
}


class GestureView(ZoomableView):
    """Left selects, moves, resizes and draws boxes; middle pans; what is shown comes from below.

    Nothing but a ghost moves before the button is released.
    """

    tube_clicked = Signal(object)  # tube id, or None beside all boxes
    tube_added = Signal(int)  # tube id of a box that was clicked with Ctrl
    box_edited = Signal(int, tuple)  # tube id, box in video pixels
    box_drawn = Signal(tuple)
    tube_double_clicked = Signal(int)
    live_double_clicked = Signal(object)  # LiveBox
    gesture_started = Signal()  # a box is being dragged or drawn: time to pause
    drawing_changed = Signal(bool)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._overlay = OverlayScene()
        self._has_picture = False
        self._tool = ToolBelt()
        self._late: dict[str, Callable[[], None]] = {}
        self._pan_from: QPointF | None = None
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus)

    @property
    def drawing(self) -> bool:
        """Whether the next drag draws a new box."""
        return self._tool.drawing

    def start_drawing(self) -> None:
        """Let the next drag draw a box; cancel() or Esc gives it up. Without a picture nothing."""
        if self._has_picture and not self._tool.drawing:
            self._tool.start_drawing()
            self._show(self._tool.idle_feedback)
            self.drawing_changed.emit(True)

    def cancel(self) -> bool:
        """Give up a drag, else drawing; False when there was neither."""
        if self._tool.cancel():
            self._show(self._tool.idle_feedback)
            self._catch_up()
            return True
        if self._tool.drawing:
            self._tool.stop_drawing()
            self._show(self._tool.idle_feedback)
            self.drawing_changed.emit(False)
            return True
        return False

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Left takes hold, middle pans."""
        if event.button() == Qt.MouseButton.MiddleButton:
            self._pan_from = event.position()
            self.viewport().setCursor(Qt.CursorShape.ClosedHandCursor)
        elif event.button() == Qt.MouseButton.LeftButton and self._has_picture:
            self._show(self._tool.press(self._pointer(event)))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Pan, drag or hover."""
        if self._pan_from is not None:
            self._scroll(self._pan_from - event.position())
            self._pan_from = event.position()
        elif self._tool.dragging:
            idle = self._overlay.ghost is None
            self._show(self._tool.move(self._pointer(event)))
            if idle and self._overlay.ghost is not None:
                self.gesture_started.emit()
        elif self._has_picture:
            self._show(self._tool.hover(self._pointer(event)))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """What came of the gesture goes out as one signal."""
        if event.button() == Qt.MouseButton.MiddleButton:
            self._pan_from = None
            self._show(self._tool.hover(self._pointer(event)))
        elif event.button() == Qt.MouseButton.LeftButton and self._tool.dragging:
            outcome = self._tool.release(self._pointer(event))
            self._show(self._tool.idle_feedback)
            ctrl = bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
            self._report(outcome, adding=ctrl)
            self._catch_up()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """A double click on a tube, else on a live box, is told; in drawing it is a press."""
        if event.button() != Qt.MouseButton.LeftButton or self._tool.drawing:
            self.mousePressEvent(event)
            return
        pointer = self._pointer(event)
        under = [target.tube_id for target in targets_at(pointer, self._targets())]
        if under:
            chosen = self._overlay.selected
            self.tube_double_clicked.emit(chosen if chosen in under else under[0])
            return
        live = self._live_at(pointer)
        if live is not None:
            self.live_double_clicked.emit(live)

    def leaveEvent(self, event: QEvent) -> None:
        """Nothing is under the mouse any more."""
        super().leaveEvent(event)
        if not self._tool.dragging and not self._tool.drawing:
            self.viewport().unsetCursor()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Esc gives up; all other keys belong to the window."""
        if event.key() != Qt.Key.Key_Escape or not self.cancel():
            event.ignore()

    def _pointer(self, event: QMouseEvent) -> Pointer:
        at, scale = self.to_video(event.position()), self.transform()
        shift = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        return Pointer(at.x(), at.y(), 1 / scale.m11(), 1 / scale.m22(), shift)

    def _put_off(self, what: str, show: Callable[[], None]) -> bool:
        """Keep what would change the picture under a drag for after it; the newest of each kind."""
        if self._tool.dragging:
            self._late[what] = show
            return True
        self._late.pop(what, None)
        return False

    def _catch_up(self) -> None:
        late, self._late = self._late, {}
        for show in late.values():
            show()

    def _targets(self) -> tuple[Target, ...]:
        if not self._overlay.visible:
            return ()
        return tuple(Target(style.tube_id, style.box) for style in self._overlay.boxes)

    def _live_at(self, pointer: Pointer) -> LiveBox | None:
        scene = self._overlay
        if not scene.visible or not scene.live_strength:
            return None
        targets = [Target(index, style.box) for index, style in enumerate(scene.live)]
        under = targets_at(pointer, targets)
        return scene.live[under[0].tube_id].found if under else None

    def _show(self, feedback: Feedback) -> None:
        if feedback.ghost != self._overlay.ghost:
            self._overlay.ghost, self._overlay.ghost_of = feedback.ghost, feedback.tube_id
            self.viewport().update()
        shape = _CURSORS[feedback.cursor]
        if self.viewport().cursor().shape() != shape:
            self.viewport().setCursor(shape)

    def _report(self, outcome: Outcome, *, adding: bool) -> None:
        if isinstance(outcome, Clicked) and adding:
            if outcome.tube_id is not None:
                self.tube_added.emit(outcome.tube_id)
        elif isinstance(outcome, Clicked):
            self.tube_clicked.emit(outcome.tube_id)
        elif isinstance(outcome, BoxMoved):
            if outcome.tube_id != self._overlay.selected:
                self.tube_clicked.emit(outcome.tube_id)
            self.box_edited.emit(outcome.tube_id, outcome.box)
        elif isinstance(outcome, BoxDrawn):
            self.drawing_changed.emit(False)
            self.box_drawn.emit(outcome.box)
