"""The main window: lays the views out and lets the desks connect them with the services."""

import base64
from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial
from pathlib import Path

from PySide6.QtCore import QByteArray, Qt, QTimer
from PySide6.QtGui import QCloseEvent, QDragEnterEvent, QDropEvent, QKeyEvent
from PySide6.QtWidgets import (
    QApplication,
    QLabel,
    QMainWindow,
    QSplitter,
    QVBoxLayout,
    QWidget,
)

from app.domain.keymap import Scope
from app.domain.names import readable_name
from app.domain.project import Change, VideoRecord
from app.domain.training import ENOUGH_TUBES
from app.domain.wording import one_line, shortened
from app.editing.labels import AddLabel, DeleteLabel, MergeLabel, RecolorLabel, RenameLabel
from app.services.keymaps import keymap_of
from app.services.messages import Level, Message
from app.services.services import Services
from app.settings import THEMES, Settings
from app.views.canvas import CanvasView
from app.views.command_desk import CommandDesk
from app.views.elided_label import ElidedLabel
from app.views.export_desk import ExportDesk
from app.views.fine_tune_desk import FineTuneDesk
from app.views.fine_tune_panel import FineTunePanel
from app.views.history_desk import HistoryDesk
from app.views.join_desk import JoinDesk
from app.views.labels_panel import LabelsPanel
from app.views.learn_desk import LearnDesk
from app.views.loop_desk import LoopDesk
from app.views.media_desk import MediaDesk
from app.views.media_panel import MediaPanel, dropped_paths
from app.views.menus import Menus
from app.views.play_bar import PlayBar
from app.views.play_desk import PlayDesk
from app.views.range_desk import RangeDesk
from app.views.review_desk import ReviewDesk
from app.views.seen_bar import SeenBar
from app.views.seen_desk import SeenDesk
from app.views.stepwise import Stepwise
from app.views.timeline import TimelineView
from app.views.top_bar import BACKEND_NAMES, TopBar
from app.views.tube_desk import TubeDesk
from app.views.tube_panel import PANEL_ACTIONS, TubePanel
from app.views.window_actions import DIGITS, TOGGLE, WindowActions, scopes
from app.views.window_keys import WindowKeys
from app.widgets.column_area import Column, ColumnArea
from app.widgets.plain_texts import never_markup
from app.widgets.theme import apply_theme, label_color, text_pixels
from app.widgets.toasts import Toasts

_LIVE_TEXT_MS = 500
_MENU_LETTERS = 60
_RIGHT_WIDE = 264  # of the panels on the right, at the usual size of text
_COUNTS_MS = 60  # after an edit the picture comes first; a burst of edits is counted once


