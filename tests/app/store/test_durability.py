"""A program that is killed loses nothing that it said was done."""

from pathlib import Path

from benchmarks.kill_storm import run


def test_kills_lose_nothing_that_was_said(tmp_path: Path) -> None:
    storm = run(tmp_path / "storm.yowo", 6, seed=1)
    assert storm.kills == 6
    assert storm.said > 20
    assert storm.lost == []
    assert storm.unsound == []
