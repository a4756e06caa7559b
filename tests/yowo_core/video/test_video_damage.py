"""Files that are no video, are cut off or damaged: a sentence, and what is good stays usable."""

import re
from collections.abc import Callable, Iterator
from fractions import Fraction
from pathlib import Path
from typing import cast

import av
import numpy as np
import pytest
from av.container import InputContainer
from numpy.typing import NDArray

from benchmarks.barcode_clip import ClipForm, read_number, write_clip
from yowo_core.errors import VideoError
from yowo_core.video import open_video
from yowo_core.video.packets import data_packets

PlainDecode = Callable[[Path], list[NDArray[np.uint8]]]
Overwrite = Callable[[Path, Path, range], Path]


def refused(path: Path) -> str:
    """The sentence with which a file is refused; it names the file."""
    with pytest.raises(VideoError, match=re.escape(str(path))) as caught:
        open_video(path)
    return str(caught.value)


def test_a_missing_file(tmp_path: Path) -> None:
    assert "There is no file" in refused(tmp_path / "gone.mp4")


def test_a_folder(tmp_path: Path) -> None:
    assert "is a folder" in refused(tmp_path)


def test_an_empty_file(tmp_path: Path) -> None:
    path = tmp_path / "empty.mp4"
    path.touch()
    assert "is empty" in refused(path)


