"""Tubes of single actions begin and end where the action does."""

import numpy as np
import pytest

from yowo_core.errors import ConfigError
from yowo_core.tubes.class_tubes import ClassTubeConfig, FrameActors, class_tubes


def _walker(frames: np.ndarray, scores: np.ndarray, offset: float = 0.0) -> FrameActors:
    left = frames[:, None] + offset
    boxes = np.concatenate((left, left * 0, left + 20, left * 0 + 40), 1).astype(np.float64)
    return FrameActors(frames.astype(np.int64), boxes, scores)


def test_an_action_is_cut_out_of_the_actor_s_life() -> None:
    frames = np.arange(100)
    does = np.where((frames >= 40) & (frames < 70), 0.9, 0.02)
    tubes = class_tubes(_walker(frames, np.stack((does, np.full(100, 0.3)), 1)))
    first = next(t for t in tubes if t.label == 0)
    assert abs(int(first.frames[0]) - 40) <= 3
    assert abs(int(first.frames[-1]) - 69) <= 3
    whole = next(t for t in tubes if t.label == 1)
    assert (whole.frames[0], whole.frames[-1]) == (0, 99)
    assert whole.score == pytest.approx(0.3)


def test_gaps_are_bridged_and_many_tubes_of_a_class_come() -> None:
    frames = np.concatenate([np.arange(0, 20), np.arange(25, 40)])
    parts = [_walker(frames, np.full((len(frames), 1), 0.8), 100.0 * n) for n in range(5)]
    order = np.argsort(np.concatenate([p.frames for p in parts]), kind="stable")
    together = FrameActors(
        *(
            np.concatenate([getattr(p, name) for p in parts])[order]
            for name in ("frames", "boxes", "scores")
        )
    )
    tubes = class_tubes(together)
    assert len(tubes) == 5
    assert all(len(t.frames) == 40 for t in tubes)


def test_impossible_shares_are_refused() -> None:
    with pytest.raises(ConfigError, match="share"):
        ClassTubeConfig(share=1.0)
