"""The tubes of a video as rows of an AVA file, and what of them has no row."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from yowo_core.annotations import ActionSpan, FrameRange, Label, Tube, Video
from yowo_core.formats.ava_grid import Grid
from yowo_core.formats.losses import Loss, Why
from yowo_core.tubes.interpolate import dense


@dataclass(frozen=True)
class _Second:
    """A whole second at which a tube is seen; text is '' when its box is outside the picture."""

    stamp: int
    frame: int
    text: str


class VideoRows:
    """Iterates over the rows of a video without its id, by tube and second; then losses is full."""

    def __init__(self, video: Video, grid: Grid, labels: Sequence[Label]) -> None:
        self._video, self._grid = video, grid
        self._numbers = {label.id: number for number, label in enumerate(labels, start=1)}
        self._names = {label.id: label.name for label in labels}
        self.losses: list[Loss] = []

    def __iter__(self) -> Iterator[str]:
        people: dict[str, int] = {}
        for tube in self._video.tubes:
            if tube.confirmed:
                key = f"person {tube.person}" if tube.person else f"tube {tube.id}"
                person = people.setdefault(key, len(people))
                seconds = self._seconds(tube)
                rows = [f"{row},{person}" for second in seconds for row in self._rows(tube, second)]
                yield from rows
                self.losses.extend(self._lost(tube, seconds, written=bool(rows)))

    def _seconds(self, tube: Tube) -> list[_Second]:
        filled, grid = dense(tube), self._grid
        at = np.flatnonzero(np.isin(grid.frames, filled.frames))
        mine = np.searchsorted(filled.frames, grid.frames[at])
        texts = (box_text(box, self._video) for box in filled.boxes[mine])
        facts = zip(grid.stamps[at].tolist(), grid.frames[at].tolist(), texts, strict=True)
        return [_Second(*fact) for fact in facts]

    def _rows(self, tube: Tube, second: _Second) -> Iterator[str]:
        if second.text:
            actions = {self._numbers[s.label] for s in tube.spans if second.frame in s}
            yield from (f"{second.stamp:04d},{second.text},{action}" for action in sorted(actions))

    def _lost(self, tube: Tube, seconds: list[_Second], *, written: bool) -> Iterator[Loss]:
        extent = FrameRange(tube.start, tube.stop)
        if not tube.spans:
            yield self._loss(tube, Why.NO_ACTION, extent, whole=True)
        elif not seconds:
            yield self._loss(tube, Why.NO_SECOND, extent, whole=True)
        else:
            for span in tube.spans:
                yield from self._lost_span(tube, span, seconds, whole=not written)
            bare = [s for s in seconds if not any(s.frame in span for span in tube.spans)]
            if bare:
                reach = FrameRange(bare[0].frame, bare[-1].frame + 1)
                detail = f"{len(bare)} of {len(seconds)} seconds"
                yield self._loss(tube, Why.BARE, reach, detail=detail, whole=not written)

    def _lost_span(
        self, tube: Tube, span: ActionSpan, seconds: list[_Second], *, whole: bool
    ) -> Iterator[Loss]:
        mine = [second for second in seconds if second.frame in span]
        away = [second for second in mine if not second.text]
        reach, name = FrameRange(span.start, span.stop), self._names[span.label]
        if not mine:
            yield self._loss(tube, Why.BETWEEN, reach, action=name, whole=whole)
        elif away:
            detail = f"{len(away)} of {len(mine)} seconds"
            yield self._loss(tube, Why.OUTSIDE, reach, action=name, detail=detail, whole=whole)

    def _loss(
        self,
        tube: Tube,
        why: Why,
        reach: FrameRange,
        *,
        action: str = "",
        detail: str = "",
        whole: bool,
    ) -> Loss:
        start, stop = self._grid.moment(reach.start), self._grid.moment(reach.stop)
        return Loss(self._video.name, tube.id, why, reach, start, stop, action, detail, whole)


def unconfirmed(video: Video) -> Iterator[Loss]:
    """The tubes that nobody confirmed; AVA has no place for them."""
    return (_whole(video, t, Why.NOT_CONFIRMED) for t in video.tubes if not t.confirmed)


def without_video(video: Video, reason: str) -> Iterator[Loss]:
    """The confirmed tubes of a video that cannot stand in the file, for that reason."""
    return (_whole(video, t, Why.VIDEO, reason) for t in video.tubes if t.confirmed)


def _whole(video: Video, tube: Tube, why: Why, detail: str = "") -> Loss:
    second = float(1 / video.fps) if video.fps else float("nan")
    start, stop = tube.start * second, tube.stop * second
    extent = FrameRange(tube.start, tube.stop)
    return Loss(video.name, tube.id, why, extent, start, stop, "", detail, whole=True)


def box_text(box: NDArray[np.float64], video: Video) -> str:
    """The part of the box inside the picture as shares with 3 decimals, '' when there is none.

    A box that would be rounded to nothing is widened to the next thousandth on both sides.
    """
    shares = np.clip(box / [video.width, video.height, video.width, video.height], 0, 1) * 1000
    if shares[0] >= shares[2] or shares[1] >= shares[3]:
        return ""
    rounded = np.rint(shares)
    for low, high in ((0, 2), (1, 3)):
        if rounded[low] == rounded[high]:
            rounded[low], rounded[high] = np.floor(shares[low]), np.ceil(shares[high])
    return ",".join(f"{value / 1000:.3f}" for value in rounded)
