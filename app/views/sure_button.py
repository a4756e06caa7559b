"""A button for what cannot be undone: it asks once more in its own place."""

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import QPushButton, QWidget

_WAIT_MS = 4000


class SureButton(QPushButton):
    """The first click asks, a second one within four seconds emits confirmed."""

    confirmed = Signal()

    def __init__(self, text: str, question: str, parent: QWidget) -> None:
        super().__init__(text, parent)
        self._text, self._question = text, question
        self._asking = False
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(_WAIT_MS)
        self._timer.timeout.connect(self.calm)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.clicked.connect(self._press)

    def calm(self) -> None:
        """Forget the first click."""
        self._ask(asking=False)

    def _press(self) -> None:
        sure = self._asking
        self._ask(asking=not sure)
        if sure:
            self.confirmed.emit()

    def _ask(self, *, asking: bool) -> None:
        self._asking = asking
        self.setText(self._question if asking else self._text)
        self.setProperty("role", "reject" if asking else "")
        self.style().polish(self)
        if asking:
            self._timer.start()
        else:
            self._timer.stop()
