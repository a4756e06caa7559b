"""In which frame of a tube its actor and what it does are seen best."""

import numpy as np
from numpy.typing import NDArray

from yowo_core.annotations import ActionSpan, Tube
from yowo_core.tubes.interpolate import dense


def best_frame(tube: Tube, label: int | None = None) -> int:
    """The frame to look at before deciding on a tube.

    Where its action, that label's if the tube has it, scores highest and the box is large; of
    equal ones the one nearest to the middle. Frames in which the actor is not visible do not count.
    """
    seen = dense(tube)
    if not len(seen.frames):
        return tube.start
    sides = seen.boxes[:, 2:] - seen.boxes[:, :2]
    area = np.sqrt(np.maximum(sides.prod(axis=1), 0.0))
    worth = _scores(tube, label, seen.frames) * (0.8 + 0.2 * area / max(float(area.max()), 1e-9))
    best = np.flatnonzero(worth >= worth.max() - 1e-9)
    middle = np.abs(seen.frames[best] - (tube.start + tube.stop - 1) / 2)
    return int(seen.frames[best[int(middle.argmin())]])


def _scores(tube: Tube, label: int | None, frames: NDArray[np.int64]) -> NDArray[np.float64]:
    """The highest score (F,) of the wanted spans in each frame, 0 beside them."""
    wanted = [span for span in tube.spans if span.label == label] or list(tube.spans)
    if not wanted:
        return np.ones(len(frames))
    scores = np.zeros(len(frames))
    for span in wanted:
        inside = (frames >= span.start) & (frames < span.stop)
        np.maximum(scores, np.where(inside, _of_span(span, frames), 0.0), out=scores)
    return scores if bool(scores.any()) else np.ones(len(frames))


def _of_span(span: ActionSpan, frames: NDArray[np.int64]) -> NDArray[np.float64]:
    """The span's scores (F,), stretched over its length; a span without any counts as sure."""
    if len(span.scores) < 2:
        return np.full(len(frames), 1.0 if span.score is None else span.score)
    places = np.linspace(span.start, span.stop - 1, len(span.scores))
    return np.asarray(np.interp(frames, places, np.array(span.scores)), dtype=np.float64)
