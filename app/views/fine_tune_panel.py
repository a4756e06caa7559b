"""How the fine-tune stands, with its curves while it runs and its figures when it is done."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QLabel, QProgressBar, QPushButton, QVBoxLayout, QWidget

from app.services.training_state import Phase, TrainingState
from app.views.button_flow import ButtonFlow
from app.views.figures import Figures
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
_ORDER = ("start", "go_on", "stop", "pause", "keep", "live", "close", "cancel", "discard", "log")
_TEXTS = {
    "start": ("", ""),
    "go_on": ("Go on", "Train on from exactly where it stood"),
    "stop": ("Stop and keep best", "End now; the weights with the best figure become a model"),
    "pause": ("Pause", "End for now; where it stands is saved, and it can go on at any time"),
    "keep": ("Keep as model", "Make a model of the best weights so far"),
    "live": ("Make it live", "Play and analyse with the new model; the old one stays"),
    "close": ("Close", "Put it away; the run and its model stay"),
    "cancel": ("Cancel", "End it; nothing was learnt yet"),
    "discard": ("Discard\u2026", "Delete the run and what it has learnt; asks first"),
    "log": ("Log", "Open what the training wrote"),
}
_CLOSING = "Closing the window pauses it; the next start offers to go on."
_NOT_BETTER = "The new model is not better than the one it started from."


class FineTunePanel(QWidget):
    """Shows a TrainingState and asks."""

    fine_tune_asked = Signal()
    go_on_asked = Signal()
    stop_asked = Signal()
    pause_asked = Signal()
    keep_asked = Signal()
    cancel_asked = Signal()
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
        self._classes, self._notices, self._closing = QLabel(self), QLabel(self), QLabel(self)
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

    def set_state(self, state: TrainingState | None, run: int = 0, project: str = "") -> None:
        """Show how a run stands, None for none; cheap enough for every event of it.

        run: its number, 0 when it has none. project: whose run it is when not the open one's.
        """
        self._state = None if state is None or state.phase is Phase.DISCARDED else state
        self._title.setText(title(run, project) if self._state else title(0))
        self._title.setToolTip(project)
        if self._state is None:
            self._say_reason()
            for widget in (self._figure, self._bar, self._plot, self._table):
                widget.hide()
            for label in (self._classes, self._notices, self._closing):
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
        begun = not state.phase.over and state.phase is not Phase.PREPARING
        _say(self._closing, _CLOSING if begun else "")
        self._show_bar(state)
        drawn = bool(state.losses or state.maps)
        if drawn:
            self._plot.set_curves(state.losses, state.maps, state.before)
        self._plot.setVisible(drawn)
        rows = class_rows(state) if state.phase in (Phase.FINISHED, Phase.STOPPED) else []
        self._table.set_rows(rows)
        self._table.setVisible(bool(rows))

    def _make_buttons(self) -> dict[str, QPushButton]:
        made: dict[str, QPushButton] = {}
        for name, (text, tip) in _TEXTS.items():
            made[name] = QPushButton(text, self)
            made[name].setToolTip(tip)
            made[name].setFocusPolicy(Qt.FocusPolicy.TabFocus)
        for name, asked in (
            ("start", self.fine_tune_asked),
            ("go_on", self.go_on_asked),
            ("stop", self.stop_asked),
            ("pause", self.pause_asked),
            ("keep", self.keep_asked),
            ("live", self.make_live_asked),
            ("close", self.close_asked),
            ("cancel", self.cancel_asked),
            ("discard", self.discard_asked),
            ("log", self.log_asked),
        ):
            made[name].clicked.connect(asked)
        made["start"].setProperty("role", "primary")
        return made

    def _build(self) -> None:
        self._title.setProperty("role", "section")
        self._classes.setProperty("role", "muted")
        self._notices.setProperty("role", "muted")
        self._closing.setProperty("role", "muted")
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
        for label in (self._progress, self._figure, self._classes, self._notices, self._closing):
            label.setWordWrap(True)
            label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        for label in (self._progress, self._classes):
            label.setTextFormat(Qt.TextFormat.PlainText)
        layout.addWidget(self._classes)
        layout.addWidget(self._notices)
        layout.addWidget(self._closing)
        layout.addWidget(ButtonFlow([self._buttons[name] for name in _ORDER], self))
        layout.addStretch(1)

    def _show_bar(self, state: TrainingState) -> None:
        self._bar.setVisible(not state.phase.over)
        counted = (Phase.PREPARING, Phase.DECODING, Phase.TRAINING)
        known = state.phase in counted and state.total > 0
        self._bar.setRange(0, state.total if known else 0)
        if known:
            self._bar.setValue(min(state.done, state.total))

    def _show_buttons(self) -> None:
        state = self._state
        shown = {"start"} if state is None else buttons(state)
        for name, button in self._buttons.items():
            button.setVisible(name in shown)
        _dress(self._buttons["live"], "primary" if state and better(state) else "")
        _dress(self._buttons["go_on"], "primary" if "live" not in shown else "")


def buttons(state: TrainingState) -> set[str]:
    """What can be done with a run."""
    learnt = state.update > 0
    undo = "discard" if learnt else "cancel"
    if state.phase is Phase.PREPARING:
        return {"cancel"}
    if state.phase is Phase.DECODING:
        return {"pause", undo, "log"}
    if state.phase is Phase.TRAINING:
        return {"stop", "pause", undo, "log"} if learnt else {"pause", undo, "log"}
    if state.phase is Phase.STOPPING:
        return {"log"}
    shown = {"close", "log"}
    if state.registered:
        shown.add("live")
    elif state.has_weights:
        shown.add("keep")
    if state.can_go_on:
        shown |= {"go_on", "discard"}
    return shown


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
