"""A sentence over the upper edge of a panel that still shows something, and what can be done."""

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QWidget

_MARGIN = 8


class Banner(QFrame):
    """Lies over its parent while there is something to say; else it is hidden."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._host = parent
        self._run: Callable[[], object] | None = None
        self.setProperty("role", "toast")
        self.setProperty("level", "problem")
        self._text, self._button = QLabel(self), QPushButton(self)
        self._text.setTextFormat(Qt.TextFormat.PlainText)
        self._text.setWordWrap(True)
        self._button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._button.clicked.connect(self._press)
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(12, 6, 8, 6)
        self._row.addWidget(self._text, 1)
        self._row.addWidget(self._button)
        self.hide()
        parent.installEventFilter(self)

    @property
    def says(self) -> str:
        """The sentence, '' while hidden."""
        return "" if self.isHidden() else self._text.text()

    def say(self, text: str, caption: str, run: Callable[[], object]) -> None:
        """Show a sentence and the button that does something about it."""
        self._text.setText(text)
        self._button.setText(caption)
        self._run = run
        self.setAccessibleName(text)
        self._place()
        self.show()
        self.raise_()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Stay at the parent's upper edge."""
        if watched is self._host and event.type() == QEvent.Type.Resize:
            self._place()
        return False

    def _press(self) -> None:
        if self._run is not None:
            self._run()

    def _place(self) -> None:
        width = max(self._host.width() - 2 * _MARGIN, 80)
        self.setFixedWidth(width)
        self._row.activate()
        self.setGeometry(_MARGIN, _MARGIN, width, self._row.totalHeightForWidth(width))
