"""The media of a project: which videos there are, how their analysis stands, and what to do."""

from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtCore import QPoint, QSortFilterProxyModel, Qt, Signal
from PySide6.QtGui import QDragEnterEvent, QDragLeaveEvent, QDropEvent
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QMenu,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from app.domain.media import MediaRow, MediaTrouble
from app.domain.names import plain_tip
from app.domain.wording import DOT, bytes_text
from app.itemmodels.media_model import ROW_ROLE, MediaModel
from app.services.media_intake import IntakeState
from app.views.intake_bar import IntakeBar
from app.views.media_list import MediaList
from app.views.own_keys import keep_typing

_EMPTY = "Drop videos here"
_READING = "Videos appear here when they have been looked at"
SEARCH_FROM = 12
"""With more videos than these a field to search them appears."""


class MediaPanel(QWidget):
    """Shows MediaRow values and asks; it opens, analyses and removes nothing itself.

    copies_bytes tells what all working copies take on the disk. dropped carries a list of Path
    (files, folders or projects); the other signals with an int carry the id of a video.
    """

    dropped = Signal(object)
    video_chosen = Signal(int)
    add_videos_asked = Signal()
    add_folder_asked = Signal()
    locate_asked = Signal(int)
    details_asked = Signal(int)
    copy_asked = Signal(int)
    cancel_copy_asked = Signal(int)
    remove_copy_asked = Signal(int)
    remove_copies_asked = Signal()
    stop_asked = Signal()
    analyse_asked = Signal(int)
    cancel_analysis_asked = Signal(int)
    remove_asked = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAcceptDrops(True)
        self.copies_bytes: Callable[[], int] = lambda: 0
        self._model = MediaModel()
        self._shown = QSortFilterProxyModel(self)
        self._shown.setSourceModel(self._model)
        self._shown.setFilterCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        self._title = QLabel(self)
        self._title.setProperty("role", "section")
        self._search = QLineEdit(self)
        self._list = MediaList(self)
        self._intake = IntakeBar(self)
        self._build()
        self.set_videos(())

    def set_videos(self, rows: Sequence[MediaRow]) -> None:
        """Show these videos in this order; place and scroll stay where they can."""
        scroll = self._list.verticalScrollBar().value()
        self._model.set_rows(rows)
        self._list.verticalScrollBar().setValue(scroll)
        count = f"{len(rows)} VIDEO{'' if len(rows) == 1 else 'S'}"
        self._title.setText(f"MEDIA {DOT} {count}" if rows else "MEDIA")
        self._search.setVisible(len(rows) > SEARCH_FROM)
        if self._search.isHidden():
            self._search.clear()
        self._say_empty()

    def update_video(self, row: MediaRow) -> None:
        """Show the news of one video, for instance how far its analysis is."""
        self._model.update_row(row)

    def show_intake(self, state: IntakeState | None) -> None:
        """Show how far it is with files that are looked at; None when nothing goes on."""
        self._intake.show_state(state)
        self._say_empty()

    def set_current(self, video_id: int | None) -> None:
        """Highlight the video that the canvas shows and bring it into view."""
        self._list.set_opened(video_id)
        place = None if video_id is None else self._model.place(video_id)
        if place is not None:
            index = self._shown.mapFromSource(self._model.index(place))
            self._list.setCurrentIndex(index)
            self._list.scrollTo(index)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Local files and folders are welcome."""
        if dropped_paths(event):
            event.acceptProposedAction()
            self._list.set_dropping(True)

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        """They went elsewhere."""
        self._list.set_dropping(False)

    def dropEvent(self, event: QDropEvent) -> None:
        """Hand over what was dropped."""
        self._list.set_dropping(False)
        paths = dropped_paths(event)
        if paths:
            event.acceptProposedAction()
            self.dropped.emit(paths)

    def _build(self) -> None:
        self._search.setPlaceholderText("Find a video")
        self._search.setClearButtonEnabled(True)
        self._search.textChanged.connect(self._filter)
        keep_typing(self._search)
        self._list.setModel(self._shown)
        self._list.setAccessibleName("Videos")
        self._list.chosen.connect(self.video_chosen)
        self._list.link_asked.connect(self._follow)
        self._intake.stop_asked.connect(self.stop_asked)
        self._list.customContextMenuRequested.connect(self._show_menu)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(10, 12, 10, 8)
        layout.setSpacing(6)
        for widget in (self._title, self._search):
            layout.addWidget(widget)
        layout.addWidget(self._list, 1)
        layout.addWidget(self._intake)
        layout.addLayout(self._buttons())

    def _buttons(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(6)
        for text, tip, asked in (
            ("Add videos\u2026", "Choose video files", self.add_videos_asked),
            ("Add folder\u2026", "Add every video of a folder", self.add_folder_asked),
        ):
            button = QPushButton(text, self)
            button.setToolTip(tip)
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
            button.clicked.connect(asked)
            row.addWidget(button)
        return row

    def _filter(self, text: str) -> None:
        self._shown.setFilterFixedString(text.strip())
        self._say_empty()

    def _say_empty(self) -> None:
        searched = self._search.text().strip()
        if searched:
            self._list.hint = f"No video is called \u201c{searched}\u201d"
        else:
            self._list.hint = _READING if self._intake.says else _EMPTY
        self._list.viewport().update()

    def _follow(self, row: MediaRow) -> None:
        """The link of a row was pressed."""
        if row.trouble is MediaTrouble.COPY:
            asked = self.copy_asked if row.progress is None else self.cancel_copy_asked
        else:
            changed = row.trouble is MediaTrouble.CHANGED
            asked = self.details_asked if changed else self.locate_asked
        asked.emit(row.video.id)

    def _show_menu(self, position: QPoint) -> None:
        index = self._list.indexAt(position)
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        if index.isValid():
            self._offer(menu, index.data(ROW_ROLE))
            menu.addSeparator()
        menu.addAction("Add videos\u2026", self.add_videos_asked.emit)
        menu.addAction("Add folder\u2026", self.add_folder_asked.emit)
        taken = self.copies_bytes()
        if taken:
            menu.addSeparator()
            text = f"Remove all working copies ({bytes_text(taken)})"
            remove = menu.addAction(text, self.remove_copies_asked.emit)
            remove.setToolTip("They take room on the disk and can be made again")
        menu.popup(self._list.viewport().mapToGlobal(position))

    def _offer(self, menu: QMenu, row: MediaRow) -> None:
        video = row.video.id
        menu.addAction("Open", lambda: self.video_chosen.emit(video))
        copying = row.trouble is MediaTrouble.COPY
        if row.progress is not None and not copying:
            menu.addAction("Cancel analysis", lambda: self.cancel_analysis_asked.emit(video))
        else:
            again = "Analyse again" if row.analysed else "Analyse"
            analyse = menu.addAction(again, lambda: self.analyse_asked.emit(video))
            analyse.setEnabled(not row.video.problem)
            analyse.setToolTip(plain_tip(row.video.problem))
        if copying:
            caption = "Make its working copy" if row.progress is None else "Cancel its working copy"
            menu.addAction(caption, lambda: self._follow(row))
        elif row.video.needs_proxy:
            menu.addAction("Remove its working copy", lambda: self.remove_copy_asked.emit(video))
        if row.trouble is MediaTrouble.CHANGED:
            menu.addAction("How the file has changed", lambda: self.details_asked.emit(video))
        menu.addAction("Locate the file\u2026", lambda: self.locate_asked.emit(video))
        menu.setToolTipsVisible(True)
        menu.addSeparator()
        menu.addAction("Remove from the project", lambda: self.remove_asked.emit(video))


def dropped_paths(event: QDropEvent) -> list[Path]:
    """The local files and folders that are being dropped."""
    return [Path(url.toLocalFile()) for url in event.mimeData().urls() if url.isLocalFile()]
