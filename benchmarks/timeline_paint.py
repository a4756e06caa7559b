"""Time of one pan step of the timeline beside a scene with one rectangle item a tube.

    QT_QPA_PLATFORM=offscreen python benchmarks/timeline_paint.py [--quick]

Both paint the same made-up tubes of a two-hour video at 30 frames a second, at the same places in
a widget of the same size; medians, one process. The plain scene has a rectangle item and a text
item a bar; the timeline also paints keyframes, ruler, 2,000 labelled
ranges, the selected range and score curve. --quick leaves 100,000 tubes out.
"""

import statistics
import sys
import time

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtGui import QBrush, QColor, QPen, QTransform
from PySide6.QtWidgets import (
    QAbstractScrollArea,
    QApplication,
    QGraphicsItem,
    QGraphicsScene,
    QGraphicsView,
)

from app.domain.project import TubeSummary
from app.views.timeline import TimelineView
from app.views.timeline_scene import BAR, ROW
from app.widgets.theme import apply_theme, label_color
from yowo_core.annotations import ActionSpan, FrameRange, Label, Review, Source

FPS = 30
FRAMES = 2 * 3600 * FPS
SIZE = (1600, 320)
LABELS = 8
RANGES = 2000
STEPS = 25
VIEWS = {"all": FRAMES, "10 min": 600 * FPS, "1 min": 60 * FPS}


def made_up_tubes(count: int) -> list[TubeSummary]:
    """Tubes of 1 to 20 s with one or two actions, a third of them confirmed with keyframes."""
    rng = np.random.default_rng(5)
    starts = rng.integers(0, FRAMES - 700, count)
    lengths = rng.integers(FPS, 20 * FPS, count)
    return [
        _tube(number, int(start), int(start + length), rng)
        for number, (start, length) in enumerate(zip(starts, lengths, strict=True))
    ]


def _tube(number: int, start: int, stop: int, rng: np.random.Generator) -> TubeSummary:
    spans = tuple(
        ActionSpan(int(rng.integers(LABELS)), start, stop, float(rng.random()))
        for _ in range(1 + (number % 10 == 0))
    )
    review = Review.ACCEPTED if number % 3 == 0 else Review.TO_REVIEW
    ticks = np.arange(start, stop, 2 * FPS, dtype=np.int64)
    return TubeSummary(number, number, 1, start, stop - 1, spans, ticks, review, Source.MODEL)


def timeline(tubes: list[TubeSummary]) -> TimelineView:
    """The program's own view."""
    view = TimelineView()
    view.resize(*SIZE)
    view.set_labels({n: Label(n, f"action {n}", label_color(n)) for n in range(LABELS)})
    view.set_video(None, FRAMES, FPS)
    view.set_tubes(tubes)
    starts = range(0, FRAMES - 60, FRAMES // RANGES)
    view.set_ranges(tuple(FrameRange(start, start + 60) for start in starts))
    view.set_selected_range(FrameRange(FRAMES // 3, 2 * FRAMES // 3))
    view.show()
    return view


def naive(view: TimelineView) -> QGraphicsView:
    """An item a bar and an item a name, at the same places: the plain way to build a timeline."""
    scene = QGraphicsScene()
    layout = view._scene.layout  # noqa: SLF001 - the same places are what makes it comparable
    for tube, row in zip(layout.tubes, layout.top.tolist(), strict=True):
        for line, span in enumerate(tube.spans):
            color = QColor(label_color(span.label))
            pen = QPen(color, 1, Qt.PenStyle.SolidLine if tube.confirmed else Qt.PenStyle.DashLine)
            pen.setCosmetic(True)
            y = (row + line) * ROW
            scene.addRect(span.start, y, span.stop - span.start, BAR, pen, QBrush(color.darker()))
            name = scene.addSimpleText(f"#{tube.number} action {span.label}")
            name.setFlag(QGraphicsItem.GraphicsItemFlag.ItemIgnoresTransformations)
            name.setPos(span.start, y)
    plain = QGraphicsView(scene)
    scene.setParent(plain)
    plain.resize(*SIZE)
    plain.setAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop)
    plain.show()
    return plain


def pan_times(area: QAbstractScrollArea) -> list[float]:
    """Milliseconds of pan steps of 24 pixels to and fro, painted at once."""
    bar = area.horizontalScrollBar()
    middle = (bar.minimum() + bar.maximum()) // 2
    times = []
    for step in range(STEPS):
        begin = time.perf_counter()
        bar.setValue(middle + 24 * (step % 2 * 2 - 1) + step % 5)
        area.viewport().repaint()
        times.append(1000 * (time.perf_counter() - begin))
    return times


def measured(area: QAbstractScrollArea) -> float:
    """Median of two rounds after a first paint."""
    QApplication.processEvents()
    area.viewport().repaint()
    return statistics.median(pan_times(area) + pan_times(area))


def compare(view: TimelineView, plain: QGraphicsView, frames: int) -> tuple[float, float]:
    """Milliseconds a step of the timeline and of the plain scene with that many frames visible."""
    scale = 1.05 * SIZE[0] / frames  # a little more than fits, so that there is room to pan
    view.zoom_to_fit()
    view.zoom(scale / view.axis.pixels, FRAMES // 2)
    plain.setTransform(QTransform.fromScale(scale, 1))
    return measured(view), measured(plain)


def main() -> None:
    """Print one line for every number of tubes and every part of the video."""
    app = QApplication(sys.argv[:1])
    apply_theme(app, "dark")
    print("   tubes  visible  timeline ms  plain ms  ratio")
    for count in (1_000, 10_000) if "--quick" in sys.argv else (1_000, 10_000, 100_000):
        view = timeline(made_up_tubes(count))
        plain = naive(view)
        for name, frames in VIEWS.items():
            ours, plainly = compare(view, plain, frames)
            print(f"{count:8} {name:>8} {ours:12.2f} {plainly:9.2f} {plainly / ours:6.1f}")
        view.close()
        plain.close()


if __name__ == "__main__":
    main()
