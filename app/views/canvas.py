"""The picture with its boxes: shows tubes and live detections, turns the mouse into edits."""

from collections.abc import Callable, Collection, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QPointF, QRectF, Qt
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QLabel, QWidget

from app.domain.live import LiveBox
from app.domain.project import BoxAt
from app.views.canvas_gestures import GestureView
from app.views.canvas_overlay import OverlayItem
from app.views.canvas_picture import PictureItem
from app.views.canvas_style import style_boxes, style_live
from app.views.heat_item import HeatItem
from app.views.label_entry import LabelEntry
from app.widgets.state_card import StateAction, StateCard
from app.widgets.theme import current_theme
from yowo_core.annotations import Label

Box = tuple[float, float, float, float]

_FADED = 0.5
_LONGEST_LAG = 15
_NOTE_AT = 12


class CanvasView(GestureView):
    """One frame and what is known of it; holds values only and asks through signals.

    While a box is being dragged the picture stands still: frames, boxes and detections that come
    meanwhile are shown after the release, and `frame` stays the one the edit belongs to.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._frame = 0
        self._boxes: tuple[BoxAt, ...] = ()
        self._live: tuple[LiveBox, ...] = ()
        self._live_frame = 0
        self._labels: dict[int, Label] = {}
        self._state, self._note = StateCard(self), QLabel(self)
        self._note.setProperty("role", "readout")
        self._note.setTextFormat(Qt.TextFormat.PlainText)
        self._note.move(_NOTE_AT, _NOTE_AT)
        self._note.hide()
        self._picture_item = PictureItem()
        self._overlay_item = OverlayItem(self._overlay)
        self._heat_item, self._heat_frame = HeatItem(), -1
        self.scene().addItem(self._picture_item)
        self.scene().addItem(self._heat_item)
        self.scene().addItem(self._overlay_item)
        self._entry: LabelEntry | None = None
        self.setAccessibleName("Picture")
        self.setBackgroundBrush(QColor(current_theme().canvas))

    @property
    def frame(self) -> int:
        """The frame that is shown, and that an edit made now belongs to."""
        return self._frame

    def show_frame(self, bgra: NDArray[np.uint8] | None, frame: int) -> None:
        """Show pixels (H, W, 4) uint8 blue, green, red, unused; None takes the picture away.

        The array is not copied and must not be written to afterwards. Takes a state away.
        """
        if self._put_off("frame", lambda: self.show_frame(bgra, frame)):
            return
        self._frame = frame
        self._state.hide()
        self._note.hide()
        self._picture_item.set_frame(bgra)
        if bgra is not None:
            self._set_picture(bgra.shape[1], bgra.shape[0])
            self._overlay.picture = QRectF(0, 0, bgra.shape[1], bgra.shape[0])
            self._overlay_item.update_geometry()
            self._heat_item.set_area(bgra.shape[1], bgra.shape[0])
        self._has_picture = bgra is not None
        self._refresh()

    def show_preview(self, bgra: NDArray[np.uint8]) -> None:
        """Show a picture whose frame is not known yet: nothing is on it, nothing can be drawn."""
        self.show_frame(bgra, 0)
        self._has_picture = False
        self._refresh()

    @property
    def state_text(self) -> str:
        """What is said instead of a picture, '' while there is one."""
        return self._state.says

    def show_state(
        self,
        title: str,
        text: str,
        progress: float | None = None,
        action: StateAction | None = None,
    ) -> None:
        """Say instead of a picture why there is none: nothing is open, it is opening, it failed.

        title: a few words or ''. text: a sentence. progress: share done in 0..1, below 0 when it
        is not known how much there is, None when nothing goes on. action: caption of the one
        button and what it does. Said again with another share it only moves the bar; the next
        show_frame takes it away.
        """
        if self._has_picture or self._state.isHidden():
            self.cancel()
            self._picture_item.set_frame(None)
            self._has_picture = False
            self._refresh()
        self._state.say(title, text, progress, action)

    def show_note(self, text: str) -> None:
        """Say something in the corner over the picture, such as that another is on its way; ''
        takes it away, and so does the next frame.
        """
        self._note.setText(text)
        self._note.adjustSize()
        self._note.setVisible(bool(text))

    def show_message(self, text: str) -> None:
        """Show a sentence instead of a picture."""
        self.show_state("", text)

    def set_labels(self, labels: Mapping[int, Label]) -> None:
        """The project's labels by id: names and colours of what boxes do."""
        self._labels = dict(labels)
        self._restyle()

    def set_boxes(self, boxes: Sequence[BoxAt]) -> None:
        """The project's tubes in the frame that is shown."""
        if self._put_off("boxes", lambda: self.set_boxes(boxes)):
            return
        self._boxes = tuple(boxes)
        self._restyle()

    def set_live(self, detections: Sequence[LiveBox], frame: int) -> None:
        """What the live model saw in a frame.

        On that frame's picture they are shown fully; on one of the 15 after it faded, because
        they lag behind; on others not at all.
        """
        if self._put_off("live", lambda: self.set_live(detections, frame)):
            return
        self._live, self._live_frame = tuple(detections), frame
        self._restyle()

    def set_heat(self, shown: NDArray[np.float32] | None, frame: int) -> None:
        """Lay an activation map (H, W) in 0..1 over the picture; None takes it away.

        It is seen on the picture of that frame and on no other.
        """
        self._heat_item.set_map(shown)
        self._heat_frame = -1 if shown is None else frame
        self._refresh()

    def set_heat_strength(self, strength: float) -> None:
        """How much of the picture the map's strongest place covers, 0..1."""
        self._heat_item.set_strength(strength)

    @property
    def heat_shown(self) -> bool:
        """Whether an activation map lies over the picture."""
        return self._heat_item.isVisible()

    def select(self, tube_id: int | None, marked: Collection[int] = ()) -> None:
        """Give one tube handles, None nobody; of several that are selected, mark each."""
        self._overlay.selected = tube_id
        self._overlay.marked = frozenset(marked) - {tube_id}
        self._restyle()

    def set_overlays_visible(self, visible: bool) -> None:
        """Show or hide all boxes; hidden ones cannot be hit."""
        self._overlay.visible = visible
        self._restyle()

    def cancel(self) -> bool:
        """Give up a drag, else drawing, else the label line; False when there was none of them."""
        if super().cancel():
            return True
        if self._entry is None:
            return False
        self._entry.cancel()
        return True

    def edit_label_near(
        self, box: Box, labels: Sequence[str], callback: Callable[[str | None], None]
    ) -> None:
        """Open a line at a box (video pixels) in which its label is typed.

        The callback gets the label, one of those given or a new one, or None when it was given up.
        """
        if self._entry is not None:
            self._entry.cancel()
        entry = LabelEntry(labels, self.viewport())
        self._entry = entry
        entry.chosen.connect(lambda label: self._close_entry(entry, label, callback))
        entry.cancelled.connect(lambda: self._close_entry(entry, None, callback))
        entry.open_at(self.viewportTransform().map(QPointF(box[0], box[3])))

    def changeEvent(self, event: QEvent) -> None:
        """Follow the colour scheme."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            self.setBackgroundBrush(QColor(current_theme().canvas))
            self._restyle()

    def _restyle(self) -> None:
        theme = current_theme()
        self._overlay.boxes = style_boxes(self._boxes, self._labels, theme)
        self._overlay.live = style_live(self._live, theme)
        self._refresh()

    def _live_strength(self) -> float:
        """Opacity of the live boxes on the picture that is shown, 0 when they do not belong."""
        lag = self._frame - self._live_frame
        return 1.0 if lag == 0 else _FADED if 0 < lag <= _LONGEST_LAG else 0.0

    def _refresh(self) -> None:
        self._overlay.live_strength = self._live_strength()
        self._overlay_item.setVisible(self._has_picture)
        self._heat_item.setVisible(self._has_picture and self._heat_frame == self._frame)
        size = self._picture_item.size
        picture = (float(size[0]), float(size[1]))
        self._tool.set_scene(self._targets(), self._overlay.selected, picture)
        self.viewport().update()

    def _close_entry(
        self, entry: LabelEntry, label: str | None, callback: Callable[[str | None], None]
    ) -> None:
        if self._entry is entry:
            self._entry = None
        entry.deleteLater()
        self.setFocus(Qt.FocusReason.OtherFocusReason)
        callback(label)
