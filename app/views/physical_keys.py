"""Which key of a keyboard was pressed, whatever its layout writes: as on a US keyboard."""

import sys
from typing import Final

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent

_ROWS: Final = (
    # (scan code of the first key, the keys from there on)
    (0x02, "1234567890-="),
    (0x10, "QWERTYUIOP[]"),
    (0x1E, "ASDFGHJKL;'`"),
    (0x2B, "\\ZXCVBNM,./"),
)
_PC: Final = {
    first + place: letter for first, letters in _ROWS for place, letter in enumerate(letters)
}
"""Scan codes of PC keyboards. Windows tells them; X11 and Wayland tell 8 more."""
_MAC: Final = dict(
    zip(
        (
            *(0x12, 0x13, 0x14, 0x15, 0x17, 0x16, 0x1A, 0x1C, 0x19, 0x1D, 0x1B, 0x18),
            *(0x0C, 0x0D, 0x0E, 0x0F, 0x11, 0x10, 0x20, 0x22, 0x1F, 0x23, 0x21, 0x1E),
            *(0x00, 0x01, 0x02, 0x03, 0x05, 0x04, 0x26, 0x28, 0x25, 0x29, 0x27, 0x32),
            *(0x2A, 0x06, 0x07, 0x08, 0x09, 0x0B, 0x2D, 0x2E, 0x2B, 0x2F, 0x2C),
        ),
        "".join(letters for _, letters in _ROWS),
        strict=True,
    )
)
"""Virtual key codes of macOS, which name places."""
_X11_MORE: Final = 8


def physical_key(event: QKeyEvent, platform: str = sys.platform) -> Qt.Key | None:
    """The key at that place of a US keyboard; None for other keys than letters, digits, signs.

    platform is sys.platform: each tells places in its own numbers.
    """
    if platform == "darwin":
        letter = _MAC.get(event.nativeVirtualKey()) if event.nativeScanCode() else None
    elif platform == "win32":
        letter = _PC.get(event.nativeScanCode())
    else:
        letter = _PC.get(event.nativeScanCode() - _X11_MORE)
    return None if letter is None else Qt.Key(ord(letter))
