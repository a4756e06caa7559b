"""The videos of a project for a list view, also when there are thousands."""

from collections.abc import Sequence

from PySide6.QtCore import QAbstractListModel, QModelIndex, QPersistentModelIndex, Qt

from app.domain.media import MediaRow
from app.domain.wording import DOT, TIMES, clock, rate

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
    return row.status or row.video.problem.removeprefix(str(row.video.path)).lstrip(" :,")


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
                return row.video.name
            case Qt.ItemDataRole.ToolTipRole:
                return tooltip(row)
            case Qt.ItemDataRole.AccessibleTextRole:
                return f"{row.video.name}, {row.video.problem or facts_line(row)}"
            case role if role == ROW_ROLE:
                return row
        return None


def tooltip(row: MediaRow) -> str:
    """Everything that may be cut off in the list."""
    return "\n".join(
        part
        for part in (row.video.name, str(row.video.path), facts_line(row), row.video.problem)
        if part
    )
