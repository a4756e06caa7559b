"""Which files are said to need a working copy, and which key frames are believed."""

from pathlib import Path

import pytest

from benchmarks.clip_forms import FORMS, number_in
from yowo_core.video import addressing, open_video
from yowo_core.video.seeking import PacketSource


def made(name: str, folder: Path, count: int = 100) -> Path:
    path = folder / f"it{FORMS[name].ending}"
    FORMS[name].make(path, count)
    return path


def test_few_key_frames_in_large_pictures_need_a_working_copy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = made("constant rate", tmp_path)
    monkeypatch.setattr(addressing, "_LONGEST", 192 * 96 * 30)
    with open_video(path) as video:
        assert video.needs_proxy == ""
    monkeypatch.setattr(addressing, "_LONGEST", 192 * 96 * 30 - 1)
    with open_video(path) as video:
        assert video.needs_proxy == (
            "Only few of its frames can be decoded by themselves: one step may mean decoding "
            "30 frames."
        )


def test_a_gradual_refresh_has_no_key_frame_but_the_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(addressing, "_LONGEST", 192 * 96 * 99)
    with open_video(made("gradual refresh", tmp_path)) as video:
        assert "one step may mean decoding 100 frames" in video.needs_proxy
        assert video.keyframe_at_or_before(99) == 0


def test_a_long_file_in_which_no_seek_lands_needs_a_working_copy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = made("MPEG-TS", tmp_path)
    monkeypatch.setattr(PacketSource, "_seek", lambda *_: None)
    monkeypatch.setattr("yowo_core.video.seeking._SYNC_PACKETS", 10)
    with open_video(path, cache_bytes=400_000) as video:
        assert video.needs_proxy == ""  # to count 100 packets takes no time
        assert [number_in(video.frame(i)) for i in (80, 20, 55)] == [80, 20, 55]
    monkeypatch.setattr(addressing, "_MANY", 50)
    with open_video(path) as video:
        assert "can only be read from its beginning on" in video.needs_proxy


@pytest.mark.parametrize("name", ["no list of key frames, MPEG-4", "all marked as key frames"])
def test_frames_that_are_only_called_key_are_not_believed(name: str, tmp_path: Path) -> None:
    with open_video(made(name, tmp_path)) as video:
        assert [video.keyframe_at_or_before(i) for i in (29, 30, 59, 99)] == [0, 30, 30, 90]
