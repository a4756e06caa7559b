"""Asks once more before a fine-tune is deleted, and says what would be lost."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QWidget

from app.domain.wording import counted
from app.services.training_state import TrainingState
from app.views.dialog_frame import DialogFrame, plain_button


class DiscardDialog(DialogFrame):
    """Accepted when it is to be deleted; Return and Esc leave it."""

    def __init__(self, state: TrainingState, name: str, parent: QWidget | None = None) -> None:
        super().__init__("Discard the fine-tune", parent, width=420)
        question = QLabel(f"Discard {name} for good?", self)
        question.setProperty("role", "title")
        self._lost, kept = QLabel(what_is_lost(state), self), QLabel(self)
        kept.setText("Your labels and videos stay, and so do models that were kept.")
        kept.setProperty("role", "muted")
        for label in (question, self._lost, kept):
            label.setTextFormat(Qt.TextFormat.PlainText)
            label.setWordWrap(True)
            self.body.addWidget(label)
        discard = plain_button("Discard", self, "reject")
        discard.clicked.connect(self.accept)
        leave = plain_button("Leave it", self, "primary")
        leave.clicked.connect(self.reject)
        self.add_buttons((discard,), (leave,))


def what_is_lost(state: TrainingState) -> str:
    """What discarding deletes, in words."""
    measured = sum(point.epoch > 0 for point in state.maps)
    parts = [f"{counted(state.update, 'update')} of training"]
    if measured:
        parts.append(f"{counted(measured, 'measured epoch')} with the curves")
    if state.best is not None and not state.registered:
        parts.append(f"the best weights so far (frame-mAP {state.best:.1f})")
    elif state.has_weights and not state.registered:
        parts.append("its weights, of which no model was kept")
    return f"Lost are {', '.join(parts)}, and the folder {state.run_dir}."
