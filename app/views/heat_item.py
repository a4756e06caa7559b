"""An activation map over the picture on the canvas."""

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRectF
from PySide6.QtGui import QImage, QPainter
from PySide6.QtWidgets import QGraphicsItem, QStyleOptionGraphicsItem, QWidget

from yowo_core.infer.heat import STRENGTH, glow


class HeatItem(QGraphicsItem):
    """Stretches a map over the whole picture, whose size is told apart from it."""

    def __init__(self) -> None:
        super().__init__()
        self._colours = np.zeros((0, 0, 4), np.uint8)
        self._image = QImage()
        self._area = QRectF()
        self.strength = STRENGTH
        self.setVisible(False)

    def set_map(self, shown: NDArray[np.float32] | None) -> None:
        """Show a map (H, W) in 0..1; None takes it away."""
        self._image = QImage()
        if shown is not None:
            self._colours = np.ascontiguousarray(glow(shown, 1.0))
            height, width = shown.shape
            layout = QImage.Format.Format_RGBA8888
            self._image = QImage(self._colours.data, width, height, 4 * width, layout)
        self.update()

    def set_area(self, width: int, height: int) -> None:
        """How large the picture is."""
        area = QRectF(0, 0, width, height)
        if area != self._area:
            self.prepareGeometryChange()
            self._area = area

    def set_strength(self, strength: float) -> None:
        """Opacity of the strongest place, 0..1."""
        self.strength = strength
        self.update()

    def boundingRect(self) -> QRectF:
        """The picture's rectangle."""
        return self._area

    def paint(
        self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None
    ) -> None:
        """Draw the map, smoothly enlarged."""
        if self._image.isNull():
            return
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, True)
        painter.setOpacity(self.strength)
        painter.drawImage(self._area, self._image)
        painter.setOpacity(1.0)
