"""The frame on the canvas: an array that is painted where it lies."""

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRectF
from PySide6.QtGui import QImage, QPainter
from PySide6.QtWidgets import QGraphicsItem, QStyleOptionGraphicsItem, QWidget

from app.errors import AppError

_PIXELS_FROM = 3.0
"""From this magnification on, single pixels are shown instead of being smoothed away."""


class PictureItem(QGraphicsItem):
    """Paints one frame of blue, green, red and an unused byte, one scene unit to a pixel."""

    def __init__(self) -> None:
        super().__init__()
        self._pixels: NDArray[np.uint8] | None = None
        self._image = QImage()

    @property
    def size(self) -> tuple[int, int]:
        """Width and height of the frame, 0 and 0 without one."""
        return self._image.width(), self._image.height()

    def set_frame(self, bgra: NDArray[np.uint8] | None) -> None:
        """Show a frame (H, W, 4) uint8, without copying it when its rows are in one piece.

        The array is kept alive here and must not be written to while it is shown. None takes the
        picture away; another shape is an AppError.
        """
        if bgra is not None and (bgra.ndim != 3 or bgra.shape[2] != 4 or bgra.dtype != np.uint8):
            raise AppError(
                f"A frame of shape {bgra.shape} and type {bgra.dtype} cannot be shown; "
                "it must be height x width x 4 of uint8."
            )
        before = self.size
        self._pixels = None if bgra is None else np.ascontiguousarray(bgra)
        self._image = QImage() if self._pixels is None else _wrapped(self._pixels)
        if self.size != before:
            self.prepareGeometryChange()
        self.update()

    def boundingRect(self) -> QRectF:
        """The picture's rectangle."""
        return QRectF(0, 0, *self.size)

    def paint(
        self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None
    ) -> None:
        """Draw the frame."""
        if self._image.isNull():
            return
        large = painter.worldTransform().m22() >= _PIXELS_FROM
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, not large)
        painter.drawImage(0, 0, self._image)


def _wrapped(pixels: NDArray[np.uint8]) -> QImage:
    height, width = pixels.shape[:2]
    return QImage(pixels.data, width, height, 4 * width, QImage.Format.Format_RGB32)
