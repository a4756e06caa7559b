"""Times and frames, with numbers worked by hand."""

import numpy as np
import pytest

from app.services.play_clock import PlayClock, due_frame, frame_away, shown_step, time_after

TIMES = np.array([0.0, 0.1, 0.2, 0.5, 0.6])


@pytest.mark.parametrize(
    ("now", "frame"),
    [(-0.01, -1), (0.0, 0), (0.099, 0), (0.1, 1), (0.49, 2), (0.5, 3), (9.0, 4)],
)
def test_the_due_frame_is_the_last_that_has_begun(now: float, frame: int) -> None:
    assert due_frame(TIMES, now) == frame


def test_a_frame_lasts_until_the_next_and_the_last_as_long_as_the_one_before() -> None:
    assert time_after(TIMES, 2) == pytest.approx(0.5)
    assert time_after(TIMES, 4) == pytest.approx(0.7)
    assert time_after(np.array([3.0]), 0) == pytest.approx(3.04)


@pytest.mark.parametrize(
    ("frame", "seconds", "there"),
    [(0, 0.2, 2), (2, 0.3, 3), (2, 0.01, 3), (3, -0.3, 2), (3, -0.01, 2), (0, -1, -1), (4, 1, 5)],
)
def test_seconds_away(frame: int, seconds: float, there: int) -> None:
    assert frame_away(TIMES, frame, seconds) == there


def test_the_clock_runs_at_its_speed_both_ways() -> None:
    clock = PlayClock()
    assert not clock.running
    clock.start(10.0, -2.0)
    assert clock.running
    assert 9.0 < clock.now() <= 10.0
    assert 400 < clock.ms_until(9.0) <= 500
    assert clock.ms_until(11.0) == 0
    assert clock.ms_since(9.0) == 0.0
    assert clock.ms_since(10.0) >= 0.0
    clock.stop()
    assert not clock.running


@pytest.mark.parametrize(
    ("fps", "speed", "step"),
    [
        (30, 1, 1),
        (30, 1.5, 1),
        (30, 2, 2),
        (30, -4, 3),
        (10, 4, 1),
        (60, 1, 1),
        (60, 4, 4),
        (0, 2, 1),
    ],
)
def test_a_fast_video_shows_one_of_so_many_frames(fps: float, speed: float, step: int) -> None:
    assert shown_step(fps, speed) == step
