"""A field of label colours to pick one from, for a menu."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QColor, QIcon, QPainter, QPixmap
from PySide6.QtWidgets import QGridLayout, QToolButton, QWidget

from app.widgets.theme import label_color

_COLUMNS = 6
_COLORS = 24
_SIDE = 16


class Swatches(QWidget):
    """The first label colours as buttons; picked carries #rrggbb."""

    picked = Signal(str)

    def __init__(self, current: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        grid = QGridLayout(self)
        grid.setContentsMargins(8, 6, 8, 6)
        grid.setSpacing(2)
        for place in range(_COLORS):
            color = label_color(place)
            button = self._button(color, color.lower() == current.lower())
            grid.addWidget(button, place // _COLUMNS, place % _COLUMNS)

    def _button(self, color: str, current: bool) -> QToolButton:
        button = QToolButton(self)
        button.setIcon(_icon(color))
        button.setCheckable(True)
        button.setChecked(current)
        button.setToolTip(color)
        button.setAccessibleName(f"colour {color}")
        button.setStyleSheet("padding: 2px;")
        button.clicked.connect(lambda: self.picked.emit(color))
        return button


def _icon(color: str) -> QIcon:
    pixmap = QPixmap(4 * _SIDE, 4 * _SIDE)  # sharp up to a scale of four
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(color))
    painter.drawRoundedRect(pixmap.rect(), 14, 14)
    painter.end()
    return QIcon(pixmap)
