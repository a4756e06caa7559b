"""The reader's contract on ordinary files: exact frames, their times, errors in sentences."""

import random
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from benchmarks.barcode_clip import ClipForm, read_number, write_clip
from yowo_core.errors import VideoError
from yowo_core.video import VideoReader, open_video


def test_no_random_seek_on_a_variable_rate_clip_is_wrong(vfr_clip: Path) -> None:
    chance = random.Random(1)
    with open_video(vfr_clip, cache_bytes=4 * 1024 * 1024) as video:
        wanted = [chance.randrange(len(video)) for _ in range(200)]
        assert [read_number(video.frame(i)) for i in wanted] == wanted


def test_stepping_back_is_exact(vfr_clip: Path) -> None:
    with open_video(vfr_clip, cache_bytes=4 * 1024 * 1024) as video:
        wanted = list(range(280, 220, -1))
        assert [read_number(video.frame(i)) for i in wanted] == wanted


def test_facts_of_a_variable_rate_clip(vfr_clip: Path, irregular: list[int]) -> None:
    with open_video(vfr_clip) as video:
        assert len(video) == 600
        assert (video.width, video.height) == (320, 192)
        assert video.variable_rate
        np.testing.assert_allclose(video.times, np.array(irregular) / 1000, atol=1e-9)
        assert float(video.fps) == pytest.approx(599 / video.times[-1], rel=0.005)
        assert video.sample_aspect == 1
        assert video.notice == ""
        assert video.path == vfr_clip


def test_constant_rate_is_not_called_variable(small_clip: Path) -> None:
    with open_video(small_clip) as video:
        assert (video.fps, video.variable_rate) == (Fraction(25), False)


def test_frames_gives_a_range_in_order(vfr_clip: Path) -> None:
    with open_video(vfr_clip) as video:
        assert [read_number(f) for f in video.frames(240, 262)] == list(range(240, 262))
        assert list(video.frames(5, 5)) == []


def test_frames_stays_exact_when_other_frames_are_asked_for_between(vfr_clip: Path) -> None:
    with open_video(vfr_clip, cache_bytes=0) as video:
        seen = []
        for picture in video.frames(100, 106):
            seen.append(read_number(picture))
            assert read_number(video.frame(20)) == 20
        assert seen == list(range(100, 106))


def test_frames_decodes_with_one_seek(vfr_clip: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with open_video(vfr_clip, cache_bytes=0) as video:
        video.frame(599)
        starts: list[int] = []
        start = video._decoder.start

        def note(packet: int) -> None:
            starts.append(packet)
            start(packet)

        monkeypatch.setattr(video._decoder, "start", note)
        assert len(list(video.frames(200, 320))) == 120
        assert starts == [0]


def test_bgra_is_the_same_picture_with_an_opaque_fourth_channel(small_clip: Path) -> None:
    with open_video(small_clip) as video:
        bgra, rgb = video.bgra(17), video.frame(17)
    assert bgra.shape == (96, 192, 4)
    assert bgra.dtype == rgb.dtype == np.uint8
    assert bool((bgra[..., 3] == 255).all())
    np.testing.assert_allclose(bgra[..., 2::-1].astype(int), rgb.astype(int), atol=3)


def test_keyframe_at_or_before(vfr_clip: Path) -> None:
    with open_video(vfr_clip) as video:
        asked = [0, 249, 250, 251, 599]
        assert [video.keyframe_at_or_before(i) for i in asked] == [0, 0, 250, 250, 500]


@pytest.mark.parametrize("index", [-1, 600, 10_000])
def test_a_frame_outside_the_video_is_refused_with_its_range(vfr_clip: Path, index: int) -> None:
    with open_video(vfr_clip) as video:
        for access in (video.frame, video.bgra, video.cached, video.keyframe_at_or_before):
            with pytest.raises(VideoError, match=rf"frames 0 to 599; there is no frame {index}\b"):
                access(index)
        with pytest.raises(VideoError, match="there is no frame"):
            video.frames(min(index, 0), max(index + 1, 3))


def test_a_closed_reader_says_so(small_clip: Path) -> None:
    video = open_video(str(small_clip))
    video.close()
    video.close()
    with pytest.raises(VideoError, match="was closed"):
        video.frame(0)


def test_changing_a_returned_array_changes_no_later_one(tmp_path: Path) -> None:
    form = ClipForm(codec="ffv1", pixels="bgra", width=96, height=48)
    with open_video(write_clip(tmp_path / "rgb.mkv", range(0, 400, 40), form)) as video:
        for access in (video.frame, video.bgra):
            first = access(3)
            kept = first.copy()
            first[:] = 7
            np.testing.assert_array_equal(access(3), kept)


def test_two_readers_of_one_file_do_not_disturb_each_other(vfr_clip: Path) -> None:
    with open_video(vfr_clip, cache_bytes=0) as one, open_video(vfr_clip, cache_bytes=0) as two:
        for i in (300, 10, 599):
            assert read_number(one.frame(i)) == i
            assert read_number(two.frame(599 - i)) == 599 - i


def test_names_that_look_like_protocols_or_patterns_open(small_clip: Path, tmp_path: Path) -> None:
    for name in ("pipe:0 %03d.mp4", "größe 視頻.mp4", "#?&.mp4"):
        path = tmp_path / name
        path.write_bytes(small_clip.read_bytes())
        with open_video(path) as video:
            assert isinstance(video, VideoReader)
            assert len(video) == 120


@pytest.mark.parametrize("degrees", [90, 180, 270])
def test_the_rotation_tag_is_applied(tmp_path: Path, degrees: int) -> None:
    form = ClipForm(width=96, height=48, rotation=degrees, aspect=Fraction(4, 3))
    path = write_clip(tmp_path / "turned.mp4", range(0, 400, 40), form)
    plain = write_clip(tmp_path / "plain.mp4", range(0, 400, 40), ClipForm(width=96, height=48))
    with open_video(path) as turned, open_video(plain) as stored:
        expected = np.rot90(stored.frame(4), degrees // 90)
        np.testing.assert_array_equal(turned.frame(4), expected)
        assert turned.frame(4).flags.c_contiguous
        assert turned.bgra(4).shape == (*expected.shape[:2], 4)
        assert (turned.height, turned.width) == expected.shape[:2]
        upright = Fraction(4, 3) if degrees == 180 else Fraction(3, 4)
        assert turned.sample_aspect == upright
