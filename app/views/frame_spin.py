"""A field for a frame number that reports what a person set once, not every step to it."""

from PySide6.QtCore import QSize, QTimer, Signal
from PySide6.QtGui import QFontMetrics, QWheelEvent
from PySide6.QtWidgets import QSpinBox, QWidget

from app.views.own_keys import keep_typing

_REST_MS = 500


class FrameSpin(QSpinBox):
    """settled follows Enter, leaving the field, or half a second without another step.

    The wheel turns it only while it has the focus, so that scrolling past changes nothing.
    """

    settled = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._shown = 0
        self._rest = QTimer(self)
        self._rest.setSingleShot(True)
        self._rest.setInterval(_REST_MS)
        self._rest.timeout.connect(self.settle)
        self.setKeyboardTracking(False)
        self.setButtonSymbols(QSpinBox.ButtonSymbols.NoButtons)
        self.setRange(0, 2**31 - 1)
        self.valueChanged.connect(self._rest.start)
        self.editingFinished.connect(self.settle)
        keep_typing(self)

    def show_frame(self, frame: int) -> None:
        """Show a frame from outside; a number that is just being typed stays."""
        self._shown = frame
        if self.value() != frame:
            self.blockSignals(True)
            self.setValue(frame)
            self.blockSignals(False)
        self._rest.stop()

    def settle(self) -> None:
        """Report what was set since the last report, if anything."""
        self._rest.stop()
        if self.value() != self._shown:
            self._shown = self.value()
            self.settled.emit()

    def sizeHint(self) -> QSize:
        """Room for seven digits."""
        wide = QFontMetrics(self.font()).horizontalAdvance("0000000") + 14
        return QSize(wide, super().sizeHint().height())

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Leave the wheel to the scroll area unless somebody works here."""
        if self.hasFocus():
            super().wheelEvent(event)
        else:
            event.ignore()
