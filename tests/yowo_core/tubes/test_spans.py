"""Action spans from scores over time, and linked actors as tubes."""

from fractions import Fraction

import numpy as np
import pytest
from numpy.typing import NDArray

from yowo_core.annotations import ActionSpan, Review, Source, Tube
from yowo_core.errors import ConfigError
from yowo_core.tubes.interpolate import dense
from yowo_core.tubes.link import LinkedTube
from yowo_core.tubes.spans import SpanConfig, action_spans, scored_span, span_scores, to_tube

RAW = SpanConfig(on=0.5, off=0.25, smooth=0, min_length=0)


def column(*scores: float) -> NDArray[np.float64]:
    return np.array(scores)[:, None]


def spans_of(
    scores: NDArray[np.float64], config: SpanConfig, stride: int = 1
) -> tuple[ActionSpan, ...]:
    return action_spans(np.arange(len(scores)) * stride, scores, range(scores.shape[1]), config)


def test_a_span_is_a_run_above_off_that_reaches_on() -> None:
    scores = column(0.1, 0.3, 0.5, 0.25, 0.2, 0.3, 0.4, 0.3, 0.1, 0.9)
    first, second = spans_of(scores, RAW)
    assert (first.start, first.stop) == (1, 4)
    assert first.scores == (0.3, 0.5, 0.25)
    assert first.score == pytest.approx(0.35)
    assert (second.start, second.stop, second.score, second.scores) == (9, 10, 0.9, ())


def test_actions_run_side_by_side() -> None:
    scores = np.array([[0.9, 0.0, 0.6], [0.9, 0.0, 0.1], [0.1, 0.0, 0.6]])
    found = action_spans(np.array([4, 5, 6]), scores, [7, 8, 9], RAW)
    assert [(s.label, s.start, s.stop) for s in found] == [(7, 4, 6), (9, 4, 5), (9, 6, 7)]


def test_smoothing_closes_a_dip_and_removes_a_spike() -> None:
    dip = column(0.8, 0.8, 0.8, 0.0, 0.8, 0.8, 0.8)
    config = SpanConfig(on=0.5, off=0.5, smooth=3, min_length=0)
    # the means of three around the dip are 1.6 / 3
    assert [(s.start, s.stop) for s in spans_of(dip, config)] == [(0, 7)]
    assert [(s.start, s.stop) for s in spans_of(dip, RAW)] == [(0, 3), (4, 7)]
    assert spans_of(column(0.0, 0.0, 0.9, 0.0, 0.0), config) == ()


def test_the_score_is_the_raw_mean() -> None:
    config = SpanConfig(on=0.3, off=0.2, smooth=3, min_length=0)
    (span,) = spans_of(column(0.0, 0.75, 0.75, 0.0), config)
    assert (span.start, span.stop) == (0, 4)
    assert span.scores == (0.0, 0.75, 0.75, 0.0)
    assert span.score == pytest.approx(0.375)


def test_smoothing_is_measured_in_frames_of_the_video() -> None:
    config = SpanConfig(on=0.5, off=0.5, smooth=3, min_length=0)
    dip = column(0.8, 0.0, 0.8)
    assert [(s.start, s.stop) for s in spans_of(dip, config, stride=4)] == [(0, 2), (6, 9)]


def test_between_looked_at_frames_an_action_changes_halfway() -> None:
    scores = np.array([[0.9, 0.0], [0.9, 0.0], [0.0, 0.9]])
    found = action_spans(np.array([10, 14, 18]), scores, [1, 2], RAW)
    assert [(s.label, s.start, s.stop) for s in found] == [(1, 10, 16), (2, 16, 19)]


def test_short_spans_are_dropped() -> None:
    scores = column(0.9, 0.9, 0.0, 0.9)
    config = SpanConfig(on=0.5, off=0.25, smooth=0, min_length=2)
    assert [(s.start, s.stop) for s in spans_of(scores, config)] == [(0, 2)]


