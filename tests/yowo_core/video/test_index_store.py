"""Progress and cancelling while a file is read, and indexes that are kept for the next time."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from benchmarks.barcode_clip import ClipForm, read_number, write_clip
from yowo_core.video import index_store, open_video, packets, seeking
from yowo_core.video.packets import PacketTable

REORDERED = ClipForm("mpeg4", {"g": "30", "bf": "2"}, 192, 96)  # in AVI: has to be decoded once


class CancelledError(Exception):
    pass


@pytest.fixture
def reordered(tmp_path: Path) -> Path:
    return write_clip(tmp_path / "reordered.avi", range(0, 90 * 40, 40), REORDERED)


@pytest.fixture
def reads(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """The files whose packets were read through."""
    seen: list[Path] = []
    read = packets.read_packets

    def note(path: Path, *rest: Any) -> PacketTable:
        seen.append(path)
        return read(path, *rest)

    monkeypatch.setattr(seeking, "read_packets", note)
    return seen


def test_progress_goes_from_0_to_1(reordered: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("yowo_core.video.progress._EVERY_S", 0)
    told: list[float] = []
    open_video(reordered, progress=told.append).close()
    assert told[-1] == 1
    assert 0 <= min(told) < 0.5
    assert len({round(share, 1) for share in told}) >= 8


def test_what_progress_raises_cancels(reordered: Path) -> None:
    def stop(_share: float) -> None:
        raise CancelledError

    with pytest.raises(CancelledError):
        open_video(reordered, progress=stop)
    with open_video(reordered) as video:
        assert read_number(video.frame(80)) == 80


def test_a_second_opening_reads_nothing_through(
    reordered: Path, tmp_path: Path, reads: list[Path]
) -> None:
    folder = tmp_path / "indexes"
    with open_video(reordered, index_folder=folder) as first:
        facts = (len(first), first.fps, first.variable_rate, first.notice, first.needs_proxy)
        times = first.times
    moved = reordered.rename(tmp_path / "moved and renamed.avi")
    with open_video(moved, index_folder=folder) as second:
        assert facts == (
            *(len(second), second.fps, second.variable_rate),
            *(second.notice, second.needs_proxy),
        )
        np.testing.assert_array_equal(second.times, times)
        assert [read_number(second.frame(i)) for i in (80, 3, 41, 40)] == [80, 3, 41, 40]
    assert reads == [reordered]


def test_a_short_file_that_needs_no_decoding_leaves_nothing(
    small_clip: Path, tmp_path: Path
) -> None:
    open_video(small_clip, index_folder=tmp_path / "indexes").close()
    assert not (tmp_path / "indexes").exists()


@pytest.mark.parametrize("harm", ["cut", "flipped", "emptied", "text"])
def test_a_damaged_index_is_made_anew(
    reordered: Path, tmp_path: Path, reads: list[Path], harm: str
) -> None:
    folder = tmp_path / "indexes"
    open_video(reordered, index_folder=folder).close()
    (place,) = folder.iterdir()
    content = bytearray(place.read_bytes())
    middle = len(content) // 3
    if harm == "flipped":
        content[middle] ^= 0xFF
    kept = {"cut": bytes(content[:middle]), "emptied": b"", "text": b"no index"}
    place.write_bytes(kept.get(harm, bytes(content)))
    for _ in range(2):
        with open_video(reordered, index_folder=folder) as video:
            assert [read_number(video.frame(i)) for i in (70, 12)] == [70, 12]
    assert reads == [reordered, reordered]


def test_an_index_of_other_content_is_made_anew(
    reordered: Path, tmp_path: Path, reads: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A large file is known by samples only, so that an edited one can pass for the old one."""
    monkeypatch.setattr(index_store, "content_hash", lambda _path: "sample-sha256:00")
    other = write_clip(tmp_path / "other.avi", range(0, 80 * 40, 40), REORDERED)
    folder = tmp_path / "indexes"
    open_video(reordered, index_folder=folder).close()
    with open_video(other, index_folder=folder) as video:
        assert len(video) == 80
    assert reads == [reordered, other]


def test_indexes_never_take_more_than_their_limit(
    reordered: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "indexes"
    open_video(reordered, index_folder=folder).close()
    (first,) = folder.iterdir()
    monkeypatch.setattr(index_store, "LIMIT", int(1.5 * first.stat().st_size))
    other = write_clip(tmp_path / "other.avi", range(0, 88 * 40, 40), REORDERED)
    open_video(other, index_folder=folder).close()
    (left,) = folder.iterdir()
    assert left != first


def test_a_folder_that_cannot_be_written_costs_nothing_but_time(
    reordered: Path, tmp_path: Path
) -> None:
    blocked = tmp_path / "a file"
    blocked.touch()
    with open_video(reordered, index_folder=blocked) as video:
        assert read_number(video.frame(50)) == 50
