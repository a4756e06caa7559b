"""YOWO's link: every path is the best there is."""

from itertools import pairwise, product

import numpy as np
import pytest

from yowo_core.errors import ConfigError
from yowo_core.tubes.viterbi import ViterbiConfig, best_paths, link_scores, overlaps

SQUARE = np.array([[0.0, 0.0, 9.0, 9.0]])


def _some(rng: np.random.Generator, count: int) -> tuple[np.ndarray, np.ndarray]:
    corner = rng.uniform(0, 20, (count, 2))
    return np.concatenate((corner, corner + rng.uniform(5, 20, (count, 2))), 1), rng.random(count)


def test_equation_12_by_hand() -> None:
    moved = SQUARE + np.array([5.0, 0, 5.0, 0])
    assert overlaps(SQUARE, moved, inclusive=True)[0, 0] == pytest.approx(50 / 150)
    assert overlaps(SQUARE, moved, inclusive=False)[0, 0] == pytest.approx(36 / 126)
    first, second = (SQUARE, np.array([0.5])), (moved, np.array([0.8]))
    found = link_scores(first, second, ViterbiConfig())
    assert found[0, 0] == pytest.approx(0.5 + 0.8 + 0.5 * 0.4 + 1 / 3)
    far = (SQUARE + 100, np.array([0.8]))
    assert link_scores(first, far, ViterbiConfig())[0, 0] == pytest.approx(1.5)
    assert link_scores(first, far, ViterbiConfig(touching=True))[0, 0] == 0


@pytest.mark.parametrize("seed", range(5))
def test_the_path_is_the_best_of_all(seed: int) -> None:
    rng = np.random.default_rng(seed)
    frames = [_some(rng, int(rng.integers(1, 4))) for _ in range(5)]
    config = ViterbiConfig()
    links = [link_scores(a, b, config) for a, b in pairwise(frames)]
    every = product(*(range(len(boxes)) for boxes, _ in frames))
    best = max(every, key=lambda p: sum(s[p[i], p[i + 1]] for i, s in enumerate(links)))
    path = best_paths([b for b, _ in frames], [s for _, s in frames], config)[0]
    np.testing.assert_array_equal(
        path.boxes, [boxes[i] for (boxes, _), i in zip(frames, best, strict=True)]
    )
    assert path.score == pytest.approx(
        np.mean([s[i] for (_, s), i in zip(frames, best, strict=True)])
    )


def test_each_box_is_in_one_path_and_empty_frames_borrow() -> None:
    two = np.concatenate((SQUARE, SQUARE + 50))
    boxes = [two, np.zeros((0, 4)), two + 1]
    scores = [np.array([0.9, 0.4]), np.zeros(0), np.array([0.8, 0.5])]
    paths = best_paths(boxes, scores, ViterbiConfig(most=5))
    assert len(paths) == 2
    np.testing.assert_array_equal(paths[0].boxes[:, 0], [0, 0, 1])
    np.testing.assert_array_equal(paths[1].boxes[:, 0], [50, 50, 51])
    assert len(best_paths(boxes, scores, ViterbiConfig(most=1))) == 1
    assert best_paths([np.zeros((0, 4))] * 3, [np.zeros(0)] * 3, ViterbiConfig()) == []


def test_impossible_weights_are_refused() -> None:
    with pytest.raises(ConfigError, match="path"):
        ViterbiConfig(most=0)
