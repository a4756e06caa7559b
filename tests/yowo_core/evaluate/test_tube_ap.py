"""Tubes against tubes, worked by hand."""

import numpy as np
import pytest

from yowo_core.evaluate.tube_ap import (
    OFFICIAL,
    FlatTube,
    TubeRule,
    tube_ap,
    tube_iou,
    without_doubles,
)


def _tube(start: int, stop: int, left: float = 0.0, score: float = 1.0, video: int = 0) -> FlatTube:
    frames = np.arange(start, stop)
    return FlatTube(video, frames, np.tile([left, 0.0, left + 10, 10.0], (len(frames), 1)), score)


def test_overlap_is_space_times_time() -> None:
    rule = TubeRule()
    assert tube_iou(_tube(0, 10), _tube(0, 10), rule) == 1
    assert tube_iou(_tube(0, 10), _tube(5, 10), rule) == 0.5
    assert tube_iou(_tube(0, 10), _tube(0, 10, 5), rule) == pytest.approx(1 / 3)
    assert tube_iou(_tube(0, 10), _tube(10, 20), rule) == 0
    inclusive = 6 * 11 / (2 * 121 - 66)
    assert tube_iou(_tube(0, 10), _tube(0, 10, 5), OFFICIAL) == pytest.approx(inclusive)


def test_a_single_common_frame_counts_for_us_alone() -> None:
    assert tube_iou(_tube(0, 10), _tube(9, 19), TubeRule()) == pytest.approx(1 / 19)
    assert tube_iou(_tube(0, 10), _tube(9, 19), OFFICIAL) == 0


def test_ap_by_hand() -> None:
    truth = [_tube(0, 10), _tube(0, 10, 50), _tube(0, 10, video=1)]
    found = [
        _tube(0, 10, score=0.9),
        _tube(0, 10, score=0.8),  # the same again: wrong
        _tube(0, 10, 50, score=0.7),
        _tube(0, 10, video=2, score=0.6),  # another video: wrong
    ]
    assert tube_ap(truth, found, 0.5, TubeRule()) == pytest.approx((1 + 2 / 3) / 3)
    assert tube_ap(truth, found, 0.5, OFFICIAL) == pytest.approx((1 + 2 / 3) / (3 + 1e-5))
    assert tube_ap([], found, 0.5, TubeRule()) is None
    assert tube_ap(truth, [], 0.5, TubeRule()) == 0


def test_the_worse_of_two_alike_goes() -> None:
    kept = without_doubles(
        [_tube(0, 10, 1, 0.5), _tube(0, 10, 0, 0.9), _tube(20, 30)], 0.3, OFFICIAL
    )
    assert [t.score for t in kept] == [1.0, 0.9]