@pytest.mark.parametrize("name", ["notes.txt", "notes.mp4", "notes.avi", "notes.nfo"])
def test_a_text_file(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_text("Nothing moves here.\n" * 500)
    assert "read as a video" in refused(path) or "is not a video" in refused(path)


def test_a_list_that_leads_to_another_video(tmp_path: Path, small_clip: Path) -> None:
    path = tmp_path / "list.ffconcat"
    path.write_text(f"ffconcat version 1.0\nfile '{small_clip}'\n")
    assert "is not a video" in refused(path) or "read as a video" in refused(path)


@pytest.mark.parametrize(("name", "codec"), [("photo.jpg", "mjpeg"), ("photo.png", "png")])
def test_a_still_picture(tmp_path: Path, name: str, codec: str) -> None:
    pixels = "yuvj420p" if codec == "mjpeg" else "rgb24"
    form = ClipForm(codec, width=96, height=48, pixels=pixels)
    encoded = write_clip(tmp_path / "one.mov", range(1), form)
    with av.open(str(encoded)) as container:
        picture = bytes(next(container.demux(video=0)))
    (tmp_path / name).write_bytes(picture)
    assert "is a still picture" in refused(tmp_path / name)


def test_sound_without_pictures(tmp_path: Path) -> None:
    path = tmp_path / "sound.wav"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("pcm_s16le", rate=8000, layout="mono")
        silence = np.zeros((1, 8000), np.int16)
        frame = av.AudioFrame.from_ndarray(silence, format="s16", layout="mono")
        frame.sample_rate = 8000
        container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    assert "no moving pictures" in refused(path)


def test_a_damaged_header(tmp_path: Path, small_clip: Path) -> None:
    path = tmp_path / "header.mp4"
    content = small_clip.read_bytes()
    path.write_bytes(content.replace(b"moov", b"\x00\x01\x02\x03"))
    assert "Not one frame" in refused(path) or "read as a video" in refused(path)


def test_pictures_in_an_unknown_encoding(tmp_path: Path, small_clip: Path) -> None:
    path = tmp_path / "unknown.mp4"
    path.write_bytes(small_clip.read_bytes().replace(b"avc1", b"zz9z").replace(b"avcC", b"free"))
    assert "encoded in a way that is unknown" in refused(path)


def test_nothing_that_decodes(tmp_path: Path, small_clip: Path, overwrite: Overwrite) -> None:
    path = overwrite(small_clip, tmp_path / "all.mp4", range(1000))
    assert "Not one frame" in refused(path)


@pytest.mark.parametrize("share", [0.4, 0.7, 0.95])
def test_a_file_that_was_cut_off(
    tmp_path: Path, small_clip: Path, share: float, plain_decode: PlainDecode
) -> None:
    path = tmp_path / "cut.mp4"
    content = small_clip.read_bytes()
    path.write_bytes(content[: int(len(content) * share)])
    truth = plain_decode(path)
    with open_video(path) as video:
        assert 0 < len(video) <= len(truth) < 120
        for i in (0, len(video) // 2, len(video) - 1):
            np.testing.assert_array_equal(video.frame(i), truth[i])
        assert f"The header promises 120 frames, {len(video)} decode" in video.notice
        with pytest.raises(VideoError, match=f"frames 0 to {len(video) - 1}"):
            video.frame(len(video))


def test_damage_in_the_middle_takes_only_its_own_frames(
    tmp_path: Path, small_clip: Path, overwrite: Overwrite
) -> None:
    path = overwrite(small_clip, tmp_path / "middle.mp4", range(40, 44))
    with open_video(path) as video:
        assert len(video) == 120
        good = [*range(30), *range(60, 120)]
        assert [read_number(video.frame(i)) for i in good] == good
        with pytest.raises(VideoError, match=r"Frame 45 of .*middle.mp4 \(at 1.800 s\) is damaged"):
            video.frame(45)
        assert video.damaged == (45,)
        assert not video.cached(45)
        assert read_number(video.frame(61)) == 61
        assert [read_number(f) for f in video.frames(60, 64)] == [60, 61, 62, 63]


def test_a_half_damaged_key_frame_is_none_to_start_from(tmp_path: Path, small_clip: Path) -> None:
    """The decoder mends it from the frames before it, and those behind it lean on that."""
    content = bytearray(small_clip.read_bytes())
    with av.open(str(small_clip)) as container:
        key = list(container.demux(video=0))[30]
    assert key.is_keyframe
    assert key.pos is not None
    content[key.pos + key.size * 2 // 3 : key.pos + key.size] = bytes(key.size - key.size * 2 // 3)
    path = tmp_path / "half.mp4"
    path.write_bytes(content)
    with open_video(path) as on, open_video(path, cache_bytes=0) as jumping:
        read_on = list(on.frames(0, 60))
        for i in (45, 31, 30, 59):
            np.testing.assert_array_equal(jumping.frame(i), read_on[i])


def test_asking_again_for_a_damaged_frame_decodes_nothing(
    tmp_path: Path, small_clip: Path, overwrite: Overwrite, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = overwrite(small_clip, tmp_path / "middle.mp4", range(40, 44))
    with open_video(path) as video:
        with pytest.raises(VideoError):
            video.frame(45)
        monkeypatch.setattr(video._decoder, "start", None)
        with pytest.raises(VideoError, match="is damaged"):
            video.frame(45)


def test_damage_at_the_end_shortens_the_video(
    tmp_path: Path, small_clip: Path, overwrite: Overwrite
) -> None:
    path = overwrite(small_clip, tmp_path / "end.mp4", range(100, 120))
    with open_video(path) as video:
        assert 90 <= len(video) <= 100
        assert read_number(video.frame(len(video) - 1)) == len(video) - 1
        assert video.notice == (
            f"The header promises 120 frames, {len(video)} decode; the rest is damaged."
        )


def test_damage_at_the_beginning_keeps_the_numbers_of_the_rest(
    tmp_path: Path, small_clip: Path, overwrite: Overwrite
) -> None:
    path = overwrite(small_clip, tmp_path / "start.mp4", range(5))
    with open_video(path) as video:
        assert (len(video), video.width, video.height) == (120, 192, 96)
        assert [read_number(video.frame(i)) for i in (30, 75, 119)] == [30, 75, 119]
        with pytest.raises(VideoError, match="Frame 0 of"):
            video.frame(0)
        assert "120 frames, 90 decode; the rest is damaged" in video.notice


def test_damage_without_a_promise_of_the_header_is_told_too(
    tmp_path: Path, small_clip: Path
) -> None:
    matroska = tmp_path / "small.mkv"
    with av.open(str(small_clip)) as old, av.open(str(matroska), "w") as new:
        stream = new.add_stream_from_template(old.streams.video[0])
        for packet in old.demux(video=0):
            if packet.dts is not None:
                packet.stream = stream
                new.mux(packet)
    content = matroska.read_bytes()
    with av.open(str(small_clip)) as container:
        bodies = [bytes(p) for p in container.demux(video=0)]
    for body in bodies[115:120]:
        content = content.replace(body, b"\xff" * len(body))
    matroska.write_bytes(content)
    with open_video(matroska) as video:
        assert 90 <= len(video) < 120
        said = f"The file holds 120 frames, {len(video)} decode; the rest is damaged."
        assert video.notice == said


def test_a_stream_joined_in_the_middle_begins_with_its_first_whole_picture(
    tmp_path: Path, plain_decode: PlainDecode
) -> None:
    form = ClipForm(options={"g": "30", "bf": "2", "sc_threshold": "0"}, width=192, height=96)
    whole = write_clip(tmp_path / "whole.ts", range(90), form, Fraction(1, 25))
    content = whole.read_bytes()
    joined = tmp_path / "joined.ts"
    joined.write_bytes(content[len(content) // 188 // 5 * 188 :])
    truth = plain_decode(joined)
    with open_video(joined) as video:
        assert len(video) == len(truth) < 90
        for i in (len(truth) - 1, 0, 20):
            np.testing.assert_array_equal(video.frame(i), truth[i])


def test_an_end_at_which_pyav_fails_is_an_end() -> None:
    """Streams that began in the middle of a file make PyAV fail behind the last packet."""

    class Container:
        def demux(self, stream: av.VideoStream) -> "Iterator[av.Packet[av.VideoStream]]":
            yield cast("av.Packet[av.VideoStream]", av.Packet(b"it"))
            raise IndexError

    found = data_packets(cast(InputContainer, Container()), cast(av.VideoStream, None))
    assert [bytes(packet) for packet in found] == [b"it"]
