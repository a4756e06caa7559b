"""Decoding from any packet on, where each frame tells which packet it came from."""

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import numpy as np
from av.container import InputContainer
from av.error import FFmpegError
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from yowo_core.video.container import check_unchanged, open_container, stamp_of
from yowo_core.video.packets import (
    UNKNOWN,
    PacketTable,
    VideoPacket,
    data_packets,
    read_packets,
)
from yowo_core.video.progress import Meter

_SYNC_PACKETS = 4096  # how far after a seek to look for the wanted packet before giving up
_SEEKS = 4  # how many key frames further back a seek may aim before packets are counted
_COMPARED = 32  # packets that show whether a table belongs to a file


@dataclass(frozen=True)
class Decoded:
    """A frame and the number of its packet in the packet table."""

    packet: int
    picture: VideoFrame


class Decoder:
    """The open file of one video; decodes forward from a packet that start() names.

    Frames are recognised by their packet, not by their time: the packet's number travels through
    the decoder in the place of its time stamp. (PyAV's copy_opaque is made for this, but its
    clean-up takes the interpreter's lock in decoding threads and deadlocks.) After an error
    nothing is given out until the next key frame: the frames between are the decoder's guesses.

    errors counts what the decoder refused since the last start(). A table that was read before
    spares reading all packets; agrees() tells whether it fits the file.
    """

    def __init__(self, path: Path, meter: Meter, table: PacketTable | None = None) -> None:
        self._path = path
        self._stamp = stamp_of(path)
        self._container: InputContainer
        self._stream: VideoStream
        self._container, self._stream = open_container(path)
        self._frames: Iterator[Decoded] = iter(())
        self.errors = 0
        try:
            self.table: PacketTable = table or read_packets(
                path, self._container, self._stream, meter
            )
        except BaseException:
            self._container.close()
            raise
        self._finder = _PacketFinder(self.table)

    @property
    def sample_aspect(self) -> Fraction:
        """Width over height of a stored pixel; 1 where the file does not say."""
        return self._stream.sample_aspect_ratio or Fraction(1)

    @property
    def pixels(self) -> int:
        """Pixels of a stored picture."""
        return self._stream.codec_context.width * self._stream.codec_context.height

    def close(self) -> None:
        """Give the file back."""
        self._frames = iter(())
        self._container.close()

    def check_unchanged(self) -> None:
        """Raise VideoError when the file is gone or was changed since it was opened."""
        check_unchanged(self._path, self._stamp)

    def agrees(self, packet: int) -> bool:
        """Whether the packets from this one on are found and are what the table says of them."""
        found = self._seek(packet)
        if found is None:
            return False
        last = min(packet + _COMPARED, len(self.table))
        numbered = zip(range(packet, last), found, strict=False)
        return all(self.table.describes(one, number) for number, one in numbered)

    def finds(self, packet: int) -> bool:
        """Whether a seek leads to this packet, so that none need be counted."""
        return self._seek(packet) is not None

    def start(self, packet: int) -> None:
        """Let decoding begin with that packet, best a key frame.

        Raises VideoError when the file is gone or was changed.
        """
        self.check_unchanged()
        self.errors = 0
        packets = self._seek(packet)
        if packets is None:
            packets = self._count_to(packet)
        self._frames = self._decode(packet, packets)

    def pull(self) -> Decoded | None:
        """The next frame in presentation order, None at the end."""
        return next(self._frames, None)

    def _seek(self, packet: int) -> Iterator[VideoPacket] | None:
        """The packets from the wanted one on, or None where a seek does not find it.

        Some containers land behind the wanted packet; then the seek aims further back.
        """
        for target in self._finder.targets(packet):
            try:
                self._container.seek(target, stream=self._stream)
            except FFmpegError:
                return None
            packets = self._synchronised(packet)
            if packets is not None:
                return packets
        return None

    def _synchronised(self, packet: int) -> Iterator[VideoPacket] | None:
        packets = data_packets(self._container, self._stream)
        for _, found in zip(range(_SYNC_PACKETS), packets, strict=False):
            number = self._finder.number(found)
            if number == packet:
                return _chain(found, packets)
            if number is not None and number > packet:
                return None
        return None

    def _count_to(self, packet: int) -> Iterator[VideoPacket]:
        """The packets from the wanted one on, found by counting from the file's beginning."""
        self._container.close()
        self._container, self._stream = open_container(self._path)
        packets = data_packets(self._container, self._stream)
        for _ in range(packet):
            next(packets, None)
        return packets

    def _decode(self, first: int, packets: Iterator[VideoPacket]) -> Iterator[Decoded]:
        following, broken, packet = first, False, next(packets, None)
        while True:
            if packet is not None:
                packet.pts = following
                following += 1
            try:
                pictures = self._stream.decode(packet)
            except FFmpegError:
                self.errors += 1
                broken, pictures = True, []
            for picture in pictures:
                source = picture.pts
                if source is None or not first <= source < following:
                    continue
                broken = broken and not bool(self.table.key[source])
                if not broken:
                    yield Decoded(source, picture)
            if packet is None:
                return
            packet = next(packets, None)


class _PacketFinder:
    """Recognises packets after a seek by their time or place in the file, if these are unique."""

    def __init__(self, table: PacketTable) -> None:
        self._table = table
        self._by_time = table.unique_times
        self._usable = self._by_time or table.unique_places
        self._order = table.by_time if self._by_time else table.by_place
        self._sorted = (table.pts if self._by_time else table.pos)[self._order]

    def targets(self, packet: int) -> Iterator[int]:
        """Times to seek to, in the stream's units: the packet's own, then earlier key frames'."""
        if not self._usable:
            return
        keys = self._table.keys
        before = int(np.searchsorted(keys, packet))
        earlier = keys[max(0, before - _SEEKS + 1) : before][::-1]
        for number in (packet, *earlier.tolist()):
            for time in (int(self._table.pts[number]), int(self._table.dts[number])):
                if time != UNKNOWN:
                    yield time
                    break

    def number(self, packet: VideoPacket) -> int | None:
        """The packet's number in the table, None when it is not known."""
        value = packet.pts if self._by_time else packet.pos
        if value is None:
            return None
        place = int(np.searchsorted(self._sorted, value))
        if place == len(self._sorted) or self._sorted[place] != value:
            return None
        return int(self._order[place])


def _chain(first: VideoPacket, rest: Iterator[VideoPacket]) -> Iterator[VideoPacket]:
    yield first
    yield from rest
