"""The history and what keeps a project safe: panel, checkpoints, copies, and what helps."""

from collections.abc import Callable
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Final

from PySide6.QtCore import QObject, Qt, QTimer
from PySide6.QtWidgets import QDockWidget, QFileDialog, QInputDialog, QLineEdit, QMainWindow

from app.domain.history import EditRecord
from app.domain.project import Change
from app.domain.safekeeping import Refusal, Remedy
from app.services.services import Services
from app.views.history_panel import MOST_FOUND, HistoryPanel

_PROJECTS: Final = "YOWO Studio projects (*.yowo)"
_SEARCHED: Final = 5000  # edits that are looked through at a time: some milliseconds
_NEEDS_PROJECT: Final = ("history", "checkpoint", "save_copy")
_WIDTH: Final = 340


class HistoryDesk(QObject):
    """Fills the panel and answers it; offers what helps when a project is refused."""

    def __init__(self, services: Services, window: QMainWindow) -> None:
        super().__init__(window)
        self._services, self._window = services, window
        self._panel = HistoryPanel(services.project.edits)
        self._dock = QDockWidget("History", window)
        self._dock.setObjectName("history")
        self._dock.setWidget(self._panel)
        window.addDockWidget(Qt.DockWidgetArea.RightDockWidgetArea, self._dock)
        self._dock.hide()
        self._wanted, self._left = "", 0
        self._found: list[EditRecord] = []
        self._searching = QTimer(self)
        self._searching.setInterval(0)
        self._connect()

    @property
    def shown(self) -> bool:
        """Whether the panel is to be seen."""
        return self._dock.isVisible()

    def handlers(self) -> dict[str, Callable[[], object]]:
        """What the window's actions do here."""
        return {
            "history": self._switch,
            "checkpoint": self.checkpoint,
            "save_copy": self.save_copy,
            "rescue": self._choose_damaged,
        }

    def limits(self) -> dict[str, Callable[[], str]]:
        """Why these actions cannot be done now; "" when they can."""
        return dict.fromkeys(_NEEDS_PROJECT, self._why_not)

    def opened(self) -> None:
        """Another project, or another state of it, is there."""
        self._search("")
        if self.shown:
            self._panel.reset(self._services.project.history())
            self._list_checkpoints()

    def take_in(self, change: Change) -> None:
        """Show where the history stands when that changed."""
        if change.history and self.shown:
            self._panel.set_state(self._services.project.history())

    def checkpoint(self) -> None:
        """Ask for a name and keep a copy of the project."""
        now = datetime.now().astimezone().strftime("%Y-%m-%d %H:%M")
        plain = QLineEdit.EchoMode.Normal
        name, given = QInputDialog.getText(
            self._window, "Checkpoint", "Name of this checkpoint:", plain, f"Checkpoint {now}"
        )
        if given and name.strip():
            self._services.safekeeping.make(name)

    def save_copy(self) -> None:
        """Ask for a file, write all of the project there and go on in that."""
        path = self._services.project.path
        if path is None:
            return
        to = self._ask_new("Save a copy", path.with_stem(f"{path.stem} copy"))
        if to is not None:
            project = self._services.project
            self._services.safekeeping.save_copy(to, lambda: project.open(to))

    def offer(self, refusal: Refusal) -> None:
        """Say why a project is refused, with a button for what helps."""
        project, path = self._services.project, refusal.path
        offers: dict[Remedy, tuple[str, Callable[[], object]]] = {
            Remedy.READ: ("Open to read", partial(project.open, path, to_read=True)),
            Remedy.WITHOUT_LOG: (
                "Open without them",
                partial(project.open, path, without_log=True),
            ),
            Remedy.RESCUE: ("Rescue…", partial(self._rescue, path)),
            Remedy.SAVE_COPY: ("Save a copy…", self.save_copy),
        }
        caption, action = offers[refusal.remedy]
        self._services.messages.error(refusal.text, caption, lambda: _do(action))

    def _connect(self) -> None:
        panel, safekeeping = self._panel, self._services.safekeeping
        panel.go_asked.connect(self._services.project.go_to_edit)
        panel.search_asked.connect(self._search)
        panel.checkpoint_asked.connect(self.checkpoint)
        panel.restore_asked.connect(safekeeping.restore)
        panel.delete_asked.connect(safekeeping.delete)
        safekeeping.changed.connect(self._list_checkpoints)
        self._services.project.refused.connect(self.offer)
        self._searching.timeout.connect(self._look_on)

    def _switch(self) -> None:
        self._dock.setVisible(not self.shown)
        if self.shown:
            self._window.resizeDocks([self._dock], [_WIDTH], Qt.Orientation.Horizontal)
            self.opened()

    def _why_not(self) -> str:
        return "" if self._services.project.is_open else "Open a project first."

    def _list_checkpoints(self) -> None:
        self._panel.set_checkpoints(self._services.safekeeping.checkpoints())

    def _search(self, text: str) -> None:
        """Look for edits whose title holds a text, from the newest on, between other events."""
        self._wanted, self._found = text.strip(), []
        self._left = self._services.project.history().last
        if self._wanted:
            self._searching.start()
        else:
            self._searching.stop()
            self._panel.set_found(None)

    def _look_on(self) -> None:
        low = max(0, self._left - _SEARCHED + 1)
        found = self._services.project.edits(low, self._left, self._wanted)
        self._found = [*found, *self._found][-MOST_FOUND:]
        self._left = low - 1
        if self._left < 1 or len(self._found) >= MOST_FOUND:
            self._searching.stop()
            self._panel.set_found(self._found)

    def _choose_damaged(self) -> None:
        path, _ = QFileDialog.getOpenFileName(
            self._window, "Rescue a damaged project", str(Path.home()), f"{_PROJECTS};;All (*)"
        )
        if path:
            self._rescue(Path(path))

    def _rescue(self, path: Path) -> None:
        out = self._ask_new("Rescue into", path.with_name(f"{path.stem} rescued.yowo"))
        if out is not None:
            self._services.safekeeping.rescue(path, out)

    def _ask_new(self, title: str, suggested: Path) -> Path | None:
        path, _ = QFileDialog.getSaveFileName(self._window, title, str(suggested), _PROJECTS)
        if not path:
            return None
        return Path(path if path.endswith(".yowo") else f"{path}.yowo")


def _do(action: Callable[[], object]) -> None:
    action()
