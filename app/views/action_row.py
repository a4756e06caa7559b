"""One action of a tube: its label, who says so, from when to when, and a way to remove it."""

from fractions import Fraction

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QToolButton, QVBoxLayout, QWidget

from app.domain.names import plain_tip, readable_name
from app.domain.wording import DASH
from app.views.elided_label import ElidedLabel
from app.views.frame_spin import FrameSpin
from app.widgets.icons import icon
from app.widgets.plain_texts import never_markup
from app.widgets.score_bar import ScoreBar
from yowo_core.annotations import ActionSpan, Label

_SIDE = 10
_BAR = 60


class Swatch(QWidget):
    """A label's colour as a small rounded square."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._color = ""
        self.setFixedSize(_SIDE, _SIDE)

    def set_color(self, color: str) -> None:
        """Show #rrggbb."""
        self._color = color
        self.update()

    def sizeHint(self) -> QSize:
        """Ten pixels square."""
        return QSize(_SIDE, _SIDE)

    def paintEvent(self, event: QPaintEvent) -> None:
        """The square."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(self._color))
        painter.drawRoundedRect(QRectF(self.rect()), 2.5, 2.5)
        painter.end()


class ActionRow(QWidget):
    """Shows an ActionSpan; both its frames are inclusive here, as people count.

    moved carries start and stop, half-open as everywhere else.
    """

    moved = Signal(int, int)
    removed = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._shown: tuple[ActionSpan, Label, range, Fraction] | None = None
        self._swatch = Swatch(self)
        self._name = ElidedLabel("", self)
        self._bar = ScoreBar(self)
        self._score = QLabel(self)
        self._remove = QToolButton(self)
        self._first, self._last = FrameSpin(self), FrameSpin(self)
        self._lasting = QLabel(self)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 2, 0, 4)
        layout.setSpacing(1)
        layout.addLayout(self._upper_line())
        layout.addLayout(self._lower_line())
        never_markup(self)

    def set_span(self, span: ActionSpan, label: Label, tube: range, fps: Fraction) -> None:
        """Show this action of a tube that has boxes in those frames.

        The same again changes nothing, not even a number that is being set.
        """
        if self._shown == (span, label, tube, fps):
            return
        self._shown = (span, label, tube, fps)
        self._swatch.set_color(label.color)
        self._name.setText(readable_name(label.name))
        self._bar.setVisible(span.score is not None)
        self._bar.set_score(span.score or 0.0, label.color)
        self._score.setText("\u2713" if span.score is None else f"{span.score:.2f}")
        self._score.setToolTip("a person said so" if span.score is None else "mean score")
        told = f"Remove {readable_name(label.name)} from this tube"
        self._remove.setToolTip(plain_tip(told))
        self._remove.setAccessibleName(told)
        self._first.setRange(tube.start, span.stop - 1)
        self._last.setRange(span.start, tube.stop - 1)
        self._first.show_frame(span.start)
        self._last.show_frame(span.stop - 1)
        seconds = f"{float((span.stop - span.start) / fps):.1f} s" if fps > 0 else ""
        self._lasting.setText(seconds)

    def settle(self) -> None:
        """Report at once what was set and not reported yet."""
        self._first.settle()
        self._last.settle()

    def refresh_icons(self) -> None:
        """Take the colours of the scheme in force."""
        self._remove.setIcon(icon("close"))

    def _upper_line(self) -> QHBoxLayout:
        self._remove.setProperty("role", "flat")
        self._remove.setStyleSheet("padding: 2px;")
        self._remove.setIconSize(QSize(12, 12))
        self._remove.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._remove.clicked.connect(self.removed)
        self.refresh_icons()
        self._bar.setFixedWidth(_BAR)
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(self._swatch)
        row.addWidget(self._name, 1)
        row.addWidget(self._bar)
        row.addWidget(self._score)
        row.addWidget(self._remove)
        return row

    def _lower_line(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(5)
        row.addSpacing(_SIDE + 3)
        dash = QLabel(DASH, self)
        for widget, tip in ((self._first, "First frame of the action"), (dash, "")):
            widget.setToolTip(tip)
            row.addWidget(widget)
        self._last.setToolTip("Last frame of the action")
        row.addWidget(self._last)
        for spin in (self._first, self._last):
            spin.setAccessibleName(spin.toolTip())
            spin.settled.connect(self._move)
        self._lasting.setProperty("role", "muted")
        row.addSpacing(3)
        row.addWidget(self._lasting)
        row.addStretch(1)
        return row

    def _move(self) -> None:
        self.moved.emit(self._first.value(), self._last.value() + 1)
