"""Every action of the window with its keys, as one table; menus and the key sheet come from it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from PySide6.QtCore import QObject
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QMenuBar, QWidget


@dataclass(frozen=True)
class Spec:
    """One action: its name in code, its menu, its text, its keys; repeats while a key is held."""

    name: str
    menu: str
    text: str
    keys: tuple[str, ...] = ()
    repeats: bool = False


SPECS: tuple[Spec, ...] = (
    Spec("new_project", "Project", "New project…", ("Ctrl+N",)),
    Spec("open_project", "Project", "Open project…", ("Ctrl+O",)),
    Spec("open_demo", "Project", "Open the demo"),
    Spec("add_videos", "Project", "Add videos…", ("Ctrl+Shift+O",)),
    Spec("add_folder", "Project", "Add folder…"),
    Spec("export", "Project", "Export…", ("Ctrl+E",)),
    Spec("quit", "Project", "Quit", ("Ctrl+Q",)),
    Spec("undo", "Edit", "Undo", ("Ctrl+Z",)),
    Spec("redo", "Edit", "Redo", ("Ctrl+Shift+Z", "Ctrl+Y")),
    Spec("draw", "Edit", "New box, then drag", ("N", "B")),
    Spec("keyframe", "Edit", "Make or remove a keyframe here; pause while playing", ("K",)),
    Spec("tube_start", "Edit", "Tube starts here", ("I", "[")),
    Spec("tube_end", "Edit", "Tube ends here", ("O", "]")),
    Spec("find_action", "Edit", "Add any action…", ("/",)),
    Spec("delete", "Edit", "Delete tube", ("Del",)),
    Spec("delete_here", "Edit", "Delete the keyframe in this frame", ("Alt+Del",)),
    Spec("delete_on", "Edit", "Delete from here on", ("Shift+Del",)),
    Spec("cancel", "Edit", "Cancel, deselect", ("Esc",)),
    Spec("play", "Play", "Play / pause", ("Space",)),
    Spec("back", "Play", "One frame back", ("Left", "D"), repeats=True),
    Spec("on", "Play", "One frame on", ("Right", "F"), repeats=True),
    Spec("back_ten", "Play", "Ten frames back", ("Ctrl+Left", "C"), repeats=True),
    Spec("on_ten", "Play", "Ten frames on", ("Ctrl+Right", "V"), repeats=True),
    Spec("back_second", "Play", "One second back", ("Shift+Left",), repeats=True),
    Spec("on_second", "Play", "One second on", ("Shift+Right",), repeats=True),
    Spec("shuttle_back", "Play", "Shuttle back", ("J",)),
    Spec("shuttle_on", "Play", "Shuttle on", ("L",)),
    Spec("first", "Play", "First frame", ("Home",)),
    Spec("last", "Play", "Last frame", ("End",)),
    Spec("tube_first", "Play", "First frame of the tube", ("Shift+Home",)),
    Spec("tube_last", "Play", "Last frame of the tube", ("Shift+End",)),
    Spec("key_back", "Play", "Previous keyframe", ("E",)),
    Spec("key_on", "Play", "Next keyframe", ("R",)),
    Spec("key_middle", "Play", "Between two keyframes", ("Shift+R",)),
    Spec("go_to", "Play", "Go to frame…", ("G",)),
    Spec("accept", "Review", "Accept and go on", ("Return", "Enter")),
    Spec("reject", "Review", "Reject and go on", ("Backspace",)),
    Spec("unsure", "Review", "Unsure", ("U",)),
    Spec("previous", "Review", "Previous tube to review", (",",)),
    Spec("next", "Review", "Next tube to review", (".",)),
    Spec("tube_up", "Review", "Previous tube", ("Up",)),
    Spec("tube_down", "Review", "Next tube", ("Down",)),
    Spec("range_start", "Review", "Select frames from here", ("Alt+I",)),
    Spec("range_end", "Review", "Select frames up to here", ("Alt+O",)),
    Spec("mark_labelled", "Review", "Mark as completely labelled", ("Ctrl+R",)),
    Spec("unmark_labelled", "Review", "Unmark as completely labelled", ("Ctrl+Shift+R",)),
    Spec("analyse", "Learn", "Analyse this video"),
    Spec("fine_tune", "Learn", "Fine-tune…", ("Ctrl+L",)),
    Spec("models", "Learn", "Models…"),
    Spec("live", "View", "Live overlay on / off"),
    Spec("overlays", "View", "Hide or show boxes", ("H",)),
    Spec("fit", "View", "Fit the picture", ("Z",)),
    Spec("zoom_tube", "View", "Zoom to the tube", ("Shift+Z",)),
    Spec("fit_time", "View", "Show all of the time"),
    Spec("rejected", "View", "Show rejected tubes"),
    Spec("theme", "View", "Light / dark"),
    Spec("keys", "Help", "Keys", ("F1",)),
)
DIGITS = tuple(str(n) for n in range(1, 10))
TOGGLE, TOGGLE_WHOLE = "toggle_", "toggle_whole_"


class WindowActions(QObject):
    """Makes the actions, their menus, and connects each to what it does."""

    def __init__(self, window: QWidget, bar: QMenuBar) -> None:
        super().__init__(window)
        self._actions: dict[str, QAction] = {}
        self._specs = [*SPECS, *_digit_specs()]
        menus = {}
        for spec in self._specs:
            action = QAction(spec.text, window)
            action.setShortcuts([QKeySequence(key) for key in spec.keys])
            action.setAutoRepeat(spec.repeats)
            window.addAction(action)
            self._actions[spec.name] = action
            if spec in SPECS:
                if spec.menu not in menus:
                    menus[spec.menu] = bar.addMenu(spec.menu)
                menus[spec.menu].addAction(action)

    def __getitem__(self, name: str) -> QAction:
        return self._actions[name]

    def bind(self, handlers: Mapping[str, Callable[[], object]]) -> None:
        """Let actions do something; KeyError for a name that no action has."""
        for name, handler in handlers.items():
            self._actions[name].triggered.connect(lambda _checked=False, do=handler: do())

    def key_sheet(self) -> list[tuple[str, str, str]]:
        """Menu, text and key of every action that has one, a row a key."""
        return [
            (s.menu, s.text, QKeySequence(k).toString(QKeySequence.SequenceFormat.NativeText))
            for s in self._specs
            for k in s.keys
        ]


def _digit_specs() -> list[Spec]:
    once = [
        Spec(f"{TOGGLE}{d}", "Actions of the tube", f"Action {d} from here on", (d,))
        for d in DIGITS
    ]
    whole = [
        Spec(f"{TOGGLE_WHOLE}{d}", "Actions of the tube", f"Action {d} all along", (f"Shift+{d}",))
        for d in DIGITS
    ]
    return once + whole
