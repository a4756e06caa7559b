"""A score in 0..1 as a coloured bar in its groove."""

from PySide6.QtCore import QRectF, QSize
from PySide6.QtGui import QColor, QPainter, QPaintEvent, Qt
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.widgets.theme import current_theme

_HEIGHT = 5.0


def paint_score_bar(painter: QPainter, area: QRectF, score: float, color: str, groove: str) -> None:
    """Fill an area with a groove and, from its left, the share of it that the score is."""
    radius = area.height() / 2
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(groove))
    painter.drawRoundedRect(area, radius, radius)
    share = min(max(score, 0.0), 1.0)
    if share * area.width() >= 1:
        filled = QRectF(area.x(), area.y(), area.width() * share, area.height())
        painter.setBrush(QColor(color))
        painter.drawRoundedRect(filled, radius, radius)


class ScoreBar(QWidget):
    """Shows one score; the number itself is in the tooltip and for screen readers."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._score = 0.0
        self._color = ""
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    @property
    def score(self) -> float:
        """The score shown, 0..1."""
        return self._score

    def set_score(self, score: float, color: str = "") -> None:
        """Show a score in 0..1 (others are cut off there) in a colour, or in the accent's."""
        self._score = min(max(score, 0.0), 1.0)
        self._color = color
        self.setToolTip(f"score {self._score:.2f}")
        self.setAccessibleName(f"score {self._score:.2f}")
        self.update()

    def sizeHint(self) -> QSize:
        """Broad enough to compare two scores by eye."""
        return QSize(90, 12)

    def minimumSizeHint(self) -> QSize:
        """Narrower than this a bar says nothing."""
        return QSize(24, 12)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Groove and bar, in the middle of the height."""
        theme = current_theme()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        area = QRectF(0, (self.height() - _HEIGHT) / 2, self.width(), _HEIGHT)
        paint_score_bar(painter, area, self._score, self._color or theme.accent, theme.button)
        painter.end()
