"""A short storm of kills on real windows: nothing that was shown is lost."""

import argparse
from pathlib import Path

import pytest

from benchmarks import kill_runs


@pytest.mark.slow
@pytest.mark.timeout(1200)
@pytest.mark.parametrize("kind", ["train", "detect"])
def test_kills_of_window_and_worker_lose_nothing(
    kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("YOWO_DATA", "YOWO_CACHE", "YOWO_SETTINGS", "OMP_WAIT_POLICY"):
        monkeypatch.setenv(name, "")  # so that what the script sets is taken back
    options = argparse.Namespace(kills=2, seed=0, network="small")
    figures = kill_runs.storm(kind, *kill_runs.prepared(tmp_path, "small"), options)
    assert figures.kills == 2
    assert figures.finished >= 1
    assert (figures.lost_epochs, figures.lost_frames, figures.not_offered) == (0, 0, 0)