def test_seconds_become_frames() -> None:
    config = SpanConfig.in_seconds(Fraction(30000, 1001), smooth=0.5, min_length=0.2)
    assert (config.smooth, config.min_length) == (15, 6)
    unknown = SpanConfig.in_seconds(Fraction(0))
    assert (unknown.smooth, unknown.min_length) == (0, 0)


@pytest.mark.parametrize(
    "values",
    [{"on": 0.2}, {"on": 1.1}, {"off": -0.1}, {"off": float("nan")}],
)
def test_impossible_thresholds_are_refused(values: dict[str, float]) -> None:
    with pytest.raises(ConfigError, match="does not hold"):
        SpanConfig(**values)  # type: ignore[arg-type]


@pytest.mark.parametrize("values", [{"smooth": -1}, {"min_length": -1}])
def test_negative_lengths_are_refused(values: dict[str, int]) -> None:
    with pytest.raises(ConfigError, match="cannot be negative"):
        SpanConfig(**values)


def test_equal_scores_are_one_score() -> None:
    assert scored_span(1, 0, 3, [0.1, 0.1, 0.1]) == ActionSpan(1, 0, 3, 0.1)
    assert scored_span(1, 0, 3, []) == ActionSpan(1, 0, 3)


def plain(frames: list[int], *spans: ActionSpan) -> Tube:
    boxes = np.tile(np.array([0.0, 0, 9, 9]), (len(frames), 1))
    return Tube("t", np.array(frames, np.int64), boxes, spans)


def test_scores_lie_on_the_line_between_stored_frames() -> None:
    span = ActionSpan(1, 1, 8, 0.5, (0.2, 0.8))
    tube = plain([0, 2, 6, 9], span)
    frames = np.array([1, 2, 4, 6, 7])
    assert span_scores(tube, span, frames).tolist() == pytest.approx([0.2, 0.2, 0.5, 0.8, 0.8])


def test_scores_that_do_not_fit_give_way_to_the_mean() -> None:
    span, bare = ActionSpan(1, 0, 7, 0.5, (0.2, 0.8)), ActionSpan(2, 0, 7)
    tube = plain([0, 2, 6], span, bare)
    assert span_scores(tube, span, np.array([0, 6])).tolist() == [0.5, 0.5]
    assert np.isnan(span_scores(tube, bare, np.array([0, 6]))).all()


def test_a_linked_actor_becomes_a_tube_for_review() -> None:
    frames = np.array([0, 2, 4, 6])
    scores = column(0.9, 0.8, 0.7, 0.6)
    boxes = np.array([[x, 0, x + 9.00049, 9] for x in (0.0, 1, 2, 4)])
    linked = LinkedTube(frames, boxes, scores, np.array([3, 1, -1, 0]))
    tube = to_tube(linked, action_spans(frames, scores, [5], RAW), "t1", model="demo")
    assert tube.frames.tolist() == [0, 2, 6]
    assert tube.boxes[:, 2].tolist() == [9.0, 10.0, 13.0]
    assert set(tube.sources) == {Source.MODEL}
    assert not tube.keyframe.any()
    assert (tube.id, tube.model, tube.review) == ("t1", "demo", Review.TO_REVIEW)
    (span,) = tube.spans
    assert (span.label, span.start, span.stop, span.scores) == (5, 0, 7, (0.9, 0.8, 0.6))
    assert span.score == pytest.approx(2.3 / 3)
    filled = dense(tube)
    assert filled.frames.tolist() == list(range(7))
    assert filled.sources[4] is Source.INTERPOLATION


def test_a_span_of_bridged_frames_only_keeps_its_mean() -> None:
    linked = LinkedTube(
        np.arange(3),
        np.tile(np.array([0.0, 0, 9, 9]), (3, 1)),
        np.ones((3, 1)),
        np.array([0, -1, 1]),
    )
    tube = to_tube(linked, (ActionSpan(1, 1, 2, 0.7),), "t")
    assert tube.spans == (ActionSpan(1, 1, 2, 0.7),)
