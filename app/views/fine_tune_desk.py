"""Fine-tuning: asks how, shows how it stands, and what can be done with what comes of it."""

from collections.abc import Callable

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QDialog, QPlainTextEdit, QVBoxLayout, QWidget

from app.domain.project import ModelRecord, RunRecord
from app.services.devices import cuda_is_there
from app.services.fine_tune_base import why_not_from
from app.services.learning_counts import learning_counts
from app.services.services import Services
from app.services.training import TrainingState
from app.views.discard_dialog import DiscardDialog
from app.views.fine_tune_dialog import FineTuneDialog
from app.views.fine_tune_panel import FineTunePanel
from app.views.learn_desk import LearnDesk
from yowo_core.event_log import EVENTS


class FineTuneDesk(QObject):
    """Connects the panel with the trainings of the open project."""

    def __init__(
        self, services: Services, learn: LearnDesk, panel: FineTunePanel, window: QWidget
    ) -> None:
        super().__init__(window)
        self._services, self._learn = services, learn
        self._panel, self._window = panel, window
        self._live_before = False
        self._live_when_kept = False
        self._rate = 0.0
        self._connect()

    def handlers(self) -> dict[str, Callable[[], object]]:
        """What the window's actions do here."""
        return {"fine_tune": self.fine_tune}

    def limits(self) -> dict[str, Callable[[], str]]:
        """Why actions cannot be done now."""
        return {"fine_tune": self._why_not}

    def opened(self) -> None:
        """A project was opened: show its last run."""
        self._show(self._services.training.state)
        self._services.fine_tunes.opened()

    def closed(self) -> None:
        """No project is open any more."""
        self._services.fine_tunes.closed()
        self._show(self._services.training.state)

    def say_ready(self, something: bool) -> None:
        """Offer a fine-tune once there is something to learn from."""
        nothing = "Accept a prediction or draw a box with an action first."
        self._panel.set_ready(0, "" if something else nothing)

    def fine_tune(self) -> None:
        """Ask how, then train in the background."""
        project = self._services.project
        if self._why_not():
            self._services.messages.info(self._why_not())
            return
        annotations = project.annotation_set(confirmed_only=True)
        dialog = FineTuneDialog(
            project.models(),
            lambda share: learning_counts(annotations, share),
            self._rate,
            refusal=why_not_from,
            cuda=cuda_is_there(),
            parent=self._window,
        )
        if dialog.exec() == QDialog.DialogCode.Accepted:
            self._take_the_cores()
            if not self._services.fine_tunes.start(dialog.plan()):
                self._come_back()

    def _connect(self) -> None:
        panel, training = self._panel, self._services.training
        tunes = self._services.fine_tunes
        panel.fine_tune_asked.connect(self.fine_tune)
        panel.stop_asked.connect(training.stop_and_keep_best)
        panel.pause_asked.connect(training.pause)
        panel.cancel_asked.connect(training.discard)
        panel.discard_asked.connect(self._ask_to_discard)
        panel.go_on_asked.connect(self._go_on)
        panel.keep_asked.connect(training.keep)
        panel.log_asked.connect(self._show_log)
        panel.make_live_asked.connect(self._make_live)
        panel.close_asked.connect(self._close)
        training.state_changed.connect(self._show)
        tunes.registered.connect(self._registered)
        tunes.cut_off.connect(self._offer_to_go_on)
        tunes.told.connect(self._services.messages.warning)
        tunes.ended.connect(self._come_back)

    def _why_not(self) -> str:
        if not self._services.project.is_open:
            return "Open a project first."
        if not self._services.training.running:
            return ""
        elsewhere = self._services.fine_tunes.elsewhere
        return f"A fine-tune is running{f' for {elsewhere}' if elsewhere else ''}."

    def _show(self, state: TrainingState | None) -> None:
        tunes = self._services.fine_tunes
        self._panel.set_state(state, tunes.number, tunes.elsewhere)
        if state is not None and state.rate and state.stage == "training":
            self._rate = state.rate

    def _registered(self, model: ModelRecord, seen: bool) -> None:
        if self._services.settings.now.live_backend == "onnx":  # so that choosing it is quick
            self._services.preparing.prepare(model.path)
        if self._live_when_kept:
            self._live_when_kept = False
            self._make_live()
            return
        when = "" if seen else " It ended while nobody was there to see it."
        self._services.messages.info(
            f"{model.name} is ready.{when}", "Make it live", lambda: self._put_live(model.id)
        )

    def _offer_to_go_on(self, run: RunRecord) -> None:
        state = self._services.training.state
        where = " before its first update."
        if state is not None and state.update:
            place = f"epoch {max(state.epoch, 1)}, update {state.update:,}"
            where = f" in {place}. What it had learnt is saved."
        self._services.messages.info(f"{run.title} was cut off{where}", "Go on", self._go_on)

    def _go_on(self) -> None:
        self._take_the_cores()
        if not self._services.fine_tunes.go_on():
            self._come_back()

    def _take_the_cores(self) -> None:
        """The trainer takes every core: the overlay would only slow both down."""
        self._live_before = self._services.live.enabled
        self._learn.switch_live(on=False)

    def _come_back(self) -> None:
        """The cores are free again: go on with the overlay if it was on."""
        if self._live_before and not self._services.live.enabled:
            self._learn.switch_live(on=True)
        self._live_before = False

    def _ask_to_discard(self) -> None:
        state = self._services.training.state
        if state is None:
            return
        number = self._services.fine_tunes.number
        name = f"fine-tune {number}" if number else "this fine-tune"
        if DiscardDialog(state, name, self._window).exec() == QDialog.DialogCode.Accepted:
            self._services.training.discard()

    def _close(self) -> None:
        self._services.fine_tunes.forget()
        self._panel.set_state(None)

    def _make_live(self) -> None:
        """Play the new model; one of a training that was cut off is kept first."""
        model, state = self._services.fine_tunes.model, self._services.training.state
        if model is not None and (state is None or state.registered):
            self._put_live(model.id)
        else:
            self._live_when_kept = self._services.training.keep()

    def _put_live(self, model_id: int) -> None:
        self._services.project.set_live_model(model_id)
        self._learn.switch_live(on=True)

    def _show_log(self) -> None:
        state = self._services.training.state
        log = state.run_dir / EVENTS if state is not None else None
        text = log.read_text(encoding="utf-8") if log is not None and log.is_file() else ""
        dialog = QDialog(self._window)
        dialog.setWindowTitle(f"Log of {log}" if log else "Log")
        dialog.resize(820, 480)
        field = QPlainTextEdit(text or "Nothing was written yet.", dialog)
        field.setReadOnly(True)
        QVBoxLayout(dialog).addWidget(field)
        dialog.exec()
