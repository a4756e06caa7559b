"""The menu bar: menus in the order people know, with lines, submenus, and letters to reach them."""

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Final

from PySide6.QtCore import QObject
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu, QMenuBar

from app.domain.names import brief_name, plain_tip
from app.views.window_actions import RECENT, Spec, WindowActions, shown_text

TITLES: Final = {
    "Project": "&Project",
    "Edit": "&Edit",
    "View": "&View",
    "Play": "P&lay",
    "Tube": "&Tube",
    "Review": "&Review",
    "Learn": "Le&arn",
    "Help": "&Help",
}
_NAME_LETTERS: Final = 50
_RECENT_BELOW: Final = "open_project"


class Menus(QObject):
    """Fills the bar; recent gives the projects that were open last, open opens one of them."""

    def __init__(
        self,
        bar: QMenuBar,
        actions: WindowActions,
        recent: Callable[[], list[Path]],
        open_recent: Callable[[Path], object],
    ) -> None:
        super().__init__(bar)
        self._actions, self._recent, self._open = actions, recent, open_recent
        self._menus = {name: bar.addMenu(title) for name, title in TITLES.items()}
        self._below: dict[tuple[str, str], QMenu] = {}
        for spec in actions.specs:
            self._add(spec)
        for menu in (*self._menus.values(), *self._below.values()):
            menu.setToolTipsVisible(True)
            menu.aboutToShow.connect(self._letter)

    def _add(self, spec: Spec) -> None:
        menu = self._menus[spec.menu]
        if spec.line:
            menu.addSeparator()
        if spec.under:
            menu = self._submenu(spec.menu, spec.under)
        menu.addAction(self._actions[spec.name])
        if spec.name == _RECENT_BELOW:
            recent = self._submenu(spec.menu, RECENT)
            recent.aboutToShow.connect(self._fill_recent)

    def _submenu(self, menu: str, title: str) -> QMenu:
        if (menu, title) not in self._below:
            self._below[menu, title] = self._menus[menu].addMenu(title)
        return self._below[menu, title]

    def _letter(self) -> None:
        """Give each entry of the menu that opens a letter of its own."""
        menu = self.sender()
        if not isinstance(menu, QMenu) or menu is self._below.get(("Project", RECENT)):
            return
        entries = [action for action in menu.actions() if action.text()]
        for action, text in zip(entries, with_letters(plain(a) for a in entries), strict=True):
            action.setText(text)

    def _fill_recent(self) -> None:
        menu = self._below["Project", RECENT]
        menu.clear()
        for place, path in enumerate(self._recent(), start=1):
            entry = menu.addAction(
                f"&{place % 10}  {shown_text(brief_name(path.stem, _NAME_LETTERS))}"
            )
            entry.setToolTip(plain_tip(str(path)))
            entry.setData(str(path))
            entry.triggered.connect(self._open_chosen)
        if menu.isEmpty():
            menu.addAction("No project was open before").setEnabled(False)

    def _open_chosen(self) -> None:
        chosen = self.sender()
        if isinstance(chosen, QAction):
            self._open(Path(str(chosen.data())))


def menu_of_key(key: str) -> str:
    """The menu that a key such as Alt+P opens; '' when it opens none."""
    letters = {f"Alt+{title[title.index('&') + 1].upper()}": name for name, title in TITLES.items()}
    return letters.get(key, "")


def plain(action: QAction) -> str:
    """An action's text without the mark of its letter."""
    return action.text().replace("&&", "\0").replace("&", "").replace("\0", "&")


def with_letters(texts: Iterable[str]) -> list[str]:
    """Each text with & before a letter that no other has, as far as letters go.

    First letters of words are taken first, then any letter.
    """
    found, taken = [], set[str]()
    for text in texts:
        starts = [n for n in range(len(text)) if n == 0 or text[n - 1] == " "]
        places = [n for n in (*starts, *range(len(text))) if text[n].isalnum()]
        place = next((n for n in places if text[n].casefold() not in taken), None)
        if place is None:
            found.append(shown_text(text))
            continue
        taken.add(text[place].casefold())
        found.append(f"{shown_text(text[:place])}&{shown_text(text[place:])}")
    return found
