"""A column of panels that scrolls where the window is too low for it."""

from PySide6.QtCore import QEvent, QObject, QSize, Qt
from PySide6.QtWidgets import QFrame, QScrollArea, QVBoxLayout, QWidget

_LOWEST = 60


class Column(QFrame):
    """Panels below each other; a squeezed one gives up what they would like but do not need."""

    def __init__(self, *, squeezed: bool) -> None:
        super().__init__()
        self._squeezed = squeezed
        self.setProperty("role", "panel")
        self.stack = QVBoxLayout(self)
        self.stack.setContentsMargins(5, 6, 5, 6)
        self.stack.setSpacing(10)

    def heightForWidth(self, width: int) -> int:
        """What the area around it takes for its least height."""
        if self._squeezed:
            return self.stack.minimumHeightForWidth(width)
        return self.stack.totalHeightForWidth(width)


class ColumnArea(QScrollArea):
    """As wide as its content needs, so that it only ever scrolls up and down.

    narrowest: pixels that it keeps even while less is in it, so that nothing beside it moves.
    """

    def __init__(self, content: QWidget, narrowest: int = 0) -> None:
        super().__init__()
        self._content, self._narrowest = content, narrowest
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setWidget(content)

    def minimumSizeHint(self) -> QSize:
        """The content's least width with the bar beside it."""
        wide = max(self._content.minimumSizeHint().width(), self._narrowest)
        return QSize(wide + self.verticalScrollBar().sizeHint().width(), _LOWEST)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Ask for another width when the content does."""
        if watched is self._content and event.type() == QEvent.Type.LayoutRequest:
            self.updateGeometry()
        return super().eventFilter(watched, event)
