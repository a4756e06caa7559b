"""Which frames are decoded ahead of being asked for, so that stepping never waits."""

from collections.abc import Callable, Iterator
from typing import Final

from yowo_core.video.cache import FrameCache
from yowo_core.video.cursor import KeyFrames

_AT_LEAST: Final = 32
"""Frames before the playhead and after it, however short the groups of pictures are."""


class Prefetch:
    """Fills the cache around the playhead, a frame at a time.

    Wanted are the group of pictures before the playhead's and some frames after it, as far as
    there is room. Filling begins when the next gap is nearer than half of that, and then fills
    all of it: else each step back would decode a whole group of pictures for one more frame.
    towards gives a way to a frame, of which every item is a bit of work (Cursor.towards).
    """

    def __init__(
        self, cache: FrameCache, keys: KeyFrames, towards: Callable[[int], Iterator[object]]
    ) -> None:
        self._cache, self._keys, self._towards = cache, keys, towards
        self._goal = 0
        self._way: Iterator[object] | None = None
        self._filling = False
        self._hopeless: set[int] = set()  # frames that do not decode
        self._content = -1  # the playhead around which nothing more can be done

    def interrupt(self) -> None:
        """Somebody else reads, or the room is another: what is next has to be found anew."""
        self._way, self._content = None, -1

    def work(self, playhead: int, stop: int) -> bool:
        """Read one frame nearer to the nearest gap around the playhead, in a video of stop frames.

        False when there is nothing to do.
        """
        self._cache.playhead = playhead
        if self._way is not None and not self._wants(self._goal, playhead):
            self._way = None  # the playhead has jumped
        if self._way is None and not self._set_out(playhead, stop):
            return False
        found = next(self._way, self) if self._way is not None else self
        if found is not None:
            self._arrive(playhead, ended=found is self)
        return True

    def _set_out(self, playhead: int, stop: int) -> bool:
        goal = self._next_gap(playhead, stop) if playhead != self._content else None
        self._filling = goal is not None
        if goal is None:
            self._content = playhead
            return False
        self._goal, self._way = goal, self._towards(goal)
        return True

    def _arrive(self, playhead: int, *, ended: bool) -> None:
        self._way = None
        if ended:  # whatever decodes of its group up to here has come
            group = range(self._keys.at_or_before(self._goal), self._goal + 1)
            self._hopeless.update(frame for frame in group if frame not in self._cache)
        elif self._goal not in self._cache:  # frames are larger than they were thought to be
            self._content = playhead

    def _next_gap(self, playhead: int, stop: int) -> int | None:
        """The nearest frame that is wanted and missing."""
        if playhead not in self._cache:
            return None
        share = 1.0 if self._filling else 0.5
        near = [
            gap
            for gap in self._gaps(playhead)
            if 0 <= gap < stop and self._wants(gap, playhead, share)
        ]
        return min(near, key=lambda gap: abs(gap - playhead), default=None)

    def _wants(self, frame: int, playhead: int, share: float = 1.0) -> bool:
        """Whether a frame is within that share of what is to be filled around the playhead."""
        room_behind, room_ahead = self._cache.room()
        if frame > playhead:
            return frame - playhead <= share * min(room_ahead, _AT_LEAST)
        group = self._keys.at_or_before(playhead)
        before = self._keys.at_or_before(max(0, group - 1))
        return playhead - frame <= share * min(room_behind, max(_AT_LEAST, playhead - before))

    def _gaps(self, playhead: int) -> tuple[int, int]:
        """The nearest missing frames before the playhead and after it, inside the video or not."""
        first, last = self._cache.run(playhead)
        while first - 1 in self._hopeless:
            first = self._cache.run(first - 2)[0] if first - 2 in self._cache else first - 1
        while last + 1 in self._hopeless:
            last = self._cache.run(last + 2)[1] if last + 2 in self._cache else last + 1
        return first - 1, last + 1
