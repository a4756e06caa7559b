"""Icons, label chips, score bars and toasts as a user meets them."""

import pytest
from PySide6.QtCore import QPoint, QSize, Qt
from PySide6.QtGui import QColor, QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QPushButton, QWidget
from pytestqt.qtbot import QtBot

from app.errors import AppError
from app.widgets.icons import NAMES, icon
from app.widgets.score_bar import ScoreBar
from app.widgets.toasts import Toasts


def _count(image: QImage, color: str) -> int:
    wanted = QColor(color).rgb()
    return sum(
        image.pixel(x, y) == wanted for x in range(image.width()) for y in range(image.height())
    )


def test_every_icon_shows_something_of_its_own(qtbot: QtBot) -> None:
    drawn = set()
    for name in NAMES:
        image = icon(name, "#ff0000").pixmap(QSize(32, 32)).toImage()
        assert _count(image.convertToFormat(QImage.Format.Format_ARGB32), "#ff0000") > 15, name
        drawn.add(bytes(image.constBits()))
    assert len(drawn) == len(NAMES)


def test_an_unknown_icon_is_refused_with_the_names(qtbot: QtBot) -> None:
    with pytest.raises(AppError, match=r"no icon 'plya'; there are: .*play"):
        icon("plya")


def test_a_score_bar_fills_its_share(qtbot: QtBot) -> None:
    bar = ScoreBar()
    qtbot.addWidget(bar)
    bar.resize(200, 12)
    widths = []
    for score in (0.25, 0.75, 3.0):
        bar.set_score(score, "#ff0000")
        image = bar.grab().toImage()
        widths.append(sum(image.pixelColor(x, 6) == QColor("#ff0000") for x in range(200)))
    assert widths == pytest.approx([50, 150, 200], abs=3)
    assert bar.score == 1.0
    assert bar.accessibleName() == "score 1.00"


@pytest.fixture
def host(qtbot: QtBot) -> QWidget:
    widget = QWidget()
    qtbot.addWidget(widget)
    widget.resize(600, 400)
    widget.show()
    return widget


def test_toasts_stay_inside_and_do_not_cover_each_other(host: QWidget) -> None:
    toasts = Toasts(host)
    shown = [toasts.warn("A sentence about a file that could not be read. " * n) for n in (1, 3, 2)]
    host.resize(420, 380)
    areas = [toast.geometry() for toast in shown]
    assert all(host.rect().contains(area) for area in areas)
    assert areas[0].bottom() < areas[1].top() < areas[1].bottom() < areas[2].top()


def test_a_toast_offers_one_thing_and_goes_when_it_is_done(host: QWidget, qtbot: QtBot) -> None:
    toasts, undone = Toasts(host), []
    toast = toasts.inform("Tube #17 deleted.", "Undo", lambda: undone.append(17))
    button = next(b for b in toast.findChildren(QPushButton) if b.text() == "Undo")
    QTest.mouseClick(button, Qt.MouseButton.LeftButton, pos=QPoint(5, 5))
    assert undone == [17]
    assert toasts.texts == ()


def test_only_information_goes_by_itself(host: QWidget, qtbot: QtBot) -> None:
    toasts = Toasts(host)
    toasts.warn("The disk is full.")
    toasts.inform("Saved.").close_after(0.01)
    qtbot.waitUntil(lambda: toasts.texts == ("The disk is full.",), timeout=2000)


def test_no_more_than_four_are_kept(host: QWidget) -> None:
    toasts = Toasts(host)
    for number in range(6):
        toasts.warn(f"Problem {number}.")
    assert toasts.texts == tuple(f"Problem {number}." for number in range(2, 6))
