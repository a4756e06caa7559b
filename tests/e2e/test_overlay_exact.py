"""Every box on the screen belongs to the picture under it, whatever is pressed when."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication

from app.domain.live import LiveAction, LiveBox
from app.views.main_window import MainWindow
from benchmarks.number_model import SIZE, box_corner
from benchmarks.overlay_exact import FULL, HEIGHT, WIDTH, Eye, Tally, run_pass, write_clips
from benchmarks.overlay_exact import open_window as open_exact

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(300)]
FORM = "variable rate"
OPERATIONS = 20


@pytest.fixture
def window(qapp: QApplication, own_folders: Path, tmp_path: Path) -> Iterator[MainWindow]:
    made = open_exact(tmp_path, write_clips(tmp_path, FORM), 0)
    yield made
    made.close()


def show_box(window: MainWindow, number: int) -> None:
    """A live box that says a number, on the picture that is shown."""
    across, down = WIDTH / SIZE, HEIGHT / SIZE
    x, y = box_corner(number)
    box = (across * x, down * y, across * (x + 64), down * (y + 48))
    color = "#{:02x}{:02x}{:02x}".format(*FULL)
    made = LiveBox(box, None, (LiveAction("seen", color, 0.9),))
    window.canvas.set_live([made], window.canvas.frame)


def test_full_boxes_are_of_the_picture_they_are_on(window: MainWindow) -> None:
    tally = run_pass(window, FORM, OPERATIONS)
    assert tally.wrong == []
    assert tally.unanswered == []
    assert tally.wrong_clips == 0
    assert sum(tally.compared.values()) >= OPERATIONS // 3
    # and a box of another picture would have been noticed
    shown, eye = tally.last.picture, Eye(window.canvas, Tally())
    window.services.live.shutdown()
    show_box(window, (shown + 1) % 1024)
    QApplication.processEvents()
    assert eye.seen().picture == shown
    assert eye.seen().box == (shown + 1) % 1024
