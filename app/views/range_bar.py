"""The small bar under a selected range of frames: what it is and what can be done with it."""

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QToolButton

from app.views.key_button import KeyButton
from app.views.timeline import TimelineView
from app.views.timeline_scene import NUMBERS
from app.views.timeline_tooltip import LABELLED_MEANS, describe_range
from app.widgets.icons import icon
from yowo_core.annotations import FrameRange

_MARGIN = 6


class RangeBar(QFrame):
    """Stands at the foot of the timeline, under the selected range, while there is one."""

    mark_asked = Signal()
    unmark_asked = Signal()
    clear_asked = Signal()

    def __init__(self, timeline: TimelineView) -> None:
        super().__init__(timeline.viewport())
        self._timeline = timeline
        self.setProperty("role", "toast")
        self._text = QLabel(self)
        self._mark = KeyButton("Mark as completely labelled", "", "primary", self)
        self._unmark = KeyButton("Unmark", "", "", self)
        self._clear = QToolButton(self)
        self._build()
        self.hide()
        timeline.viewport().installEventFilter(self)
        timeline.view_changed.connect(self._place)

    def show_range(
        self, frames: FrameRange | None, known: tuple[FrameRange, ...], keys: tuple[str, str]
    ) -> None:
        """Offer what makes sense for frames, given the labelled ranges; keys: mark and unmark."""
        self.setVisible(frames is not None)
        if frames is None:
            return
        inside = sum(max(min(k.stop, frames.stop) - max(k.start, frames.start), 0) for k in known)
        self._text.setText(describe_range(frames, self._timeline.axis))
        self._mark.setVisible(inside < frames.stop - frames.start)
        self._unmark.setVisible(inside > 0)
        self._mark.set_key(keys[0])
        self._unmark.set_key(keys[1])
        self._place()
        self.raise_()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Stay inside when the timeline's size changes."""
        if event.type() == QEvent.Type.Resize:
            self._place()
        return False

    def changeEvent(self, event: QEvent) -> None:
        """The icon follows the scheme."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.StyleChange:
            self._clear.setIcon(icon("close"))

    def _build(self) -> None:
        self._mark.setToolTip(LABELLED_MEANS)
        self._unmark.setToolTip(
            "Not completely labelled: frames here without a box are left out of training."
        )
        self._clear.setProperty("role", "flat")
        self._clear.setIcon(icon("close"))
        self._clear.setToolTip("Select no frames")
        self._clear.setAccessibleName("Select no frames")
        self._clear.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._mark.clicked.connect(self.mark_asked)
        self._unmark.clicked.connect(self.unmark_asked)
        self._clear.clicked.connect(self.clear_asked)
        row = QHBoxLayout(self)
        row.setContentsMargins(10, 3, 4, 3)
        row.setSpacing(8)
        for widget in (self._text, self._mark, self._unmark, self._clear):
            row.addWidget(widget)

    def _place(self) -> None:
        frames, axis = self._timeline.selected_range, self._timeline.axis
        if frames is None or self.isHidden():
            return
        self.adjustSize()
        room = self._timeline.viewport().size()
        middle = (axis.x_of(frames.start) + axis.x_of(frames.stop)) / 2
        left = round(middle) - self.width() // 2
        left = max(min(left, room.width() - self.width() - _MARGIN), NUMBERS)
        self.move(left, room.height() - self.height() - _MARGIN)
