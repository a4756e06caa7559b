"""Choosing other keys: a profile, every action with its keys, and a button that takes a new one."""

from typing import Final

from PySide6.QtCore import QModelIndex, Signal
from PySide6.QtWidgets import (
    QComboBox,
    QFrame,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QListView,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from app.domain.keymap import Keymap, Scope
from app.itemmodels.commands_model import FOUND_ROLE, Command, CommandsModel, Found
from app.services.keymaps import profiles, shown_key
from app.views.button_flow import ButtonFlow
from app.views.command_palette import CommandsDelegate
from app.views.dialog_frame import plain_button
from app.views.key_recorder import KeyRecorder
from app.views.menus import menu_of_key
from app.views.own_keys import keep_typing
from app.views.window_actions import WindowActions

_PLACES: Final = {
    Scope.WINDOW: "",
    Scope.PICTURE: "while the picture has the keyboard",
    Scope.TIMELINE: "while the timeline has the keyboard",
}
_HEIGHT: Final = 160  # of the list at least, so that what is below it is seen on small screens


class KeyEditor(QWidget):
    """Shows a keymap; every change is told at once by changed with the new one."""

    changed = Signal(object)  # Keymap

    def __init__(self, actions: WindowActions, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._keymap = actions.keymap
        self._commands = {
            s.name: Command(s.name, s.menu, actions.text(s.name)) for s in actions.specs
        }
        self._wanted = ""  # a key that another action has, while the person is asked
        self._model = CommandsModel()
        self._profile, self._find = QComboBox(self), QLineEdit(self)
        self._list = QListView(self)
        self._title, self._place = QLabel(self), QLabel(self)
        self._chips: list[QPushButton] = []
        self._flow = QVBoxLayout()
        self._recorder = KeyRecorder(self)
        self._restore = plain_button("Restore these keys", self)
        self._restore_all = plain_button("Restore all keys", self)
        self._conflict, self._asked = QFrame(self), QLabel(self)
        self._move = plain_button("Move it here", self)
        self._leave = plain_button("Leave it there", self)
        self._build()
        self._connect()
        self._show()

    @property
    def current(self) -> str:
        """The action whose keys are shown; '' for none."""
        found = self._list.currentIndex().data(FOUND_ROLE)
        return found.command.name if isinstance(found, Found) else ""

    def _build(self) -> None:
        for profile in profiles():
            self._profile.addItem(profile.title, profile.name)
        self._profile.setAccessibleName("Key profile")
        self._find.setPlaceholderText("Find an action or a key")
        self._find.setAccessibleName("Find an action or a key")
        self._find.setClearButtonEnabled(True)
        keep_typing(self._find)
        self._list.setModel(self._model)
        self._list.setAccessibleName("Actions and their keys")
        self._list.setItemDelegate(CommandsDelegate(self._list))
        self._list.setUniformItemSizes(True)
        self._list.setEditTriggers(QListView.EditTrigger.NoEditTriggers)
        self._list.setMinimumHeight(_HEIGHT)
        self._title.setProperty("role", "title")
        self._place.setProperty("role", "muted")
        layout = QVBoxLayout(self)
        layout.setSpacing(8)
        top = QHBoxLayout()
        top.addWidget(QLabel("Keys as in", self))
        top.addWidget(self._profile)
        top.addStretch(1)
        top.addWidget(self._restore_all)
        layout.addLayout(top)
        layout.addWidget(self._find)
        layout.addWidget(self._list, 1)
        layout.addLayout(self._below())

    def _below(self) -> QVBoxLayout:
        """What concerns the chosen action."""
        heading = QHBoxLayout()
        heading.addWidget(self._title)
        heading.addWidget(self._place, 1)
        buttons = QHBoxLayout()
        buttons.addWidget(self._recorder)
        buttons.addWidget(self._restore)
        buttons.addStretch(1)
        asked = QHBoxLayout(self._conflict)
        asked.setContentsMargins(0, 0, 0, 0)
        kept = self._conflict.sizePolicy()
        kept.setRetainSizeWhenHidden(True)  # else everything jumps when a key is taken
        self._conflict.setSizePolicy(kept)
        self._asked.setWordWrap(True)
        self._asked.setProperty("role", "problem")
        asked.addWidget(self._asked, 1)
        asked.addWidget(self._move)
        asked.addWidget(self._leave)
        below = QVBoxLayout()
        below.addLayout(heading)
        below.addLayout(self._flow)
        below.addLayout(buttons)
        below.addWidget(self._conflict)
        return below

    def _connect(self) -> None:
        self._profile.activated.connect(self._choose_profile)
        self._find.textChanged.connect(self._search)
        self._list.selectionModel().currentChanged.connect(self._show_chosen)
        self._model.modelReset.connect(self._show_chosen)
        self._recorder.recorded.connect(self._take)
        self._restore.clicked.connect(self._restore_chosen)
        self._restore_all.clicked.connect(self._restore_every)
        self._move.clicked.connect(self._move_here)
        self._leave.clicked.connect(self._leave_there)

    def _search(self, text: str) -> None:
        self._model.search(text)
        self._list.setCurrentIndex(self._model.index(0, 0))

    def _choose_profile(self, place: int) -> None:
        self._change(self._keymap.with_profile(profiles()[place]))

    def _restore_chosen(self) -> None:
        self._change(self._keymap.restored(self.current))

    def _restore_every(self) -> None:
        self._change(self._keymap.all_restored())

    def _change(self, keymap: Keymap) -> None:
        self._keymap = keymap
        self._show()
        self.changed.emit(keymap)

    def _show(self) -> None:
        """All actions as the keymap has them; the chosen one stays chosen."""
        keymap, chosen = self._keymap, self.current
        self._profile.setCurrentIndex(self._profile.findData(keymap.profile.name))
        self._restore_all.setEnabled(bool(keymap.own))
        shown = []
        for name, command in self._commands.items():
            keys = tuple(shown_key(key) for key in keymap.keys(name))
            note = "changed" if keymap.changed(name) else ""
            shown.append(Command(name, command.group, command.text, keys, note))
        self._model.set_commands(shown, ())
        self._model.search(self._find.text())
        place = self._model.place(chosen)
        self._list.setCurrentIndex(self._model.index(place, 0))
        self._show_chosen()

    def _show_chosen(self, _now: QModelIndex | None = None) -> None:
        """What can be done with the keys of the chosen action."""
        name = self.current
        self._conflict.hide()
        self._title.setText(self._commands[name].title if name else "")
        self._place.setText(_PLACES[self._keymap.scopes[name]] if name else "")
        self._recorder.setEnabled(bool(name))
        self._restore.setEnabled(bool(name) and self._keymap.changed(name))
        self._show_chips(self._keymap.keys(name) if name else ())

    def _show_chips(self, keys: tuple[str, ...]) -> None:
        while self._flow.count():
            item = self._flow.takeAt(0)
            widget = item.widget() if item is not None else None
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        self._chips = []
        for key in keys:
            chip = plain_button(f"{shown_key(key)}   \u00d7", self)
            chip.setAutoDefault(False)
            chip.setToolTip(f"Take {shown_key(key)} away")
            chip.setAccessibleName(f"Take {shown_key(key)} away")
            chip.setProperty("key", key)
            chip.clicked.connect(self._drop)
            self._chips.append(chip)
        shown = ButtonFlow(self._chips, self) if keys else _muted("no key", self)
        self._flow.addWidget(shown)
        shown.show()

    def _drop(self) -> None:
        chip = self.sender()
        if isinstance(chip, QPushButton):
            self._change(self._keymap.without_key(self.current, str(chip.property("key"))))
            self._recorder.setFocus()

    def _take(self, key: str) -> None:
        """A key was pressed for the chosen action."""
        menu, holder = menu_of_key(key), self._keymap.holder(key, self.current)
        if not menu and holder is None:
            self._change(self._keymap.with_key(self.current, key))
            return
        self._wanted = key
        told = f"opens the menu {menu}" if menu else self._does(holder)
        self._asked.setText(f"{shown_key(key)} {told}.")
        self._move.setVisible(not menu)
        self._conflict.show()
        (self._leave if menu else self._move).setFocus()

    def _does(self, holder: str | None) -> str:
        return f"is the key of \u201c{self._commands[holder].title}\u201d" if holder else ""

    def _move_here(self) -> None:
        self._change(self._keymap.with_key(self.current, self._wanted))
        self._recorder.setFocus()

    def _leave_there(self) -> None:
        self._conflict.hide()
        self._recorder.setFocus()


def _muted(text: str, parent: QWidget) -> QLabel:
    label = QLabel(text, parent)
    label.setProperty("role", "muted")
    return label
