"""Every kind of file: the i-th frame is the i-th of a plain decode, however it is reached."""

import random
from collections.abc import Callable, Sequence
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from numpy.typing import NDArray

from benchmarks.barcode_clip import ClipForm, irregular_times, read_number, write_clip
from yowo_core.video import open_video

PlainDecode = Callable[[Path], list[NDArray[np.uint8]]]
FRAMES = 90
REGULAR = Fraction(1, 25)
X264 = {"g": "30", "keyint_min": "30", "bf": "3", "sc_threshold": "0"}
X265 = {"preset": "ultrafast", "x265-params": "keyint=30:bframes=4:log-level=none:open-gop=1"}


def form(codec: str, **options: str) -> ClipForm:
    return ClipForm(codec, options, 192, 96)


FORMS: dict[str, ClipForm] = {
    "h264.mkv": form("libx264", **X264),
    "h264.ts": form("libx264", **X264),
    "h264.flv": form("libx264", **X264),
    "h264.avi": form("libx264", **X264),
    "raw.h264": form("libx264", **X264),
    "open_gop.mp4": form("libx264", **X264, **{"x264-params": "open-gop=1"}),
    "open_gop.ts": form("libx264", **X264, **{"x264-params": "open-gop=1"}),
    "gradual_refresh.mp4": form("libx264", **{"x264-params": "intra-refresh=1:keyint=30"}),
    "baseline.avi": form("libx264", **{**X264, "bf": "0"}),
    "hevc.mp4": form("libx265", **X265),
    "hevc.ts": form("libx265", **X265),
    "mpeg2.mpg": form("mpeg2video", g="15", bf="2"),
    "mpeg2.ts": form("mpeg2video", g="15", bf="2"),
    "mpeg4.avi": form("mpeg4", g="30", bf="2"),
    "mpeg4.mp4": form("mpeg4", g="30", bf="2"),
    "raw.m4v": form("mpeg4", g="30", bf="2"),
    "vp8.webm": form("libvpx", g="30", b="200k", **{"cpu-used": "4"}),
    "vp9.webm": form("libvpx-vp9", g="30", **{"cpu-used": "8", "deadline": "realtime"}),
    "av1.mkv": form("libsvtav1", g="30", preset="8", crf="5"),
    "mjpeg.avi": replace(form("mjpeg", q="3"), pixels="yuvj420p"),
    "fragmented.mp4": replace(
        form("libx264", **X264), container_options={"movflags": "frag_keyframe+empty_moov"}
    ),
}


def check(path: Path, truth: Sequence[NDArray[np.uint8]], small_cache: int = 400_000) -> None:
    """Random and sequential access against a plain decode."""
    chance = random.Random(path.name)
    with open_video(path, cache_bytes=small_cache) as video:
        assert len(video) == len(truth)
        assert bool(np.all(np.diff(video.times) > 0))
        wanted = [chance.randrange(len(truth)) for _ in range(30)] + [len(truth) - 1, 0]
        wrong = [i for i in wanted if not np.array_equal(video.frame(i), truth[i])]
        assert wrong == []
        third = len(truth) // 3
        taken = list(video.frames(third, 2 * third))
        assert all(np.array_equal(a, b) for a, b in zip(taken, truth[third:], strict=False))
        assert len(taken) == third


@pytest.mark.parametrize("name", FORMS)
def test_any_frame_is_that_of_a_plain_decode(
    name: str, tmp_path: Path, plain_decode: PlainDecode
) -> None:
    path = write_clip(tmp_path / name, range(FRAMES), FORMS[name], REGULAR)
    truth = plain_decode(path)
    assert [read_number(t) for t in truth] == list(range(FRAMES))
    check(path, truth)
    with open_video(path) as video:
        assert "decode" not in video.notice


@pytest.mark.parametrize("name", ["late.mp4", "late.mkv"])
def test_own_times_are_kept_when_a_video_does_not_start_at_zero(
    name: str, tmp_path: Path, plain_decode: PlainDecode
) -> None:
    times = [t + 5_000 for t in irregular_times(FRAMES)]
    path = write_clip(tmp_path / name, times, FORMS["h264.mkv"])
    check(path, plain_decode(path))
    with open_video(path) as video:
        np.testing.assert_allclose(video.times, np.array(times) / 1000, atol=1e-3)


