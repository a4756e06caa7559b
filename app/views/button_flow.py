"""Buttons beside each other that go on below where the width ends."""

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QRect, QSize
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

_GAP = 4


class ButtonFlow(QWidget):
    """Lays out those of its buttons that are not hidden, each in its preferred size."""

    def __init__(self, buttons: Sequence[QWidget], parent: QWidget) -> None:
        super().__init__(parent)
        self._buttons = list(buttons)
        for button in buttons:
            button.setParent(self)
        policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)

    def hasHeightForWidth(self) -> bool:
        """A narrower flow is higher."""
        return True

    def heightForWidth(self, width: int) -> int:
        """The height of all lines at that width."""
        return max((area.bottom() + 1 for _, area in self._areas(width)), default=0)

    def sizeHint(self) -> QSize:
        """All buttons in one line."""
        areas = self._areas(2**20)
        wide = max((area.right() + 1 for _, area in areas), default=0)
        return QSize(wide, self.heightForWidth(2**20))

    def minimumSizeHint(self) -> QSize:
        """The widest button alone."""
        areas = self._areas(0)
        wide = max((area.width() for _, area in areas), default=0)
        return QSize(wide, self.heightForWidth(max(self.width(), wide)))

    def event(self, event: QEvent) -> bool:
        """Place anew when a button appears, goes or changes its text."""
        if event.type() == QEvent.Type.LayoutRequest:
            self.updateGeometry()
            self._place()
        return super().event(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Break the lines anew."""
        self._place()

    def _place(self) -> None:
        for button, area in self._areas(self.width()):
            button.setGeometry(area)

    def _areas(self, width: int) -> list[tuple[QWidget, QRect]]:
        placed: list[tuple[QWidget, QRect]] = []
        x = y = high = 0
        for button in self._buttons:
            if button.isHidden():
                continue
            size = button.sizeHint()
            if x and x + size.width() > width:
                x, y, high = 0, y + high + _GAP, 0
            across = min(size.width(), width) if width else size.width()
            placed.append((button, QRect(x, y, across, size.height())))
            x, high = x + size.width() + _GAP, max(high, size.height())
        return placed
