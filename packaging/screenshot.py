"""Takes the pictures of docs/ from the running program: packaging/screenshot.py [FOOTAGE].

    xvfb-run -a -s "-screen 0 1920x1080x24" .venv/bin/python packaging/screenshot.py

Nothing is staged: the window opens the demo, analyses it, and is used by the same actions, keys
and mouse that a person has. FOOTAGE is a folder with corrupted.mp4, a recording that breaks off;
without it the picture of that is not taken anew. Where YOWO_DATA names a folder with an analysed
demo, that is used. The pictures at 200 percent come from a second process on the same project,
because a program's scale is settled when it starts.
"""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, QPointF, Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QDialog, QWidget

from app.application import Options, make_window, open_paths
from yowo_core.annotations import FrameRange

if TYPE_CHECKING:
    from app.views.main_window import MainWindow

DOCS = Path(__file__).resolve().parents[1] / "docs"
GUIDE = DOCS / "guide"
FRAME = 661
WALKING = 439
EMPTY = FrameRange(1200, 1231)
MISSED = 1300
"""A frame with a person of whom the model is not sure."""
PART_MS = 50
LONGEST_SECONDS = 1200.0
QUALITY = 82
LARGE = "--large"


def main(arguments: list[str]) -> int:
    """Take all pictures; with LARGE only those at the scale that this process has."""
    if arguments[:1] == [LARGE]:
        return _large()
    with tempfile.TemporaryDirectory() as folder:
        os.environ.setdefault("YOWO_DATA", folder)
        os.environ["YOWO_SETTINGS"] = str(Path(folder) / "settings.json")
        _plain(Path(arguments[0]) if arguments else None, Path(folder))
        command = [sys.executable, __file__, LARGE]
        scaled = {**os.environ, "QT_SCALE_FACTOR": "2"}
        return subprocess.run(command, check=False, env=scaled).returncode


def _plain(footage: Path | None, folder: Path) -> None:
    application, window = _opened((1600, 1000))
    use = window.actions_by_name
    if not window.review_desk.queue().left:
        use["analyse"].trigger()
    _wait(application, lambda: not window.services.analysis.running(), "the analysis ends")
    _show_live(application, window)
    _save(window, DOCS / "images" / "main-window.png")
    use["live"].trigger()
    use["theme_light"].trigger()
    _save(window, GUIDE / "window-light.webp")
    use["theme_dark"].trigger()
    window.resize(1366, 768)
    _see(application, window)
    _range(application, window)
    _correct(application, window)
    _review(application, window)
    use["theme_light"].trigger()
    for name in ("fine_tune", "export", "keys"):
        _dialog(window, name, GUIDE / f"{name.replace('_', '-')}.webp")
    if footage is not None:
        _broken(application, window, footage / "corrupted.mp4", folder)
    window.services.project.close()
    _save(window, GUIDE / "start-light.webp")
    window.close()


def _large() -> int:
    """The window on a screen of 1920 x 1080 at 200 percent, in both schemes."""
    application, window = _opened((960, 540))
    window.play_desk.go_to(FRAME)
    _wait(application, lambda: window.play_desk.frame == FRAME, "the frame is shown")
    window.actions_by_name["tube_down"].trigger()
    for scheme in ("dark", "light"):
        window.actions_by_name[f"theme_{scheme}"].trigger()
        _rest(application, 1.0)
        _save(window, GUIDE / f"scale-200-{scheme}.webp")
    window.close()
    return 0


def _opened(size: tuple[int, int]) -> "tuple[QApplication, MainWindow]":
    application = QApplication(sys.argv[:1])
    window = make_window(Options(demo=True, theme="dark"))
    window.resize(*size)
    window.show()
    open_paths(window, Options(demo=True))
    _wait(application, lambda: window.play_desk.frame_count > 0, "the demo opens")
    return application, window


def _show_live(application: QApplication, window: "MainWindow") -> None:
    """Tubes, predictions and live detections on one picture."""
    seen: list[int] = []
    window.services.live.detections.connect(lambda found: seen.append(found.frame))
    window.play_desk.go_to(FRAME)
    _wait(application, lambda: FRAME in seen, "the live model answers")
    video = window.play_desk.video
    tubes = window.services.project.tubes(video.id) if video else []
    chosen = next(t for t in tubes if t.first <= FRAME <= t.last and t.confirmed)
    window.tube_desk.select(chosen.id)
    _wait(application, lambda: not window.toasts.texts, "messages are gone")


