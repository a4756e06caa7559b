"""A label in a list: its colour, its name, and what is known of it on the right."""

from PySide6.QtCore import QEvent, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QEnterEvent,
    QFont,
    QFontMetricsF,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.widgets.score_bar import paint_score_bar
from app.widgets.theme import current_theme

_HEIGHT = 24
_SWATCH = 10.0
_GAP = 8.0
_NUMBER = 32.0
_NAME_SHARE = 0.55


class LabelChip(QWidget):
    """One label: swatch, name, and a score bar with its number or the key that toggles it.

    The name is elided when there is no room, and then stands whole in the tooltip. A click, or
    Space and Enter while it has the focus, emits clicked.
    """

    clicked = Signal()

    def __init__(self, name: str, color: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._name = name
        self._color = color
        self._key = ""
        self._score: float | None = None
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self._describe()

    def set_key(self, key: str) -> None:
        """Show the key that toggles the label, "" for none."""
        self._key = key
        self._describe()

    def set_score(self, score: float | None) -> None:
        """Show a score in 0..1 as a bar and a number; None for a label that a person gave."""
        self._score = score
        self._describe()

    def sizeHint(self) -> QSize:
        """The whole name and what stands to its right."""
        name = QFontMetricsF(self.font()).horizontalAdvance(self._name)
        return QSize(round(_SWATCH + _GAP + name + _GAP + self._right_width()), _HEIGHT)

    def minimumSizeHint(self) -> QSize:
        """A few letters of the name."""
        return QSize(round(_SWATCH + _GAP + 40 + self._key_width()), _HEIGHT)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Swatch, elided name, then score or key."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._paint_ground(painter)
        left = _SWATCH + _GAP
        right = self.width() - self._key_width()
        name_end = right
        if self._score is not None:
            name_end = min(self._name_end(left), left + (right - left) * _NAME_SHARE)
            self._paint_score(painter, name_end + _GAP, right)
        self._paint_name(painter, left, name_end)
        if self._key:
            self._paint_key(painter)
        painter.end()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """A left click inside."""
        inside = self.rect().contains(event.position().toPoint())
        if event.button() == Qt.MouseButton.LeftButton and inside:
            self.clicked.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Space and Enter do what a click does."""
        if event.key() in (Qt.Key.Key_Space, Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.clicked.emit()
        else:
            super().keyPressEvent(event)

    def enterEvent(self, event: QEnterEvent) -> None:
        """Show that it can be clicked."""
        self.update()

    def leaveEvent(self, event: QEvent) -> None:
        """Back to rest."""
        self.update()

    def _describe(self) -> None:
        parts = [self._name]
        if self._score is not None:
            parts.append(f"score {self._score:.2f}")
        if self._key:
            parts.append(f"key {self._key}")
        self.setAccessibleName(", ".join(parts))
        self.setToolTip(" · ".join(parts))
        self.updateGeometry()
        self.update()

    def _small_font(self) -> QFont:
        font = QFont(self.font())
        font.setPixelSize(11)
        return font

    def _key_width(self) -> float:
        if not self._key:
            return 0.0
        return QFontMetricsF(self._small_font()).horizontalAdvance(self._key) + 12 + _GAP

    def _right_width(self) -> float:
        return self._key_width() + (0.0 if self._score is None else 60 + _GAP + _NUMBER)

    def _name_end(self, left: float) -> float:
        return left + QFontMetricsF(self.font()).horizontalAdvance(self._name) + 1

    def _paint_ground(self, painter: QPainter) -> None:
        theme = current_theme()
        painter.setPen(QColor(theme.accent) if self.hasFocus() else Qt.PenStyle.NoPen)
        painter.setBrush(QColor(theme.button) if self.underMouse() else Qt.BrushStyle.NoBrush)
        if self.hasFocus() or self.underMouse():
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(-3, 0.5, -0.5, -0.5), 4, 4)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(self._color))
        painter.drawRoundedRect(
            QRectF(0, (self.height() - _SWATCH) / 2, _SWATCH, _SWATCH), 2.5, 2.5
        )

    def _paint_name(self, painter: QPainter, left: float, end: float) -> None:
        metrics = QFontMetricsF(self.font())
        text = metrics.elidedText(self._name, Qt.TextElideMode.ElideRight, end - left)
        painter.setPen(QColor(current_theme().text))
        painter.drawText(
            QRectF(left, 0, end - left, self.height()), Qt.AlignmentFlag.AlignVCenter, text
        )

    def _paint_score(self, painter: QPainter, left: float, right: float) -> None:
        theme, score = current_theme(), self._score or 0.0
        bar = QRectF(left, (self.height() - 5) / 2, right - _NUMBER - left, 5)
        if bar.width() >= 12:
            paint_score_bar(painter, bar, score, self._color, theme.button)
        painter.setPen(QColor(theme.text))
        number = QRectF(right - _NUMBER, 0, _NUMBER, self.height())
        flags = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight
        painter.drawText(number, flags, f"{score:.2f}")

    def _paint_key(self, painter: QPainter) -> None:
        theme, width = current_theme(), self._key_width() - _GAP
        badge = QRectF(self.width() - width, (self.height() - 18) / 2, width, 18)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(theme.button))
        painter.drawRoundedRect(badge, 4, 4)
        painter.setPen(QColor(theme.muted))
        painter.setFont(self._small_font())
        painter.drawText(badge, Qt.AlignmentFlag.AlignCenter, self._key)
