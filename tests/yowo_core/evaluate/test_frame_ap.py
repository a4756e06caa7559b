"""Average precision of single frames against numbers worked by hand and a plain slow version."""

import time

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from yowo_core.evaluate.frame_ap import FlatBoxes, average_precision, frame_ap

Box = tuple[float, float, float, float]
Row = tuple[int, int, Box, float]

HERE = (0.0, 0.0, 10.0, 10.0)
THERE = (100.0, 0.0, 110.0, 10.0)


def flat(*rows: Row) -> FlatBoxes:
    """Boxes from (frame, label, box, score) rows."""
    if not rows:
        return FlatBoxes.none()
    frames, labels, boxes, scores = zip(*rows, strict=True)
    return FlatBoxes(
        np.array(frames, np.int64),
        np.array(boxes, np.float64),
        np.array(labels, np.int64),
        np.array(scores, np.float64),
    )


def test_a_miss_between_two_hits_costs_a_sixth() -> None:
    truth = flat((0, 1, HERE, 1), (1, 1, HERE, 1))
    found = flat((1, 1, HERE, 0.7), (0, 1, HERE, 0.9), (0, 1, THERE, 0.8))
    result = frame_ap(truth, found)
    # precision 1 at recall 1/2, then 2/3 at recall 1
    assert result.map == pytest.approx(0.5 * 1 + 0.5 * 2 / 3)
    assert result.per_class[1].recall == 1
    assert result.per_class[1].precision == pytest.approx(2 / 3)


def test_the_envelope_lifts_an_early_miss() -> None:
    hits = np.array([False, True, True, True])
    # precisions 0, 1/2, 2/3, 3/4: the envelope is 3/4 everywhere
    assert average_precision(hits, 3) == pytest.approx(0.75)


def test_truths_that_nobody_found_count() -> None:
    truth = flat((0, 1, HERE, 1), (1, 1, HERE, 1), (2, 1, HERE, 1), (3, 1, HERE, 1))
    assert frame_ap(truth, flat((0, 1, HERE, 0.5))).map == pytest.approx(0.25)
    assert frame_ap(truth, FlatBoxes.none()).map == 0


def test_a_truth_is_found_once() -> None:
    result = frame_ap(flat((0, 1, HERE, 1)), flat((0, 1, HERE, 0.9), (0, 1, HERE, 0.8)))
    assert result.per_class[1].true_positives == 1
    assert result.per_class[1].detections == 2


def test_a_detection_does_not_turn_to_its_second_best_truth() -> None:
    near = (2.0, 0.0, 12.0, 10.0)
    truth = flat((0, 1, HERE, 1), (0, 1, near, 1))
    between = (0.5, 0.0, 10.5, 10.0)
    result = frame_ap(truth, flat((0, 1, HERE, 0.9), (0, 1, between, 0.8)))
    assert result.per_class[1].true_positives == 1


def test_equal_scores_keep_their_order() -> None:
    truth = flat((0, 1, HERE, 1))
    assert frame_ap(truth, flat((0, 1, THERE, 0.5), (0, 1, HERE, 0.5))).map == pytest.approx(0.5)
    assert frame_ap(truth, flat((0, 1, HERE, 0.5), (0, 1, THERE, 0.5))).map == pytest.approx(1)


def test_the_threshold_itself_is_enough() -> None:
    half = (0.0, 0.0, 10.0, 5.0)
    truth, found = flat((0, 1, HERE, 1)), flat((0, 1, half, 1))
    assert frame_ap(truth, found, 0.5).map == 1
    assert frame_ap(truth, found, 0.51).map == 0


def test_frame_and_class_must_agree() -> None:
    truth = flat((0, 1, HERE, 1), (1, 2, HERE, 1))
    found = flat((1, 1, HERE, 0.9), (0, 2, HERE, 0.9))
    assert frame_ap(truth, found).map == 0


def test_a_class_without_truth_stays_out_of_the_mean() -> None:
    result = frame_ap(flat((0, 1, HERE, 1)), flat((0, 1, HERE, 1), (0, 7, HERE, 1)))
    assert result.map == 1
    assert result.per_class[7].ap is None
    assert result.per_class[7].recall is None
    assert frame_ap(FlatBoxes.none(), flat((0, 7, HERE, 1))).map is None


def slow_map(truth: FlatBoxes, found: FlatBoxes, iou: float) -> float | None:
    """The same by the plainest loops."""
    values = []
    for label in sorted(set(truth.label.tolist())):
        mine = [i for i in range(len(found)) if found.label[i] == label]
        used: set[int | None] = set()
        hits: list[bool] = []
        for i in sorted(mine, key=lambda i: -found.score[i]):
            best = 0.0
            choice: int | None = None
            for j in range(len(truth)):
                same = truth.label[j] == label and truth.frame_key[j] == found.frame_key[i]
                overlap = plain_iou(truth.boxes[j], found.boxes[i])
                if same and overlap > best:
                    best, choice = overlap, j
            hits.append(best >= iou and choice not in used)
            used |= {choice} if best >= iou else set()
        count = int((truth.label == label).sum())
        area = 0.0
        for place, hit in enumerate(hits):
            after = [sum(hits[: k + 1]) / (k + 1) for k in range(place, len(hits))]
            area += max(after) / count if hit else 0
        values.append(area)
    return sum(values) / len(values) if values else None


def plain_iou(a: NDArray[np.float64], b: NDArray[np.float64]) -> float:
    width = max(0.0, min(a[2], b[2]) - max(a[0], b[0]))
    height = max(0.0, min(a[3], b[3]) - max(a[1], b[1]))
    inter = width * height
    return float(inter / ((a[2] - a[0]) * (a[3] - a[1]) + (b[2] - b[0]) * (b[3] - b[1]) - inter))


rows = st.lists(
    st.tuples(
        st.integers(0, 2),
        st.integers(0, 1),
        st.builds(
            lambda x, y, w, h: (float(x), float(y), float(x + w), float(y + h)),
            st.integers(0, 4),
            st.integers(0, 4),
            st.integers(1, 5),
            st.integers(1, 5),
        ),
        st.sampled_from([0.1, 0.5, 0.9]),
    ),
    max_size=12,
)


@given(rows, rows, st.sampled_from([0.3, 0.5, 0.75]), st.sampled_from([1, 5, 1000]))
def test_agrees_with_plain_loops_whatever_is_compared_at_a_time(
    truths: list[Row], detections: list[Row], iou: float, pairs: int
) -> None:
    truth, found = flat(*truths), flat(*detections)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("yowo_core.evaluate.frame_ap._CHUNK", pairs)
        result = frame_ap(truth, found, iou)
    expected = slow_map(truth, found, iou)
    assert result.map == (None if expected is None else pytest.approx(expected))


def test_two_hundred_thousand_detections_take_seconds() -> None:
    rng = np.random.default_rng(3)
    corner = rng.uniform(0, 500, (200_000, 2))
    found = FlatBoxes(
        rng.integers(0, 10_000, 200_000),
        np.concatenate([corner, corner + 80], axis=1),
        rng.integers(0, 24, 200_000),
        rng.random(200_000),
    )
    truth = found.only(np.arange(200_000) % 10 == 0)
    begin = time.perf_counter()
    result = frame_ap(truth, found)
    assert time.perf_counter() - begin < 10
    assert all(r.recall == 1 for r in result.per_class.values())
