"""The first picture and the outlines of a video, before anything is indexed."""

import re
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from benchmarks.barcode_clip import ClipForm, write_clip
from yowo_core.errors import VideoError
from yowo_core.video import first_look, open_video


@pytest.mark.parametrize("name", ["a.mp4", "a.mkv", "a.ts", "a.avi"])
def test_it_is_frame_0_with_the_video_s_outlines(tmp_path: Path, name: str) -> None:
    form = ClipForm(width=192, height=96, aspect=Fraction(4, 3))
    path = write_clip(tmp_path / name, range(60), form, Fraction(1, 30))
    look = first_look(path)
    with open_video(path) as video:
        np.testing.assert_array_equal(look.picture, video.bgra(0))
        assert (look.width, look.height) == (video.width, video.height)
        assert look.sample_aspect == video.sample_aspect
    assert float(look.fps) == pytest.approx(30, rel=0.02)
    assert look.seconds == pytest.approx(2, abs=0.1)
    assert look.frames == pytest.approx(60, abs=2)


def test_a_rotation_tag_is_applied(tmp_path: Path) -> None:
    form = ClipForm(width=96, height=48, rotation=90, aspect=Fraction(4, 3))
    look = first_look(write_clip(tmp_path / "turned.mp4", range(0, 400, 40), form))
    assert (look.width, look.height, look.sample_aspect) == (48, 96, Fraction(3, 4))
    assert look.picture.shape == (96, 48, 4)


def test_damage_at_the_beginning_is_passed_over(
    tmp_path: Path, small_clip: Path, overwrite: Callable[[Path, Path, range], Path]
) -> None:
    path = overwrite(small_clip, tmp_path / "start.mp4", range(5))
    with open_video(path) as video:
        np.testing.assert_array_equal(first_look(path).picture, video.bgra(30))


def test_a_file_without_a_picture_is_refused_by_name(
    tmp_path: Path, small_clip: Path, overwrite: Callable[[Path, Path, range], Path]
) -> None:
    path = overwrite(small_clip, tmp_path / "all.mp4", range(1000))
    with pytest.raises(VideoError, match=re.escape(str(path))):
        first_look(path)
    with pytest.raises(VideoError, match="no file"):
        first_look(tmp_path / "gone.mp4")


def test_a_file_that_was_cut_off_shows_its_beginning(tmp_path: Path, small_clip: Path) -> None:
    whole = small_clip.read_bytes()
    path = tmp_path / "cut.mp4"
    path.write_bytes(whole[: len(whole) // 2])  # the header is in front and promises more
    look = first_look(path)
    assert look.frames == 120
    np.testing.assert_array_equal(look.picture, first_look(small_clip).picture)
