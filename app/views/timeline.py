"""The timeline: lanes of tubes over time, the playhead, and the mouse that asks for edits."""

from PySide6.QtCore import QEvent, QPoint, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import (
    QContextMenuEvent,
    QHelpEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
)
from PySide6.QtWidgets import QToolTip, QWidget

from app.domain.names import plain_tip
from app.views.timeline_frame import lane_number_at
from app.views.timeline_mouse import (
    EdgeDrag,
    RangeDrag,
    bar_at,
    edge_at,
    range_grabbed,
    tube_at,
)
from app.views.timeline_moving import paint_ghost, paint_playhead, paint_range
from app.views.timeline_ranges import RangedTimeline
from app.views.timeline_scene import NUMBERS, ROW, RULER, TOP
from app.views.timeline_tooltip import describe, describe_range, describe_strip

_JUMP_SECONDS = 1.0


class TimelineView(RangedTimeline):
    """Tubes of one video over time.

    A click goes to its frame, and selects the tube it hits; a drag from there scrubs. Ends of
    tubes and spans can be dragged; only a ghost moves until the release. Shift+drag selects a
    range of frames, whose ends can be dragged; a double click on a labelled range selects that.
    Ctrl+click selects several tubes, a middle drag pans, Esc gives up a drag, else the range. The
    selected tubes are the caller's: what tube_selected asks for shows once select() was called.
    """

    frame_requested = Signal(int)
    scrubbing = Signal(bool)  # True while the button is down
    tube_selected = Signal(object, bool)  # tube id or None, whether to extend the selection
    extent_edited = Signal(int, int, int)  # tube id, first and last frame, both inclusive
    span_edited = Signal(int, int, int, int)  # tube id, index of the span, start, stop (half-open)
    menu_asked = Signal(QPoint, int)  # place on the screen, frame under it

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._frame = 0
        self._scrubs = False
        self._asked: int | None = None
        self._drag: EdgeDrag | RangeDrag | None = None
        self._pan_from: QPointF | None = None

    @property
    def current_frame(self) -> int:
        """Where the playhead stands."""
        return self._frame

    @property
    def selection(self) -> frozenset[int]:
        """Ids of the tubes that are shown as selected."""
        return self._scene.selected

    def set_current_frame(self, frame: int) -> None:
        """Move the playhead; the view follows it when it was in view, or when it jumped."""
        axis, before = self.axis, self._frame
        self._frame = frame
        jumped = abs(frame - before) > max(axis.fps * _JUMP_SECONDS, 1)
        was_seen = before in axis.visible
        idle = self._pan_from is None and self._drag is None and not self._scrubs
        if axis.frame_count and frame not in axis.visible and idle and (was_seen or jumped):
            self._look(axis.showing(frame, 0.08 if frame > before else 0.92))
        self.viewport().update()

    def select(self, tube_id: int | None, extend: bool = False) -> None:
        """Show a tube as selected and bring its lane into view; None selects none.

        extend adds it to those selected, or takes it away from them.
        """
        chosen = frozenset() if tube_id is None else frozenset({tube_id})
        self._change(selected=self.selection ^ chosen if extend else chosen)
        if tube_id is not None and tube_id in self.selection:
            self._reveal(tube_id)

    def zoom_time(self, factor: float) -> None:
        """Show less or more time, with the playhead kept in its place when it is in view."""
        seen = self.axis.visible
        at = self._frame if self._frame in seen else (seen.start + seen.stop) // 2
        self._look(self.axis.zoomed(factor, at))

    def cancel(self) -> bool:
        """Give up the drag in progress, else the selected range; False when there was neither."""
        if self._drag is None and self.selected_range is None:
            return False
        if self._drag is None:
            self.set_selected_range(None)
        self._drag = None
        self.viewport().update()
        return True

    def paintEvent(self, event: QPaintEvent) -> None:
        """The kept picture, then what moves."""
        painter = QPainter(self.viewport())
        self._paint_still(painter)
        if self.axis.frame_count:
            painter.setClipRect(QRectF(NUMBERS, 0, self.width(), self.viewport().height()))
            self._paint_moving(painter)
        painter.end()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Left goes, selects, drags an end or selects a range; middle pans."""
        if event.button() == Qt.MouseButton.MiddleButton:
            self._pan_from = event.position()
        elif event.button() == Qt.MouseButton.LeftButton and self.axis.frame_count:
            self._press(event.position(), event.modifiers())

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Pan, drag, scrub or hover."""
        x, y = event.position().x(), event.position().y()
        if self._pan_from is not None:
            moved = self._pan_from - event.position()
            self._look(self.axis.panned(moved.x()))
            down = self.verticalScrollBar()
            down.setValue(down.value() + round(moved.y()))
            self._pan_from = event.position()
        elif isinstance(self._drag, EdgeDrag):
            self._drag = self._drag.to(x, self.axis, self._frame)
            self.viewport().update()
        elif isinstance(self._drag, RangeDrag):
            self._drag = self._drag.to(x, self.axis)
            self.viewport().update()
        elif self._scrubs:
            self._request(x)
        else:
            self._show_cursor(x, y)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """What came of a drag goes out as one signal."""
        if event.button() == Qt.MouseButton.MiddleButton:
            self._pan_from = None
        elif event.button() == Qt.MouseButton.LeftButton:
            drag, self._drag = self._drag, None
            if isinstance(drag, EdgeDrag):
                self._finish_edge(drag, event.position().x())
            elif isinstance(drag, RangeDrag):
                self._finish_range(drag, event.position().x())
            elif self._scrubs:
                self._scrubs = False
                self.scrubbing.emit(False)
            self.viewport().update()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """On the strip it selects a labelled range; elsewhere a second quick press is a press."""
        at = event.position()
        known = self.labelled_at(self.axis.frame_at(at.x()))
        if RULER <= at.y() < TOP and at.x() >= NUMBERS and known is not None:
            self.set_selected_range(known)
        else:
            self.mousePressEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Ask for a menu on the frame under the mouse, or on the playhead's for the menu key."""
        if not self.axis.frame_count or event.pos().x() < NUMBERS:
            return
        by_key = event.reason() == QContextMenuEvent.Reason.Keyboard
        frame = self._frame if by_key else self.axis.frame_at(event.pos().x())
        self.menu_asked.emit(event.globalPos(), frame)

    def leaveEvent(self, event: QEvent) -> None:
        """Nothing is under the mouse any more."""
        super().leaveEvent(event)
        self.viewport().unsetCursor()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Esc gives up a drag; all other keys belong to the window."""
        if event.key() != Qt.Key.Key_Escape or not self.cancel():
            event.ignore()

    def viewportEvent(self, event: QEvent) -> bool:
        """Tell about the bar under the mouse."""
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            text = plain_tip(self._told_at(event.pos().x(), event.pos().y()))
            QToolTip.showText(event.globalPos(), text, self.viewport())
            return True
        return super().viewportEvent(event)

    def _told_at(self, x: float, y: float) -> str:
        """What the tooltip says there."""
        if not self.axis.frame_count or x < NUMBERS:
            return ""
        frames, frame = self.selected_range, self.axis.frame_at(x)
        if y < RULER:
            inside = frames is not None and frames.start <= frame < frames.stop
            return describe_range(frames, self.axis) if inside and frames is not None else ""
        if y < TOP:
            return describe_strip(frame, self._scene.ranges, self.axis)
        found = bar_at(self._scene, x, y)
        return "" if found is None else describe(*found, self._scene.labels, self.axis)

    def _paint_moving(self, painter: QPainter) -> None:
        drag = self._drag
        dragged = drag.range if isinstance(drag, RangeDrag) and drag.moved else None
        frames = dragged or self.selected_range
        if frames is not None:
            paint_range(painter, self._scene, frames, note=dragged is not None)
        if isinstance(drag, EdgeDrag) and drag.moved:
            paint_ghost(painter, self._scene, drag)
        paint_playhead(painter, self._scene, self._frame)

    def _press(self, at: QPointF, keys: Qt.KeyboardModifier) -> None:
        x, y = at.x(), at.y()
        extend = bool(keys & Qt.KeyboardModifier.ControlModifier)
        if x < NUMBERS:
            number = lane_number_at(self._scene, x, y)
            if number is not None:
                self.tube_selected.emit(number, extend)
            return
        if keys & Qt.KeyboardModifier.ShiftModifier:
            self._drag = RangeDrag(self.axis.frame_at(x), self.axis.frame_at(x))
            return
        self._drag = None if extend else self._taken_hold_of(x, y)
        if self._drag is not None:
            return
        tube = tube_at(self._scene, x, y)
        if tube is not None or extend:
            self.tube_selected.emit(None if tube is None else tube.id, extend and tube is not None)
        if not extend:
            self._scrubs = True
            self._asked = None
            self.scrubbing.emit(True)
            self._request(x)

    def _taken_hold_of(self, x: float, y: float) -> EdgeDrag | RangeDrag | None:
        """A drag of what can be dragged there: an end of a tube or span, else of the range."""
        edge = edge_at(self._scene, x, y)
        if edge is not None:
            return EdgeDrag(edge, x, edge.at)
        frames = self.selected_range
        return None if frames is None else range_grabbed(frames, self.axis, x)

    def _finish_range(self, drag: RangeDrag, x: float) -> None:
        """A range that was dragged is selected; a mere click beside an end goes there."""
        if drag.moved:
            self.set_selected_range(drag.range)
        elif drag.shift:
            self.frame_requested.emit(self.axis.frame_at(x))

    def _request(self, x: float) -> None:
        """Ask for the frame under a pixel, once for as long as the mouse stays on it."""
        frame = self.axis.frame_at(x)
        if frame != self._asked:
            self._asked = frame
            self.frame_requested.emit(frame)

    def _finish_edge(self, drag: EdgeDrag, x: float) -> None:
        edge = drag.edge
        if not drag.moved:
            self.tube_selected.emit(edge.tube.id, False)
            self.frame_requested.emit(self.axis.frame_at(x))
        elif drag.at != edge.at:
            start, stop = edge.moved_to(drag.at)
            if edge.span is None:
                self.extent_edited.emit(edge.tube.id, start, stop - 1)
            else:
                self.span_edited.emit(edge.tube.id, edge.span, start, stop)

    def _show_cursor(self, x: float, y: float) -> None:
        inside = x >= NUMBERS and self.axis.frame_count > 0
        held = self._taken_hold_of(x, y) if inside else None
        over = Qt.CursorShape.ArrowCursor if held is None else Qt.CursorShape.SizeHorCursor
        if self.viewport().cursor().shape() != over:
            self.viewport().setCursor(over)

    def _reveal(self, tube_id: int) -> None:
        layout = self._scene.layout
        index = layout.index.get(tube_id)
        if index is None:
            return
        top, height = int(layout.top[index]) * ROW, int(layout.rows[index]) * ROW
        bar, page = self.verticalScrollBar(), self._scene.lanes_height
        if top < bar.value() or top + height > bar.value() + page:
            bar.setValue(top - max((page - height) // 2, 0))
