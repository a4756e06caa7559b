"""The settings while the program runs: changed in one place, written at once."""

from dataclasses import replace
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, Signal

from app import settings as files
from app.services.messages import Messages
from app.settings import Settings


class SettingsKeeper(QObject):
    """Holds the settings and saves every change; changed carries the new settings."""

    changed = Signal(object)  # Settings

    def __init__(self, path: Path, messages: Messages, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._path, self._messages = path, messages
        loaded = files.load(path)
        self._now, self.notice = loaded.settings, loaded.notice

    @property
    def now(self) -> Settings:
        """The settings as they are."""
        return self._now

    def change(self, new: Settings) -> None:
        """Take new settings over and save them; a failing disk is told, the settings hold."""
        if new == self._now:
            return
        self._now = new
        problem = files.save(new, self._path)
        if problem:
            self._messages.warning(problem)
        self.changed.emit(new)

    def set(self, **values: Any) -> None:
        """Change single settings by name."""
        self.change(replace(self._now, **values))
