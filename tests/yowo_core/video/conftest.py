"""Clips whose frames carry their number, and the plain decode that every access is held against."""

from collections.abc import Callable
from pathlib import Path

import av
import numpy as np
import pytest
from av.error import FFmpegError
from av.stream import Disposition
from numpy.typing import NDArray

from benchmarks.barcode_clip import LONG_GOP, ClipForm, irregular_times, write_clip

PlainDecode = Callable[[Path], list[NDArray[np.uint8]]]
Overwrite = Callable[[Path, Path, range], Path]
SMALL = ClipForm(
    options={"g": "30", "keyint_min": "30", "bf": "2", "sc_threshold": "0"}, width=192, height=96
)


def decode_plainly(path: Path) -> list[NDArray[np.uint8]]:
    """Every frame that a decode from the beginning gives before it ends or fails."""
    frames: list[NDArray[np.uint8]] = []
    with av.open(str(path)) as container:
        streams = container.streams.video
        marked = [s for s in streams if s.disposition & Disposition.default]
        try:
            for frame in container.decode((marked or streams)[-1]):
                pixels = frame.to_ndarray(format="rgb24")
                turned = np.rot90(pixels, round(frame.rotation / 90))
                frames.append(np.ascontiguousarray(turned, dtype=np.uint8))
        except FFmpegError:
            pass
    return frames


def overwrite_packets(source: Path, target: Path, packets: range) -> Path:
    """The same file with these packets' content replaced, its header untouched."""
    content = bytearray(source.read_bytes())
    with av.open(str(source)) as container:
        for number, packet in enumerate(container.demux(video=0)):
            if number in packets and packet.pos is not None:
                content[packet.pos : packet.pos + packet.size] = b"\xff" * packet.size
    target.write_bytes(content)
    return target


@pytest.fixture(scope="session")
def overwrite() -> Overwrite:
    return overwrite_packets


@pytest.fixture(scope="session")
def plain_decode() -> PlainDecode:
    return decode_plainly


@pytest.fixture(scope="session")
def irregular() -> list[int]:
    """Milliseconds at which the frames of vfr_clip are shown."""
    return irregular_times(600)


@pytest.fixture(scope="session")
def vfr_clip(tmp_path_factory: pytest.TempPathFactory, irregular: list[int]) -> Path:
    """600 frames at irregular times, h264 with B-frames, a key frame every 250."""
    return write_clip(tmp_path_factory.mktemp("vfr") / "vfr.mp4", irregular, LONG_GOP)


@pytest.fixture(scope="session")
def small_clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """120 frames at 25 a second, h264 with B-frames, a key frame every 30, header in front."""
    form = ClipForm(
        options=SMALL.options, width=192, height=96, container_options={"movflags": "faststart"}
    )
    path = tmp_path_factory.mktemp("small") / "small.mp4"
    return write_clip(path, range(0, 120 * 40, 40), form)
