"""From any packet on: the open file, moved so that a wanted packet comes next."""

from collections.abc import Iterator
from contextlib import suppress
from itertools import chain, islice
from pathlib import Path

import numpy as np
from av.container import InputContainer
from av.error import FFmpegError
from av.video.stream import VideoStream
from numpy.typing import NDArray

from yowo_core.video.container import check_unchanged, open_container, stamp_of
from yowo_core.video.mp4_header import header_packets, worth_trying
from yowo_core.video.packets import (
    UNKNOWN,
    PacketTable,
    VideoPacket,
    data_packets,
    read_packets,
    table_of,
)
from yowo_core.video.progress import Meter

_SYNC_PACKETS = 4096  # how far after a seek to look for the wanted packet before giving up
_SEEKS = 4  # how many key frames further back a seek may aim before packets are counted
_COMPARED = 32  # packets that show whether a table belongs to a file


class PacketSource:
    """The open file of one video; gives its packets from any one on.

    A table that was read before spares reading all packets; agrees() tells whether it fits.
    """

    def __init__(self, path: Path, meter: Meter, table: PacketTable | None = None) -> None:
        self._path = path
        self._stamp = stamp_of(path)
        self._container: InputContainer
        self.stream: VideoStream
        self._container, self.stream = open_container(path)
        try:
            self.table = table or self._table(meter)
        except BaseException:
            self._container.close()
            raise
        self._marks = _Landmarks(self.table)

    def _table(self, meter: Meter) -> PacketTable:
        if worth_trying(self._container):
            columns = header_packets(self._path, self._container, self.stream, meter)
            if columns is not None:
                return table_of(columns, self._container, self.stream)
            self._open_again()
        return read_packets(self._path, self._container, self.stream, meter)

    def _open_again(self) -> None:
        self._container.close()
        self._container, self.stream = open_container(self._path)

    def close(self) -> None:
        """Give the file back."""
        self._container.close()

    def check_unchanged(self) -> None:
        """Raise VideoError when the file is gone or was changed since it was opened."""
        check_unchanged(self._path, self._stamp)

    def from_packet(self, packet: int) -> Iterator[VideoPacket]:
        """The packets from this one on, by a seek or by counting from the file's beginning."""
        found = self._seek(packet)
        return self._count_to(packet) if found is None else found

    def finds(self, packet: int) -> bool:
        """Whether a seek leads to this packet, so that few if any need be counted."""
        return packet < _SYNC_PACKETS or self._seek(packet) is not None

    def agrees(self, packet: int) -> bool:
        """Whether the packets from this one on are found and are what the table says of them."""
        if not self.finds(packet):
            return False
        found = self.from_packet(packet)
        last = min(packet + _COMPARED, len(self.table))
        numbered = zip(range(packet, last), found, strict=False)
        return all(self.table.describes(one, number) for number, one in numbered)

    def _seek(self, packet: int) -> Iterator[VideoPacket] | None:
        """The packets from the wanted one on, or None where a seek does not find it.

        Some containers land behind the wanted packet; then the seek aims further back.
        """
        for target, in_bytes in self._targets(packet):
            with suppress(FFmpegError):
                self._container.seek(target, stream=self.stream, unsupported_byte_offset=in_bytes)
                packets = self._synchronised(packet)
                if packets is not None:
                    return packets
        return None

    def _targets(self, packet: int) -> Iterator[tuple[int, bool]]:
        """Times and places in bytes to seek to: the packet's own, then earlier key packets'.

        Places come first where times start again; not every container can go to them.
        """
        keys, table = self.table.keys, self.table
        before = int(np.searchsorted(keys, packet))
        numbers = [packet, *keys[max(0, before - _SEEKS + 1) : before][::-1].tolist()]
        times = [(t, False) for t in (_time(table, n) for n in numbers) if t != UNKNOWN]
        places = [(p, True) for p in table.pos[numbers].tolist() if p != UNKNOWN]
        return chain(times, places) if table.unique_times else chain(places, times)

    def _synchronised(self, packet: int) -> Iterator[VideoPacket] | None:
        """Read on to the wanted packet, counting from the last one that was recognised."""
        packets, number = data_packets(self._container, self.stream), None
        for found in islice(packets, _SYNC_PACKETS):
            known = self._marks.number(found)
            number = known if known is not None else number if number is None else number + 1
            if number == packet:
                # the first packet after a seek can be the rest of one
                whole = found.size == self.table.size[packet]
                return chain([found], packets) if whole else None
            if number is not None and number > packet:
                return None
        return None

    def _count_to(self, packet: int) -> Iterator[VideoPacket]:
        """The packets from the wanted one on, found by counting from the file's beginning."""
        self._open_again()
        packets = data_packets(self._container, self.stream)
        for _ in range(packet):
            next(packets, None)
        return packets


class _Landmarks:
    """Recognises packets after a seek by times or places in the file that only they have.

    Places are better where all are known: AVI counts times differently after a seek.
    """

    def __init__(self, table: PacketTable) -> None:
        places, times = _single(table.pos, table.by_place), _single(table.pts, table.by_time)
        self._in_bytes = len(places) >= len(times)
        self._numbers = places if self._in_bytes else times
        self._values = (table.pos if self._in_bytes else table.pts)[self._numbers]

    def number(self, packet: VideoPacket) -> int | None:
        """The packet's number in the table, None when it is not known."""
        value = packet.pos if self._in_bytes else packet.pts
        if value is None:
            return None
        place = int(np.searchsorted(self._values, value))
        if place == len(self._values) or self._values[place] != value:
            return None
        return int(self._numbers[place])


def _single(column: NDArray[np.int64], order: NDArray[np.int64]) -> NDArray[np.int64]:
    """Those of the numbers in order (ascending in the column) whose value nobody else has."""
    values = column[order]
    same = values[1:] == values[:-1]
    alone = values != UNKNOWN
    alone[1:] &= ~same
    alone[:-1] &= ~same
    return order if bool(alone.all()) else order[alone]


def _time(table: PacketTable, number: int) -> int:
    shown, stored = int(table.pts[number]), int(table.dts[number])
    return stored if shown == UNKNOWN else shown
