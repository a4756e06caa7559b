"""The scroll area under the timeline: what is visible, zooming, panning and the cached picture."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QColor, QPainter, QPixmap, QResizeEvent, QWheelEvent
from PySide6.QtWidgets import QAbstractScrollArea, QFrame, QWidget

from app.domain.project import TubeSummary
from app.views.timeline_axis import TimeAxis
from app.views.timeline_bars import BarPainter
from app.views.timeline_curve import patched_curve, score_curve
from app.views.timeline_frame import FramePainter
from app.views.timeline_layout import Layout, build_layout, in_place, shown_tubes
from app.views.timeline_scene import NUMBERS, ROW, Scene
from app.views.timeline_style import style_bars
from app.widgets.state_card import StateAction, StateCard
from app.widgets.theme import current_theme
from yowo_core.annotations import FrameRange, Label, Review

_ZOOM_STEP = 1.25
_WHEEL_ROWS = 2
_GAP_SECONDS = 0.5
_GAP_UNKNOWN = 10
_FEW = 200  # touched tubes, of which the curve is patched instead of worked out anew


class ScrollingTimeline(QAbstractScrollArea):
    """Lanes of tubes over time that can be scrolled and zoomed; shows, and asks for nothing.

    Plain wheel scrolls the lanes, Shift+wheel pans, Ctrl+wheel zooms at the cursor. All that does
    not move is kept as one picture, so that a moving playhead costs next to nothing.
    """

    view_changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._tubes: dict[int, TubeSummary] = {}
        self._show_rejected = False
        self._min_score = 0.0
        self._picture: QPixmap | None = None
        self._state = StateCard(self.viewport())
        self._empty_action: StateAction | None = None
        self._instead = ""
        self._bars, self._surroundings = BarPainter(), FramePainter()
        self._scene = self._empty_scene()
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        self.setAccessibleName("Timeline")
        self.viewport().setMouseTracking(True)
        self.horizontalScrollBar().valueChanged.connect(self._pan_to)
        self.verticalScrollBar().valueChanged.connect(self._scroll_to)
        self._say_emptiness()

    @property
    def axis(self) -> TimeAxis:
        """Which frames are visible, and where."""
        return self._scene.axis

    def set_video(self, times: NDArray[np.float64] | None, frame_count: int, fps: float) -> None:
        """Take up another video, fitted, and forget tubes, ranges and selection of the last one.

        times: (frame_count,) seconds of every frame, None when only fps is known; frame_count 0
        means that no video is open.
        """
        known = np.zeros(0) if times is None else np.asarray(times, dtype=np.float64)
        self._tubes = {}
        self._scene = replace(
            self._empty_scene(),
            axis=TimeAxis(frame_count=frame_count, fps=fps, times=known[:frame_count]),
            labels=self._scene.labels,
        )
        self._instead = ""
        self._place()
        self._say_emptiness()

    def say_instead(self, text: str) -> None:
        """Say what is going on as long as no video is there; the next set_video ends it."""
        self._instead = text
        self._say_emptiness()

    def set_empty_action(self, action: StateAction) -> None:
        """What can be done about a video without tubes."""
        self._empty_action = action
        self._say_emptiness()

    def set_tubes(self, tubes: Sequence[TubeSummary]) -> None:
        """Show these tubes and no others; those that did not change keep their lanes."""
        self._tubes = {tube.id: tube for tube in tubes}
        self._lay_out()

    def update_tubes(self, changed: Sequence[TubeSummary], removed: set[int]) -> None:
        """Take in what an edit touched: new values of some tubes, and ids that are gone."""
        ids = removed | {tube.id for tube in changed}
        before = [self._tubes[key] for key in ids if key in self._tubes]
        kept = {key: tube for key, tube in self._tubes.items() if key not in removed}
        self._tubes = kept | {tube.id: tube for tube in changed}
        seen = all(self._shows(tube) for tube in changed)
        layout = in_place(self._scene.layout, changed) if seen and not removed else None
        self._lay_out([*before, *changed], layout)

    @property
    def tubes(self) -> Collection[TubeSummary]:
        """Every tube it was given, shown or not."""
        return self._tubes.values()

    def set_labels(self, labels: Mapping[int, Label]) -> None:
        """The project's labels by id."""
        self._scene = replace(self._scene, labels=dict(labels))
        self._restyle()

    def set_ranges(self, ranges: tuple[FrameRange, ...]) -> None:
        """The ranges that are fully labelled, ascending and apart from each other."""
        edges = np.array([(r.start, r.stop) for r in ranges], dtype=np.int64).reshape(-1, 2)
        self._change(ranges=ranges, edges=edges)

    def set_min_score(self, score: float) -> None:
        """Let predictions whose best action is below a score (0..1) fade into the ground."""
        if score != self._min_score:
            self._min_score = score
            self._restyle()

    @property
    def shows_rejected(self) -> bool:
        """Whether rejected tubes are shown."""
        return self._show_rejected

    def set_show_rejected(self, show: bool) -> None:
        """Show rejected tubes, struck gray, or leave them out."""
        if show != self._show_rejected:
            self._show_rejected = show
            self._lay_out()

    def zoom_to_fit(self) -> None:
        """Show the whole video."""
        self._look(self.axis.fitted())

    def zoom(self, factor: float, at_frame: int) -> None:
        """Magnify time by a factor with a frame kept in its place."""
        self._look(self.axis.zoomed(factor, at_frame))

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Scroll, pan or zoom."""
        notches = (event.angleDelta().y() or event.angleDelta().x()) / 120
        keys = event.modifiers()
        if keys & Qt.KeyboardModifier.ControlModifier:
            x = max(event.position().x(), NUMBERS)
            at = (x - self.axis.left) / self.axis.pixels + self.axis.offset
            self._look(self.axis.zoomed(_ZOOM_STEP**notches, at))
        elif keys & Qt.KeyboardModifier.ShiftModifier or not event.angleDelta().y():
            self._look(self.axis.panned(-notches * self.axis.width / 8))
        else:
            bar = self.verticalScrollBar()
            bar.setValue(bar.value() - round(notches * _WHEEL_ROWS * ROW))
        event.accept()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Give the axis its new width."""
        super().resizeEvent(event)
        self._place()

    def changeEvent(self, event: QEvent) -> None:
        """Follow the colour scheme."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            self._scene = replace(self._scene, theme=current_theme())
            self._restyle()

    def _paint_still(self, painter: QPainter) -> None:
        """Paint all but playhead and ghosts, from the kept picture when nothing has changed."""
        ratio = self.viewport().devicePixelRatioF()
        if self._picture is None or self._picture.devicePixelRatio() != ratio:
            self._picture = QPixmap(self.viewport().size() * ratio)
            self._picture.setDevicePixelRatio(ratio)
            self._picture.fill(QColor(self._scene.theme.timeline))
            onto = QPainter(self._picture)
            self._paint_scene(onto)
            onto.end()
        painter.drawPixmap(0, 0, self._picture)

    def _paint_scene(self, painter: QPainter) -> None:
        if self.axis.frame_count:
            self._bars.paint(painter, self._scene)
            self._surroundings.paint(painter, self._scene)

    def _say_emptiness(self) -> None:
        """Say why there is nothing to see, and what can be done; nothing while there is."""
        text = self._emptiness()
        if not text:
            self._state.hide()
            return
        bare = self.axis.frame_count > 0 and not self._tubes
        self._state.say("", text, None, self._empty_action if bare else None)

    def _emptiness(self) -> str:
        if self._scene.layout.tubes:
            return ""
        if not self.axis.frame_count:
            return self._instead or "No video is open."
        hidden = sum(tube.review is Review.REJECTED for tube in self._tubes.values())
        if hidden:
            return f"Nothing but rejected tubes here ({hidden}), and they are hidden."
        return "No tubes yet: analyse the video, or draw a box."

    def _empty_scene(self) -> Scene:
        layout, theme = build_layout((), 0), current_theme()
        style = style_bars(layout, {}, theme, 0.0)
        size = (self.viewport().width(), self.viewport().height())
        nothing = np.zeros(0, dtype=np.float32)
        edges = np.zeros((0, 2), dtype=np.int64)
        return Scene(TimeAxis(), layout, style, theme, {}, (), frozenset(), nothing, 0, size, edges)

    def _lay_out(
        self, touched: Sequence[TubeSummary] | None = None, layout: Layout | None = None
    ) -> None:
        """Lay all tubes out. touched: only these are new or gone, in an old or a new value.

        layout: if it is known already.
        """
        layout, curve = layout or self._built(), self._scene.curve
        if touched is None or len(touched) > _FEW or not len(curve):
            curve = score_curve(layout.tubes, self.axis.frame_count)
        else:
            curve = patched_curve(curve, layout, touched)
        self._scene = replace(self._scene, layout=layout, curve=curve)
        self._restyle()
        self._place()
        self._say_emptiness()

    def _built(self) -> Layout:
        """The layout of all tubes to be shown; those that did not change keep their lanes."""
        shown = shown_tubes(self._tubes, self._show_rejected)
        fps = self.axis.fps
        gap = max(round(fps * _GAP_SECONDS), 1) if fps > 0 else _GAP_UNKNOWN
        return build_layout(shown, gap, self._scene.layout)

    def _shows(self, tube: TubeSummary) -> bool:
        return self._show_rejected or tube.review is not Review.REJECTED

    def _restyle(self) -> None:
        scene = self._scene
        self._change(style=style_bars(scene.layout, scene.labels, scene.theme, self._min_score))

    def _place(self) -> None:
        """Fit axis and scroll bars to the widget's size and the number of rows."""
        size = (self.viewport().width(), self.viewport().height())
        self._scene = replace(self._scene, size=size)
        down = self.verticalScrollBar()
        down.setPageStep(max(self._scene.lanes_height, 1))
        down.setSingleStep(ROW)
        down.setRange(0, max(self._scene.layout.row_count * ROW - self._scene.lanes_height, 0))
        self._scene = replace(self._scene, scroll=down.value())
        self._look(self.axis.placed(NUMBERS, size[0] - NUMBERS - 1))

    def _look(self, axis: TimeAxis) -> None:
        """Show another part of the time, and let the scroll bar say so."""
        self._change(axis=axis)
        across = self.horizontalScrollBar()
        across.blockSignals(True)
        across.setPageStep(round(axis.width))
        across.setSingleStep(max(round(axis.width / 20), 1))
        across.setRange(0, round(max(axis.frame_count * axis.pixels - axis.width, 0)))
        across.setValue(round(axis.offset * axis.pixels))
        across.blockSignals(False)
        self.view_changed.emit()

    def _pan_to(self, value: int) -> None:
        self._look(self.axis.panned(value - self.axis.offset * self.axis.pixels))

    def _scroll_to(self, value: int) -> None:
        self._change(scroll=value)

    def _change(self, **values: object) -> None:
        self._scene = replace(self._scene, **values)  # type: ignore[arg-type]  # Scene's own names
        self._picture = None
        self.viewport().update()
