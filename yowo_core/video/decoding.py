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
from numpy.typing import NDArray

from yowo_core.video.container import (
    UNKNOWN,
    PacketTable,
    VideoPacket,
    numbered,
    open_container,
)

_SYNC_PACKETS = 4096  # how far after a seek to look for the wanted packet before giving up


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
    """

    def __init__(self, path: Path, table: PacketTable) -> None:
        self._path = path
        self._table = table
        self._container: InputContainer
        self._stream: VideoStream
        self._container, self._stream = open_container(path)
        self._identity, self._numbers = _identities(table)
        self._frames: Iterator[Decoded] = iter(())
        self.errors = 0

    @property
    def sample_aspect(self) -> Fraction:
        """Width over height of a stored pixel; 1 where the file does not say."""
        return self._stream.sample_aspect_ratio or Fraction(1)

    def close(self) -> None:
        """Give the file back."""
        self._frames = iter(())
        self._container.close()

    def start(self, packet: int) -> None:
        """Let decoding begin with that packet, best a key frame."""
        packets = self._seek(packet) if packet else None
        if packets is None:
            packets = self._count_to(packet)
        self._frames = self._decode(packet, packets)

    def pull(self) -> Decoded | None:
        """The next frame in presentation order, None at the end."""
        return next(self._frames, None)

    def _seek(self, packet: int) -> Iterator[VideoPacket] | None:
        """The packets from the wanted one on, or None where it was not found."""
        key = packet
        for _ in range(4):
            target = self._table.pts[key] if self._table.pts[key] != UNKNOWN else UNKNOWN
            if self._identity is None or target == UNKNOWN:
                return None
            packets = self._try_seek(int(target), packet)
            if packets is not None:
                return packets
            earlier = np.flatnonzero(self._table.key[:key])
            if not len(earlier):
                return None
            key = int(earlier[-1])
        return None

    def _try_seek(self, target: int, packet: int) -> Iterator[VideoPacket] | None:
        try:
            self._container.seek(target, stream=self._stream)
        except FFmpegError:
            return None
        packets = numbered(self._container, self._stream)
        for _ in range(_SYNC_PACKETS):
            found = next(packets, None)
            if found is None:
                return None
            number = self._number_of(found)
            if number == packet:
                return _chain(found, packets)
            if number is not None and number > packet:
                return None
        return None

    def _number_of(self, packet: VideoPacket) -> int | None:
        value = packet.pts if self._identity == "pts" else packet.pos
        return None if value is None else self._numbers.get(value)

    def _count_to(self, packet: int) -> Iterator[VideoPacket]:
        """The packets from the wanted one on, found by counting from the file's beginning."""
        self._container.close()
        self._container, self._stream = open_container(self._path)
        packets = numbered(self._container, self._stream)
        for _ in range(packet):
            next(packets, None)
        return packets

    def _decode(self, first: int, packets: Iterator[VideoPacket]) -> Iterator[Decoded]:
        number, broken = first, False
        while True:
            packet = next(packets, None)
            if packet is not None:
                packet.pts = number
                number += 1
            try:
                pictures = self._stream.decode(packet)
            except FFmpegError:
                self.errors += 1
                broken, pictures = True, []
            for picture in pictures:
                source = picture.pts
                if source is None or not first <= source < number:
                    continue
                broken = broken and not bool(self._table.key[source])
                if not broken:
                    yield Decoded(source, picture)
            if packet is None:
                return


def _chain(first: VideoPacket, rest: Iterator[VideoPacket]) -> Iterator[VideoPacket]:
    yield first
    yield from rest


def _identities(table: PacketTable) -> tuple[str | None, dict[int, int]]:
    """By what a packet is recognised after a seek: its time, its place in the file, or nothing."""
    columns: tuple[tuple[str, NDArray[np.int64]], ...] = (("pts", table.pts), ("pos", table.pos))
    for name, column in columns:
        if UNKNOWN not in column and len(np.unique(column)) == len(column):
            return name, {int(v): n for n, v in enumerate(column)}
    return None, {}