class MainWindow(QMainWindow):
    """The one window of the program."""

    def __init__(self, services: Services) -> None:
        super().__init__()
        self.services = services
        self._settings = services.settings.now
        self._nothing_to = {"undo", "redo"}
        self.canvas, self.timeline = CanvasView(), TimelineView()
        self.top_bar, self.play_bar, self.seen_bar = TopBar(), PlayBar(), SeenBar()
        self.media, self.labels = MediaPanel(), LabelsPanel()
        self.tube, self.fine_tune = TubePanel(), FineTunePanel()
        self._saved, self._engine = QLabel(), QLabel()
        self._history, self._counts = ElidedLabel(), QLabel()
        self._lay_out()
        places = {Scope.PICTURE: self.canvas, Scope.TIMELINE: self.timeline}
        keymap = keymap_of(services.settings.now, scopes())
        self.actions_by_name = WindowActions(self, keymap, places)
        self._opening = Stepwise(self)
        self._keys = WindowKeys(self.actions_by_name, services.messages)
        self.toasts = Toasts(self)
        self._make_desks()
        self._connect()
        never_markup(self)
        self._live_timer = QTimer(self)
        self._live_timer.timeout.connect(self._say_live)
        self._live_timer.start(_LIVE_TEXT_MS)
        self._counting = QTimer(self)
        self._counting.setSingleShot(True)
        self._counting.timeout.connect(self._say_counts)
        self._closed()

    def closeEvent(self, event: QCloseEvent) -> None:
        """Remember place and sizes, end what runs; nothing has to be saved."""
        geometry = base64.b64encode(bytes(self.saveGeometry().data())).decode("ascii")
        sizes = {s.objectName(): tuple(s.sizes()) for s in self._splitters}
        self.services.settings.set(window_geometry=geometry, splitter_sizes=sizes)
        self._live_timer.stop()
        self._counting.stop()
        self._opening.stop()
        self.hide()  # at once; what runs may take some seconds to save what it has done
        self.services.shutdown()
        super().closeEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """A key that nothing else took: one of another layout, or of what cannot be done now."""
        if not self._keys.press(event):
            super().keyPressEvent(event)

    def keyReleaseEvent(self, event: QKeyEvent) -> None:
        """The end of what lasts as long as its key is held."""
        self._keys.release(event)
        super().keyReleaseEvent(event)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Files and folders may be dropped anywhere."""
        if dropped_paths(event):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        """What is dropped beside the list of media is taken in too."""
        event.acceptProposedAction()
        self.media_desk.add(dropped_paths(event))

    def restore(self) -> None:
        """Come back as the window was left."""
        now = self.services.settings.now
        if now.window_geometry:
            self.restoreGeometry(QByteArray(base64.b64decode(now.window_geometry)))
        else:
            screen = self.screen().availableGeometry()
            self.resize(min(1600, screen.width()), min(1000, screen.height()))
        across, down = self._splitters
        right = text_pixels(_RIGHT_WIDE) + 46
        across.setSizes([0, self.width() - right, right])  # the left column as it needs
        down.setSizes([round(0.73 * self.height()), round(0.27 * self.height())])
        for splitter in self._splitters:
            if splitter.objectName() in now.splitter_sizes:
                _share_out(splitter, now.splitter_sizes[splitter.objectName()], self.height())

    def _lay_out(self) -> None:
        middle = QWidget()
        stack = QVBoxLayout(middle)
        stack.setContentsMargins(0, 0, 0, 0)
        stack.setSpacing(0)
        stack.addWidget(self.canvas, 1)
        stack.addWidget(self.seen_bar)
        stack.addWidget(self.play_bar)
        left = _column([(self.media, 1), (self.labels, 1)])
        right = _column([(self.tube, 0), (self.fine_tune, 0)])
        across = _splitter(Qt.Orientation.Horizontal, "across", [left, middle, right])
        across.setStretchFactor(1, 1)
        across.setSizes([250, 1040, 310])
        down = _splitter(Qt.Orientation.Vertical, "down", [across, self.timeline])
        down.setStretchFactor(0, 1)
        down.setSizes([660, 260])
        self._splitters = (across, down)
        whole = QWidget()
        column = QVBoxLayout(whole)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.top_bar)
        column.addWidget(down, 1)
        self.setCentralWidget(whole)
        for label in (self._saved, self._engine, self._history):
            self.statusBar().addWidget(label, int(label is self._history))
        self.statusBar().addPermanentWidget(self._counts)
        self.setAcceptDrops(True)
        self.canvas.setFocus()  # else the first list would take the keys of the window

    def _make_desks(self) -> None:
        services = self.services
        self.play_desk = PlayDesk(services, (self.canvas, self.timeline, self.play_bar), self)
        views = (self.canvas, self.timeline, self.tube)
        self.tube_desk = TubeDesk(services, self.play_desk, views, self)
        self.media_desk = MediaDesk(services, self.play_desk, self.media, self)
        desks = self.play_desk, self.tube_desk
        self.review_desk = ReviewDesk(services, desks, (self.canvas, self.tube), self)
        self.export_desk = ExportDesk(services, desks, self)
        marking = self.actions_by_name["mark_labelled"], self.actions_by_name["unmark_labelled"]
        self.range_desk = RangeDesk(services, desks, self.timeline, marking, self)
        self.history_desk = HistoryDesk(services, self)
        self.loop_desk = LoopDesk(services, desks, (self.timeline, self.play_bar), self)
        self.learn_desk = LearnDesk(services, self.play_desk, self.top_bar, self)
        self.fine_tune_desk = FineTuneDesk(services, self.learn_desk, self.fine_tune, self)
        self.join_desk = JoinDesk(services, desks, self.timeline, self)
        self.seen_desk = SeenDesk(services, self.play_desk, (self.canvas, self.seen_bar), self)
        actions = self.actions_by_name
        self.command_desk = CommandDesk(services, actions, self)
        for desk in (
            self.play_desk,
            self.tube_desk,
            self.review_desk,
            self.join_desk,
            self.range_desk,
            self.loop_desk,
            self.history_desk,
            self.media_desk,
            self.learn_desk,
            self.fine_tune_desk,
            self.seen_desk,
        ):
            actions.bind(desk.handlers())
            actions.limit(desk.limits())
        actions.bind(self.command_desk.handlers())
        actions.bind(self._handlers())
        actions.limit({name: partial(self._why_not, name) for name in ("undo", "redo", "export")})
        actions.show_state(
            {
                "live": lambda: services.live.enabled,
                "overlays": lambda: self.play_desk.boxes_hidden,
                "rejected": lambda: self.timeline.shows_rejected,
                **{f"theme_{name}": partial(self._is_theme, name) for name in THEMES},
                "loop": lambda: self.loop_desk.on,
                "history": lambda: self.history_desk.shown,
                "see": lambda: self.seen_desk.on,
            }
        )
        Menus(self.menuBar(), actions, self.command_desk.recent, services.project.open)

    def _handlers(self) -> dict[str, Callable[[], object]]:
        """What the window's actions do here."""
        return {
            "export": self.export_desk.export,
            "quit": self.close,
            **{f"theme_{name}": partial(self._choose_theme, name) for name in THEMES},
            "rejected": lambda: self.timeline.set_show_rejected(not self.timeline.shows_rejected),
        }

    def _why_not(self, name: str) -> str:
        """Why undo, redo or an export cannot be done now."""
        if not self.services.project.is_open:
            return "Open a project first."
        return f"There is nothing to {name}." if name in self._nothing_to else ""

    def _connect(self) -> None:
        project, bar = self.services.project, self.top_bar
        self.services.messages.posted.connect(self._post)
        project.opened.connect(self._opened)
        project.closed.connect(self._closed)
        project.failed.connect(self.services.messages.error)
        project.changed.connect(self._changed)
        bar.fine_tune_asked.connect(self.fine_tune_desk.fine_tune)
        self.play_desk.video_opened.connect(self._video_opened)
        self.play_desk.frame_shown.connect(lambda _frame: self.tube_desk.show_frame())
        for moved in (
            self.tube_desk.selection_changed,
            self.loop_desk.changed,
            self.play_desk.video_opened,
            self.services.source.opened,
            self.services.source.closed,
            self.services.source.failed,
            self.services.training.state_changed,
            self.services.analysis.progress,
            self.services.analysis.ended,
        ):
            moved.connect(self._can_do)
        self.actions_by_name.changed.connect(self._show_hints)
        self.services.settings.changed.connect(self._take_settings)
        self.play_desk.asked.connect(lambda name: self.actions_by_name[name].trigger())
        analyse = self.actions_by_name["analyse"].trigger
        self.timeline.set_empty_action(("Analyse this video", analyse))
        self.play_bar.asked.connect(lambda name: self.actions_by_name[name].trigger())
        bar.score_moved.connect(self._set_score)
        self.review_desk.score_asked.connect(self._set_score)
        self.review_desk.asked.connect(lambda name: self.actions_by_name[name].trigger())
        self.review_desk.video_asked.connect(self.media.video_chosen)
        self.export_desk.video_asked.connect(self.media.video_chosen)
        bar.export_asked.connect(self.export_desk.export)
        bar.next_asked.connect(self.actions_by_name["next"].trigger)
        self.labels.label_chosen.connect(self.tube_desk.toggle_label)
        self.labels.add_asked.connect(self._add_label)
        self.labels.rename_asked.connect(lambda *v: project.submit(RenameLabel(*v)))
        self.labels.recolour_asked.connect(lambda *v: project.submit(RecolorLabel(*v)))
        self.labels.delete_asked.connect(lambda label: project.submit(DeleteLabel(label)))
        self.labels.merge_asked.connect(lambda *v: project.submit(MergeLabel(*v)))

    def _opened(self, path: Path) -> None:
        name = readable_name(path.stem).replace("[*]", "[*][*]")  # Qt's mark for unsaved work
        self.setWindowTitle(f"{name} – YOWO Studio")
        now = self.services.settings.now
        self.top_bar.set_project(path.name)
        self.top_bar.set_score(now.live_score)
        self.top_bar.set_engine(now.live_backend, now.live_device)
        self.canvas.show_message(f"Opening {one_line(path.name)}…")
        self.play_desk.read_labels()
        self._opening.begin(
            (
                self.media_desk.take_up,
                self._show_learning,
                partial(self._take_in, Change(labels=True, models=True)),
                partial(self._remember, path),  # waits for the disk
                self.media_desk.show_first,  # at last: its thread takes turns with this one
            )
        )

    def _remember(self, path: Path) -> None:
        settings = self.services.settings
        settings.change(settings.now.with_recent(path))

    def _show_learning(self) -> None:
        self.learn_desk.opened()
        self.fine_tune_desk.opened()
        self.history_desk.opened()

    def _closed(self) -> None:
        self._opening.stop()
        self.setWindowTitle("YOWO Studio")
        self.top_bar.set_project("")
        self.play_desk.open(None)
        self.media.set_videos([])
        self.learn_desk.closed()
        self.fine_tune_desk.closed()
        self.history_desk.opened()
        self._say_history()
        self._say_counts()

    def _changed(self, change: Change) -> None:
        self._opening.finish()  # a change is one of what is shown
        self._take_in(change)

    def _take_in(self, change: Change) -> None:
        self.play_desk.take_in(change)
        self.tube_desk.take_in(change)
        self.range_desk.show()
        self.media_desk.take_in(change)
        self.learn_desk.take_in(change)
        if change.models:
            self.seen_desk.follow()
        self.history_desk.take_in(change)
        self._say_history()
        if not self._counting.isActive():
            self._counting.start(_COUNTS_MS)

    def _video_opened(self, video: VideoRecord | None) -> None:
        self.tube_desk.forget()
        self.review_desk.say()
        self.media.set_current(video.id if video else None)

    def _say_history(self) -> None:
        """At once: an undo may be pressed right after its edit."""
        history = self.services.project.history()
        self._saved.setText(f"Saved {_local_time(history.saved_at)}" if history.saved_at else "")
        self._history.setText(f"Undo: {one_line(history.undo)}" if history.undo else "")
        told = (("undo", history.undo), ("redo", history.redo))
        self._nothing_to = {name for name, what in told if not what}
        self.actions_by_name.rename(
            {n: f"{n.capitalize()} {_brief(what)}".strip() for n, what in told}
        )
        self._can_do()

    def _set_score(self, score: float) -> None:
        """Hide what scores less, and count what is left anew."""
        self.top_bar.set_score(score)
        self.play_desk.set_score(score)
        self._counting.start(_COUNTS_MS)

    def _say_counts(self) -> None:
        project = self.services.project
        counts, classes = project.review_counts(), project.training_counts()
        by_label = {c.label_id: c.tubes for c in classes}
        self.labels.set_labels(project.labels(), by_label)
        short = sum(0 < c.tubes < ENOUGH_TUBES for c in classes)
        self.labels.set_training_set(counts.accepted, sum(c.boxes for c in classes), short)
        self.fine_tune_desk.say_ready(any(c.boxes for c in classes))
        self.top_bar.set_to_review(counts.to_review)
        self.review_desk.say()
        told = (
            f"{counts.accepted} accepted",
            f"{counts.to_review} to review",
            f"{counts.rejected} rejected",
        )
        self._counts.setText(" · ".join(told) if project.is_open else "")

    def _say_live(self) -> None:
        facts = self.services.live.facts
        told = f"{BACKEND_NAMES[facts.backend]} on {facts.device.upper()}" if facts else ""
        self._engine.setText(told)
        self.play_bar.set_live(self.play_desk.live_line())

    def _add_label(self, name: str) -> None:
        place = len(self.services.project.labels())
        self.services.project.submit(AddLabel(name, label_color(place)))

    def _is_theme(self, name: str) -> bool:
        return self.services.settings.now.theme == name

    def _choose_theme(self, name: str) -> None:
        self.services.settings.set(theme=name)
        self._can_do()

    def _dress(self, theme: str) -> None:
        instance = QApplication.instance()
        if isinstance(instance, QApplication):
            apply_theme(instance, theme)

    def _take_settings(self, now: Settings) -> None:
        """Let changed settings have their effect."""
        before, self._settings = self._settings, now
        if now.theme != before.theme:
            self._dress(now.theme)
        if now.author != before.author:
            self.services.project.set_author(now.author or None)
        if (now.live_backend, now.live_device) != (before.live_backend, before.live_device):
            self.top_bar.set_engine(now.live_backend, now.live_device)
            self.learn_desk.restart_live()
        keymap = keymap_of(now, self.actions_by_name.keymap.scopes)
        if keymap != self.actions_by_name.keymap:
            self.actions_by_name.set_keymap(keymap)

    def _can_do(self, _news: object = None) -> None:
        """Find out what can be done now, show what is on, and say which labels the digits mean."""
        self.actions_by_name.name_labels(self.tube_desk.label_names)
        self.actions_by_name.refresh()

    def _show_hints(self) -> None:
        """Say keys, and why something cannot be done, wherever there is a button for it."""
        actions = self.actions_by_name
        self.play_bar.set_hints(actions.hint)
        self.tube.set_keys({name: actions.key(action) for name, action in PANEL_ACTIONS.items()})
        self.top_bar.set_hints(actions.hint)
        self.range_desk.show()
        self.labels.set_keys([actions.key(TOGGLE + digit) for digit in DIGITS])

    def _post(self, message: Message) -> None:
        say = self.toasts.inform if message.level is Level.INFO else self.toasts.warn
        say(message.text, message.caption, message.action)


