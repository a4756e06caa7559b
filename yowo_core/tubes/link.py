"""Links detections of following frames into actors, without regard to what they do.

Two passes a frame: sure detections choose among all actors, then the unsure ones are offered to
the actors that are still without a box (the idea of ByteTrack, Zhang et al. 2022, section 3).
"""

from collections.abc import Iterable
from dataclasses import dataclass, fields, replace

import numpy as np
from numpy.typing import NDArray

from yowo_core.boxes import iou_matrix
from yowo_core.errors import ConfigError
from yowo_core.structures import Detections

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

_NEW_MOTION = 0.5  # share of the newest step in an actor's velocity and scores


@dataclass(frozen=True)
class LinkConfig:
    """When two detections are one actor.

    Scores are actor scores, the largest action score of a detection, in 0..1. A detection of at
    least high_score takes part in the first pass, one of at least low_score in the second; only
    one of at least start_score starts an actor. min_iou and min_iou_low bound the overlap with
    the predicted box in the two passes. similarity weighs the cosine of the action scores against
    the IoU. max_gap is the longest run of frames of the video without a box that is bridged: with
    one frame in s looked at, anything below s - 1 links nothing. min_length is the number of
    frames from a tube's first to its last; shorter ones are dropped. ConfigError on impossible
    values.
    """

    start_score: float = 0.3
    high_score: float = 0.3
    low_score: float = 0.05
    min_iou: float = 0.2
    min_iou_low: float = 0.4
    similarity: float = 0.2
    max_gap: int = 15
    min_length: int = 3

    def __post_init__(self) -> None:
        """Refuse values under which nothing or everything would link."""
        for item in fields(self):
            value = getattr(self, item.name)
            if item.name in {"max_gap", "min_length"}:
                if value < 0:
                    raise ConfigError(f"Linking: {item.name} is {value}; it cannot be negative.")
            elif not 0 <= value <= 1:
                raise ConfigError(f"Linking: {item.name} is {value}; it must lie in 0..1.")
        if not self.low_score <= self.high_score <= self.start_score:
            raise ConfigError(
                f"Linking: low_score {self.low_score}, high_score {self.high_score} and "
                f"start_score {self.start_score} must not descend."
            )


@dataclass(frozen=True, eq=False)
class LinkedTube:
    """One actor over the frames that were looked at, from the first to the last with a box.

    frames: (F,) ascending. boxes: (F, 4) in pixels. scores: (F, C), one column an action.
    detections: (F,) the detection's index in its frame, -1 where the actor was not found and box
    and scores lie on the line between its neighbours.
    """

    frames: Ints
    boxes: Floats
    scores: Floats
    detections: Ints


@dataclass(frozen=True, eq=False)
class _Actors:
    """The living actors as columns: numbers (A,), frames last seen in (A,), boxes and their
    change a frame (A, 4), action scores (A, C)."""

    numbers: Ints
    seen: Ints
    boxes: Floats
    motion: Floats
    scores: Floats

    @staticmethod
    def none(classes: int) -> "_Actors":
        empty = np.zeros(0, np.int64)
        boxes = np.zeros((0, 4))
        return _Actors(empty, empty, boxes, boxes, np.zeros((0, classes)))

    def only(self, keep: NDArray[np.bool_]) -> "_Actors":
        return _Actors(*(getattr(self, f.name)[keep] for f in fields(self)))

    def joined(self, other: "_Actors") -> "_Actors":
        pairs = ((getattr(self, f.name), getattr(other, f.name)) for f in fields(self))
        return _Actors(*(np.concatenate(pair) for pair in pairs))


class ActorLinker:
    """Gives every detection of a running video the number of its actor.

    Frames come in ascending order, not necessarily every one. After a jump call forget().
    """

    def __init__(self, config: LinkConfig) -> None:
        """Start without actors; the first one gets the number 0."""
        self._config = config
        self._actors = _Actors.none(0)
        self._next = 0
        self._frame = -1

    def forget(self) -> None:
        """Drop all actors, as after a seek; numbers go on and are never given twice."""
        self._actors = _Actors.none(0)
        self._frame = -1

    def push(self, frame: int, detections: Detections) -> list[int]:
        """The actor's number of each detection of the next frame, -1 for one that is nobody.

        A detection is nobody when it continues no actor and is too unsure to start one.
        ValueError when the frame does not come after the last one.
        """
        if frame <= self._frame:
            raise ValueError(f"frame {frame} came after frame {self._frame}; call forget() first")
        boxes = detections.boxes.astype(np.float64)
        scores = detections.scores.astype(np.float64)
        sure = detections.actor_scores
        actors = self._living(frame, scores.shape[1])
        rows = self._match(actors, frame, (boxes, scores), sure)
        actors = _moved(actors, rows, frame, (boxes, scores))
        numbers = np.full(len(boxes), -1, np.int64)
        numbers[rows >= 0] = actors.numbers[rows[rows >= 0]]
        births = (rows < 0) & (sure >= self._config.start_score)
        newborn = self._born(frame, boxes[births], scores[births])
        numbers[births] = newborn.numbers
        self._actors = actors.joined(newborn) if len(newborn.numbers) else actors
        self._frame = frame
        return [int(n) for n in numbers]

    def _living(self, frame: int, classes: int) -> _Actors:
        """The actors whose gap would still be bridged if they were found in this frame."""
        if not len(self._actors.numbers):
            return _Actors.none(classes)
        near = frame - self._actors.seen - 1 <= self._config.max_gap
        return self._actors if near.all() else self._actors.only(near)

    def _match(
        self, actors: _Actors, frame: int, found: tuple[Floats, Floats], sure: NDArray[np.float32]
    ) -> Ints:
        """The row of the actor that each detection continues, -1 for none: (N,)."""
        config = self._config
        rows = np.full(len(sure), -1, np.int64)
        if not len(actors.numbers) or not len(sure):
            return rows
        steps = (frame - actors.seen)[:, None]
        overlap = iou_matrix(actors.boxes + actors.motion * steps, found[0])
        gain = overlap + config.similarity * _cosines(actors.scores, found[1])
        high = sure >= config.high_score
        _assign(rows, gain, overlap >= config.min_iou, high)
        low = (sure >= config.low_score) & ~high
        # an actor out of sight comes back only on a sure detection
        present = (actors.seen == self._frame)[:, None]
        if low.any():
            _assign(rows, gain, (overlap >= config.min_iou_low) & present, low)
        return rows

    def _born(self, frame: int, boxes: Floats, scores: Floats) -> _Actors:
        count = len(boxes)
        numbers = np.arange(self._next, self._next + count)
        self._next += count
        return _Actors(numbers, np.full(count, frame), boxes, np.zeros((count, 4)), scores)


