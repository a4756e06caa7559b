"""How the fine-tune stands, with its curves while it runs and its figures when it is done."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QLabel, QProgressBar, QPushButton, QVBoxLayout, QWidget

from app.services.training_state import Phase, TrainingState
from app.views.button_flow import ButtonFlow
from app.views.figures import Figures
from app.views.sure_button import SureButton
from app.views.training_plot import TrainingPlot
from app.views.training_texts import (
    better,
    class_rows,
    classes_line,
    figure_line,
    notices_text,
    progress_line,
    title,
)

_MEASURED = (Phase.TRAINING, Phase.STOPPING, Phase.FINISHED, Phase.STOPPED)
_SHOWN = {
    Phase.PREPARING: ("discard",),
    Phase.DECODING: ("discard", "log"),
    Phase.TRAINING: ("stop", "discard", "log"),
    Phase.STOPPING: ("log",),
    Phase.FINISHED: ("live", "close", "log"),
    Phase.STOPPED: ("live", "close", "log"),
    Phase.FAILED: ("log", "close"),
}
_ORDER = ("start", "stop", "live", "close", "discard", "log")
_NOT_BETTER = "The new model is not better than the one it started from."


class FineTunePanel(QWidget):
    """Shows a TrainingState and asks; discarding has to be clicked twice."""

    fine_tune_asked = Signal()
    stop_asked = Signal()
    discard_asked = Signal()
    log_asked = Signal()
    make_live_asked = Signal()
    close_asked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._state: TrainingState | None = None
        self._reason = ""
        self._title = QLabel(self)
        self._progress, self._figure = QLabel(self), QLabel(self)
        self._bar = QProgressBar(self)
        self._classes, self._notices = QLabel(self), QLabel(self)
        self._plot = TrainingPlot(self)
        self._table = Figures(("class", "before", "after"), self)
        self._buttons = self._make_buttons()
        self._build()
        self.set_ready(0)
        self.set_state(None)

    def set_ready(self, new_labels: int, reason: str = "") -> None:
        """new_labels: confirmed since the last fine-tune; reason: why none can start, if so."""
        start = self._buttons["start"]
        start.setText(f"Fine-tune on {new_labels:,} new {'label' if new_labels == 1 else 'labels'}")
        if not new_labels:
            start.setText("Fine-tune\u2026")
        start.setEnabled(not reason)
        start.setToolTip(reason or "Teach the model what was corrected")
        self._reason = reason
        self._say_reason()

    def set_state(self, state: TrainingState | None, run: int = 0) -> None:
        """Show how a run stands, None for none; cheap enough for every event of it.

        run: what people call it (run 6), 0 when it has no number.
        """
        self._state = None if state is None or state.phase is Phase.DISCARDED else state
        self._title.setText(title(run if self._state else 0))
        if self._state is None:
            self._say_reason()
            for widget in (self._figure, self._bar, self._plot, self._table):
                widget.hide()
            for label in (self._classes, self._notices):
                label.hide()
        else:
            self._show_run(self._state)
        self._show_buttons()

    def _say_reason(self) -> None:
        if self._state is None:
            _dress(self._progress, "muted")
            _say(self._progress, self._reason)

    def _show_run(self, state: TrainingState) -> None:
        _dress(self._progress, "problem" if state.phase is Phase.FAILED else "")
        _say(self._progress, progress_line(state))
        _say(self._figure, figure_line(state) if state.phase in _MEASURED else "")
        _say(self._classes, "" if state.phase.over else classes_line(state))
        _say(self._notices, _notices(state))
        self._show_bar(state)
        drawn = bool(state.losses or state.maps)
        if drawn:
            self._plot.set_curves(state.losses, state.maps, state.before)
        self._plot.setVisible(drawn)
        rows = class_rows(state) if state.phase in (Phase.FINISHED, Phase.STOPPED) else []
        self._table.set_rows(rows)
        self._table.setVisible(bool(rows))

    def _make_buttons(self) -> dict[str, QPushButton]:
        discard = SureButton("Discard", "Discard for good?", self)
        discard.confirmed.connect(self.discard_asked)
        made: dict[str, QPushButton] = {}
        for name, text, asked in (
            ("start", "", self.fine_tune_asked),
            ("stop", "Stop and keep best", self.stop_asked),
            ("live", "Make it live", self.make_live_asked),
            ("close", "Close", self.close_asked),
            ("log", "Log", self.log_asked),
        ):
            made[name] = QPushButton(text, self)
            made[name].setFocusPolicy(Qt.FocusPolicy.TabFocus)
            made[name].clicked.connect(asked)
        made["discard"] = discard
        made["start"].setProperty("role", "primary")
        made["stop"].setToolTip("End now; the weights with the best figure stay")
        made["live"].setToolTip("Play and analyse with the new model; the old one stays")
        made["log"].setToolTip("Open what the training wrote")
        return made

    def _build(self) -> None:
        self._title.setProperty("role", "section")
        self._classes.setProperty("role", "muted")
        self._notices.setProperty("role", "muted")
        self._bar.setTextVisible(False)
        self._bar.setFixedHeight(4)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(10, 12, 10, 12)
        layout.setSpacing(6)
        layout.addWidget(self._title)
        for label in (self._progress, self._figure):
            layout.addWidget(label)
        layout.addWidget(self._bar)
        layout.addWidget(self._plot)
        layout.addWidget(self._table)
        for label in (self._progress, self._figure, self._classes, self._notices):
            label.setWordWrap(True)
            label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        for label in (self._progress, self._classes):
            label.setTextFormat(Qt.TextFormat.PlainText)
        layout.addWidget(self._classes)
        layout.addWidget(self._notices)
        layout.addWidget(ButtonFlow([self._buttons[name] for name in _ORDER], self))
        layout.addStretch(1)

    def _show_bar(self, state: TrainingState) -> None:
        self._bar.setVisible(not state.phase.over)
        known = state.phase in (Phase.DECODING, Phase.TRAINING) and state.total > 0
        self._bar.setRange(0, state.total if known else 0)
        if known:
            self._bar.setValue(min(state.done, state.total))

    def _show_buttons(self) -> None:
        state = self._state
        shown = ("start",) if state is None else _SHOWN[state.phase]
        if state is not None and state.phase is Phase.STOPPED and state.best is None:
            shown = tuple(name for name in shown if name != "live")
        for name, button in self._buttons.items():
            button.setVisible(name in shown)
        _dress(self._buttons["live"], "primary" if state and better(state) else "")


def _say(label: QLabel, text: str) -> None:
    label.setText(text)
    label.setVisible(bool(text))


def _dress(widget: QWidget, role: str) -> None:
    if widget.property("role") != role:
        widget.setProperty("role", role)
        widget.style().polish(widget)


def _notices(state: TrainingState) -> str:
    worse = state.phase.over and state.best is not None and not better(state)
    parts = [_NOT_BETTER if worse else "", notices_text(state)]
    return "<br>".join(part for part in parts if part)
