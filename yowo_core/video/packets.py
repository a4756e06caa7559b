"""What every packet of a picture stream says of itself, read through without decoding."""

from collections.abc import Iterator
from dataclasses import dataclass, fields
from fractions import Fraction
from functools import cached_property
from itertools import islice
from pathlib import Path
from typing import TypeAlias

import numpy as np
from av.container import InputContainer
from av.error import FFmpegError
from av.packet import Packet
from av.video.stream import VideoStream
from numpy.typing import NDArray

from yowo_core.errors import VideoError
from yowo_core.video.progress import Meter

UNKNOWN = np.iinfo(np.int64).min  # stands where a packet has no time or no position
BATCH = 4096  # so few that putting them into arrays never holds up another thread
_REORDERED = 64  # packets by which a frame is shown earlier or later than it is stored, at most

VideoPacket: TypeAlias = "Packet[VideoStream]"  # a plain class at run time


@dataclass(frozen=True, eq=False)
class Columns:
    """Every packet of the picture stream in the file's order (decoding order).

    pts, dts: (P,) int64 in units of the time base, UNKNOWN where missing. pos: (P,) int64 and
    size: (P,) int32 bytes. key: (P,) bool, decoding may start here. discard: (P,) bool, an edit
    list hides the frame.
    """

    pts: NDArray[np.int64]
    dts: NDArray[np.int64]
    pos: NDArray[np.int64]
    size: NDArray[np.int32]
    key: NDArray[np.bool_]
    discard: NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class PacketTable(Columns):
    """The packets, and what the header says of them.

    rate: frames a second by the header, 0 when unknown. reordered: the decoder says that frames
    are shown in another order than stored. promised: frames that the header announces, 0 when it
    does not say.
    """

    time_base: Fraction
    rate: Fraction
    container: str
    codec: str
    reordered: bool
    promised: int

    def __len__(self) -> int:
        return len(self.pts)

    def describes(self, packet: VideoPacket, number: int) -> bool:
        """Whether a packet that was read is the one of that number.

        Times are left out: right after a seek some containers count them differently.
        """
        place = UNKNOWN if packet.pos is None else packet.pos
        said = (place, packet.size, packet.is_keyframe, packet.is_discard)
        columns = (self.pos, self.size, self.key, self.discard)
        return said == tuple(column[number].item() for column in columns)

    @cached_property
    def by_time(self) -> NDArray[np.int64]:
        """(P,) the packets' numbers in order of their presentation times."""
        return np.argsort(self.pts, kind="stable")

    @cached_property
    def unique_times(self) -> bool:
        """Whether every packet has a presentation time of its own."""
        return _ascending(self.pts[self.by_time])

    @property
    def one_recording(self) -> bool:
        """Whether the times run on: none starts again, as behind a second recording's join."""
        known = self.dts[self.dts != UNKNOWN]
        moved = np.abs(self.by_time - np.arange(len(self))).max()
        return bool(np.all(known[1:] >= known[:-1])) and int(moved) <= _REORDERED

    @cached_property
    def by_place(self) -> NDArray[np.int64]:
        """(P,) the packets' numbers in order of their places in the file."""
        return np.argsort(self.pos, kind="stable")

    @cached_property
    def keys(self) -> NDArray[np.int64]:
        """(K,) the numbers of the key packets, ascending."""
        return np.flatnonzero(self.key)


def data_packets(container: InputContainer, stream: VideoStream) -> Iterator[VideoPacket]:
    """The stream's packets that hold data, from where the container stands.

    A damaged rest of the file ends it, as its end does. (At the end PyAV asks for streams that
    began later than the file, and finds none.)
    """
    try:
        for packet in container.demux(stream):
            if packet.size:  # an empty one would tell the decoder that the video ends
                yield packet
    except (FFmpegError, IndexError):
        return


def read_packets(
    path: Path, container: InputContainer, stream: VideoStream, meter: Meter
) -> PacketTable:
    """Read through a freshly opened file without decoding: about 4 microseconds a packet.

    Raises VideoError when not one packet of pictures can be read, and what the meter raises.
    """
    packets, whole = data_packets(container, stream), container.size
    batches = []
    while rows := [_row(p) for p in islice(packets, BATCH)]:
        batches.append(_columns(rows))
        meter.say(float(batches[-1].pos.max()), whole)
    if not batches:
        raise VideoError(f"{path} holds no pictures that can be read. Copy it again or convert it.")
    return table_of(_joined(batches), container, stream)


def table_of(columns: Columns, container: InputContainer, stream: VideoStream) -> PacketTable:
    """The table of these packets with what the header says."""
    return PacketTable(
        **vars(columns),
        time_base=stream.time_base or Fraction(1, 1),
        rate=stream.average_rate or stream.guessed_rate or Fraction(0),
        container=container.format.name,
        codec=stream.codec_context.name,
        reordered=bool(stream.codec_context.has_b_frames),
        promised=_promised(container, stream),
    )


_Row: TypeAlias = tuple[int | None, int | None, int | None, int, bool, bool]


def _row(packet: VideoPacket) -> _Row:
    """What a packet says of itself, in the order of the columns."""
    return (
        packet.pts,
        packet.dts,
        packet.pos,
        packet.size,
        packet.is_keyframe,
        packet.is_discard,
    )


def _columns(rows: list[_Row]) -> Columns:
    pts, dts, pos, size, key, discard = zip(*rows, strict=True)
    return Columns(
        _numbers(pts),
        _numbers(dts),
        _numbers(pos),
        np.array(size, np.int32),
        np.array(key, np.bool_),
        np.array(discard, np.bool_),
    )


def _joined(batches: list[Columns]) -> Columns:
    return Columns(
        *(np.concatenate([getattr(b, f.name) for b in batches]) for f in fields(Columns))
    )


def _numbers(values: tuple[int | None, ...]) -> NDArray[np.int64]:
    return np.array([UNKNOWN if v is None else v for v in values], np.int64)


def _ascending(values: NDArray[np.int64]) -> bool:
    return values[0] != UNKNOWN and bool(np.all(values[1:] > values[:-1]))


def _promised(container: InputContainer, stream: VideoStream) -> int:
    """Frames by the header; in MP4 and its kin less those that an edit list cuts off."""
    if stream.frames and "mp4" in container.format.name.split(","):
        return len(stream.index_entries)
    return stream.frames
