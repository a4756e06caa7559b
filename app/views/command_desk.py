"""What concerns the program itself: palette, keys, settings, recent projects, and about."""

from collections.abc import Callable
from pathlib import Path
from typing import Final

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget

from app.itemmodels.commands_model import Command
from app.services.keymaps import shown_key
from app.services.services import Services
from app.views.about_dialog import AboutDialog
from app.views.command_palette import CommandPalette
from app.views.keys_dialog import KeysDialog
from app.views.settings_dialog import KEYS_PAGE, SettingsDialog
from app.views.window_actions import RECENT, WindowActions

_RECENT: Final = "recent "
_HIDDEN: Final = ("palette",)  # it is open already


class CommandDesk(QObject):
    """Opens what shows all actions at once."""

    def __init__(self, services: Services, actions: WindowActions, window: QWidget) -> None:
        super().__init__(window)
        self._services, self._actions, self._window = services, actions, window
        self._palette = CommandPalette(window)
        self._palette.chosen.connect(self._start)

    def handlers(self) -> dict[str, Callable[[], object]]:
        """What the window's actions do here."""
        return {
            "palette": self._open_palette,
            "keys": self._show_keys,
            "settings": lambda: self._show_settings(0),
            "about": lambda: AboutDialog(self._window).exec(),
        }

    def recent(self) -> list[Path]:
        """The projects that were open before this one and are still there."""
        paths = [Path(p) for p in self._services.settings.now.recent_projects]
        return [p for p in paths if p != self._services.project.path and p.is_file()]

    def _open_palette(self) -> None:
        actions = self._actions
        actions.refresh()
        commands = [
            Command(
                spec.name,
                spec.menu,
                actions.text(spec.name),
                tuple(shown_key(key) for key in actions.keymap.keys(spec.name)),
                actions.reason(spec.name),
                not actions.reason(spec.name),
            )
            for spec in actions.specs
            if spec.name not in _HIDDEN
        ]
        commands += [
            Command(f"{_RECENT}{path}", "Project", f"{RECENT}: {path.stem}", (), str(path.parent))
            for path in self.recent()
        ]
        recent = self._services.settings.now.recent_commands
        self._palette.open_over(self._window, commands, recent)

    def _start(self, name: str) -> None:
        settings = self._services.settings
        settings.change(settings.now.with_command(name))
        if name.startswith(_RECENT):
            self._services.project.open(Path(name.removeprefix(_RECENT)))
        else:
            self._actions[name].trigger()

    def _show_keys(self) -> None:
        dialog = KeysDialog(self._actions.key_sheet(), self._window)
        dialog.change_asked.connect(lambda: self._show_settings(KEYS_PAGE))
        dialog.exec()

    def _show_settings(self, page: int) -> None:
        dialog = SettingsDialog(self._services, self._actions, page, self._window)
        dialog.exec()
        dialog.deleteLater()