def _brief(text: str) -> str:
    """A text for a menu, which is as wide as its longest one."""
    return shortened(one_line(text), _MENU_LETTERS)


def _local_time(moment: str) -> str:
    return datetime.fromisoformat(moment).astimezone().strftime("%H:%M:%S")


def _share_out(splitter: QSplitter, sizes: Sequence[int], height: int) -> None:
    """Give the parts the sizes they had, and less of them in a window that is lower now."""
    upright = splitter.orientation() is Qt.Orientation.Vertical
    share = min(height / max(sum(sizes), 1), 1.0) if upright else 1.0
    splitter.setSizes([round(share * size) for size in sizes])


def _column(parts: list[tuple[QWidget, int]]) -> ColumnArea:
    filled = any(stretch for _, stretch in parts)
    column = Column(squeezed=filled)
    for widget, stretch in parts:
        column.stack.addWidget(widget, stretch)
    if not filled:
        column.stack.addStretch(1)
    return ColumnArea(column, 0 if filled else text_pixels(_RIGHT_WIDE))


def _splitter(way: Qt.Orientation, name: str, parts: list[QWidget]) -> QSplitter:
    splitter = QSplitter(way)
    splitter.setObjectName(name)
    splitter.setChildrenCollapsible(False)
    for part in parts:
        splitter.addWidget(part)
    return splitter
