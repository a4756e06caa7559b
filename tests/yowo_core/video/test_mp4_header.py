"""The packets of an MP4 file by its header are those that reading it through finds."""

from dataclasses import fields
from pathlib import Path

import numpy as np
import pytest

from benchmarks.clip_forms import FORMS, number_in
from yowo_core.video import mp4_header, open_video, seeking
from yowo_core.video.container import open_container
from yowo_core.video.packets import Columns, read_packets
from yowo_core.video.progress import Meter

MP4 = [name for name, form in FORMS.items() if form.ending in {".mp4", ".mov"}]
OTHERWISE = ("fragments", "no list of key frames")  # the header tells less than the packets


def by_header(path: Path) -> Columns | None:
    container, stream = open_container(path)
    with container:
        return mp4_header.header_packets(path, container, stream, Meter(None))


@pytest.mark.parametrize("name", [n for n in MP4 if n not in OTHERWISE])
def test_header_and_file_agree(name: str, tmp_path: Path) -> None:
    path = tmp_path / f"it{FORMS[name].ending}"
    FORMS[name].make(path, 100)
    container, stream = open_container(path)
    with container:
        read = read_packets(path, container, stream, Meter(None))
    told = by_header(path)
    assert told is not None
    for column in fields(Columns):
        np.testing.assert_array_equal(getattr(told, column.name), getattr(read, column.name))


@pytest.mark.parametrize("name", OTHERWISE)
def test_a_header_that_does_not_tell_all_is_not_used(name: str, tmp_path: Path) -> None:
    path = tmp_path / "it.mp4"
    FORMS[name].make(path, 100)
    assert by_header(path) is None


def test_a_header_that_promises_what_was_cut_off_is_not_used(
    small_clip: Path, tmp_path: Path
) -> None:
    path = tmp_path / "cut.mp4"
    content = small_clip.read_bytes()
    path.write_bytes(content[: len(content) * 2 // 3])
    assert by_header(path) is None


@pytest.mark.parametrize("kind", [b"ctts", b"tkhd", b"trak"])
def test_a_header_that_cannot_be_followed_is_not_used(
    kind: bytes, small_clip: Path, tmp_path: Path
) -> None:
    """FFmpeg's index does not show the harm; the times of the packets would."""
    path = tmp_path / "it.mp4"
    content = bytearray(small_clip.read_bytes())
    at = content.index(kind)
    content[at + 12 : at + 24] = b"\xff" * 12
    path.write_bytes(content)
    told = by_header(path)
    if told is not None:
        container, stream = open_container(path)
        with container:
            read = read_packets(path, container, stream, Meter(None))
        np.testing.assert_array_equal(told.pts, read.pts)


def test_offsets_that_belong_to_no_packet_are_not_used(
    small_clip: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The times that come out are held against packets of the file."""
    offsets = mp4_header._offsets

    def wrong(path: Path, stream: object) -> object:
        found = offsets(path, stream)  # type: ignore[arg-type]
        assert found is not None
        found[-10] += 512
        return found

    monkeypatch.setattr(mp4_header, "_offsets", wrong)
    assert by_header(small_clip) is None


def test_a_large_file_is_opened_by_its_header(
    small_clip: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mp4_header, "WORTH_IT", 0)
    monkeypatch.setattr(seeking, "read_packets", None)  # would raise
    with open_video(small_clip, cache_bytes=400_000) as video:
        wanted = [119, 3, 64, 63, 62, 0]
        assert [number_in(video.frame(i)) for i in wanted] == wanted
