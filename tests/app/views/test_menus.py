"""The menus: every action once, each with its letter and reason, and the projects of before."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMainWindow, QMenu
from pytestqt.qtbot import QtBot

from app.domain.keymap import Keymap
from app.services.keymaps import load_profile
from app.views.menus import TITLES, Menus, menu_of_key, plain, with_letters
from app.views.window_actions import RECENT, WindowActions, scopes

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")


class Bar:
    """A window with its actions and menus."""

    def __init__(self, bot: QtBot, recent: list[Path]) -> None:
        self.window = QMainWindow()
        bot.addWidget(self.window)
        self.actions = WindowActions(self.window, Keymap(load_profile("default"), scopes()), {})
        self.opened: list[Path] = []
        self.menus = Menus(self.window.menuBar(), self.actions, lambda: recent, self.opened.append)

    def menu(self, title: str) -> QMenu:
        (top,) = [a for a in self.window.menuBar().actions() if plain(a) == title]
        found = top.menu()
        assert isinstance(found, QMenu)
        return found

    def below(self, title: str, entry: str) -> QMenu:
        (found,) = [a.menu() for a in self.menu(title).actions() if plain(a) == entry]
        assert isinstance(found, QMenu)
        return found

    def all(self) -> list[QAction]:
        """Every action of every menu and submenu."""
        found: list[QAction] = []
        todo = [self.menu(title) for title in TITLES]
        while todo:
            for action in todo.pop().actions():
                menu = action.menu()
                if isinstance(menu, QMenu):
                    todo.append(menu)
                elif not action.isSeparator():
                    found.append(action)
        return found


@pytest.fixture
def bar(qtbot: QtBot) -> Bar:
    return Bar(qtbot, [Path("/a/K & K.yowo"), Path("/b/other.yowo")])


def test_every_action_is_in_the_menus_once(bar: Bar) -> None:
    shown = bar.all()
    assert len(shown) == len(bar.actions.specs)
    assert {id(a) for a in shown} == {id(bar.actions[s.name]) for s in bar.actions.specs}


def test_every_entry_has_a_letter_of_its_own(bar: Bar) -> None:
    for title in TITLES:
        menu = bar.menu(title)
        menu.aboutToShow.emit()
        entries = [a.text() for a in menu.actions() if a.text()]
        letters = [t[t.index("&") + 1].casefold() for t in entries]
        assert len(set(letters)) == len(letters)


def test_the_menus_have_letters_of_their_own() -> None:
    letters = [title[title.index("&") + 1].casefold() for title in TITLES.values()]
    assert len(set(letters)) == len(letters)
    assert menu_of_key("Alt+P") == "Project"
    assert menu_of_key("Alt+Z") == ""


def test_the_projects_of_before_are_opened_from_the_menu(bar: Bar) -> None:
    recent = bar.below("Project", RECENT)
    for _ in range(2):  # shown again it does not grow
        recent.aboutToShow.emit()
    entries = recent.actions()
    assert [a.text() for a in entries] == ["&1  K && K", "&2  other"]
    entries[0].trigger()
    assert bar.opened == [Path("/a/K & K.yowo")]


def test_without_projects_of_before_the_menu_says_so(qtbot: QtBot) -> None:
    bar = Bar(qtbot, [])
    recent = bar.below("Project", RECENT)
    recent.aboutToShow.emit()
    (entry,) = recent.actions()
    assert entry.text() == "No project was open before"
    assert not entry.isEnabled()


def test_an_action_that_cannot_be_done_says_why_until_it_can(bar: Bar) -> None:
    why = ["Select a tube first."]
    bar.actions.limit({"delete": lambda: why[0]})
    bar.actions.refresh()
    action = bar.actions["delete"]
    assert (action.isEnabled(), action.toolTip()) == (False, "Select a tube first.")
    assert bar.actions.hint("delete", "Delete it") == "Select a tube first."
    why[0] = "Open a video first."
    bar.actions.refresh()
    assert action.toolTip() == "Open a video first."
    why[0] = ""
    bar.actions.refresh()
    assert action.isEnabled()
    assert bar.actions.hint("delete", "Delete it") == "Delete it (Del)"


def test_what_is_on_is_ticked(bar: Bar) -> None:
    on = [True]
    bar.actions.show_state({"live": lambda: on[0]})
    bar.actions.refresh()
    assert bar.actions["live"].isChecked()
    on[0] = False
    bar.actions.refresh()
    assert not bar.actions["live"].isChecked()


def test_digits_say_which_label_they_mean(bar: Bar) -> None:
    bar.actions.name_labels(["walk & run", "x" * 300])
    assert bar.actions["toggle_1"].text() == "Action 1 from here on: walk && run"
    assert len(bar.actions.text("toggle_whole_2")) < 70
    assert bar.actions.text("toggle_3") == "Action 3 from here on"
    bar.actions.name_labels([])
    assert bar.actions.text("toggle_1") == "Action 1 from here on"


@given(st.lists(st.text(alphabet="abAB &\u00e9 1", max_size=8), max_size=12))
def test_letters_are_marks_only_and_never_twice(texts: list[str]) -> None:
    marked = with_letters(texts)
    action = QAction()
    letters = []
    for text, shown in zip(texts, marked, strict=True):
        action.setText(shown)
        assert plain(action) == text
        bare = shown.replace("&&", "")
        letters += [bare[bare.index("&") + 1].casefold()] if "&" in bare else []
    assert len(set(letters)) == len(letters)
