"""A working copy holds the source's frames, known by the numbers drawn into them, or nothing."""

import os
import shutil
import subprocess
import sys
from collections import namedtuple
from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from benchmarks.barcode_clip import ClipForm, irregular_times, read_number, write_clip
from yowo_core.errors import VideoError
from yowo_core.video import VideoReader, open_video
from yowo_core.video.proxy import PARTIAL, proxy_name, sweep, write_proxy

FRAMES = 80
H264 = ClipForm("libx264", {"g": "30", "bf": "3"}, 192, 96)
REGULAR = Fraction(1, 25)

FORMS = {
    "packed.avi": ClipForm("mpeg4", {"g": "30", "bf": "2"}, 192, 96),
    "raw.h264": H264,
    "turned.mp4": replace(H264, rotation=90),
    "wide.mp4": replace(H264, aspect=Fraction(64, 51)),
    "ten_bit.mkv": replace(H264, pixels="yuv420p10le"),
    "odd.avi": replace(ClipForm("mjpeg", {"q": "3"}, 193, 97), pixels="yuvj420p"),
}
PACKED = b"\x00\x00\x01\xb2DivX503b1393p"
"""User data by which decoders know a packed stream."""


def packed(path: Path) -> Path:
    """An AVI as XviD packs it: a B-frame rides with the frame after it, then an empty one."""
    form = FORMS["packed.avi"]
    plain = write_clip(path.with_name("plain.avi"), range(FRAMES), form, REGULAR)
    with av.open(str(plain)) as old, av.open(str(path), "w") as new:
        stream = new.add_stream_from_template(old.streams.video[0])
        rows = [bytes(p) for p in old.demux(video=0) if p.size]
        rows[0] = rows[0].replace(b"\x00\x00\x01\xb6", PACKED + b"\x00\x00\x01\xb6", 1)
        for number, content in enumerate(_ride_together(rows)):
            packet = av.Packet(content)
            packet.pts = packet.dts = number
            packet.time_base, packet.stream = REGULAR, stream
            packet.is_keyframe = number == 0
            new.mux(packet)
    return path


def _ride_together(rows: list[bytes]) -> Iterator[bytes]:
    """MPEG-4 keeps a picture's kind in the two bits after its start code: 2 is a B-frame."""
    place = 0
    while place < len(rows):
        following = rows[place + 1] if place + 1 < len(rows) else b""
        start = following.find(b"\x00\x00\x01\xb6")
        if start >= 0 and following[start + 4] >> 6 == 2:
            yield rows[place] + following
            yield b"\x00\x00\x01\xb6\x5f"
            place += 2
        else:
            yield rows[place]
            place += 1


def everything(_done: int) -> bool:
    return True


def copied(source: Path, out: Path) -> Path:
    with open_video(source) as reader:
        assert write_proxy(reader, out, everything)
    return out


def numbers(reader: VideoReader) -> list[int]:
    return [read_number(picture) for picture in reader.frames(0, len(reader))]


@pytest.mark.parametrize("name", FORMS)
def test_frames_numbers_size_and_times_are_the_sources(name: str, tmp_path: Path) -> None:
    source = write_clip(tmp_path / name, range(FRAMES), FORMS[name], REGULAR)
    copy = copied(source, tmp_path / "copy.mov")
    with open_video(source) as old, open_video(copy) as new:
        assert len(new) == len(old) == FRAMES
        assert (new.width, new.height) == (old.width, old.height)
        assert new.sample_aspect == old.sample_aspect
        assert new.notice == ""
        np.testing.assert_allclose(new.times, old.times, atol=1e-5)
        pairs = [(old.frame(i), new.frame(i)) for i in range(0, FRAMES, 7)]
    apart = [float(np.abs(a.astype(int) - b).mean()) for a, b in pairs]
    assert max(apart) < 8  # another number's picture is over 30 apart: the pattern moves


def test_any_frame_of_a_packed_video_is_found_at_random_in_its_copy(tmp_path: Path) -> None:
    source = packed(tmp_path / "packed.avi")
    with av.open(str(source)) as container:
        decoded = [f.to_ndarray(format="rgb24") for f in container.decode(video=0)]
    plain = [read_number(np.asarray(picture, np.uint8)) for picture in decoded]
    assert -1 not in plain
    copy = copied(source, tmp_path / "copy.mov")
    with open_video(copy, cache_bytes=0) as reader:
        order = np.random.default_rng(1).permutation(len(reader)).tolist()
        assert {i: read_number(reader.frame(i)) for i in order} == dict(enumerate(plain))
        assert all(reader.keyframe_at_or_before(i) == i for i in order)


