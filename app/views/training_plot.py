"""Loss and frame-mAP of a running fine-tune over its updates, each with an axis of its own."""

from collections.abc import Sequence

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QEvent, QSize, Qt
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from app.services.training_state import LossPoint, MapPoint
from app.widgets.palettes import Theme
from app.widgets.theme import current_theme

_TICK = 10
_HEIGHT = 150
_BOTTOM = 30


class TrainingPlot(QWidget):
    """Blue: mean loss, left axis. Green: frame-mAP in percent, right axis; dashed: before."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._loss_name = QLabel("loss", self)
        self._map_name = QLabel("frame-mAP, %", self)
        self._plot = pg.PlotWidget(self)
        self._maps = pg.ViewBox(enableMenu=False)
        self._loss_curve = pg.PlotDataItem()
        self._map_curve = pg.PlotDataItem(symbol="o", symbolSize=5)
        self._before = pg.InfiniteLine(
            angle=0, label="before", labelOpts={"position": 0.97, "anchors": [(1, 0), (1, 1)]}
        )
        self._build()
        self._dress(current_theme())
        self.set_curves((), (), None)

    def set_curves(
        self, losses: Sequence[LossPoint], maps: Sequence[MapPoint], before: float | None
    ) -> None:
        """Show losses and figures (percent); before: the base model's figure, None if unknown."""
        self._loss_curve.setData(
            np.array([p.update for p in losses], np.float64),
            np.array([p.total for p in losses], np.float64),
        )
        self._map_curve.setData(
            np.array([p.update for p in maps], np.float64),
            np.array([p.value for p in maps], np.float64),
        )
        self._before.setVisible(before is not None)
        self._before.setValue(before or 0.0)
        last = max([*(p.update for p in losses), *(p.update for p in maps)], default=0)
        highest = max([p.total for p in losses], default=1.0)
        best = max([*(p.value for p in maps), before or 0.0, 1.0])
        self._plot.setXRange(0, max(last, 1), padding=0.02)
        self._plot.setYRange(0, highest * 1.08 or 1.0, padding=0)
        self._maps.setYRange(0, min(best * 1.15, 100.0), padding=0)
        self.setAccessibleDescription(_in_words(losses, maps, before))

    def sizeHint(self) -> QSize:
        """Wide enough for both axes."""
        return QSize(260, _HEIGHT + 24)

    def changeEvent(self, event: QEvent) -> None:
        """Take the colours of another scheme."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            self._dress(current_theme())

    def event(self, event: QEvent) -> bool:
        """Keep the lines as thick on a screen of another scale."""
        if event.type() == QEvent.Type.DevicePixelRatioChange:
            self._dress(current_theme())
        return super().event(event)

    def _build(self) -> None:
        item = self._plot.getPlotItem()
        item.setMenuEnabled(False)
        item.hideButtons()
        item.setMouseEnabled(x=False, y=False)
        item.showAxis("right")
        item.scene().addItem(self._maps)
        item.getAxis("right").linkToView(self._maps)
        self._maps.setXLink(item)
        self._maps.setMouseEnabled(x=False, y=False)
        item.addItem(self._loss_curve)
        self._loss_curve.setDownsampling(auto=True, method="mean")
        self._maps.addItem(self._before)
        self._maps.addItem(self._map_curve)
        item.vb.sigResized.connect(self._follow)
        self._plot.setFixedHeight(_HEIGHT)
        self._plot.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        names = QHBoxLayout()
        names.setContentsMargins(4, 0, 4, 0)
        names.addWidget(self._loss_name)
        names.addStretch(1)
        names.addWidget(self._map_name)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(2)
        layout.addLayout(names)
        layout.addWidget(self._plot)

    def _follow(self) -> None:
        """Keep the second view over the first: they share one picture."""
        box = self._plot.getPlotItem().vb
        self._maps.setGeometry(box.sceneBoundingRect())
        self._maps.linkedViewChanged(box, self._maps.XAxis)

    def _dress(self, theme: Theme) -> None:
        scale = self.devicePixelRatioF()  # pens of plots are in pixels of the screen
        self._plot.setBackground(theme.field)
        self._loss_curve.setPen(pg.mkPen(theme.accent, width=2 * scale))
        self._map_curve.setPen(pg.mkPen(theme.good, width=2 * scale))
        self._map_curve.setSymbolBrush(theme.good)
        self._map_curve.setSymbolPen(None)
        self._before.label.setColor(theme.good)
        self._before.label.setFont(self._tick_font())
        self._before.setPen(pg.mkPen(theme.good, width=scale, style=Qt.PenStyle.DashLine))
        for label, color in ((self._loss_name, theme.accent), (self._map_name, theme.good)):
            label.setStyleSheet(f"color: {color}; font-size: 11px; font-weight: 700;")
        self._dress_axes(theme)

    def _dress_axes(self, theme: Theme) -> None:
        item = self._plot.getPlotItem()
        colors = {"left": theme.accent, "right": theme.good, "bottom": theme.muted}
        for side, color in colors.items():
            axis = item.getAxis(side)
            axis.setStyle(tickFont=self._tick_font(), tickLength=-3, autoExpandTextSpace=True)
            axis.setPen(pg.mkPen(theme.border))
            axis.setTextPen(pg.mkPen(color))
            axis.enableAutoSIPrefix(False)
        label = {"color": theme.muted, "font-size": f"{_TICK}px"}
        item.setLabel("bottom", "update", **label)
        item.getAxis("bottom").setHeight(_BOTTOM)

    def _tick_font(self) -> QFont:
        font = QFont(self.font())
        font.setPixelSize(_TICK)
        return font


def _in_words(losses: Sequence[LossPoint], maps: Sequence[MapPoint], before: float | None) -> str:
    """The same for those who do not see the curves."""
    parts = [f"loss {losses[0].total:.2f} to {losses[-1].total:.2f}"] if losses else []
    parts += [f"frame-mAP before {before:.1f} percent"] if before is not None else []
    parts += [f"now {maps[-1].value:.1f} percent"] if maps else []
    return ", ".join(parts) or "no figures yet"
