"""Bars, columns and choices where there is little room."""

import pytest
from PySide6.QtWidgets import QApplication, QLabel, QPushButton, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from app.widgets.column_area import ColumnArea
from app.widgets.elided_combo import ElidedCombo
from app.widgets.yielding_bar import YieldingBar


@pytest.fixture
def host(qtbot: QtBot) -> QWidget:
    widget = QWidget()
    qtbot.addWidget(widget)
    return widget


@pytest.fixture
def bar(host: QWidget) -> YieldingBar:
    made = YieldingBar(host)
    made.row.setContentsMargins(0, 0, 0, 0)
    made.row.setSpacing(10)
    for _ in range(3):
        label = QLabel(made)
        label.setFixedWidth(100)
        made.row.addWidget(label)
    host.show()
    return made


def _shown(bar: YieldingBar) -> list[bool]:
    return [not label.isHidden() for label in bar.findChildren(QLabel)]


def test_the_least_needed_goes_first_and_comes_back(bar: YieldingBar) -> None:
    first, second, _ = bar.findChildren(QLabel)
    bar.give_way((second, first))
    states = []
    for width in (320, 319, 209, 320):
        bar.resize(width, 30)
        QApplication.processEvents()
        states.append(_shown(bar))
    assert states == [
        [True, True, True],
        [True, False, True],
        [False, False, True],
        [True, True, True],
    ]
    assert bar.minimumSizeHint().width() == 100


def test_what_somebody_else_hid_stays_hidden(bar: YieldingBar) -> None:
    first, second, third = bar.findChildren(QLabel)
    bar.give_way((second,))
    third.hide()
    bar.resize(210, 30)
    QApplication.processEvents()
    assert _shown(bar) == [True, True, False]
    assert not first.isHidden()


def test_a_column_is_as_wide_as_its_content_and_scrolls_down(qtbot: QtBot) -> None:
    content = QWidget()
    stack = QVBoxLayout(content)
    for _ in range(20):
        stack.addWidget(QPushButton("A button with a long text"))
    area = ColumnArea(content)
    qtbot.addWidget(area)
    area.resize(area.minimumSizeHint().width(), 200)
    area.show()
    assert area.viewport().width() >= content.minimumSizeHint().width()
    assert area.verticalScrollBar().maximum() > 0
    assert area.minimumSizeHint().height() < 100


def test_a_choice_keeps_its_place_however_long_its_text(qtbot: QtBot) -> None:
    box = ElidedCombo()
    qtbot.addWidget(box)
    box.resize(120, 26)
    box.show()
    drawn = []
    for text in ("A long name " * 20, "A long name that ends otherwise", "A"):
        box.clear()
        box.addItem(text)
        drawn.append(box.grab().toImage())
    assert drawn[0] == drawn[1]  # both end in dots at the same place
    assert drawn[2] != drawn[1]
