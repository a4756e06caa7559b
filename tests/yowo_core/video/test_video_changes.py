"""A file that grows, is rewritten, cut or taken away while it is open is told of in a sentence."""

import os
import shutil
from pathlib import Path

import pytest

from benchmarks.barcode_clip import ClipForm, read_number, write_clip
from yowo_core.errors import VideoError
from yowo_core.video import VideoReader, open_video

FORM = ClipForm(options={"g": "30", "bf": "2", "sc_threshold": "0"}, width=192, height=96)


@pytest.fixture(params=[".mp4", ".mkv", ".ts", ".avi"])
def path(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    return write_clip(tmp_path / f"it{request.param}", range(0, 120 * 40, 40), FORM)


def assert_told(video: VideoReader, sentence: str) -> None:
    """What is in memory stays, the rest is told of, and no frame counts as damaged."""
    assert read_number(video.frame(5)) == 5
    for _ in range(2):
        with pytest.raises(VideoError, match=sentence):
            video.frame(100)
    assert video.damaged == ()


def test_a_file_that_grows(path: Path) -> None:
    with open_video(path) as video:
        video.frame(5)
        with path.open("ab") as file:
            file.write(b"more" * 1000)
        assert_told(video, r"was changed since it was opened\. Open it again when it is complete")


def test_a_file_that_is_written_anew(path: Path) -> None:
    with open_video(path) as video:
        video.frame(5)
        size = path.stat().st_size
        path.write_bytes(b"\0" * size)
        os.utime(path, (0, 0))  # a copy may carry any time
        assert_told(video, "was changed since it was opened")


def test_a_file_that_is_cut(path: Path) -> None:
    with open_video(path) as video:
        video.frame(5)
        os.truncate(path, path.stat().st_size // 3)
        assert_told(video, "was changed since it was opened")


def test_a_file_that_is_taken_away_and_put_back(path: Path, tmp_path: Path) -> None:
    away = tmp_path / "away"
    with open_video(path) as video:
        video.frame(5)
        path.rename(away)
        assert_told(video, r"no file .* that can be reached .* Put it back, connect its disk")
        away.rename(path)
        assert read_number(video.frame(100)) == 100


def test_a_disk_that_is_taken_away(path: Path, tmp_path: Path) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    there = Path(shutil.copy(path, disk / path.name))
    with open_video(there) as video:
        video.frame(5)
        disk.rename(tmp_path / "no disk")
        disk.touch()
        assert_told(video, "that can be reached")


def test_a_file_that_is_cut_while_it_is_read_on(tmp_path: Path) -> None:
    """Reading on takes no seek: the end that comes too early is what tells."""
    path = write_clip(tmp_path / "it.ts", range(0, 1200 * 40, 40), FORM)
    with open_video(path, cache_bytes=200_000) as video:
        frames = video.frames(0, 1200)
        next(frames)
        os.truncate(path, path.stat().st_size // 3)
        with pytest.raises(VideoError, match="was changed since it was opened"):
            for _ in frames:
                pass
        assert video.damaged == ()
