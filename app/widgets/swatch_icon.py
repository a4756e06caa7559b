"""A colour as an icon, for lists of choices."""

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QIcon, QPainter, QPixmap

_SIDE = 12
_FINE = 4  # drawn larger, so that it stays sharp on a scaled screen


def swatch_icon(color: str) -> QIcon:
    """A rounded square of #rrggbb."""
    pixmap = QPixmap(_SIDE * _FINE, _SIDE * _FINE)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(color))
    edge = _FINE
    painter.drawRoundedRect(
        QRectF(pixmap.rect()).adjusted(edge, edge, -edge, -edge), 3 * edge, 3 * edge
    )
    painter.end()
    return QIcon(pixmap)