def shift_times(source: Path, target: Path, by: int) -> Path:
    """Copy the packets with all times moved; what falls before zero, an edit list hides."""
    with av.open(str(source)) as old, av.open(str(target), "w") as new:
        stream = new.add_stream_from_template(old.streams.video[0])
        for packet in old.demux(video=0):
            if packet.dts is not None and packet.pts is not None:
                packet.pts, packet.dts = packet.pts + by, packet.dts + by
                packet.stream = stream
                new.mux(packet)
    return target


def test_frames_hidden_by_an_edit_list_do_not_count(
    tmp_path: Path, plain_decode: PlainDecode
) -> None:
    whole = write_clip(tmp_path / "whole.mp4", range(FRAMES), FORMS["h264.mkv"], REGULAR)
    with av.open(str(whole)) as container:
        ticks = container.streams.video[0].time_base
        assert ticks is not None
    cut = shift_times(whole, tmp_path / "cut.mp4", -int(Fraction(40, 25) / ticks))
    truth = plain_decode(cut)
    assert [read_number(t) for t in truth] == list(range(40, FRAMES))
    check(cut, truth)
    with open_video(cut) as video:
        assert video.times[0] == 0
        assert video.notice == ""


def test_vp8_frames_that_are_stored_only_to_be_referred_to_do_not_count(
    tmp_path: Path, plain_decode: PlainDecode
) -> None:
    shown = write_clip(tmp_path / "shown.webm", range(FRAMES), FORMS["vp8.webm"], REGULAR)
    path = tmp_path / "hidden.webm"
    with av.open(str(shown)) as old, av.open(str(path), "w") as new:
        stream = new.add_stream_from_template(old.streams.video[0])
        for number, packet in enumerate(p for p in old.demux(video=0) if p.size):
            content = bytearray(bytes(packet))
            if number in (10, 20, 50):
                content[0] &= ~0x10  # show_frame, RFC 6386, 9.1
            copy = av.Packet(bytes(content))
            copy.pts, copy.dts, copy.time_base = packet.pts, packet.dts, packet.time_base
            copy.is_keyframe, copy.stream = packet.is_keyframe, stream
            new.mux(copy)
    truth = plain_decode(path)
    assert len(truth) == FRAMES - 3
    check(path, truth)
    with open_video(path) as video:
        assert read_number(video.frame(10)) == 11
        assert video.times[10] == pytest.approx(11 / 25)


def test_a_gap_in_time_is_no_gap_in_numbers(tmp_path: Path, plain_decode: PlainDecode) -> None:
    times = [*range(40), *range(100, 150)]
    path = write_clip(tmp_path / "gap.mp4", times, FORMS["h264.mkv"], REGULAR)
    check(path, plain_decode(path))
    with open_video(path) as video:
        assert video.variable_rate
        assert video.times[40] == pytest.approx(4.0)
        assert float(video.fps) == pytest.approx(89 / (149 / 25), rel=1e-3)


def test_times_that_start_again_are_counted_from_the_rate(
    tmp_path: Path, plain_decode: PlainDecode
) -> None:
    one = write_clip(tmp_path / "one.ts", range(FRAMES), FORMS["h264.ts"], REGULAR)
    twice = tmp_path / "twice.ts"
    twice.write_bytes(one.read_bytes() * 2)
    check(twice, plain_decode(twice))
    with open_video(twice) as video:
        np.testing.assert_allclose(video.times, np.arange(2 * FRAMES) / 25)
        assert "time stamps are missing or jump back" in video.notice


def test_a_stream_that_changes_its_size_keeps_one_size(tmp_path: Path) -> None:
    large = write_clip(tmp_path / "large.ts", range(30), FORMS["h264.ts"], REGULAR)
    small = replace(FORMS["h264.ts"], width=144, height=72)
    write_clip(tmp_path / "small.ts", range(30), small, REGULAR)
    joined = tmp_path / "joined.ts"
    joined.write_bytes(large.read_bytes() + (tmp_path / "small.ts").read_bytes())
    with open_video(joined) as video:
        assert len(video) == 60
        assert {f.shape for f in video.frames(0, 60)} == {(96, 192, 3)}
        assert read_number(video.frame(45)) == 15
