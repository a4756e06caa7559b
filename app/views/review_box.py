"""How far the review is, which predictions are gone through, and what comes after them."""

from collections.abc import Callable, Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QComboBox, QLabel, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from app.domain.names import plain_tip, readable_name
from app.domain.review import ReviewQueue
from app.views.button_flow import ButtonFlow
from app.views.own_keys import keep_moving
from app.views.review_texts import NEXT_STEPS, next_step, queue_title
from app.widgets.elided_combo import ElidedCombo
from app.widgets.swatch_icon import swatch_icon
from yowo_core.annotations import Label

_ANY = "any action"
_LETTERS = 12


class ReviewBox(QWidget):
    """Title with what is left, a choice of the action, a sentence, and buttons for the next step.

    label_wanted carries the id of a label, None for any; asked the name of a next step.
    """

    label_wanted = Signal(object)
    asked = Signal(str)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._title, self._text = QLabel("REVIEW", self), QLabel(self)
        self._labels = ElidedCombo(self)
        self._buttons = {name: self._button(name, text) for name, text in NEXT_STEPS.items()}
        self._flow = ButtonFlow(list(self._buttons.values()), self)
        self._build()
        self.set_labels(())
        self.set_queue(ReviewQueue(), idle=True)

    def set_labels(self, labels: Sequence[Label]) -> None:
        """The labels to choose from; the chosen one stays if it is still there."""
        chosen = self._labels.currentData()
        self._labels.blockSignals(True)
        self._labels.clear()
        self._labels.addItem(_ANY, None)
        for place, label in enumerate(labels, start=1):
            self._labels.addItem(swatch_icon(label.color), readable_name(label.name), label.id)
            self._labels.setItemData(place, plain_tip(label.name), Qt.ItemDataRole.ToolTipRole)
        self._labels.setCurrentIndex(max(self._labels.findData(chosen), 0))
        self._labels.blockSignals(False)

    def set_queue(self, queue: ReviewQueue, *, idle: bool) -> None:
        """Say where the review stands; idle: nothing is selected, so say what to do as well."""
        self._title.setText(queue_title(queue))
        place = self._labels.findData(queue.wanted.label)
        self._labels.setCurrentIndex(max(place, 0))
        waiting = queue.video.to_review if queue.video is not None else 0
        self._labels.setVisible(bool(waiting or queue.left or queue.elsewhere))
        text, steps = next_step(queue)
        self._text.setText(text)
        self._text.setVisible(idle or not queue.left)
        for name, button in self._buttons.items():
            button.setVisible(name in steps)
        self._flow.setVisible(bool(steps))

    def _build(self) -> None:
        self._title.setProperty("role", "section")
        self._title.setContentsMargins(0, 8, 0, 0)
        self._title.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self._text.setProperty("role", "muted")
        self._text.setTextFormat(Qt.TextFormat.PlainText)
        self._text.setWordWrap(True)
        self._labels.setAccessibleName("Predictions to review")
        self._labels.setToolTip("Which predictions the queue goes through, from the score above on")
        self._labels.setSizeAdjustPolicy(
            QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon
        )
        self._labels.setMinimumContentsLength(_LETTERS)
        self._labels.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._labels.activated.connect(self._choose)
        keep_moving(self._labels)
        stack = QVBoxLayout(self)
        stack.setContentsMargins(0, 0, 0, 0)
        stack.setSpacing(6)
        for widget in (self._title, self._labels, self._text, self._flow):
            stack.addWidget(widget)

    def _button(self, name: str, text: str) -> QPushButton:
        button = QPushButton(text, self)
        button.setProperty("role", "primary" if name in ("analyse", "next_video") else "")
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        button.clicked.connect(self._asker(name))
        return button

    def _asker(self, name: str) -> Callable[[], None]:
        return lambda: self.asked.emit(name)

    def _choose(self, place: int) -> None:
        self.label_wanted.emit(self._labels.itemData(place))
