"""A check box that can be seen in both schemes."""

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QCheckBox

from app.widgets.theme import current_theme

_SIDE = 15.0
_GAP = 7.0
_TICK = ((0.22, 0.53), (0.42, 0.74), (0.79, 0.28))  # corners, in parts of the side


class TickBox(QCheckBox):
    """Box and tick drawn in the scheme's colours; else a check box like any other."""

    def sizeHint(self) -> QSize:
        """Box and text."""
        metrics = QFontMetrics(self.font())
        wide = _SIDE + _GAP + metrics.horizontalAdvance(self.text()) + 4
        return QSize(round(wide), max(metrics.height() + 6, round(_SIDE) + 4))

    def hitButton(self, position: object) -> bool:
        """All of it can be clicked."""
        return True

    def paintEvent(self, event: QPaintEvent) -> None:
        """The box, ticked or not, and the text."""
        theme = current_theme()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        box = QRectF(1, (self.height() - _SIDE) / 2, _SIDE, _SIDE)
        ring = theme.accent if self.isChecked() or self.hasFocus() else theme.muted
        painter.setPen(QPen(QColor(ring), 1.2))
        painter.setBrush(QColor(theme.accent if self.isChecked() else theme.field))
        painter.drawRoundedRect(box, 3.5, 3.5)
        if self.isChecked():
            painter.setPen(QPen(QColor(theme.on_accent), 1.8))
            corners = [QPointF(box.x() + x * _SIDE, box.y() + y * _SIDE) for x, y in _TICK]
            painter.drawPolyline(corners)
        painter.setPen(QColor(theme.text if self.isEnabled() else theme.muted))
        text = QRectF(box.right() + _GAP, 0, self.width() - box.right(), self.height())
        painter.drawText(text, Qt.AlignmentFlag.AlignVCenter, self.text())
        painter.end()
