"""What is known of the selected tube, and everything that can be done with it."""

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QGridLayout, QLabel, QVBoxLayout, QWidget

from app.domain.project import BoxAt, TubeSummary
from app.domain.review import ReviewQueue
from app.views.action_rows import ActionRows
from app.views.action_search import ActionSearch
from app.views.key_button import KeyButton
from app.views.review_box import ReviewBox
from app.views.tube_texts import box_line, frames_line, states_line, title
from yowo_core.annotations import Label

PANEL_ACTIONS: Final = {
    "search": "find_action",
    "accept": "accept",
    "reject": "reject",
    "unsure": "unsure",
    "next": "next",
    "keyframe": "keyframe",
    "delete": "delete",
}
"""The buttons, and the window's actions that do the same."""

_HINT = "Click a box in the picture or a bar in the timeline."


class TubePanel(QWidget):
    """Shows one tube, several tubes or none, as values; every button asks by a signal.

    span_moved carries tube id, place in TubeSummary.spans, start and stop (half-open);
    span_removed tube id and place; action_added tube id and label id; action_typed tube id and
    the name of a label that does not exist yet. The others concern what is selected.
    """

    accept_asked = Signal()
    reject_asked = Signal()
    unsure_asked = Signal()
    next_asked = Signal()
    keyframe_asked = Signal()
    delete_asked = Signal()
    span_moved = Signal(int, int, int, int)
    span_removed = Signal(int, int)
    action_added = Signal(int, int)
    action_typed = Signal(int, str)
    label_wanted = Signal(object)  # id of the label to review, None for any
    step_asked = Signal(str)  # name of what comes next, as in review_texts.NEXT_STEPS

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._tubes: tuple[TubeSummary, ...] = ()
        self._labels: dict[int, Label] = {}
        self._fps = Fraction(0)
        self._title, self._facts, self._box = QLabel(self), QLabel(self), QLabel(self)
        self._rows = ActionRows(self)
        self._search = ActionSearch(self)
        self._actions_title = self._section("ACTIONS IN THIS TUBE")
        self._review, self._queue = ReviewBox(self), ReviewQueue()
        self._edit_title = self._section("EDIT")
        self._buttons = self._make_buttons()
        self._build()
        self._connect()
        self._show()

    def set_labels(self, labels: Sequence[Label]) -> None:
        """The labels of the project, in the order of their keys."""
        self._labels = {label.id: label for label in labels}
        self._review.set_labels(labels)
        self._show()

    def set_tubes(self, tubes: Sequence[TubeSummary], fps: Fraction) -> None:
        """Show what is selected; fps of its video (0 when unknown) turns frames into seconds."""
        if [tube.id for tube in tubes] != [tube.id for tube in self._tubes]:
            self._rows.settle()
            self._search.hide()
        self._tubes, self._fps = tuple(tubes), fps
        self._show()

    def set_box(self, box: BoxAt | None) -> None:
        """The selected tube's box in the frame that is shown; None where it has none."""
        self._box.setText(box_line(box))
        keyframe = self._buttons["keyframe"]
        keyframe.setText("Drop keyframe" if box is not None and box.keyframe else "Keyframe here")
        keyframe.setEnabled(box is not None)
        why_not = "The tube has no box in this frame."
        keyframe.setToolTip("Fix the box in this frame, or free it" if box else why_not)

    def set_queue(self, queue: ReviewQueue) -> None:
        """How the review of the shown video stands."""
        self._queue = queue
        self._show()

    def set_keys(self, keys: Mapping[str, str]) -> None:
        """Show other keys on the buttons; names as in PANEL_ACTIONS, "" for no key."""
        for name, key in keys.items():
            self._buttons[name].set_key(key)

    def open_search(self) -> None:
        """Open the search for an action to add, if one tube is selected."""
        if len(self._tubes) == 1:
            self._search.open_below(self._buttons["search"], list(self._labels.values()))

    def _make_buttons(self) -> dict[str, KeyButton]:
        looks = {
            "search": ("+ add action\u2026", "flat", "Add an action to this tube"),
            "accept": ("Accept", "accept", "Confirm and go on to the next"),
            "reject": ("Reject", "reject", "Mark as wrong and go on to the next"),
            "unsure": ("Unsure", "", "Leave it for later or for somebody else"),
            "next": ("Next", "", "Go to the next tube to review"),
            "keyframe": ("Keyframe here", "", ""),
            "delete": ("Delete", "", "Take it out of the project; can be undone"),
        }
        made = {}
        for name, (text, role, tip) in looks.items():
            made[name] = KeyButton(text, "", role, self)
            made[name].setToolTip(tip)
        made["search"].spread = True
        return made

    def _build(self) -> None:
        self._title.setProperty("role", "section")
        for label in (self._facts, self._box):
            label.setWordWrap(True)
            label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(10, 12, 10, 12)
        layout.setSpacing(6)
        for widget in (self._title, self._facts, self._box):
            layout.addWidget(widget)
        layout.addWidget(self._review)
        layout.addLayout(self._grid(("accept", "reject", "unsure", "next")))
        layout.addWidget(self._actions_title)
        layout.addWidget(self._rows)
        layout.addWidget(self._buttons["search"])
        layout.addWidget(self._edit_title)
        layout.addLayout(self._grid(("keyframe", "delete")))
        layout.addStretch(1)

    def _grid(self, names: Sequence[str]) -> QGridLayout:
        grid = QGridLayout()
        grid.setSpacing(4)
        for place, name in enumerate(names):
            grid.addWidget(self._buttons[name], place // 2, place % 2)
        return grid

    def _section(self, text: str) -> QLabel:
        label = QLabel(text, self)
        label.setProperty("role", "section")
        label.setContentsMargins(0, 8, 0, 0)
        return label

    def _connect(self) -> None:
        for name, asked in (
            ("accept", self.accept_asked),
            ("reject", self.reject_asked),
            ("unsure", self.unsure_asked),
            ("next", self.next_asked),
            ("keyframe", self.keyframe_asked),
            ("delete", self.delete_asked),
        ):
            self._buttons[name].clicked.connect(asked)
        self._buttons["search"].clicked.connect(self.open_search)
        self._rows.moved.connect(self._move_span)
        self._rows.removed.connect(self._remove_span)
        self._review.label_wanted.connect(self.label_wanted)
        self._review.asked.connect(self.step_asked)
        self._search.chosen.connect(self._add_action)
        self._search.typed.connect(self._add_typed)

    def _move_span(self, place: int, start: int, stop: int) -> None:
        self.span_moved.emit(self._tubes[0].id, place, start, stop)

    def _remove_span(self, place: int) -> None:
        self.span_removed.emit(self._tubes[0].id, place)

    def _add_action(self, label_id: int) -> None:
        self.action_added.emit(self._tubes[0].id, label_id)

    def _add_typed(self, name: str) -> None:
        self.action_typed.emit(self._tubes[0].id, name)

    def _show(self) -> None:
        one, some = len(self._tubes) == 1, bool(self._tubes)
        self._title.setText(title(self._tubes))
        self._facts.setText(states_line(self._tubes) if some else _HINT)
        self._facts.setProperty("role", "" if some else "muted")
        self._facts.style().polish(self._facts)
        if one:
            tube = self._tubes[0]
            frames = range(tube.first, tube.last + 1)
            self._facts.setText(frames_line(tube, self._fps))
            self._rows.set_spans(tube.spans, self._labels, frames, self._fps)
        for widget in (self._box, self._actions_title, self._buttons["search"]):
            widget.setVisible(one)
        self._rows.setVisible(one and bool(self._tubes[0].spans))
        self._buttons["keyframe"].setVisible(one)
        for name in ("accept", "reject", "unsure", "delete"):
            self._buttons[name].setVisible(some)
        self._edit_title.setVisible(some)
        self._buttons["next"].setVisible(self._queue.left > 0)
        self._review.set_queue(self._queue, idle=not some)
