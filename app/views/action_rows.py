"""The actions of a tube below each other, scrolled when there are many."""

from collections.abc import Mapping, Sequence
from fractions import Fraction

from PySide6.QtCore import QEvent, QSize, Qt, Signal
from PySide6.QtWidgets import QFrame, QScrollArea, QSizePolicy, QVBoxLayout, QWidget

from app.views.action_row import ActionRow
from app.widgets.theme import current_theme
from yowo_core.annotations import ActionSpan, Label

_HIGHEST = 330


class ActionRows(QScrollArea):
    """One ActionRow for each span, in the order of their starts.

    moved carries the place of the span in the tube's spans, start and stop; removed the place.
    """

    moved = Signal(int, int, int)
    removed = Signal(int)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._rows: list[ActionRow] = []
        self._places: list[int] = []
        self._content = QWidget(self)
        self._layout = QVBoxLayout(self._content)
        self._layout.setContentsMargins(0, 0, 4, 0)
        self._layout.setSpacing(0)
        self._layout.addStretch(1)
        self.setWidget(self._content)
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)
        self.viewport().setAutoFillBackground(False)
        self._content.setAutoFillBackground(False)

    def set_spans(
        self,
        spans: Sequence[ActionSpan],
        labels: Mapping[int, Label],
        tube: range,
        fps: Fraction,
    ) -> None:
        """Show the spans of a tube that has boxes in those frames; rows are kept where they can."""
        unknown = current_theme().unlabelled
        self._places = sorted(range(len(spans)), key=lambda place: (spans[place].start, place))
        while len(self._rows) > len(spans):
            self._drop_row()
        while len(self._rows) < len(spans):
            self._add_row()
        for row, place in zip(self._rows, self._places, strict=True):
            span = spans[place]
            label = labels.get(span.label) or Label(span.label, f"label {span.label}", unknown)
            row.set_span(span, label, tube, fps)
        self.setVisible(bool(spans))
        self.updateGeometry()

    def settle(self) -> None:
        """Report at once what was set in any row and not reported yet."""
        for row in self._rows:
            row.settle()

    def sizeHint(self) -> QSize:
        """All rows, up to about six of them."""
        content = self._content.sizeHint()
        return QSize(content.width(), min(content.height(), _HIGHEST))

    def minimumSizeHint(self) -> QSize:
        """The first row."""
        height = self._rows[0].sizeHint().height() if self._rows else 0
        return QSize(self._content.minimumSizeHint().width(), height)

    def changeEvent(self, event: QEvent) -> None:
        """Icons follow the scheme."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.StyleChange:
            for row in self._rows:
                row.refresh_icons()

    def _drop_row(self) -> None:
        """Take the last row away; a number that is being set in it has no action any more."""
        row = self._rows.pop()
        row.blockSignals(True)
        row.hide()
        self._layout.removeWidget(row)
        row.deleteLater()

    def _add_row(self) -> None:
        row = ActionRow(self._content)
        number = len(self._rows)
        row.moved.connect(lambda start, stop: self.moved.emit(self._places[number], start, stop))
        row.removed.connect(lambda: self.removed.emit(self._places[number]))
        self._rows.append(row)
        self._layout.insertWidget(number, row)
        row.show()