def test_uneven_times_are_kept(tmp_path: Path) -> None:
    times = [t + 1400 for t in irregular_times(FRAMES)]
    source = write_clip(tmp_path / "uneven.mp4", times, H264)
    with open_video(source) as old, open_video(copied(source, tmp_path / "c.mov")) as new:
        assert new.variable_rate
        np.testing.assert_allclose(new.times, old.times, atol=1e-5)


def test_a_damaged_frame_is_grey_and_the_others_keep_their_numbers(tmp_path: Path) -> None:
    form = replace(ClipForm("mjpeg", {"q": "3"}, 192, 96), pixels="yuvj420p")
    source = write_clip(tmp_path / "some.mkv", range(20), form, REGULAR)
    with open_video(source) as reader:
        real = reader.frame

        def frame(number: int) -> object:
            if number == 7:
                raise VideoError("Frame 7 is damaged.")
            return real(number)

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(reader, "frame", frame)
            assert write_proxy(reader, tmp_path / "c.mov", everything)
    with open_video(tmp_path / "c.mov") as copy:
        assert [n for n, m in enumerate(numbers(copy)) if n != m] == [7]
        assert abs(float(copy.frame(7).mean()) - 128) < 2


def test_a_copy_that_is_stopped_leaves_nothing(tmp_path: Path, small_clip: Path) -> None:
    out = tmp_path / "copy.mov"
    with open_video(small_clip) as reader:
        assert not write_proxy(reader, out, lambda done: done < 10)
    assert list(tmp_path.iterdir()) == []


def test_a_copy_that_came_out_short_is_not_kept(
    tmp_path: Path, small_clip: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with open_video(small_clip) as reader:
        pictures = list(reader.frames(0, 50))
        monkeypatch.setattr("yowo_core.video.proxy._pictures", lambda _reader: iter(pictures))
        with pytest.raises(VideoError, match="50 frames instead of 120"):
            write_proxy(reader, tmp_path / "copy.mov", everything)
    assert list(tmp_path.iterdir()) == []


def test_a_disk_that_is_too_small_is_told_early(
    tmp_path: Path, small_clip: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = namedtuple("usage", "total used free")  # noqa: PYI024 what the system gives
    monkeypatch.setattr(shutil, "disk_usage", lambda _path: usage(10, 10, 1000))
    done: list[int] = []
    with (
        open_video(small_clip) as reader,
        pytest.raises(VideoError, match="Make room on the disk; nothing was kept"),
    ):
        write_proxy(reader, tmp_path / "copy.mov", lambda n: not done.append(n))  # type: ignore[func-returns-value]
    assert len(done) < len(reader) - 40
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_cannot_be_written_is_told(small_clip: Path, tmp_path: Path) -> None:
    with (
        open_video(small_clip) as reader,
        pytest.raises(VideoError, match="cannot be written: No such file or directory"),
    ):
        write_proxy(reader, tmp_path / "gone" / "copy.mov", everything)


def test_only_litter_is_swept(tmp_path: Path) -> None:
    mine = tmp_path / f"{os.getpid()}.aa{PARTIAL}"
    litter = tmp_path / f"999999999.aa{PARTIAL}"
    copy = tmp_path / proxy_name("sha256:aa")
    for path in (mine, litter, copy):
        path.write_bytes(b"1")
    sweep(tmp_path)
    assert sorted(tmp_path.iterdir()) == sorted([mine, copy])


FULL = """
import resource, sys
resource.setrlimit(resource.RLIMIT_FSIZE, (40_000, 40_000))
from yowo_core.cli.main import run
run(["proxy", *sys.argv[1:]])
"""


@pytest.mark.skipif(sys.platform != "linux", reason="only there a file's size can be bounded")
def test_a_disk_that_fills_up_leaves_nothing(tmp_path: Path, small_clip: Path) -> None:
    command = [sys.executable, "-c", FULL, str(small_clip), str(tmp_path / "copy.mov")]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 1
    assert "cannot be written: File too large. Make room on the disk" in done.stderr
    assert list(tmp_path.iterdir()) == []
