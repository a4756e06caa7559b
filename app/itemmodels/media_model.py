"""The videos of a project for a list view, also when there are thousands."""

from collections.abc import Sequence

from PySide6.QtCore import QAbstractListModel, QModelIndex, QPersistentModelIndex, Qt

from app.domain.media import MediaRow
from app.domain.names import plain_tip
from app.domain.project import VideoRecord
from app.domain.wording import DOT, TIMES, bytes_text, clock, rate, shown_name
from yowo_core.video.naming import as_text

Index = QModelIndex | QPersistentModelIndex

ROW_ROLE = Qt.ItemDataRole.UserRole + 1
"""Gives the MediaRow itself."""

_PARENT = QModelIndex()


def facts(row: MediaRow) -> list[str]:
    """What the second line tells of a video: length, then size, speed or status, analysed.

    While it is analysed: length and status.
    """
    video = row.video
    timed = video.frame_count > 0 and video.fps > 0
    length = clock(float(video.frame_count / video.fps)) if timed else ""
    if row.progress is not None:
        parts = [length, row.status or f"analysing {round(100 * row.progress)} %"]
    else:
        size = f"{video.width}{TIMES}{video.height}" if video.width and video.height else ""
        parts = [length, size, row.status or rate(video.fps), "analysed" if row.analysed else ""]
    return [part for part in parts if part]


def facts_line(row: MediaRow) -> str:
    """The second line of a video in full."""
    return f" {DOT} ".join(facts(row))


def problem_line(row: MediaRow) -> str:
    """What is wrong with a video in few words: its status, else the sentence without the path."""
    path = as_text(str(row.video.path))
    return row.status or row.video.problem.removeprefix(path).lstrip(" :,")


class MediaModel(QAbstractListModel):
    """MediaRow by row; a new list of the same videos changes only the rows that differ."""

    def __init__(self) -> None:
        super().__init__()
        self._rows: list[MediaRow] = []
        self._places: dict[int, int] = {}

    def set_rows(self, rows: Sequence[MediaRow]) -> None:
        """Show these videos in this order."""
        if [row.video.id for row in rows] == [row.video.id for row in self._rows]:
            for row in rows:
                self.update_row(row)
            return
        self.beginResetModel()
        self._rows = list(rows)
        self._places = {row.video.id: place for place, row in enumerate(rows)}
        self.endResetModel()

    def update_row(self, row: MediaRow) -> None:
        """Show the news of one video; one that is not listed is left out."""
        place = self._places.get(row.video.id)
        if place is None or self._rows[place] == row:
            return
        self._rows[place] = row
        index = self.index(place)
        self.dataChanged.emit(index, index)

    def place(self, video_id: int) -> int | None:
        """The row of a video, None when it is not listed."""
        return self._places.get(video_id)

    def rowCount(self, parent: Index = _PARENT) -> int:
        """How many videos there are."""
        return 0 if parent.isValid() else len(self._rows)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """Name, tooltip, what a screen reader says, or the MediaRow."""
        if not index.isValid():
            return None
        row = self._rows[index.row()]
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return shown_name(row.video.name)
            case Qt.ItemDataRole.ToolTipRole:
                return plain_tip(tooltip(row))
            case Qt.ItemDataRole.AccessibleTextRole:
                return f"{shown_name(row.video.name)}, {row.video.problem or facts_line(row)}"
            case role if role == ROW_ROLE:
                return row
        return None


def tooltip(row: MediaRow) -> str:
    """Everything that is known of a video, and what may be cut off in the list."""
    video = row.video
    parts = (
        shown_name(video.name),
        shown_name(as_text(str(video.path))),
        _size_line(video),
        _time_line(video),
        row.status,
        video.problem,
        video.notice,
        video.needs_proxy,
    )
    return "\n".join(part for part in parts if part)


def _size_line(video: VideoRecord) -> str:
    """1920x1080 pixels, wider than high, 340 MB."""
    if not (video.width and video.height):
        return ""
    size = f"{video.width}{TIMES}{video.height} pixels"
    if video.sample_aspect != 1:
        ratio = f"{float(video.sample_aspect):.3f}".rstrip("0")
        size = f"{size}, each {ratio} times as wide as high"
    return f"{size}, {bytes_text(video.size)}" if video.size else size


def _time_line(video: VideoRecord) -> str:
    """1394 frames, 02:19, 10 fps."""
    if not video.frame_count:
        return ""
    timed = video.fps > 0
    length = clock(float(video.frame_count / video.fps)) if timed else ""
    pace = f"{rate(video.fps)} on average, variable" if video.uneven and timed else rate(video.fps)
    parts = (f"{video.frame_count} frames", length, pace)
    return ", ".join(part for part in parts if part)