def _cosines(first: Floats, second: Floats) -> Floats:
    """Cosine of every pair of rows, (A, C), (N, C) -> (A, N); 0 where a row is all zeros."""
    lengths = np.linalg.norm(first, axis=1)[:, None] * np.linalg.norm(second, axis=1)[None, :]
    return np.asarray(first @ second.T / np.maximum(lengths, 1e-12))


def _assign(
    rows: Ints, gain: Floats, allowed: NDArray[np.bool_], columns: NDArray[np.bool_]
) -> None:
    """Write into rows the pairs of free actors and chosen detections of the largest total gain."""
    free = np.ones(len(gain), dtype=np.bool_)
    free[rows[rows >= 0]] = False
    actors, detections = np.flatnonzero(free), np.flatnonzero(columns)
    if not len(actors) or not len(detections):
        return
    part = np.ix_(actors, detections)
    permitted = allowed[part]
    from scipy.optimize import linear_sum_assignment  # noqa: PLC0415 a third of the window's start

    first, second = linear_sum_assignment(np.where(permitted, gain[part], 0.0), maximize=True)
    keep = permitted[first, second]
    rows[detections[second[keep]]] = actors[first[keep]]


def _moved(actors: _Actors, rows: Ints, frame: int, found: tuple[Floats, Floats]) -> _Actors:
    """The actors with what was found of them: rows (N,) names each detection's actor or -1."""
    hit = np.flatnonzero(rows >= 0)
    if not len(hit):
        return actors
    who = rows[hit]
    seen, boxes = actors.seen.copy(), actors.boxes.copy()
    motion, scores = actors.motion.copy(), actors.scores.copy()
    step = (found[0][hit] - boxes[who]) / (frame - seen[who])[:, None]
    motion[who] += _NEW_MOTION * (step - motion[who])
    scores[who] += _NEW_MOTION * (found[1][hit] - scores[who])
    boxes[who] = found[0][hit]
    seen[who] = frame
    return replace(actors, seen=seen, boxes=boxes, motion=motion, scores=scores)


def link(per_frame: Iterable[tuple[int, Detections]], config: LinkConfig) -> list[LinkedTube]:
    """The actors of a whole video, in the order in which they appear.

    per_frame gives the looked-at frames in ascending order with their detections, whose boxes are
    in source pixels. Gaps of up to config.max_gap frames are filled linearly.
    """
    linker = ActorLinker(config)
    frames: list[int] = []
    found: list[Detections] = []
    members: dict[int, list[tuple[int, int]]] = {}
    for position, (frame, detections) in enumerate(per_frame):
        frames.append(frame)
        found.append(detections)
        for index, number in enumerate(linker.push(frame, detections)):
            if number >= 0:
                members.setdefault(number, []).append((position, index))
    looked_at = np.array(frames, np.int64)
    tubes = [_tube(looked_at, found, pairs) for pairs in members.values()]
    return [t for t in tubes if t.frames[-1] - t.frames[0] + 1 >= config.min_length]


def _tube(frames: Ints, found: list[Detections], pairs: list[tuple[int, int]]) -> LinkedTube:
    """One actor from its (position in frames, index of the detection) pairs."""
    places = np.array([place for place, _ in pairs], np.int64)
    boxes = np.array([found[place].boxes[index] for place, index in pairs], np.float64)
    scores = np.array([found[place].scores[index] for place, index in pairs], np.float64)
    span = frames[places[0] : places[-1] + 1]
    detections = np.full(len(span), -1, np.int64)
    detections[places - places[0]] = [index for _, index in pairs]
    seen = frames[places]
    if len(places) == len(span):
        return LinkedTube(span, boxes, scores, detections)
    return LinkedTube(
        span, _on_the_line(span, seen, boxes), _on_the_line(span, seen, scores), detections
    )


def _on_the_line(frames: Ints, seen: Ints, values: Floats) -> Floats:
    """Values (S, K) known in the frames seen, linear between: (F, K); known ones stay exact."""
    after = np.searchsorted(seen, frames)
    before = np.maximum(after - (seen[after] != frames), 0)
    width = np.maximum(seen[after] - seen[before], 1)
    part = ((frames - seen[before]) / width)[:, None]
    return np.asarray(values[before] + part * (values[after] - values[before]))
