"""Which packet holds which frame, and when each frame is shown."""

from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from yowo_core.errors import VideoError
from yowo_core.video.container import UNKNOWN, PacketTable, read_packets
from yowo_core.video.decoding import Decoder

# their packets do not tell how many frames there are, or in which order they are shown
_UNTRUSTED_CODECS = {"vp8", "libvpx"}
_UNTRUSTED_CONTAINERS = {"avi", "m4v", "h264", "hevc", "mpegvideo", "vc1", "rawvideo", "obu"}
_PROBED_FRAMES = 4
_LONGEST_TAIL = 600


@dataclass(frozen=True, eq=False)
class FrameIndex:
    """The frames of a video in presentation order.

    packets: (N,) int64, the packet of each frame. times: (N,) float64 seconds, ascending.
    keys: (K,) int64 ascending, frames where decoding may start. numbers: packet -> frame.
    """

    table: PacketTable
    packets: NDArray[np.int64]
    times: NDArray[np.float64]
    keys: NDArray[np.int64]
    numbers: dict[int, int]
    fps: Fraction
    variable_rate: bool
    notice: str

    def __len__(self) -> int:
        return len(self.packets)

    def key_at_or_before(self, frame: int) -> int:
        """The nearest frame, not after this one, where decoding may start; 0 when none is known."""
        place = int(np.searchsorted(self.keys, frame, side="right")) - 1
        return int(self.keys[place]) if place >= 0 else 0


def build_index(path: Path) -> FrameIndex:
    """Index a video from its packets, or by decoding it once where packets cannot be trusted.

    Raises VideoError when nothing in the file can be decoded.
    """
    table = read_packets(path)
    order = _order_by_time(table)
    damaged = False
    if order is None or not _probe(path, table, order):
        decoded, damaged = _order_by_decoding(path, table)
        if not len(decoded):
            raise VideoError(
                f"Not one frame of {path} can be decoded ({table.codec}). "
                "The file is damaged; copy it again or convert it elsewhere."
            )
        order = decoded
    return _finish(table, order, damaged)


def _order_by_time(table: PacketTable) -> NDArray[np.int64] | None:
    """Packets in presentation order; None where the packets cannot be trusted to tell it."""
    every_frame_is_key = bool(table.key.all())
    if table.codec in _UNTRUSTED_CODECS:
        return None
    if _UNTRUSTED_CONTAINERS & set(table.container.split(",")) and not every_frame_is_key:
        return None
    if UNKNOWN in table.pts or len(np.unique(table.pts)) != len(table.pts):
        return None
    if table.promised and table.promised != len(table):
        return None
    order = np.argsort(table.pts, kind="stable")
    return order[~table.discard[order]]


def _probe(path: Path, table: PacketTable, order: NDArray[np.int64]) -> bool:
    """Whether the first frames and the last really come out as the packets promise."""
    if not len(order):
        return False
    decoder = Decoder(path, table)
    try:
        head = order[:_PROBED_FRAMES].tolist()
        decoder.start(0)
        for wanted in head:
            found = decoder.pull()
            if found is None or found.packet != wanted:
                return False
        return _tail_decodes(decoder, table, int(order[-1]))
    finally:
        decoder.close()


def _tail_decodes(decoder: Decoder, table: PacketTable, last: int) -> bool:
    keys = np.flatnonzero(table.key[: last + 1])
    first = int(keys[-1]) if len(keys) else 0
    if last - first > _LONGEST_TAIL:
        return True
    decoder.start(first)
    while (found := decoder.pull()) is not None:
        if found.packet == last:
            return True
    return False


def _order_by_decoding(path: Path, table: PacketTable) -> tuple[NDArray[np.int64], bool]:
    decoder = Decoder(path, table)
    try:
        decoder.start(0)
        order = []
        while (found := decoder.pull()) is not None:
            order.append(found.packet)
        return np.array(order, np.int64), decoder.errors > 0
    finally:
        decoder.close()


def _finish(table: PacketTable, order: NDArray[np.int64], damaged: bool) -> FrameIndex:
    own = _own_times(table, order)
    times = _counted_times(table, len(order)) if own is None else own
    fps = _average_rate(table, times)
    return FrameIndex(
        table,
        order,
        times,
        np.flatnonzero(table.key[order]),
        {int(packet): frame for frame, packet in enumerate(order)},
        fps,
        _varies(times, table.time_base),
        _notice(table, len(order), damaged, counted=own is None),
    )


def _own_times(table: PacketTable, order: NDArray[np.int64]) -> NDArray[np.float64] | None:
    pts = table.pts[order]
    if UNKNOWN in pts or not bool(np.all(np.diff(pts) > 0)):
        return None
    return np.asarray(pts * float(table.time_base))


def _counted_times(table: PacketTable, count: int) -> NDArray[np.float64]:
    return np.arange(count) / float(table.rate or Fraction(25))


def _average_rate(table: PacketTable, times: NDArray[np.float64]) -> Fraction:
    """The header's rate where the frames keep it, else frames over time."""
    if len(times) < 2:
        return table.rate
    measured = (len(times) - 1) / float(times[-1] - times[0])
    if table.rate and abs(measured / float(table.rate) - 1) < 0.005:
        return table.rate
    return Fraction(measured).limit_denominator(1001)


def _varies(times: NDArray[np.float64], time_base: Fraction) -> bool:
    if len(times) < 3:
        return False
    gaps = np.diff(times)
    usual = float(np.median(gaps))
    return bool(np.abs(gaps - usual).max() > max(1.5 * float(time_base), 0.01 * usual))


def _notice(table: PacketTable, count: int, damaged: bool, counted: bool) -> str:
    said = []
    promised = (table.promised or len(table)) - int(table.discard.sum())
    if promised > count:
        rest = "the rest is damaged" if damaged else "the rest is empty"
        said.append(f"The header promises {promised} frames, {count} decode; {rest}.")
    if counted:
        said.append("Its time stamps are missing or jump back: times are counted from the rate.")
    return " ".join(said)
