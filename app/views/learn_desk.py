"""Models: which there are, which one plays live, going back to an older one."""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Final

from PySide6.QtCore import QObject, QTimer, QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QFileDialog, QWidget

from app.domain.model_files import FilePhase, ModelFileState
from app.domain.project import Change, ModelRecord
from app.services.services import Services
from app.views.model_report import told
from app.views.models_dialog import ModelsDialog
from app.views.play_desk import PlayDesk
from app.views.top_bar import TopBar
from yowo_core.machine import cores

MODEL_FILES: Final = (
    "Model files (*.safetensors *.pth *.pt *.tar *.ckpt *.bin *.weights);;All files (*)"
)


class LearnDesk(QObject):
    """Starts and stops the live model, adds models and lets another one take its place."""

    def __init__(
        self,
        services: Services,
        desk: PlayDesk,
        bar: TopBar,
        window: QWidget,
    ) -> None:
        super().__init__(window)
        self._services, self._desk, self._window = services, desk, window
        self._bar = bar
        self._models: ModelsDialog | None = None
        self._live_path: Path | None = None
        self._folder = Path.home()
        self._connect()

    def handlers(self) -> dict[str, Callable[[], object]]:
        """What the window's actions do here."""
        return {
            "models": self.show_models,
            "add_model": self.add_model,
            "live": lambda: self.switch_live(on=not self._services.live.enabled),
        }

    def limits(self) -> dict[str, Callable[[], str]]:
        """Why actions cannot be done now."""
        return {
            "models": self._why_no_project,
            "add_model": self._why_not_add,
            "live": self._why_no_model,
        }

    def opened(self) -> None:
        """A project was opened: show its models, start the live one."""
        self._show_models()
        QTimer.singleShot(0, self._start_live)  # a process takes a while to start

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

    def _start_live(self) -> None:
        if self._services.project.is_open:
            self.switch_live(on=True)

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

    def show_models(self) -> None:
        """Show every model of the project; one click makes another one live."""
        self._models = ModelsDialog(self._window)
        self._models.make_live_asked.connect(self._services.project.set_live_model)
        self._models.show_in_folder_asked.connect(self._show_in_folder)
        self._models.add_asked.connect(self.add_model)
        self._models.set_models(self._services.project.models())
        if self._services.model_files.busy:
            self._models.set_adding(self._services.model_files.state)
        self._models.exec()
        self._models = None

    def add_model(self) -> None:
        """Ask for a model file and add it, telling in the list of models how it goes."""
        if self._why_not_add():
            self._services.messages.info(self._why_not_add())
            return
        over = self._models or self._window
        file, _ = QFileDialog.getOpenFileName(
            over, "Add a model file", str(self._folder), MODEL_FILES
        )
        if not file:
            return
        self._folder = Path(file).parent
        if self._services.model_files.add(Path(file)) and self._models is None:
            self.show_models()

    def _follow_file(self, state: ModelFileState) -> None:
        if self._models is not None:
            self._models.set_adding(state)
        elif state.phase is FilePhase.FAILED:
            self._services.messages.error(told(state))
        elif state.model is not None:
            live = partial(self._make_live, state.model.id)
            self._services.messages.info(told(state), "Make it live", live)

    def _make_live(self, model_id: int) -> None:
        self._services.project.set_live_model(model_id)

    def _connect(self) -> None:
        bar, live = self._bar, self._services.live
        bar.model_chosen.connect(self._services.project.set_live_model)
        bar.engine_chosen.connect(self._choose_engine)
        bar.live_switched.connect(lambda on: self.switch_live(on=on))
        self._services.model_files.changed.connect(self._follow_file)
        live.failed.connect(self._live_failed)
        live.told.connect(self._services.messages.warning)

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

    def _why_no_project(self) -> str:
        return "" if self._services.project.is_open else "Open a project first."

    def _why_not_add(self) -> str:
        busy = "A model file is being added." if self._services.model_files.busy else ""
        return self._why_no_project() or self._services.project.read_only or busy

    def _why_no_model(self) -> str:
        nothing = "" if self._live_model() is not None else "Choose a model in the bar first."
        return self._why_no_project() or nothing

    def _show_in_folder(self, model_id: int) -> None:
        for model in self._services.project.models():
            if model.id == model_id:
                QDesktopServices.openUrl(QUrl.fromLocalFile(str(model.path.parent)))
