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

from benchmarks.barcode_clip import irregular_times, read_number, write_clip
from benchmarks.clip_forms import FORMS, REGULAR, form, number_in
from yowo_core.video import open_video

PlainDecode = Callable[[Path], list[NDArray[np.uint8]]]
FRAMES = 90
H264 = form()


def check(path: Path, truth: Sequence[NDArray[np.uint8]], beyond: int = 0) -> None:
    """Random and sequential access against a plain decode, and that many frames behind it."""
    chance = random.Random(path.name)
    with open_video(path, cache_bytes=400_000) as video:
        assert len(video) == len(truth) + beyond
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
    path = tmp_path / f"it{FORMS[name].ending}"
    drawn = FORMS[name].make(path, FRAMES)
    truth = plain_decode(path)
    if drawn:
        assert [number_in(t) for t in truth] == drawn
        check(path, truth)
    else:  # a file that was cut off: its last picture is what the decoder makes of half a one
        check(path, truth[:-1], beyond=1)
    with open_video(path) as video:
        assert video.needs_proxy == ""
        assert not drawn or "empty packets" in name or "decode" not in video.notice


@pytest.mark.parametrize("name", ["late.mp4", "late.mkv"])
def test_own_times_are_kept_when_a_video_does_not_start_at_zero(
    name: str, tmp_path: Path, plain_decode: PlainDecode
) -> None:
    times = [t + 5_000 for t in irregular_times(FRAMES)]
    path = write_clip(tmp_path / name, times, H264)
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
    whole = write_clip(tmp_path / "whole.mp4", range(FRAMES), H264, REGULAR)
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


def test_a_gap_in_time_is_no_gap_in_numbers(tmp_path: Path, plain_decode: PlainDecode) -> None:
    times = [*range(40), *range(100, 150)]
    path = write_clip(tmp_path / "gap.mp4", times, H264, REGULAR)
    check(path, plain_decode(path))
    with open_video(path) as video:
        assert video.variable_rate
        assert video.times[40] == pytest.approx(4.0)
        assert float(video.fps) == pytest.approx(89 / (149 / 25), rel=1e-3)


def test_times_that_start_again_are_counted_from_the_rate(tmp_path: Path) -> None:
    path = tmp_path / "twice.ts"
    FORMS["joined recordings"].make(path, FRAMES)
    with open_video(path) as video:
        np.testing.assert_allclose(video.times, np.arange(FRAMES) / 25)
        assert "time stamps are missing or jump back" in video.notice


def test_of_a_hidden_frame_no_time_is_kept(tmp_path: Path) -> None:
    path = tmp_path / "hidden.webm"
    FORMS["VP8, hidden frames"].make(path, FRAMES)
    with open_video(path) as video:
        assert read_number(video.frame(10)) == 11
        assert video.times[10] == pytest.approx(11 / 25)


def test_a_stream_that_changes_its_size_keeps_one_size(tmp_path: Path) -> None:
    large = write_clip(tmp_path / "large.ts", range(30), H264, REGULAR)
    small = replace(H264, width=144, height=72)
    write_clip(tmp_path / "small.ts", range(30), small, REGULAR)
    joined = tmp_path / "joined.ts"
    joined.write_bytes(large.read_bytes() + (tmp_path / "small.ts").read_bytes())
    with open_video(joined) as video:
        assert len(video) == 60
        assert {f.shape for f in video.frames(0, 60)} == {(96, 192, 3)}
        assert read_number(video.frame(45)) == 15
