"""Letters match by their place on the keyboard, with the numbers that each platform tells."""

import pytest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QKeyEvent

from app.views.physical_keys import physical_key

CYRILLIC_EN = "н"  # written by the key that is Y on a US keyboard


def _event(scan: int, virtual: int) -> QKeyEvent:
    key = ord(CYRILLIC_EN.upper())
    none = Qt.KeyboardModifier.NoModifier
    return QKeyEvent(QEvent.Type.KeyPress, key, none, scan, virtual, 0, CYRILLIC_EN)


@pytest.mark.parametrize(
    ("platform", "scan", "virtual", "key"),
    [
        ("linux", 29, 0x6CE, Qt.Key.Key_Y),  # evdev KEY_Y is 21
        ("linux", 38, 0x6C6, Qt.Key.Key_A),
        ("linux", 10, 0x31, Qt.Key.Key_1),
        ("linux", 59, 0x6C2, Qt.Key.Key_Comma),
        ("linux", 61, 0x2E, Qt.Key.Key_Slash),
        ("linux", 34, 0x6C8, Qt.Key.Key_BracketLeft),
        ("win32", 0x15, 0x59, Qt.Key.Key_Y),
        ("win32", 0x1E, 0x41, Qt.Key.Key_A),
        ("win32", 0x34, 0xBE, Qt.Key.Key_Period),
        ("darwin", 1, 0x10, Qt.Key.Key_Y),
        ("darwin", 1, 0x00, Qt.Key.Key_A),
        ("darwin", 1, 0x2B, Qt.Key.Key_Comma),
    ],
)
def test_the_place_tells_the_key(platform: str, scan: int, virtual: int, key: Qt.Key) -> None:
    assert physical_key(_event(scan, virtual), platform) is key


@pytest.mark.parametrize("platform", ["linux", "win32", "darwin"])
def test_without_a_place_there_is_no_key(platform: str) -> None:
    assert physical_key(_event(0, 0), platform) is None
    assert physical_key(_event(0x7FFF, 0x7F), platform) is None
