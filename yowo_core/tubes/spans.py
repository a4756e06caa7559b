"""When an actor does what: spans of actions from scores that run over time."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from yowo_core.annotations import ActionSpan, Review, Source, Tube
from yowo_core.errors import ConfigError
from yowo_core.tubes.link import LinkedTube

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True)
class SpanConfig:
    """When scores are an action.

    An action runs while its smoothed score stays at off or above, if it reaches on somewhere in
    that run. smooth is the width in frames of the centred mean, 0 for none; spans shorter than
    min_length frames are dropped. ConfigError on impossible values.
    """

    on: float = 0.4
    off: float = 0.25
    smooth: int = 9
    min_length: int = 5

    def __post_init__(self) -> None:
        """Refuse thresholds that contradict each other and negative lengths."""
        if not 0 <= self.off <= self.on <= 1:
            raise ConfigError(f"Spans: 0 <= off {self.off} <= on {self.on} <= 1 does not hold.")
        if self.smooth < 0 or self.min_length < 0:
            raise ConfigError(
                f"Spans: smooth {self.smooth} and min_length {self.min_length} cannot be negative."
            )

    @staticmethod
    def in_seconds(
        fps: Fraction | float,
        smooth: float = 0.4,
        min_length: float = 0.3,
        on: float = 0.4,
        off: float = 0.25,
    ) -> "SpanConfig":
        """The same with smooth and min_length in seconds, for a video of fps frames a second."""
        rate = float(fps)
        return SpanConfig(on, off, round(smooth * rate), round(min_length * rate))


def action_spans(
    frames: Ints, scores: Floats, labels: Sequence[int], config: SpanConfig
) -> tuple[ActionSpan, ...]:
    """The spans of all actions of one actor, by start, then in the order of labels.

    frames: (F,) ascending, the frames that were looked at; scores: (F, C) in 0..1; labels: C ids.
    Between two looked-at frames an action ends or starts halfway. A span carries its raw scores
    to six decimals, one a frame, and their mean.
    """
    smoothed = _smoothed(frames, scores, config.smooth)
    edges = _edges(frames)
    spans = []
    for column, label in enumerate(labels):
        for first, last in _runs(smoothed[:, column], config):
            start, stop = int(edges[first]), int(edges[last + 1])
            if stop - start >= config.min_length:
                raw = np.round(scores[first : last + 1, column].astype(np.float64), 6).tolist()
                spans.append((start, column, scored_span(label, start, stop, raw)))
    return tuple(span for _, _, span in sorted(spans, key=lambda item: item[:2]))


def _smoothed(frames: Ints, scores: Floats, width: int) -> Floats:
    """Mean of the scores at most width / 2 frames away, (F, C); fewer at the ends."""
    if width <= 1 or not len(frames):
        return scores
    sums = np.concatenate([np.zeros((1, scores.shape[1])), np.cumsum(scores, axis=0)])
    low = np.searchsorted(frames, frames - width // 2, side="left")
    high = np.searchsorted(frames, frames + width // 2, side="right")
    return np.asarray((sums[high] - sums[low]) / (high - low)[:, None])


def _edges(frames: Ints) -> Ints:
    """Where frame i's reach begins and frame i - 1's ends: (F + 1,), halfway between the two."""
    halfway = (frames[:-1] + frames[1:] + 1) // 2
    return np.concatenate([frames[:1], halfway, frames[-1:] + 1])


def _runs(scores: Floats, config: SpanConfig) -> Iterator[tuple[int, int]]:
    """First and last position of every run at off or above that reaches on."""
    inside = np.concatenate([[False], scores >= config.off, [False]])
    flips = np.flatnonzero(inside[1:] != inside[:-1])
    for first, stop in zip(flips[::2], flips[1::2], strict=True):
        if scores[first:stop].max() >= config.on:
            yield int(first), int(stop) - 1


def scored_span(label: int, start: int, stop: int, scores: Sequence[float]) -> ActionSpan:
    """A span with the scores of the tube's stored frames inside it, in its one normal form.

    score is their mean; scores that are all the same are kept only as that, and a span without
    scores has neither.
    """
    if not scores:
        return ActionSpan(label, start, stop)
    if all(s == scores[0] for s in scores):
        return ActionSpan(label, start, stop, scores[0])
    return ActionSpan(label, start, stop, math.fsum(scores) / len(scores), tuple(scores))


def span_scores(tube: Tube, span: ActionSpan, frames: Ints) -> Floats:
    """The span's score in each of those frames, linear between stored ones; NaN when it has none.

    frames: (F,). Where the span does not hold one score for each stored frame inside it, its mean
    stands for all.
    """
    low, high = np.searchsorted(tube.frames, (span.start, span.stop))
    if span.scores and len(span.scores) == high - low:
        return np.asarray(np.interp(frames, tube.frames[low:high], span.scores))
    return np.full(len(frames), np.nan if span.score is None else span.score)


def to_tube(linked: LinkedTube, spans: Sequence[ActionSpan], tube_id: str, model: str = "") -> Tube:
    """The linked actor as a tube for review, with boxes to a thousandth of a pixel.

    Only frames in which the actor was found are stored, with the source MODEL; the bridged ones
    between them are interpolated by the tube itself and then carry the source INTERPOLATION.
    spans come from action_spans over linked.frames.
    """
    found = linked.detections >= 0
    frames = linked.frames[found]
    return Tube(
        id=tube_id,
        frames=frames,
        boxes=np.round(linked.boxes[found], 3),
        spans=tuple(_on_found(span, linked.frames, found) for span in spans),
        sources=(Source.MODEL,) * len(frames),
        keyframe=np.zeros(len(frames), dtype=np.bool_),
        model=model,
        review=Review.TO_REVIEW,
    )


def _on_found(span: ActionSpan, frames: Ints, found: NDArray[np.bool_]) -> ActionSpan:
    """The span with only the scores of frames that the tube stores."""
    low, high = np.searchsorted(frames, (span.start, span.stop))
    if len(span.scores) != high - low:
        return span
    kept = [s for s, keep in zip(span.scores, found[low:high], strict=True) if keep]
    return scored_span(span.label, span.start, span.stop, kept) if kept else span
