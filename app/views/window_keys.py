"""Keys that Qt's shortcuts do not see: of other layouts, of what cannot be done now, held keys."""

import time
from typing import Final

from PySide6.QtCore import QKeyCombination, QObject, Qt
from PySide6.QtGui import QKeyEvent, QKeySequence
from PySide6.QtWidgets import (
    QAbstractSpinBox,
    QApplication,
    QLineEdit,
    QPlainTextEdit,
    QTextEdit,
)

from app.services.messages import Messages
from app.views.physical_keys import physical_key
from app.views.window_actions import WindowActions

PEEK_SECONDS: Final = 0.35
"""Held longer than this, the key that hides the boxes shows them again when it is let go."""
_LATIN_END: Final = 0x7F
_SPECIAL_FROM: Final = 0x0100_0000
_WRITTEN_IN: Final = (QLineEdit, QAbstractSpinBox, QTextEdit, QPlainTextEdit)
_PEEKS: Final = "overlays"
_PLAIN: Final = Qt.KeyboardModifier.KeypadModifier | Qt.KeyboardModifier.GroupSwitchModifier


class WindowKeys(QObject):
    """Takes the keys that come to the window because nothing else wanted them."""

    def __init__(self, actions: WindowActions, messages: Messages) -> None:
        super().__init__(actions)
        self._actions, self._messages = actions, messages
        self._since: float | None = None
        actions[_PEEKS].triggered.connect(self._hidden)

    def press(self, event: QKeyEvent) -> bool:
        """Start what the key means at its place on the keyboard, or say why it cannot be now.

        A key that Qt would have taken was kept by whoever has the keyboard, such as Enter by a
        field: it starts nothing. No key acts while a field is written in.
        """
        if isinstance(QApplication.focusWidget(), _WRITTEN_IN):
            return False
        name = self._literal(event)
        if name is None:
            name = self._placed(event)
            again = event.isAutoRepeat() and name and not self._actions[name].autoRepeat()
            if name and not again and not self._actions.reason(name):
                self._actions[name].trigger()
                return True
        reason = self._actions.reason(name) if name else ""
        if reason and not event.isAutoRepeat():
            self._messages.info(reason)
        return bool(reason)

    def release(self, event: QKeyEvent) -> None:
        """A key that was held to look under the boxes brings them back."""
        if event.isAutoRepeat() or self._since is None or self._action(event) != _PEEKS:
            return
        held, self._since = time.monotonic() - self._since, None
        if held > PEEK_SECONDS:
            self._actions[_PEEKS].trigger()
            self._since = None

    def _hidden(self) -> None:
        self._since = time.monotonic()

    def _action(self, event: QKeyEvent) -> str | None:
        """The action of the window whose key it is, by what it writes or else by its place."""
        return self._literal(event) or self._placed(event)

    def _literal(self, event: QKeyEvent) -> str | None:
        return self._named(QKeyCombination(event.modifiers() & ~_PLAIN, Qt.Key(event.key())))

    def _placed(self, event: QKeyEvent) -> str | None:
        """By its place: letters of other writings, and digits where Shift writes them."""
        key = physical_key(event)
        other = _LATIN_END < event.key() < _SPECIAL_FROM
        if key is None or not (other or chr(key).isdigit()):
            return None
        return self._named(QKeyCombination(event.modifiers() & ~_PLAIN, key))

    def _named(self, combination: QKeyCombination) -> str | None:
        text = QKeySequence(combination).toString(QKeySequence.SequenceFormat.PortableText)
        return self._actions.started_by(text)
