"""A button that waits for a key and tells it."""

from typing import Final

from PySide6.QtCore import QEvent, QKeyCombination, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent, QKeySequence
from PySide6.QtWidgets import QPushButton, QWidget

from app.services.keymaps import key_text
from app.views.physical_keys import physical_key

_ASK: Final = "Add a key\u2026"
_WAIT: Final = "Press a key; Tab gives up"
_LATIN_END: Final = 0x7F
_SPECIAL_FROM: Final = 0x0100_0000
_ALONE: Final = frozenset(
    (
        *(Qt.Key.Key_Shift, Qt.Key.Key_Control, Qt.Key.Key_Alt, Qt.Key.Key_AltGr),
        *(Qt.Key.Key_Meta, Qt.Key.Key_CapsLock, Qt.Key.Key_NumLock, Qt.Key.Key_ScrollLock),
        *(Qt.Key.Key_unknown, Qt.Key.Key_Multi_key, Qt.Key.Key_Mode_switch),
    )
)
_SHIFT: Final = Qt.KeyboardModifier.ShiftModifier
_KEPT: Final = (
    _SHIFT
    | Qt.KeyboardModifier.ControlModifier
    | Qt.KeyboardModifier.AltModifier
    | Qt.KeyboardModifier.MetaModifier
)


class KeyRecorder(QPushButton):
    """After a click the next key is told by recorded, as it is kept; Tab goes on as ever."""

    recorded = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(_ASK, parent)
        self._waiting = False
        self.setAutoDefault(False)
        self.clicked.connect(self._begin)

    @property
    def waiting(self) -> bool:
        """Whether the next key is the one."""
        return self._waiting

    def event(self, event: QEvent) -> bool:
        """While waiting every key is this button's, also Esc and those of menus; but Tab."""
        if self._waiting and isinstance(event, QKeyEvent):
            if event.key() in (Qt.Key.Key_Tab, Qt.Key.Key_Backtab):
                self._wait(on=False)
            elif event.type() == QEvent.Type.ShortcutOverride:
                event.accept()
                return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Tell the key that was waited for."""
        if not self._waiting:
            super().keyPressEvent(event)
            return
        text = "" if event.isAutoRepeat() else told_key(event)
        if text:
            self._wait(on=False)
            self.recorded.emit(text)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Going elsewhere gives up."""
        self._wait(on=False)
        super().focusOutEvent(event)

    def _begin(self) -> None:
        self._wait(on=True)

    def _wait(self, *, on: bool) -> None:
        self._waiting = on
        self.setText(_WAIT if on else _ASK)


def told_key(event: QKeyEvent) -> str:
    """The key of an event as it is kept; '' for Shift and the like alone.

    Letters of other writings count as the letter at that place; Shift with a digit as that, and
    Shift with a sign as what it writes.
    """
    key, modifiers = Qt.Key(event.key()), event.modifiers() & _KEPT
    if key in _ALONE:
        return ""
    place = physical_key(event)
    if place is not None and _LATIN_END < event.key() < _SPECIAL_FROM:
        key = place
    elif modifiers & _SHIFT and _is_sign(key):
        if place is not None and chr(place).isdigit():
            key = place
        elif not chr(key).isdigit():
            modifiers &= ~_SHIFT
    sequence = QKeySequence(QKeyCombination(modifiers, key))
    return key_text(sequence.toString(QKeySequence.SequenceFormat.PortableText))


def _is_sign(key: Qt.Key) -> bool:
    return key <= _LATIN_END and key != Qt.Key.Key_Space and not chr(key).isalpha()
