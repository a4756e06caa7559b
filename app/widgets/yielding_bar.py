"""A bar of widgets of which the least needed go when the window is too narrow for all of them."""

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QSize, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QWidget


class YieldingBar(QWidget):
    """Lay widgets out in row; those named by give_way go, the first one first, and come back."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.row = QHBoxLayout(self)
        self._order: tuple[QWidget, ...] = ()

    def give_way(self, order: Sequence[QWidget]) -> None:
        """The widgets of the row that may go, the least needed first."""
        self._order = tuple(order)
        self._yield()

    def minimumSizeHint(self) -> QSize:
        """As narrow as what always stays."""
        return QSize(self._least(len(self._order)), super().minimumSizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Let widgets go or come back."""
        super().resizeEvent(event)
        self._yield()

    def event(self, event: QEvent) -> bool:
        """A longer text may need the room of something else."""
        done = super().event(event)
        if event.type() == QEvent.Type.LayoutRequest:
            self._yield()
        return done

    def _yield(self) -> None:
        count = len(self._order)
        gone = next((n for n in range(count) if self._least(n) <= self.width()), count)
        for place, widget in enumerate(self._order):
            if _was_hidden(widget) != (place < gone):
                widget.setVisible(place >= gone)

    def _least(self, gone: int) -> int:
        """The width that the row needs without the first so many of those that may go."""
        margins = self.row.contentsMargins()
        wide, shown = margins.left() + margins.right(), 0
        for place in range(self.row.count()):
            item = self.row.itemAt(place)
            widget = item.widget() if item is not None else None
            if widget is None:
                wide += item.minimumSize().width() if item is not None else 0
            elif self._stays(widget, gone):
                wide, shown = wide + _narrowest(widget), shown + 1
        return wide + max(shown - 1, 0) * self.row.spacing()

    def _stays(self, widget: QWidget, gone: int) -> bool:
        if widget in self._order:
            return self._order.index(widget) >= gone
        return not _was_hidden(widget)


def _was_hidden(widget: QWidget) -> bool:
    """Whether somebody hid it; one that was never shown yet only seems hidden."""
    return widget.isHidden() and widget.testAttribute(Qt.WidgetAttribute.WA_WState_ExplicitShowHide)


def _narrowest(widget: QWidget) -> int:
    return widget.minimumWidth() or widget.minimumSizeHint().width()
