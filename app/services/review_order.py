"""The tubes of a video that wait for a decision, in the order in which they are gone through."""

from bisect import bisect_left, bisect_right, insort
from collections.abc import Collection
from typing import Final

from PySide6.QtCore import QObject

from app.domain.project import Change
from app.domain.review import EVERY_TUBE, ReviewFilter
from app.services.project_service import ProjectService

_FEW: Final = 200  # changed tubes that are read one by one; of more, all are read anew


class ReviewOrder(QObject):
    """Read once for a video and a filter; then only what a change touched is read again."""

    def __init__(self, project: ProjectService, parent: QObject) -> None:
        super().__init__(parent)
        self._project = project
        self._video, self._wanted = 0, EVERY_TUBE
        self._places: list[tuple[int, int]] | None = None  # first frame and id, ascending
        self._first: dict[int, int] = {}
        self._stale: set[int] = set()
        project.changed.connect(self._take_in)
        project.opened.connect(self._forget)
        project.closed.connect(self._forget)

    def places(self, video_id: int, wanted: ReviewFilter) -> list[tuple[int, int]]:
        """First frame and id of the tubes that wait, ascending; only to be read."""
        if self._places is None or (video_id, wanted) != (self._video, self._wanted):
            self._read(video_id, wanted)
        elif self._stale:
            self._read_again(self._places)
        return self._places or []

    def neighbour(
        self,
        video_id: int,
        wanted: ReviewFilter,
        here: tuple[int, int],
        way: int,
        without: Collection[int],
    ) -> int | None:
        """The next tube after a place (way 1) or the one before it (-1), around the end.

        here: first frame and id. without: ids that are passed over. None when no other waits.
        """
        places = self.places(video_id, wanted)
        start = bisect_right(places, here) if way > 0 else bisect_left(places, here) - 1
        for step in range(len(places)):
            place = places[(start + way * step) % len(places)]
            if place != here and place[1] not in without:
                return place[1]
        return None

    def _read(self, video_id: int, wanted: ReviewFilter) -> None:
        places = self._project.in_review(video_id, wanted)
        self._video, self._wanted, self._stale = video_id, wanted, set()
        # nothing at all is cheap to read, and may be what could not be read
        self._places = places or None
        self._first = {tube_id: first for first, tube_id in places}

    def _read_again(self, places: list[tuple[int, int]]) -> None:
        for tube_id in self._stale:
            first = self._first.pop(tube_id, None)
            if first is not None:
                del places[bisect_left(places, (first, tube_id))]
        for place in self._project.in_review(self._video, self._wanted, self._stale):
            insort(places, place)
            self._first[place[1]] = place[0]
        self._stale = set()

    def _take_in(self, change: Change) -> None:
        if change.labels or change.media:
            self._forget()
        elif self._video in change.videos:
            self._stale |= change.tubes
            if not change.tubes or len(self._stale) > _FEW:
                self._forget()

    def _forget(self) -> None:
        self._places = None
