"""The graphics view under the canvas: fitting, zooming and panning of one picture."""

from PySide6.QtCore import QPoint, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QPainter, QResizeEvent, QTransform, QWheelEvent
from PySide6.QtWidgets import QFrame, QGraphicsScene, QGraphicsView, QWidget

_MARGIN = 10
_STEP = 1.2
_LARGEST = 40.0
_SMALLEST_SHARE = 0.25
"""The picture may become this much smaller than when it fits, no more."""


class ZoomableView(QGraphicsView):
    """Shows a picture whose pixels may be oblong; knows how large and where, not what it is.

    The wheel zooms at the cursor. zoom_changed tells the screen pixels to a video pixel in y.
    """

    zoom_changed = Signal(float)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._aspect = 1.0
        self._picture = QRectF()
        self._fitted = True
        self.setScene(QGraphicsScene(self))
        self.setAcceptDrops(False)  # else the scene swallows what the window would take
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setViewportUpdateMode(QGraphicsView.ViewportUpdateMode.FullViewportUpdate)
        self.setOptimizationFlag(QGraphicsView.OptimizationFlag.DontSavePainterState)
        self.setTransformationAnchor(QGraphicsView.ViewportAnchor.NoAnchor)
        self.setResizeAnchor(QGraphicsView.ViewportAnchor.NoAnchor)
        self.setRenderHint(QPainter.RenderHint.Antialiasing, False)

    @property
    def zoom(self) -> float:
        """Logical screen pixels to a video pixel in y; in x it is the aspect times that."""
        return self.transform().m22()

    @property
    def picture_size(self) -> tuple[float, float]:
        """Width and height of the picture in video pixels."""
        return self._picture.width(), self._picture.height()

    def set_sample_aspect(self, aspect: float) -> None:
        """Width of a pixel to its height as the video says; only the view stretches by it."""
        aspect = aspect if aspect > 0 else 1.0
        if aspect != self._aspect:
            self._aspect = aspect
            self.fit() if self._fitted else self._set_zoom(self.zoom)

    def fit(self) -> None:
        """Show the whole picture as large as it goes, and keep it so while the window changes."""
        self._fitted = True
        if not self._picture.isEmpty():
            self._set_zoom(self._fitting_zoom(self._picture, _MARGIN))
            self.centerOn(self._picture.center())

    def zoom_to(self, box: tuple[float, float, float, float]) -> None:
        """Show a box (video pixels) in the middle with some of what is around it."""
        area = QRectF(QPointF(box[0], box[1]), QPointF(box[2], box[3]))
        if self._picture.isEmpty() or area.isEmpty():
            return
        self._fitted = False
        around = 0.18 * min(self.viewport().width(), self.viewport().height())
        self._set_zoom(self._fitting_zoom(area, around))
        self.centerOn(area.center())

    def bring_into_view(self, box: tuple[float, float, float, float]) -> None:
        """Pan, without zooming, so that a box (video pixels) or else its middle is seen."""
        area = QRectF(QPointF(box[0], box[1]), QPointF(box[2], box[3])) & self._picture
        inverted, _ = self.viewportTransform().inverted()
        seen = inverted.mapRect(QRectF(self.viewport().rect()))
        if not self._fitted and not area.isEmpty() and not seen.contains(area):
            self.centerOn(area.center())

    def zoom_at(self, position: QPointF, factor: float) -> None:
        """Zoom by a factor with what lies under a viewport position kept there."""
        if self._picture.isEmpty():
            return
        before = self.to_video(position)
        self._fitted = False
        self._set_zoom(self.zoom * factor)
        self._scroll(self.viewportTransform().map(before) - position)

    def zoom_by(self, factor: float) -> None:
        """Zoom by a factor with the middle of what is seen kept there."""
        self.zoom_at(QPointF(self.viewport().rect().center()), factor)

    def to_video(self, position: QPointF) -> QPointF:
        """The place in the video's pixels under a position in the viewport."""
        inverted, _ = self.viewportTransform().inverted()
        return inverted.map(position)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Zoom at the cursor."""
        self.zoom_at(event.position(), _STEP ** (event.angleDelta().y() / 120))
        event.accept()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """A fitted picture stays fitted; another keeps its size."""
        super().resizeEvent(event)
        self.fit() if self._fitted else self._make_room()

    def _set_picture(self, width: int, height: int) -> None:
        if self.picture_size != (width, height):
            self._picture = QRectF(0, 0, width, height)
            self.fit()

    def _scroll(self, by: QPointF | QPoint) -> None:
        across, down = self.horizontalScrollBar(), self.verticalScrollBar()
        across.setValue(across.value() + round(by.x()))
        down.setValue(down.value() + round(by.y()))

    def _fitting_zoom(self, area: QRectF, margin: float) -> float:
        width = max(self.viewport().width() - 2 * margin, 16)
        height = max(self.viewport().height() - 2 * margin, 16)
        return min(width / (area.width() * self._aspect), height / area.height())

    def _set_zoom(self, zoom: float) -> None:
        smallest = _SMALLEST_SHARE * self._fitting_zoom(self._picture, _MARGIN)
        zoom = min(max(zoom, min(smallest, 1.0)), _LARGEST)
        changed = zoom != self.zoom
        self.setTransform(QTransform.fromScale(zoom * self._aspect, zoom))
        self._make_room()
        if changed:
            self.zoom_changed.emit(zoom)

    def _make_room(self) -> None:
        """Let the picture be dragged half a view beyond its edges, and no farther."""
        if self._picture.isEmpty():
            return
        across = self.viewport().width() / (2 * self.zoom * self._aspect)
        down = self.viewport().height() / (2 * self.zoom)
        self.setSceneRect(self._picture.adjusted(-across, -down, across, down))
