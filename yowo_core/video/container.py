"""Opening a video file: the container, its picture stream, and what every packet says of itself."""

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import TypeAlias

import av
import numpy as np
from av.container import InputContainer
from av.error import FFmpegError
from av.packet import Packet
from av.stream import Disposition
from av.video.stream import VideoStream
from numpy.typing import NDArray

from yowo_core.errors import VideoError

UNKNOWN = np.iinfo(np.int64).min  # stands where a packet has no time or no position
# demuxers that make pictures of plain text, or that lead to other files
_NO_VIDEO = {"tty", "bin", "hls", "dash", "concat", "ffmetadata"}

VideoPacket: TypeAlias = "Packet[VideoStream]"  # a plain class at run time


@dataclass(frozen=True, eq=False)
class PacketTable:
    """Every packet of the picture stream in the file's order (decoding order).

    pts, dts: (P,) int64 in units of time_base, UNKNOWN where missing. pos, size: (P,) int64 bytes.
    key: (P,) bool, decoding may start here. discard: (P,) bool, an edit list hides the frame.
    rate: frames a second by the header, 0 when unknown. reordered: the decoder says that frames
    are shown in another order than stored. promised: frames that the header announces, 0 when it
    does not say.
    """

    pts: NDArray[np.int64]
    dts: NDArray[np.int64]
    pos: NDArray[np.int64]
    size: NDArray[np.int64]
    key: NDArray[np.bool_]
    discard: NDArray[np.bool_]
    time_base: Fraction
    rate: Fraction
    container: str
    codec: str
    reordered: bool
    promised: int

    def __len__(self) -> int:
        return len(self.pts)


def open_container(path: Path) -> tuple[InputContainer, VideoStream]:
    """The opened file and its first picture stream, set to decode on all cores.

    Raises VideoError for a file that is missing, a folder, empty, no video or without pictures.
    """
    _check_file(path)
    try:
        # the prefix keeps a colon or a per cent sign in a name from being read as a protocol
        container = av.open(f"file:{path}", mode="r", metadata_errors="replace")
    except (FFmpegError, OSError, UnicodeError) as error:
        raise VideoError(
            f"{path} cannot be read as a video: {getattr(error, 'strerror', error)}. "
            "It is damaged or of an unknown kind; try to play or convert it elsewhere."
        ) from error
    try:
        return container, _picture_stream(container, path)
    except VideoError:
        container.close()
        raise


def _check_file(path: Path) -> None:
    if path.is_dir():
        raise VideoError(f"{path} is a folder, not a video. Choose a file inside it.")
    if not path.is_file():
        raise VideoError(f"There is no file {path}. Put it back or tell where it is now.")
    if path.stat().st_size == 0:
        raise VideoError(f"{path} is empty (0 bytes). Copy it again from where it came from.")


def _picture_stream(container: InputContainer, path: Path) -> VideoStream:
    names = set(container.format.name.split(","))
    if names & {"image2"} or any(name.endswith("_pipe") for name in names):
        raise VideoError(f"{path} is a still picture, not a video. Choose another file.")
    if names & _NO_VIDEO:
        raise VideoError(f"{path} is not a video but {container.format.long_name}. Choose another.")
    streams = [s for s in container.streams.video if not s.disposition & Disposition.attached_pic]
    if not streams:
        raise VideoError(
            f"{path} holds no moving pictures, only sound or data. Choose another file."
        )
    for stream in streams:
        if stream.codec_context is not None:  # None, whatever the types say, without a decoder
            stream.thread_type = "AUTO"
            return stream
    raise VideoError(
        f"The pictures of {path} are encoded in a way that is unknown here. "
        "Convert it elsewhere, to H.264 in MP4 for example."
    )


def data_packets(container: InputContainer, stream: VideoStream) -> Iterator[VideoPacket]:
    """The stream's packets that hold data, from where the container stands.

    A damaged rest of the file ends it, as its end does.
    """
    try:
        for packet in container.demux(stream):
            if packet.size:  # an empty one would tell the decoder that the video ends
                yield packet
    except FFmpegError:
        return


def read_packets(path: Path, container: InputContainer, stream: VideoStream) -> PacketTable:
    """Read through a freshly opened file without decoding: about 4 microseconds a packet.

    Raises VideoError when not one packet of pictures can be read.
    """
    rows = [
        (p.pts, p.dts, p.pos, p.size, p.is_keyframe, p.is_discard)
        for p in data_packets(container, stream)
    ]
    if not rows:
        raise VideoError(f"{path} holds no pictures that can be read. Copy it again or convert it.")
    pts, dts, pos, size, key, discard = zip(*rows, strict=True)
    return PacketTable(
        _numbers(pts),
        _numbers(dts),
        _numbers(pos),
        np.array(size, np.int64),
        np.array(key, np.bool_),
        np.array(discard, np.bool_),
        stream.time_base or Fraction(1, 1),
        stream.average_rate or stream.guessed_rate or Fraction(0),
        container.format.name,
        stream.codec_context.name,
        bool(stream.codec_context.has_b_frames),
        _promised(container, stream),
    )


def _promised(container: InputContainer, stream: VideoStream) -> int:
    """Frames by the header; in MP4 and its kin less those that an edit list cuts off."""
    if stream.frames and "mp4" in container.format.name.split(","):
        return len(stream.index_entries)
    return stream.frames


def _numbers(values: tuple[int | None, ...]) -> NDArray[np.int64]:
    return np.array([UNKNOWN if v is None else v for v in values], np.int64)
