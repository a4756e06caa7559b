"""What the header of an MP4 or QuickTime file says of its packets, so that none has to be read.

Reading through 40 GB takes minutes, their header a second. FFmpeg gives each packet's place, size
and decoding time; the offset to the time at which it is shown is read here from the box 'ctts'
(ISO/IEC 14496-12, 8.6.1.3).
"""

from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import BinaryIO

import numpy as np
from av.container import InputContainer
from av.error import FFmpegError
from av.video.stream import VideoStream
from numpy.typing import NDArray

from yowo_core.video.packets import BATCH, Columns, VideoPacket, data_packets
from yowo_core.video.progress import Meter

WORTH_IT = 64 * 1024 * 1024  # bytes; a smaller file is read through in no time
_PLACES = 12  # at which the header is held against the file
_COMPARED = 64  # packets at each
_DISCARD, _KEY = 2, 1  # flags of FFmpeg's index


def worth_trying(container: InputContainer) -> bool:
    """Whether the file is of this kind, and so large that reading it through takes long."""
    return "mp4" in container.format.name.split(",") and container.size >= WORTH_IT


def header_packets(
    path: Path, container: InputContainer, stream: VideoStream, meter: Meter
) -> Columns | None:
    """The packets by the header; None where it does not tell all or is not to be trusted.

    The container is left anywhere in the file.
    """
    entries = stream.index_entries
    offsets = _offsets(path, stream)
    if not len(entries) or stream.frames < len(entries) or offsets is None:
        return None
    columns = _columns(stream, offsets, meter)
    if int((columns.pos + columns.size).max()) > container.size:
        return None
    return columns if _holds(columns, container, stream) else None


def _columns(stream: VideoStream, offsets: NDArray[np.int64], meter: Meter) -> Columns:
    entries = stream.index_entries
    table = np.empty((4, len(entries)), np.int64)
    for first in range(0, len(entries), BATCH):
        rows = [(e.timestamp, e.pos, e.size, e.flags) for e in entries[first : first + BATCH]]
        table[:, first : first + BATCH] = np.array(rows, np.int64).T
        meter.say(first, len(entries))
    dts, pos, size, flags = table
    # an edit list that cuts the beginning off leaves the last ones
    pts = dts + offsets[len(offsets) - len(dts) :]
    held = size > 0
    return Columns(
        pts[held],
        dts[held],
        pos[held],
        size[held].astype(np.int32),
        (flags[held] & _KEY) > 0,
        (flags[held] & _DISCARD) > 0,
    )


def _holds(columns: Columns, container: InputContainer, stream: VideoStream) -> bool:
    """Whether packets read at several places are what the header says, key packets first."""
    keys = np.flatnonzero(columns.key)
    if not len(keys) or not bool(np.all(np.diff(columns.pos) > 0)):
        return False
    for key in keys[np.unique(np.linspace(0, len(keys) - 1, _PLACES).astype(np.int64))]:
        try:
            container.seek(int(columns.pts[key]), stream=stream)
        except FFmpegError:
            return False
        if not _same(columns, list(islice(data_packets(container, stream), _COMPARED))):
            return False
    return True


def _same(columns: Columns, found: list[VideoPacket]) -> bool:
    if not found or found[0].pos is None:
        return False
    first = int(np.searchsorted(columns.pos, found[0].pos))
    return all(_row(columns, first + n) == _said(packet) for n, packet in enumerate(found))


def _said(packet: VideoPacket) -> tuple[int | None, ...]:
    said = (packet.pts, packet.dts, packet.pos, packet.size)
    return (*said, packet.is_keyframe, packet.is_discard)


def _row(columns: Columns, number: int) -> tuple[int | None, ...]:
    if number >= len(columns.pts):
        return ()
    return tuple(column[number].item() for column in vars(columns).values())


def _offsets(path: Path, stream: VideoStream) -> NDArray[np.int64] | None:
    """(P,) what is added to a packet's decoding time; 0 where the times are the same.

    None where the header is written in pieces or the track is not found.
    """
    with path.open("rb") as file:
        movie = _find(file, (0, path.stat().st_size), b"moov")
        if movie is None or _find(file, movie, b"mvex") is not None:
            return None
        for kind, place in _boxes(file, movie):
            if kind == b"trak" and _track(file, place) == stream.id:
                return _composition(file, place, stream.frames)
    return None


_Span = tuple[int, int]  # first byte, and the one behind the last


def _boxes(file: BinaryIO, span: _Span) -> Iterator[tuple[bytes, _Span]]:
    """Kind and content of each box in a stretch of the file."""
    start, end = span
    while start + 8 <= end:
        file.seek(start)
        head = file.read(16)
        length, content = int.from_bytes(head[:4], "big"), start + 8
        if length == 1:
            length, content = int.from_bytes(head[8:16], "big"), start + 16
        stop = end if length == 0 else start + length
        if not content <= stop <= end:
            return
        yield head[4:8], (content, stop)
        start = stop


def _find(file: BinaryIO, span: _Span, *kinds: bytes) -> _Span | None:
    """The content of the first box of the first kind, in it of the second, and so on."""
    for kind in kinds:
        inner = next((place for found, place in _boxes(file, span) if found == kind), None)
        if inner is None:
            return None
        span = inner
    return span


def _track(file: BinaryIO, track: _Span) -> int:
    """The track's number (ISO/IEC 14496-12, 8.3.2)."""
    header = _find(file, track, b"tkhd")
    if header is None:
        return 0
    file.seek(header[0])
    content = file.read(24)
    at = 20 if content[0] == 1 else 12
    return int.from_bytes(content[at : at + 4], "big")


def _composition(file: BinaryIO, track: _Span, frames: int) -> NDArray[np.int64] | None:
    """Offsets from runs of (how many packets, offset); negative ones shift all, as FFmpeg does."""
    place = _find(file, track, b"mdia", b"minf", b"stbl", b"ctts")
    if place is None:
        return np.zeros(frames, np.int64)
    file.seek(place[0] + 8)
    content = file.read(place[1] - place[0] - 8)
    runs = np.frombuffer(content[: len(content) // 8 * 8], ">i4").reshape(-1, 2).astype(np.int64)
    counts, offsets = runs.T
    if not len(runs) or counts.min() < 0 or counts.sum() != frames:
        return None
    offsets -= min(0, int(offsets.min()))
    batches = range(0, len(runs), BATCH)  # so that no other thread is held up
    return np.concatenate(
        [np.repeat(offsets[b : b + BATCH], counts[b : b + BATCH]) for b in batches]
    )
