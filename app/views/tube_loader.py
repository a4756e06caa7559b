"""Reads many tubes between the window's events, so that it never halts for them."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

from PySide6.QtCore import QObject, QTimer, Signal

from app.domain.project import TubeSummary
from app.services.project_service import ProjectService
from app.views.timeline_spans import span_table

MANY: Final = 1000
"""So many tubes are read at once; of more it is felt."""
_PART: Final = 500


@dataclass(frozen=True)
class LoadedTubes:
    """What was asked for and is there, and ids of what is not; whole: all tubes of the video."""

    found: list[TubeSummary]
    gone: set[int]
    whole: bool


class TubeLoader(QObject):
    """Reads tubes of one video part by part; loaded brings them when all are there.

    What is edited meanwhile has to be told by read_again().
    """

    loaded = Signal(object)  # LoadedTubes

    def __init__(self, project: ProjectService, parent: QObject) -> None:
        super().__init__(parent)
        self._project = project
        self._video, self._whole = 0, False
        self._left: list[int] = []
        self._asked: set[int] = set()
        self._found: dict[int, TubeSummary] = {}
        self._timer = QTimer(self)
        self._timer.setInterval(0)
        self._timer.timeout.connect(self._read_part)

    def start(self, video_id: int, ids: Collection[int], *, whole: bool) -> None:
        """Read these tubes, and what is still to be read of the same video."""
        if video_id != self._video:
            self.stop()
        self._video, self._whole = video_id, self._whole or whole
        self._timer.start()
        self.read_again(ids)

    def read_again(self, ids: Collection[int]) -> None:
        """While tubes are being read: these were changed or are gone."""
        if self._timer.isActive():
            for tube_id in ids:
                self._found.pop(tube_id, None)
            self._left = list(dict.fromkeys((*self._left, *ids)))
            self._asked.update(ids)

    def stop(self) -> None:
        """Read no more, and forget what was read."""
        self._timer.stop()
        self._left, self._asked, self._found, self._whole = [], set(), {}, False

    def _read_part(self) -> None:
        part, self._left = self._left[:_PART], self._left[_PART:]
        for tube in self._project.tubes(self._video, part):
            self._found[tube.id] = tube
            span_table(tube)  # worked out now, it is at hand when all are laid out
        if not self._left:
            found = list(self._found.values())
            loaded = LoadedTubes(found, self._asked - self._found.keys(), self._whole)
            self.stop()
            self.loaded.emit(loaded)
