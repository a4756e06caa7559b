"""Takes the README's picture from the running program on its demo: packaging/screenshot.py OUT.png.

    xvfb-run -a -s "-screen 0 1600x1000x24" .venv/bin/python packaging/screenshot.py OUT.png

Nothing is staged: the window opens the demo, plays, analyses, and is grabbed.
"""

import os
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

FRAME = 661
PART_MS = 50
LONGEST_SECONDS = 900.0


def main(target: Path) -> int:
    """Grab the window once tubes, predictions and live detections are on it."""
    with tempfile.TemporaryDirectory() as folder:
        os.environ["YOWO_DATA"] = folder
        os.environ["YOWO_SETTINGS"] = str(Path(folder) / "settings.json")
        return _grab(target)


def _grab(target: Path) -> int:
    from PySide6.QtWidgets import QApplication  # noqa: PLC0415 the folders must be set before

    from app.application import Options, make_window, open_paths  # noqa: PLC0415

    application = QApplication(sys.argv[:1])
    window = make_window(Options(demo=True))
    window.resize(1600, 1000)
    window.show()
    open_paths(window, Options(demo=True))
    _wait(application, lambda: window.play_desk.frame_count > 0, "the demo opens")
    window.actions_by_name["analyse"].trigger()
    _wait(application, lambda: not window.services.analysis.running(), "the analysis ends")
    window.play_desk.go_to(FRAME)
    seen: list[int] = []
    window.services.live.detections.connect(lambda found: seen.append(found.frame))
    _wait(application, lambda: FRAME in seen, "the live model answers")
    video = window.play_desk.video
    tubes = window.services.project.tubes(video.id) if video else []
    chosen = next(t for t in tubes if t.first <= FRAME <= t.last and t.confirmed)
    window.tube_desk.select(chosen.id)
    _wait(application, lambda: not window.toasts.texts, "messages are gone")
    target.parent.mkdir(parents=True, exist_ok=True)
    saved = window.grab().save(str(target))
    window.close()
    return 0 if saved else 1


def _wait(application: object, done: Callable[[], bool], what: str) -> None:
    from PySide6.QtWidgets import QApplication  # noqa: PLC0415

    assert isinstance(application, QApplication)
    end = time.monotonic() + LONGEST_SECONDS
    while not done():
        if time.monotonic() > end:
            sys.exit(f"waited in vain until {what}")
        application.processEvents()
        time.sleep(PART_MS / 1000)


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
