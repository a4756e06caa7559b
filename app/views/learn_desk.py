"""Models and learning: which one plays live, fine-tuning, going back to an older one."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from uuid import uuid4

from PySide6.QtCore import QObject, QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QDialog, QPlainTextEdit, QVBoxLayout, QWidget

from app.domain.project import (
    Change,
    ModelRecord,
    NewModel,
    RunKind,
    RunRecord,
    RunState,
)
from app.domain.training import FineTunePlan
from app.services.data_folders import run_folder
from app.services.devices import cuda_is_there
from app.services.learning_counts import learning_counts
from app.services.services import Services
from app.services.training import Phase, TrainingResult, TrainingState
from app.views.fine_tune_dialog import FineTuneDialog
from app.views.fine_tune_panel import FineTunePanel
from app.views.models_dialog import ModelsDialog
from app.views.play_desk import PlayDesk
from app.views.top_bar import TopBar
from yowo_core.machine import cores


class LearnDesk(QObject):
    """Starts and stops the live model and trainings, and registers what comes of them."""

    def __init__(
        self,
        services: Services,
        desk: PlayDesk,
        views: tuple[TopBar, FineTunePanel],
        window: QWidget,
    ) -> None:
        super().__init__(window)
        self._services, self._desk, self._window = services, desk, window
        self._bar, self._panel = views
        self._models: ModelsDialog | None = None
        self._live_path: Path | None = None
        self._run_id: int | None = None
        self._base_uid = ""
        self._new_model: int | None = None
        self._trained_for: Path | None = None
        self._live_before = False
        self._live_when_kept = False
        self._rate = 0.0
        self._connect()

    def handlers(self) -> dict[str, Callable[[], object]]:
        """What the window's actions do here."""
        return {
            "fine_tune": self.fine_tune,
            "models": self.show_models,
            "live": lambda: self.switch_live(on=not self._services.live.enabled),
        }

    def limits(self) -> dict[str, Callable[[], str]]:
        """Why actions cannot be done now."""
        return {
            "fine_tune": self._why_not_fine_tune,
            "models": self._why_no_project,
            "live": self._why_no_model,
        }

    def opened(self) -> None:
        """A project was opened: show its models, start the live one."""
        self._show_models()
        self.switch_live(on=True)

    def closed(self) -> None:
        """No project is open any more."""
        self._services.live.stop()
        self._live_path = None
        self._show_models()

    def take_in(self, change: Change) -> None:
        """Follow a change of the live model."""
        if change.models:
            self._show_models()
            live = self._live_model()
            if self._services.live.enabled and live is not None and live.path != self._live_path:
                self.switch_live(on=True)

    def say_ready(self, something: bool) -> None:
        """Offer a fine-tune once there is something to learn from."""
        nothing = "Accept a prediction or draw a box with an action first."
        self._panel.set_ready(0, "" if something else nothing)

    def switch_live(self, *, on: bool) -> None:
        """Start the live model of the project, or stop it."""
        model = self._live_model()
        self._desk.forget_live()
        if not on or model is None:
            self._services.live.stop()
            self._live_path = None
            self._bar.set_live(on=False)
            return
        now = self._services.settings.now
        self._live_path = model.path
        self._bar.set_live(on=True)
        # one core stays free for decoding and painting
        threads = max(1, cores() - 1)
        self._services.live.start(model.path, now.live_backend, now.live_device, threads)

    def restart_live(self) -> None:
        """Play the live model on another engine, if it plays."""
        if self._services.live.enabled:
            self.switch_live(on=True)

    def fine_tune(self) -> None:
        """Ask how, then train in the background."""
        project = self._services.project
        if not project.is_open or self._services.training.running:
            return
        annotations = project.annotation_set(confirmed_only=True)
        dialog = FineTuneDialog(
            project.models(),
            lambda share: learning_counts(annotations, share),
            self._rate,
            cuda=cuda_is_there(),
            parent=self._window,
        )
        if dialog.exec() == QDialog.DialogCode.Accepted:
            self._start(dialog.plan())

    def offer_to_go_on(self, run: RunRecord) -> None:
        """A fine-tune was cut off when the program ended: show it, and offer to go on."""
        if not self._services.training.resume_view(run.folder):
            return
        self._run_id, self._base_uid, self._new_model = run.id, run.model_uid, None
        self._trained_for = self._services.project.path
        self._services.messages.info(
            f"{run.title} was cut off when the program ended.", "Go on", partial(self._go_on, run)
        )

    def show_models(self) -> None:
        """Show every model of the project; one click makes another one live."""
        self._models = ModelsDialog(self._window)
        self._models.make_live_asked.connect(self._services.project.set_live_model)
        self._models.show_in_folder_asked.connect(self._show_in_folder)
        self._models.set_models(self._services.project.models())
        self._models.exec()
        self._models = None

    def _connect(self) -> None:
        bar, panel, training = self._bar, self._panel, self._services.training
        live = self._services.live
        bar.model_chosen.connect(self._services.project.set_live_model)
        bar.engine_chosen.connect(self._choose_engine)
        bar.live_switched.connect(lambda on: self.switch_live(on=on))
        bar.fine_tune_asked.connect(self.fine_tune)
        live.failed.connect(self._live_failed)
        panel.fine_tune_asked.connect(self.fine_tune)
        panel.stop_asked.connect(training.stop_and_keep_best)
        panel.discard_asked.connect(training.discard)
        panel.log_asked.connect(self._show_log)
        panel.make_live_asked.connect(self._make_new_live)
        panel.close_asked.connect(lambda: self._panel.set_state(None))
        training.state_changed.connect(self._trained)
        training.finished.connect(self._finished)
        training.failed.connect(self._failed)

    def _live_model(self) -> ModelRecord | None:
        return next((m for m in self._services.project.models() if m.live), None)

    def _show_models(self) -> None:
        models = self._services.project.models()
        self._bar.set_models(models)
        if self._models is not None:
            self._models.set_models(models)

    def _choose_engine(self, backend: str, device: str) -> None:
        self._services.settings.set(live_backend=backend, live_device=device)

    def _live_failed(self, sentence: str) -> None:
        self._live_path = None
        self._bar.set_live(on=False)
        self._desk.forget_live()
        self._services.messages.error(
            f"The live model stopped: {sentence}", "Start again", lambda: self.switch_live(on=True)
        )

    def _start(self, plan: FineTunePlan) -> None:
        project = self._services.project
        base = next((m for m in project.models() if m.id == plan.base_model), None)
        if base is None or project.path is None:
            return
        folder = run_folder(project.path, "train")
        config = replace(plan.config, base=str(base.path))
        paths = {v.name: v.path for v in project.videos()}
        annotations = project.annotation_set(confirmed_only=True)
        run = project.add_run(RunKind.TRAIN, f"Fine-tune of {base.name}", folder, None, base.uid)
        self._run_id = run.id if run else None
        self._base_uid, self._new_model = base.uid, None
        self._trained_for, self._live_before = project.path, self._services.live.enabled
        # the trainer takes every core: the overlay would only slow both down
        self.switch_live(on=False)
        self._services.training.prepare(annotations, paths, folder, config, plan.held_out)

    def _trained(self, state: TrainingState) -> None:
        runs = [r for r in self._services.project.runs() if r.kind is RunKind.TRAIN]
        self._panel.set_state(state, len(runs))
        if state.rate and state.phase is Phase.TRAINING:
            self._rate = state.rate
        if state.phase is Phase.DISCARDED:
            self._end_run(RunState.STOPPED)
            self._come_back()

    def _finished(self, result: TrainingResult) -> None:
        project = self._services.project
        if project.path != self._trained_for:
            self._services.messages.warning(
                f"Another project is open; the fine-tuned model is {result.best}."
            )
            return
        number = sum(r.kind is RunKind.TRAIN for r in project.runs())
        new = NewModel(
            uuid4().hex,
            f"Fine-tune {number}",
            result.best,
            result.sha256,
            result.labels,
            self._base_uid,
            self._run_id,
            result.metrics,
        )
        record = project.add_model(new)
        self._new_model = record.id if record else None
        self._end_run(RunState.STOPPED if result.stopped else RunState.FINISHED)
        self._come_back()
        if self._live_when_kept:
            self._live_when_kept = False
            self._make_new_live()
            return
        self._services.messages.info(f"{new.name} is ready.", "Make it live", self._make_new_live)

    def _failed(self, sentence: str) -> None:
        self._end_run(RunState.FAILED)
        self._come_back()
        self._services.messages.error(f"The fine-tune failed: {sentence}")

    def _end_run(self, state: RunState) -> None:
        if self._run_id is not None and self._services.project.path == self._trained_for:
            self._services.project.set_run_state(self._run_id, state)
        self._run_id = None

    def _come_back(self) -> None:
        """The cores are free again: go on with the overlay if it was on."""
        if self._live_before and not self._services.live.enabled:
            self.switch_live(on=True)
        self._live_before = False

    def _go_on(self, run: RunRecord) -> None:
        self._live_before = self._services.live.enabled
        self.switch_live(on=False)
        if self._services.training.go_on(run.folder):
            self._run_id = run.id
            self._services.project.set_run_state(run.id, RunState.RUNNING)

    def _make_new_live(self) -> None:
        """Play the new model; one of a training that was cut off is kept first."""
        if self._new_model is None:
            self._live_when_kept = self._services.training.keep()
            return
        self._services.project.set_live_model(self._new_model)
        self.switch_live(on=True)

    def _why_no_project(self) -> str:
        return "" if self._services.project.is_open else "Open a project first."

    def _why_not_fine_tune(self) -> str:
        running = "A fine-tune is running." if self._services.training.running else ""
        return self._why_no_project() or running

    def _why_no_model(self) -> str:
        nothing = "" if self._live_model() is not None else "Choose a model in the bar first."
        return self._why_no_project() or nothing

    def _show_log(self) -> None:
        state = self._services.training.state
        log = state.run_dir / "events.jsonl" if state is not None else None
        text = log.read_text(encoding="utf-8") if log is not None and log.is_file() else ""
        dialog = QDialog(self._window)
        dialog.setWindowTitle(f"Log of {log}" if log else "Log")
        dialog.resize(820, 480)
        field = QPlainTextEdit(text or "Nothing was written yet.", dialog)
        field.setReadOnly(True)
        QVBoxLayout(dialog).addWidget(field)
        dialog.exec()

    def _show_in_folder(self, model_id: int) -> None:
        for model in self._services.project.models():
            if model.id == model_id:
                QDesktopServices.openUrl(QUrl.fromLocalFile(str(model.path.parent)))
