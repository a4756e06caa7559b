"""How far it is with files that are being looked at, and the way to stop."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QProgressBar, QPushButton, QVBoxLayout, QWidget

from app.domain.wording import shown_name
from app.services.media_intake import IntakeState
from app.views.elided_label import ElidedLabel


class IntakeBar(QWidget):
    """A line of text, a bar and a button; hidden while nothing goes on."""

    stop_asked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._text, self._bar = ElidedLabel("", self), QProgressBar(self)
        self._stop = QPushButton("Stop", self)
        self._stop.setToolTip("Stop looking; what was found so far is taken")
        self._stop.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._stop.clicked.connect(self.stop_asked)
        self._bar.setTextVisible(False)
        self._bar.setFixedHeight(6)
        self._bar.setAccessibleName("Files looked at")
        told = QVBoxLayout()
        told.setSpacing(4)
        told.addWidget(self._text)
        told.addWidget(self._bar)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addLayout(told, 1)
        row.addWidget(self._stop)
        self.hide()

    @property
    def says(self) -> str:
        """What it says, '' while hidden."""
        return "" if self.isHidden() else self._text.text()

    def show_state(self, state: IntakeState | None) -> None:
        """Show how far it is; None hides the bar."""
        self.setVisible(state is not None)
        if state is None:
            return
        known = state.whole >= 0
        self._bar.setRange(0, 1000 if known else 0)
        self._bar.setValue(round(1000 * max(state.whole, 0.0)))
        self._text.setText(_line(state) if known else "Looking for files\u2026")


def _line(state: IntakeState) -> str:
    name = shown_name(state.name)
    share = f" {100 * state.share:.0f} %" if 0 < state.share < 1 else ""
    if state.total == 1:
        return f"Reading {name}{share}"
    return f"{state.done + 1} of {state.total}:{share} {name}"
