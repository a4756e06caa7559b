"""What the 3D branch looks at is what moves: learnt from nothing, in about two minutes."""

from statistics import fmean

import numpy as np
import pytest
import torch

from benchmarks.activation import CONFIG, SIDE, SPEC, learn, make, on_made_clips
from yowo_core.models.create import build


def test_in_a_made_clip_only_the_mover_moves() -> None:
    made = make(np.random.default_rng(3))
    moved = np.ptp(made.clip.astype(int), axis=0).any(-1)
    rows, columns = np.nonzero(moved)
    x1, y1, x2, y2 = made.box
    assert (x2 - x1, y2 - y1) == (SIDE, SIDE)
    assert rows.min() <= y1 < y2 <= rows.max() + 1
    assert columns.min() <= x1 < x2 <= columns.max() + 1
    assert moved.mean() < 0.2
    square = made.clip[made.place, y1:y2, x1:x2]
    quarters = [(a, b) for a in (0, SPEC.size // 2) for b in (0, SPEC.size // 2)]
    found = 0
    for top, left in quarters:
        part = made.clip[made.place, top : top + SPEC.size // 2, left : left + SPEC.size // 2]
        windows = np.lib.stride_tricks.sliding_window_view(part, (SIDE, SIDE, 3))
        found += int((windows[:, :, 0] == square).all((2, 3, 4)).any())
    assert found == 4


@pytest.mark.slow
@pytest.mark.timeout(3600)
def test_at_least_seventy_percent_of_the_3d_map_lie_on_the_mover() -> None:
    torch.manual_seed(0)
    nothing = on_made_clips(build(CONFIG).eval(), 10)
    assert fmean(s.ours for s in nothing) < 0.3
    found = on_made_clips(learn())
    assert fmean(s.area for s in found) < 0.11
    assert fmean(s.ours for s in found) >= 0.7
