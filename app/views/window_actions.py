"""Every action of the window as one table, and the means to start, forbid and explain it.

Their keys stand in resources/keymaps; menus, key sheet and command palette come from here.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QWidget

from app.domain.keymap import Keymap, Scope
from app.domain.names import brief_name
from app.services.keymaps import shown_key


@dataclass(frozen=True)
class Spec:
    """One action: its name in code, its menu, its text.

    line: a line stands above it in the menu. under: the submenu it stands in. repeats: it goes on
    while a key is held. checks: it is on or off. scope: where its keys act.
    """

    name: str
    menu: str
    text: str
    line: bool = False
    under: str = ""
    repeats: bool = False
    checks: bool = False
    scope: Scope = Scope.WINDOW


DIGITS = tuple(str(n) for n in range(1, 10))
TOGGLE, TOGGLE_WHOLE = "toggle_", "toggle_whole_"
_LABEL_LETTERS: Final = 40
RECENT: Final = "Open recent"
"""The submenu of the projects that were open last; it is filled when it is shown."""


SPECS: tuple[Spec, ...] = (
    Spec("new_project", "Project", "New project…"),
    Spec("open_project", "Project", "Open project…"),
    Spec("open_demo", "Project", "Open the demo"),
    Spec("add_videos", "Project", "Add videos…", line=True),
    Spec("add_folder", "Project", "Add folder…"),
    Spec("checkpoint", "Project", "Make a checkpoint…", line=True),
    Spec("save_copy", "Project", "Save a copy…"),
    Spec("rescue", "Project", "Rescue a damaged project…"),
    Spec("export", "Project", "Export…", line=True),
    Spec("quit", "Project", "Quit", line=True),
    Spec("undo", "Edit", "Undo"),
    Spec("redo", "Edit", "Redo"),
    Spec("history", "Edit", "History", checks=True),
    Spec("cancel", "Edit", "Cancel, deselect", line=True),
    Spec("settings", "Edit", "Settings…", line=True),
    Spec("live", "View", "Live overlay", checks=True),
    Spec("see", "View", "What the model sees", checks=True),
    Spec("overlays", "View", "Hide boxes, while held or until pressed again", checks=True),
    Spec("rejected", "View", "Show rejected tubes", checks=True),
    Spec("fit", "View", "Fit the picture", line=True),
    Spec("zoom_tube", "View", "Zoom to the tube"),
    Spec("zoom_in", "View", "Larger picture", repeats=True, scope=Scope.PICTURE),
    Spec("zoom_out", "View", "Smaller picture", repeats=True, scope=Scope.PICTURE),
    Spec("fit_time", "View", "Show all of the time", line=True),
    Spec("time_in", "View", "Less time, larger", repeats=True, scope=Scope.TIMELINE),
    Spec("time_out", "View", "More time, smaller", repeats=True, scope=Scope.TIMELINE),
    Spec("theme_system", "View", "The desktop's colours", line=True, under="Theme", checks=True),
    Spec("theme_dark", "View", "Dark colours", under="Theme", checks=True),
    Spec("theme_light", "View", "Light colours", under="Theme", checks=True),
    Spec("play", "Play", "Play / pause"),
    Spec("shuttle_back", "Play", "Shuttle back"),
    Spec("shuttle_on", "Play", "Shuttle on"),
    Spec("loop", "Play", "Loop the selected frames or tube", checks=True),
    Spec("back", "Play", "One frame back", line=True, repeats=True),
    Spec("on", "Play", "One frame on", repeats=True),
    Spec("back_ten", "Play", "Ten frames back", repeats=True),
    Spec("on_ten", "Play", "Ten frames on", repeats=True),
    Spec("back_second", "Play", "One second back", repeats=True),
    Spec("on_second", "Play", "One second on", repeats=True),
    Spec("first", "Play", "First frame", line=True),
    Spec("last", "Play", "Last frame"),
    Spec("tube_first", "Play", "First frame of the tube"),
    Spec("tube_last", "Play", "Last frame of the tube"),
    Spec("key_back", "Play", "Previous keyframe"),
    Spec("key_on", "Play", "Next keyframe"),
    Spec("key_middle", "Play", "Between two keyframes"),
    Spec("go_to", "Play", "Go to frame…"),
    Spec("draw", "Tube", "New box, then drag"),
    Spec("tube_start", "Tube", "Tube starts here", line=True),
    Spec("tube_end", "Tube", "Tube ends here"),
    Spec("keyframe", "Tube", "Make or drop a keyframe; pause while playing"),
    Spec("interpolate", "Tube", "Interpolate between keyframes"),
    Spec("copy_on", "Tube", "Copy this box forward"),
    Spec("merge", "Tube", "Merge tubes", line=True),
    Spec("split", "Tube", "Split here"),
    Spec("swap", "Tube", "Swap two tubes from here on"),
    Spec("find_action", "Tube", "Add any action…", line=True),
    Spec("delete", "Tube", "Delete tube", line=True),
    Spec("delete_here", "Tube", "Delete the keyframe in this frame"),
    Spec("delete_on", "Tube", "Delete from here on"),
    Spec("accept", "Review", "Accept and go on"),
    Spec("reject", "Review", "Reject and go on"),
    Spec("unsure", "Review", "Unsure"),
    Spec("previous", "Review", "Previous tube to review", line=True),
    Spec("next", "Review", "Next tube to review"),
    Spec("tube_up", "Review", "Previous tube"),
    Spec("tube_down", "Review", "Next tube"),
    Spec("more_up", "Review", "Select the previous tube too"),
    Spec("more_down", "Review", "Select the next tube too"),
    Spec("range_start", "Review", "Select frames from here", line=True),
    Spec("range_end", "Review", "Select frames up to here"),
    Spec("mark_labelled", "Review", "Mark as completely labelled"),
    Spec("unmark_labelled", "Review", "Unmark as completely labelled"),
    Spec("analyse", "Learn", "Analyse this video"),
    Spec("fine_tune", "Learn", "Fine-tune…", line=True),
    Spec("models", "Learn", "Models…"),
    Spec("add_model", "Learn", "Add a model file…"),
    Spec("palette", "Help", "Find a command…"),
    Spec("keys", "Help", "Keys"),
    Spec("about", "Help", "About YOWO Studio", line=True),
)


class WindowActions(QObject):
    """Makes the actions and gives them their keys.

    A key of an action that cannot be done now does nothing; reason() says why in a sentence, and
    so do its tooltip, the command palette, and the window when the key is pressed.
    """

    changed = Signal()  # keys, texts, or what can be done now

    def __init__(self, window: QWidget, keymap: Keymap, places: Mapping[Scope, QWidget]) -> None:
        """places: the widget in which the keys of a narrower scope act."""
        super().__init__(window)
        self.specs: tuple[Spec, ...] = (*SPECS, *_digit_specs())
        self.keymap = keymap
        self._actions: dict[str, QAction] = {}
        self._limits: dict[str, Callable[[], str]] = {}
        self._states: dict[str, Callable[[], bool]] = {}
        self._reasons: dict[str, str] = {}
        self._about: dict[str, str] = {}
        self._plain_texts = {spec.name: spec.text for spec in self.specs}
        self._texts = dict(self._plain_texts)
        for spec in self.specs:
            action = QAction(shown_text(spec.text), window)
            action.setAutoRepeat(spec.repeats)
            action.setCheckable(spec.checks)
            if spec.scope is not Scope.WINDOW:
                action.setShortcutContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
            places.get(spec.scope, window).addAction(action)
            self._actions[spec.name] = action
        self.set_keymap(keymap)

    def __getitem__(self, name: str) -> QAction:
        return self._actions[name]

    def bind(self, handlers: Mapping[str, Callable[[], object]]) -> None:
        """Let actions do something; KeyError for a name that no action has."""
        for name, handler in handlers.items():
            self._actions[name].triggered.connect(lambda _checked=False, do=handler: do())

    def limit(self, rules: Mapping[str, Callable[[], str]]) -> None:
        """Ask these on refresh() whether an action can be done: '' or a sentence why not."""
        self._limits |= rules
        for name in rules:
            action = self._actions[name]
            self._about[name] = "" if action.toolTip() == action.text() else action.toolTip()

    def show_state(self, states: Mapping[str, Callable[[], bool]]) -> None:
        """Ask these on refresh() whether an action that is on or off is on."""
        self._states |= states

    def refresh(self) -> None:
        """Find out again what can be done now."""
        reasons = {name: why for name, rule in self._limits.items() if (why := rule())}
        for name, state in self._states.items():
            self._actions[name].setChecked(state())
        if reasons == self._reasons:
            return
        for name in reasons.keys() ^ self._reasons.keys():
            self._actions[name].setEnabled(name not in reasons)
        self._reasons = reasons
        for name, about in self._about.items():
            self._actions[name].setToolTip(reasons.get(name, about))
        self.changed.emit()

    def reason(self, name: str) -> str:
        """Why an action cannot be done now; '' when it can."""
        return self._reasons.get(name, "")

    def text(self, name: str) -> str:
        """What the action is called now."""
        return self._texts[name]

    def rename(self, texts: Mapping[str, str]) -> None:
        """Call actions something else."""
        fresh = {name: text for name, text in texts.items() if self._texts[name] != text}
        for name, text in fresh.items():
            self._texts[name] = text
            self._actions[name].setText(shown_text(text))
        if fresh:
            self.changed.emit()

    def name_labels(self, labels: Sequence[str]) -> None:
        """Tell with the actions that switch a label which one it is."""
        named: dict[str, str] = {}
        for place, digit in enumerate(DIGITS):
            known = f": {brief_name(labels[place], _LABEL_LETTERS)}" if place < len(labels) else ""
            for name in (TOGGLE + digit, TOGGLE_WHOLE + digit):
                named[name] = self._plain_texts[name] + known
        self.rename(named)

    def set_keymap(self, keymap: Keymap) -> None:
        """Let other keys start the actions from now on."""
        self.keymap = keymap
        for name, action in self._actions.items():
            action.setShortcuts([QKeySequence(key) for key in keymap.keys(name)])
        self.changed.emit()

    def started_by(self, key: str) -> str | None:
        """The action of the whole window that a key starts; None when there is none."""
        for spec in self.specs:
            if spec.scope is Scope.WINDOW and key in self.keymap.keys(spec.name):
                return spec.name
        return None

    def key(self, name: str) -> str:
        """The first key of an action as people read it; '' when it has none."""
        keys = self.keymap.keys(name)
        return shown_key(keys[0]) if keys else ""

    def hint(self, name: str, text: str = "") -> str:
        """A tooltip for a button that does the same: text and key, or why it cannot be done."""
        key = self.key(name)
        told = text or self._texts[name]
        return self.reason(name) or (f"{told} ({key})" if key else told)

    def key_sheet(self) -> list[tuple[str, str, str]]:
        """Menu, text and key of every action that has one, a row a key."""
        return [
            (s.menu, s.text, shown_key(key)) for s in self.specs for key in self.keymap.keys(s.name)
        ]


def scopes() -> dict[str, Scope]:
    """Where the keys of each action act, in the order of the menus."""
    return {spec.name: spec.scope for spec in (*SPECS, *_digit_specs())}


def shown_text(text: str) -> str:
    """A text for an action in which & is a letter and marks none."""
    return text.replace("&", "&&")


def _digit_specs() -> list[Spec]:
    once = [
        Spec(f"{TOGGLE}{d}", "Tube", f"Action {d} from here on", under="Action from here on")
        for d in DIGITS
    ]
    whole = [
        Spec(f"{TOGGLE_WHOLE}{d}", "Tube", f"Action {d} all along", under="Action all along")
        for d in DIGITS
    ]
    return once + whole
