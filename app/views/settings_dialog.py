"""The settings: everything that is remembered of a person; each change has its effect at once."""

from typing import Final

from PySide6.QtWidgets import QTabWidget, QWidget

from app.domain.keymap import Keymap
from app.services.keymaps import keep_keymap
from app.services.services import Services
from app.views.dialog_frame import DialogFrame, plain_button
from app.views.key_editor import KeyEditor
from app.views.settings_pages import GeneralPage, LivePage, MemoryPage
from app.views.window_actions import WindowActions

KEYS_PAGE: Final = 3


class SettingsDialog(DialogFrame):
    """page: the one that is seen first. There is nothing to confirm, so the one button closes."""

    def __init__(
        self, services: Services, actions: WindowActions, page: int, parent: QWidget | None = None
    ) -> None:
        super().__init__("Settings", parent, width=640)
        self._services = services
        keys = KeyEditor(actions, self)
        keys.changed.connect(self._keep)
        self._tabs = QTabWidget(self)
        for title, content in (
            ("General", GeneralPage(services, self)),
            ("Live model", LivePage(services, self)),
            ("Memory and disk", MemoryPage(services, self)),
            ("Keys", keys),
        ):
            self._tabs.addTab(content, title)
        self._tabs.setCurrentIndex(page)
        close = plain_button("Close", self)
        close.clicked.connect(self.accept)
        self.body.addWidget(self._tabs, 1)
        self.add_buttons((), (close,))

    def _keep(self, keymap: Keymap) -> None:
        keep_keymap(keymap, self._services.settings)