def _see(application: QApplication, window: "MainWindow") -> None:
    """Where the model looks while somebody walks."""
    window.play_desk.go_to(WALKING)
    _wait(application, lambda: window.play_desk.frame == WALKING, "the frame is shown")
    window.actions_by_name["see"].trigger()
    _wait(application, lambda: window.canvas.heat_shown, "the map is there")
    _rest(application, 1.0)
    _save(window, GUIDE / "see-dark.webp")
    window.actions_by_name["see"].trigger()


def _range(application: QApplication, window: "MainWindow") -> None:
    """Frames in which nobody is there, selected to be marked."""
    window.tube_desk.select(None)
    window.play_desk.go_to(EMPTY.start)
    window.timeline.set_selected_range(EMPTY)
    _rest(application, 1.0)
    _save(window, GUIDE / "range-dark.webp")
    window.actions_by_name["mark_labelled"].trigger()
    window.actions_by_name["cancel"].trigger()


def _correct(application: QApplication, window: "MainWindow") -> None:
    """A box that is being drawn anew, with the line in which its action is typed."""
    window.play_desk.go_to(MISSED)
    _wait(application, lambda: window.play_desk.frame == MISSED, "the frame is shown")
    video = window.play_desk.video
    here = window.services.project.boxes_at(video.id, MISSED) if video else []
    window.review_desk.score_asked.emit(0.95)
    window.actions_by_name["draw"].trigger()
    canvas, view = window.canvas, window.canvas.viewport()
    corners = [_on(canvas, at) for at in (here[0].box[:2], here[0].box[2:])]
    button, none = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    QTest.mousePress(view, button, none, corners[0])
    for step in range(1, 9):
        QTest.mouseMove(view, corners[0] + (corners[1] - corners[0]) * (step / 8))
        _rest(application, 0.05)
    QTest.mouseRelease(view, button, none, corners[1])
    _rest(application, 1.0)
    _save(window, GUIDE / "draw-dark.webp")
    window.actions_by_name["cancel"].trigger()
    window.actions_by_name["undo"].trigger()
    window.review_desk.score_asked.emit(0.3)


def _on(canvas: QWidget, at: tuple[float, float]) -> QPoint:
    transform = canvas.viewportTransform()  # type: ignore[attr-defined]  # a graphics view
    return QPoint(transform.map(QPointF(*at)).toPoint())


def _review(application: QApplication, window: "MainWindow") -> None:
    """The queue in its middle and at its end."""
    use = window.actions_by_name
    window.play_desk.go_to(EMPTY.start - 300)
    _wait(application, lambda: window.play_desk.frame == EMPTY.start - 300, "the frame is shown")
    use["next"].trigger()
    _rest(application, 2.0)
    _save(window, GUIDE / "review-dark.webp")
    use["accept"].trigger()
    use["reject"].trigger()
    while window.review_desk.queue().left:
        use["accept"].trigger()
        _rest(application, 0.2)
    _rest(application, 1.0)
    _save(window, GUIDE / "review-end-dark.webp")


def _dialog(window: "MainWindow", action: str, target: Path) -> None:
    """The dialog that an action opens."""

    def take() -> None:
        shown = QApplication.activeModalWidget()
        if isinstance(shown, QDialog):
            _save(shown, target)
            shown.reject()

    QTimer.singleShot(1500, take)
    window.actions_by_name[action].trigger()


def _broken(application: QApplication, window: "MainWindow", file: Path, folder: Path) -> None:
    """What is said of a recording that breaks off."""
    project = window.services.project
    project.create(folder / "Odd files.yowo")
    window.media_desk.add([file])
    _wait(application, lambda: window.play_desk.frame_count > 0, "the broken file opens")
    _rest(application, 2.0)
    _save(window, GUIDE / "broken-light.webp")


def _save(widget: QWidget, target: Path) -> None:
    QApplication.processEvents()
    target.parent.mkdir(parents=True, exist_ok=True)
    if not widget.grab().save(str(target), quality=-1 if target.suffix == ".png" else QUALITY):
        sys.exit(f"{target} cannot be written")
    print(f"{target.name}: {target.stat().st_size // 1000} kB")  # noqa: T201 a script's report


def _rest(application: QApplication, seconds: float) -> None:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        application.processEvents()
        time.sleep(PART_MS / 1000)


def _wait(application: QApplication, done: Callable[[], bool], what: str) -> None:
    end = time.monotonic() + LONGEST_SECONDS
    while not done():
        if time.monotonic() > end:
            sys.exit(f"waited in vain until {what}")
        application.processEvents()
        time.sleep(PART_MS / 1000)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
