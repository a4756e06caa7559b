from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QPushButton, QWidget
from pytestqt.qtbot import QtBot

from app.widgets.banner import Banner


def test_it_stays_at_the_upper_edge_and_does_what_its_button_says(qtbot: QtBot) -> None:
    host = QWidget()
    qtbot.addWidget(host)
    host.resize(600, 300)
    banner = Banner(host)
    assert banner.says == ""
    pressed: list[str] = []
    banner.say("The file is missing. " * 12, "Locate", lambda: pressed.append("locate"))
    host.show()
    tall = banner.height()
    assert banner.says.startswith("The file is missing.")
    host.resize(300, 300)
    qtbot.waitUntil(lambda: banner.width() < 300)
    assert banner.height() > tall
    assert banner.y() < 20
    QTest.mouseClick(banner.findChildren(QPushButton)[0], Qt.MouseButton.LeftButton)
    assert pressed == ["locate"]
    banner.hide()
    assert banner.says == ""
