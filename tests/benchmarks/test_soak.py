"""What the soak calls flat, and what it does not."""

import os
import sys
from pathlib import Path

import pytest

from benchmarks.soak import Sample, growth_an_hour, memory, settled, verdict

HOUR = 3600


def sample(seconds: float, window: float, model: float = 100.0, played: int = 1) -> Sample:
    shown = round(seconds) * played
    return Sample(seconds, window, 2 * window, model, 2 * model, 7000, 2, 20, shown, 0, shown)


def test_flat_after_the_first_ten_minutes() -> None:
    warm = [sample(t, 100 + t / 2) for t in range(0, 600, 10)]
    flat = [sample(t, 400 + (t // 10) % 2 * 20) for t in range(600, 2 * HOUR, 10)]
    assert settled(warm + flat) == flat
    assert verdict(flat) == (0, "flat within 50 MB")
    assert abs(growth_an_hour(flat)) < 1


def test_a_leak_is_told() -> None:
    leaking = [sample(t, 400 + 30 * t / HOUR) for t in range(600, 2 * HOUR + 600, 10)]
    assert verdict(leaking) == (1, "NOT flat within 50 MB")
    assert growth_an_hour(leaking) == pytest.approx(30)
    model = [sample(t, 400, model=100 + 30 * t / HOUR) for t in range(600, 2 * HOUR + 600, 10)]
    assert verdict(model)[0] == 1


def test_a_window_that_stood_still_proves_nothing() -> None:
    assert verdict([sample(t, 400, played=0) for t in range(600, 900, 10)])[0] == 2
    assert verdict([sample(600, 400)])[0] == 2


@pytest.mark.skipif(sys.platform != "linux", reason="/proc tells")
def test_own_memory_is_what_was_taken_and_not_what_files_map(tmp_path: Path) -> None:
    before, _ = memory(os.getpid())
    taken = bytearray(os.urandom(30_000_000))
    after, resident = memory(os.getpid())
    assert 25 < after - before < 45
    assert resident > after
    assert len(taken) == 30_000_000
