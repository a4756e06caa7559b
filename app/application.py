"""The composition root: builds the services, hands them to the window, nothing else does."""

import logging
import sys
import threading
import traceback
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from types import TracebackType

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QApplication, QMessageBox

from app.domain.export import ExportFormat, ExportPlan, loss_row
from app.errors import AppError, ProjectInUseError
from app.services.analysis import Analysis
from app.services.background import Background
from app.services.built_in import hash_models, open_demo
from app.services.collector import Collector
from app.services.data_folders import data_folder
from app.services.exporting import export
from app.services.fine_tunes import FineTunes
from app.services.frame_source import FrameSource
from app.services.inference import LiveInference
from app.services.job_runner import JobRunner
from app.services.media_intake import MediaIntake
from app.services.messages import Messages
from app.services.model_files import ModelFiles
from app.services.model_preparing import ModelPreparing
from app.services.playback import Playback
from app.services.project_service import ProjectService
from app.services.proxies import Proxies
from app.services.safekeeping import Safekeeping
from app.services.seeing import Seeing
from app.services.services import Services
from app.services.settings_keeper import SettingsKeeper
from app.services.training import Training
from app.settings import Settings, settings_path
from app.store.project import Project
from app.views.main_window import MainWindow
from app.widgets.theme import apply_theme
from yowo_core.machine import index_folder

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Options:
    """How the window is opened. paths: a project or videos; quit_after: seconds, 0 never."""

    paths: tuple[Path, ...] = ()
    demo: bool = False
    theme: str = ""
    play: bool = False
    quit_after: float = 0.0


def build_services() -> Services:
    """Every service, connected."""
    messages = Messages()
    settings = SettingsKeeper(settings_path(), messages)
    project = ProjectService(settings.now.author or None)
    background = Background()
    source = FrameSource(cache_bytes=_cache_bytes(settings.now), index_folder=index_folder())
    settings.changed.connect(lambda now: source.set_cache(_cache_bytes(now)))
    runner = JobRunner()
    preparing = ModelPreparing(runner)
    training = Training(runner, background)
    return Services(
        messages,
        settings,
        project,
        background,
        source,
        Playback(source),
        LiveInference(source, preparing),
        runner,
        preparing,
        Analysis(runner, project, background),
        training,
        FineTunes(project, training, background),
        ModelFiles(runner, project, background),
        MediaIntake(),
        Proxies(runner),
        Safekeeping(project, background, messages),
        Seeing(runner),
    )


def _cache_bytes(settings: Settings) -> int:
    return settings.frame_cache_mb * 1024 * 1024


def make_window(options: Options) -> MainWindow:
    """The window with everything behind it; an application must exist."""
    services = build_services()
    instance = QApplication.instance()
    if isinstance(instance, QApplication):
        apply_theme(instance, options.theme or services.settings.now.theme)
    window = MainWindow(services)
    window.restore()
    if services.settings.notice:
        services.messages.warning(services.settings.notice)
    return window


def open_paths(window: MainWindow, options: Options) -> None:
    """Open what was asked for, else the project of last time, else the demo."""
    services = window.services
    if options.paths:
        projects = [p for p in options.paths if p.suffix == ".yowo"]
        if projects:
            services.project.open(projects[0])
        elif services.project.create(_unused(data_folder() / "projects" / "Untitled.yowo")):
            window.media_desk.add(options.paths)
        return
    recent = [Path(p) for p in services.settings.now.recent_projects if Path(p).is_file()]
    if options.demo or not recent:
        open_demo(services.project)
    else:
        services.project.open(recent[0])


def run(options: Options) -> int:
    """Show the window and stay until it is closed."""
    threading.Thread(target=hash_models, name="hashing", daemon=True).start()
    instance = QApplication(sys.argv[:1])
    instance.setApplicationName("yowo-studio")
    instance.setDesktopFileName("yowo-studio")  # Wayland finds the icon by it
    instance.setApplicationDisplayName("YOWO Studio")
    instance.setWindowIcon(QIcon(str(_icon())))
    window = make_window(options)
    _catch_bugs(window)
    window.show()
    Collector(instance).spare()
    QTimer.singleShot(0, lambda: open_paths(window, options))
    if options.play or options.demo:
        once = Qt.ConnectionType.SingleShotConnection
        window.services.source.opened.connect(lambda _facts: window.services.playback.play(), once)
    if options.quit_after:
        QTimer.singleShot(round(1000 * options.quit_after), window.close)
    return instance.exec()


def _unused(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    number, free = 1, path
    while free.exists():
        number += 1
        free = path.with_stem(f"{path.stem} {number}")
    return free


def _icon() -> Path:
    return Path(str(files("resources"))) / "icons" / "yowo-studio.svg"


def _catch_bugs(window: MainWindow) -> None:
    """A bug of ours is logged and reported; every edit so far is in the project already."""

    def report(kind: type[BaseException], error: BaseException, at: TracebackType | None) -> None:
        text = "".join(traceback.format_exception(kind, error, at))
        log.error("unexpected error\n%s", text)
        box = QMessageBox(window)
        box.setIcon(QMessageBox.Icon.Critical)
        box.setWindowTitle("Something went wrong in YOWO Studio")
        box.setText("The program met a fault of its own. Every edit so far is in the project.")
        box.setInformativeText("Please report it with the details below.")
        box.setDetailedText(text)
        box.open()

    def in_thread(args: threading.ExceptHookArgs) -> None:
        if args.exc_value is not None:
            text = traceback.format_exception(args.exc_type, args.exc_value, args.exc_traceback)
            log.error("unexpected error in %s\n%s", args.thread, "".join(text))

    sys.excepthook = report
    threading.excepthook = in_thread


def export_project(project: Path, to: str, out: Path, *, replace: bool) -> Sequence[str]:
    """Write a project's confirmed tubes without a window; sentences, then what was lost."""
    formats = {f.value: f for f in ExportFormat}
    if to not in formats:
        raise AppError(f"No format is called {to!r}; there are: {', '.join(formats)}.")
    try:
        opened = Project.open(project)
    except ProjectInUseError:  # the window that has it goes on
        opened = Project.open(project, to_read=True)
    try:
        annotations = opened.annotation_set(confirmed_only=True)
        paths = {v.name: v.path for v in opened.videos()}
        names = opened.tube_names()
    finally:
        opened.close()
    report = export(annotations, paths, ExportPlan(formats[to], out, replace=replace))
    written = f"{report.tubes} tubes: {', '.join(str(f) for f in report.files)}"
    lost = (loss_row(loss, names).line for loss in report.losses)
    return [written, *report.sentences(), *lost]
