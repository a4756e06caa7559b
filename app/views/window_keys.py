"""Keys that Qt's shortcuts do not see: of other layouts, of what cannot be done now, held keys."""

import time
from typing import Final

from PySide6.QtCore import QKeyCombination, QObject, Qt
from PySide6.QtGui import QKeyEvent, QKeySequence

from app.services.messages import Messages
from app.views.physical_keys import physical_key
from app.views.window_actions import WindowActions

PEEK_SECONDS: Final = 0.35
"""Held longer than this, the key that hides the boxes shows them again when it is let go."""
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
        """Start what the key means at its place on the keyboard, or say why it cannot be now."""
        name = self._action(event)
        if name is None:
            return False
        reason = self._actions.reason(name)
        if reason and not event.isAutoRepeat():
            self._messages.info(reason)
        elif not reason and (not event.isAutoRepeat() or self._actions[name].autoRepeat()):
            self._actions[name].trigger()
        return True

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
        for key in (Qt.Key(event.key()), physical_key(event)):
            if key is not None:
                name = self._named(QKeyCombination(event.modifiers() & ~_PLAIN, key))
                if name is not None:
                    return name
        return None

    def _named(self, combination: QKeyCombination) -> str | None:
        text = QKeySequence(combination).toString(QKeySequence.SequenceFormat.PortableText)
        return self._actions.started_by(text)
