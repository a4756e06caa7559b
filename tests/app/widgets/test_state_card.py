"""The card that says why a panel is empty."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QProgressBar, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from app.widgets.state_card import StateCard


@pytest.fixture
def host(qtbot: QtBot) -> QWidget:
    widget = QWidget()
    qtbot.addWidget(widget)
    widget.resize(500, 300)
    widget.show()
    return widget


def test_it_says_what_and_why_and_offers_one_thing(host: QWidget) -> None:
    card, done = StateCard(host), []
    assert card.says == ""
    card.say("Missing", "a.mp4 is gone.", None, ("Locate && find…", lambda: done.append(1)))
    assert card.says == "Missing\na.mp4 is gone."
    (button,) = card.findChildren(QPushButton)
    assert button.text() == "Locate &&&& find…"
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)
    assert done == [1]
    card.say("", "Another sentence.")
    assert button.isHidden()
    assert card.says == "Another sentence."


@pytest.mark.parametrize(("share", "shown"), [(0.25, 250), (7.0, 1000), (-1.0, -1)])
def test_it_shows_how_far_it_is(host: QWidget, share: float, shown: int) -> None:
    card = StateCard(host)
    card.say("Opening", "", share)
    (bar,) = card.findChildren(QProgressBar)
    assert not bar.isHidden()
    assert (bar.value() if bar.maximum() else -1) == shown
    card.say("Opening", "")
    assert bar.isHidden()


def test_it_stays_in_the_middle_and_inside(host: QWidget) -> None:
    card = StateCard(host)
    card.say("Title", "a sentence of many words that has to be wrapped " * 6, 0.5, ("Go", list))
    for width, height in ((700, 400), (240, 420)):
        host.resize(width, height)
        assert host.rect().contains(card.geometry())
        assert abs(card.geometry().center().x() - host.rect().center().x()) <= 1
        labels = [label for label in card.findChildren(QLabel) if label.text()]
        assert all(label.height() >= label.heightForWidth(label.width()) for label in labels)


def test_a_text_is_never_markup(host: QWidget) -> None:
    card = StateCard(host)
    card.say("<b>bold</b>", "<img src=x> & more")
    formats = {label.textFormat() for label in card.findChildren(QLabel)}
    assert formats == {Qt.TextFormat.PlainText}
