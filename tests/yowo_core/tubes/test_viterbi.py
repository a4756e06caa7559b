"""YOWO's link: every path is the best there is."""

from itertools import pairwise, product

import numpy as np
import pytest

from yowo_core.errors import ConfigError
from yowo_core.tubes.viterbi import ClassBoxes, ViterbiConfig, best_paths, link_scores, overlaps

SQUARE = np.array([[0.0, 0.0, 9.0, 9.0]])


def _some(rng: np.random.Generator, count: int) -> tuple[np.ndarray, np.ndarray]:
    corner = rng.uniform(0, 20, (count, 2))
    return np.concatenate((corner, corner + rng.uniform(5, 20, (count, 2))), 1), rng.random(count)


def _of(frames: list[tuple[np.ndarray, np.ndarray]], label: int = 0) -> ClassBoxes:
    """Boxes and scores by frame as rows of one class."""
    counts = [len(boxes) for boxes, _ in frames]
    return ClassBoxes(
        np.repeat(np.arange(len(frames)), counts),
        np.concatenate([boxes for boxes, _ in frames]),
        np.full(sum(counts), label),
        np.concatenate([scores for _, scores in frames]),
    )


def _together(first: ClassBoxes, second: ClassBoxes) -> ClassBoxes:
    names = ("frames", "boxes", "labels", "scores")
    return ClassBoxes(*(np.concatenate((getattr(first, n), getattr(second, n))) for n in names))


def test_equation_12_by_hand() -> None:
    moved = SQUARE + np.array([5.0, 0, 5.0, 0])
    assert overlaps(SQUARE, moved, inclusive=True)[0] == pytest.approx(50 / 150)
    assert overlaps(SQUARE, moved, inclusive=False)[0] == pytest.approx(36 / 126)
    first, second = (SQUARE, np.array([0.5])), (moved, np.array([0.8]))
    found = link_scores(first, second, ViterbiConfig())
    assert found[0] == pytest.approx(0.5 + 0.8 + 0.5 * 0.4 + 1 / 3)
    far = (SQUARE + 100, np.array([0.8]))
    assert link_scores(first, far, ViterbiConfig())[0] == pytest.approx(1.5)
    assert link_scores(first, far, ViterbiConfig(touching=True))[0] == 0


@pytest.mark.parametrize("seed", range(8))
def test_every_path_is_the_best_of_all_that_are_left(seed: int) -> None:
    rng = np.random.default_rng(seed)
    config = ViterbiConfig(touching=seed % 2 == 0)
    kinds = [[_some(rng, int(rng.integers(2, 5))) for _ in range(4)] for _ in range(2)]
    paths = best_paths(_together(_of(kinds[0]), _of(kinds[1], 2)), 4, config)
    assert [p.label for p in paths] == sorted(p.label for p in paths)
    for label, frames in ((0, kinds[0]), (2, kinds[1])):
        mine = [p for p in paths if p.label == label]
        assert len(mine) == min(3, *(len(boxes) for boxes, _ in frames))
        used: set[tuple[int, int]] = set()
        for path in mine:
            best = _brute(frames, used, config)
            used |= set(enumerate(best))
            wanted = [boxes[i] for (boxes, _), i in zip(frames, best, strict=True)]
            np.testing.assert_array_equal(path.boxes, wanted)
            scores = [s[i] for (_, s), i in zip(frames, best, strict=True)]
            assert path.score == pytest.approx(np.mean(scores))


def _brute(
    frames: list[tuple[np.ndarray, np.ndarray]], used: set[tuple[int, int]], config: ViterbiConfig
) -> tuple[int, ...]:
    """The path with the largest sum of links, by trying all."""

    def link(frame: int, one: int, two: int) -> float:
        (a, s), (b, t) = frames[frame], frames[frame + 1]
        pair = (a[one : one + 1], s[one : one + 1]), (b[two : two + 1], t[two : two + 1])
        return float(link_scores(*pair, config)[0])

    every = product(*(range(len(boxes)) for boxes, _ in frames))
    free = [p for p in every if not used & set(enumerate(p))]
    return max(free, key=lambda p: sum(link(i, a, b) for i, (a, b) in enumerate(pairwise(p))))


def test_each_box_is_in_one_path_and_empty_frames_borrow() -> None:
    two = np.concatenate((SQUARE, SQUARE + 50))
    found = _of(
        [
            (two, np.array([0.9, 0.4])),
            (np.zeros((0, 4)), np.zeros(0)),
            (two + 1, np.array([0.8, 0.5])),
        ]
    )
    paths = best_paths(found, 3, ViterbiConfig(most=5))
    assert len(paths) == 2
    np.testing.assert_array_equal(paths[0].boxes[:, 0], [0, 0, 1])
    np.testing.assert_array_equal(paths[1].boxes[:, 0], [50, 50, 51])
    assert len(best_paths(found, 3, ViterbiConfig(most=1))) == 1
    longer = best_paths(found, 5, ViterbiConfig(most=1))[0]
    np.testing.assert_array_equal(longer.boxes[:, 0], [0, 0, 1, 1, 1])
    nothing = ClassBoxes(
        *(np.zeros(s, t) for s, t in (((0,), int), ((0, 4), float), ((0,), int), ((0,), float)))
    )
    assert best_paths(nothing, 3, ViterbiConfig()) == []
    single = best_paths(_of([(two, np.array([0.2, 0.6]))]), 1, ViterbiConfig())
    assert [p.score for p in single] == [0.2, 0.6]


def test_impossible_weights_are_refused() -> None:
    with pytest.raises(ConfigError, match="path"):
        ViterbiConfig(most=0)
