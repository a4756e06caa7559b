"""Keys that stay with the widget that has the focus instead of starting an action of the window."""

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QWidget

_MOVING = frozenset(
    (
        Qt.Key.Key_Up,
        Qt.Key.Key_Down,
        Qt.Key.Key_PageUp,
        Qt.Key.Key_PageDown,
        Qt.Key.Key_Home,
        Qt.Key.Key_End,
        Qt.Key.Key_Return,
        Qt.Key.Key_Enter,
        Qt.Key.Key_Space,
        Qt.Key.Key_F2,
    )
)
_BEYOND = (
    Qt.KeyboardModifier.ControlModifier
    | Qt.KeyboardModifier.AltModifier
    | Qt.KeyboardModifier.MetaModifier
)


class _Keeper(QObject):
    """Accepts shortcut overrides of the widgets that it watches."""

    def __init__(self, keys: frozenset[Qt.Key] | None, parent: QObject) -> None:
        super().__init__(parent)
        self._keys = keys

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Claim the key for the widget; what it does not use then goes the usual way."""
        if not isinstance(event, QKeyEvent):
            return False
        if event.type() == QEvent.Type.KeyPress:
            return self._passes_on(event)
        if event.type() != QEvent.Type.ShortcutOverride:
            return False
        if event.modifiers() & _BEYOND or not self._wants(Qt.Key(event.key())):
            return False
        event.accept()
        return True

    def _passes_on(self, event: QKeyEvent) -> bool:
        """A list would look for an entry with that letter; in another writing it is a key, too."""
        letter = event.text().isprintable() and event.text().strip()
        if self._keys is None or not letter or Qt.Key(event.key()) in self._keys:
            return False
        event.ignore()
        return True

    def _wants(self, key: Qt.Key) -> bool:
        if self._keys is not None:
            return key in self._keys
        return not Qt.Key.Key_F1 <= key <= Qt.Key.Key_F35


def keep_typing(field: QWidget) -> None:
    """Keys without Ctrl, Alt or Meta belong to this text field: Enter, digits and letters."""
    field.installEventFilter(_Keeper(None, field))


def keep_moving(listing: QWidget) -> None:
    """Arrows, Enter and Space belong to this list while it has the focus."""
    listing.installEventFilter(_Keeper(_MOVING, listing))
