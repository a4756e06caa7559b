"""Which packet holds which frame, and when each frame is shown."""

from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from yowo_core.errors import VideoError
from yowo_core.video.addressing import order_holds
from yowo_core.video.decoding import Decoder
from yowo_core.video.full_decode import decode_fully
from yowo_core.video.packets import PacketTable
from yowo_core.video.progress import Meter
from yowo_core.video.timing import average_rate, counted_times, own_times, varies

# their packets do not tell how many frames there are: some are never shown
_UNTRUSTED_CODECS = {"vp8", "libvpx"}
# they keep no presentation times, so that the order of frames is known only without reordering
_WITHOUT_TIMES = {"avi", "m4v", "h264", "hevc", "mpegvideo", "vc1", "rawvideo", "obu"}
_PLACEHOLDER = 8  # bytes: packets this small stand for a frame that was left out
_PROBED_FRAMES = 4
_LONGEST_TAIL = 600
NO_FRAME = -1
_NONE = np.empty(0, np.int64)


@dataclass(frozen=True, eq=False)
class FrameIndex:
    """The frames of a video in presentation order.

    packets: (N,) int64, the packet of each frame. frames: (P,) int64, the frame of each packet or
    NO_FRAME. times: (N,) float64 seconds, ascending. keys: (K,) int64 ascending, frames where
    decoding may start. damaged: frames known not to decode. needs_proxy: '' or why the frames
    cannot be reached quickly.
    """

    packets: NDArray[np.int64]
    frames: NDArray[np.int64]
    times: NDArray[np.float64]
    keys: NDArray[np.int64]
    damaged: frozenset[int]
    fps: Fraction
    variable_rate: bool
    notice: str
    needs_proxy: str

    def __len__(self) -> int:
        return len(self.packets)


@dataclass(frozen=True, eq=False)
class FrameOrder:
    """Packets in presentation order; which of these frames are damaged, numbers ascending.

    keys: packets, ascending, at which decoding may start. broken: the decoder met damage.
    decoded: the order was found by decoding everything once. needs_proxy: '' or why the frames
    cannot be reached quickly.
    """

    packets: NDArray[np.int64]
    keys: NDArray[np.int64]
    damaged: NDArray[np.int64]
    broken: bool
    decoded: bool
    needs_proxy: str = ""


def frame_order(path: Path, decoder: Decoder, meter: Meter) -> FrameOrder:
    """Order the frames by their packets, or by decoding once where these cannot be trusted.

    Raises VideoError when nothing in the file can be decoded, and what the meter raises.
    """
    by_time = _order_by_time(decoder.table)
    if by_time is not None and _keeps_promise(decoder, by_time) and order_holds(decoder, by_time):
        return FrameOrder(by_time, decoder.table.keys, _NONE, broken=False, decoded=False)
    order = _order_by_decoding(decoder, by_time, meter)
    if not len(order.packets):
        raise VideoError(
            f"Not one frame of {path} can be decoded ({decoder.table.codec}). "
            "The file is damaged; copy it again or convert it elsewhere."
        )
    return order


def _order_by_time(table: PacketTable) -> NDArray[np.int64] | None:
    """Packets in presentation order; None where the packets cannot be trusted to tell it."""
    if table.codec in _UNTRUSTED_CODECS:
        return None
    without_times = bool(_WITHOUT_TIMES & set(table.container.split(",")))
    placeholders = int(table.size.min()) <= _PLACEHOLDER
    if (without_times and (table.reordered or placeholders)) or (
        placeholders and table.codec == "mpeg4"
    ):
        return None
    if not (table.unique_times and table.one_recording):
        return None
    return table.by_time[~table.discard[table.by_time]]


def _keeps_promise(decoder: Decoder, order: NDArray[np.int64]) -> bool:
    """Whether the header's count agrees and the first frames and the last really come out."""
    table = decoder.table
    if not len(order) or table.promised not in (0, len(table)):
        return False
    decoder.start(0)
    for wanted in order[:_PROBED_FRAMES]:
        found = decoder.pull()
        if found is None or found.packet != wanted:
            return False
    return _tail_decodes(decoder, int(order[-1]))


def _tail_decodes(decoder: Decoder, last: int) -> bool:
    keys = decoder.table.keys
    place = int(np.searchsorted(keys, last, side="right")) - 1
    first = int(keys[place]) if place >= 0 else 0
    if last - first > _LONGEST_TAIL:
        return True
    decoder.start(first)
    while (found := decoder.pull()) is not None:
        if found.packet == last:
            return True
    return False


def _order_by_decoding(
    decoder: Decoder, by_time: NDArray[np.int64] | None, meter: Meter
) -> FrameOrder:
    """The order in which a plain decode gives the frames.

    Where the times can be trusted and only damage is in the way, a damaged frame between good
    ones keeps its place, so that those after it keep their numbers.
    """
    found = decode_fully(decoder, meter)
    plain = FrameOrder(found.packets, found.keys, _NONE, found.broken, decoded=True)
    if by_time is None or not found.broken or not len(found.packets):
        return plain
    there = np.isin(by_time, found.packets)
    if not np.array_equal(by_time[there], found.packets):
        return plain
    last = int(np.flatnonzero(there)[-1])
    return replace(plain, packets=by_time[: last + 1], damaged=np.flatnonzero(~there[: last + 1]))


def index_of(table: PacketTable, order: FrameOrder) -> FrameIndex:
    """The index that follows from what was read and from the order of the frames."""
    packets = order.packets
    frames = np.full(len(table), NO_FRAME, np.int64)
    frames[packets] = np.arange(len(packets))
    own = own_times(table, packets)
    times = counted_times(table, len(packets)) if own is None else own
    times.flags.writeable = False
    return FrameIndex(
        packets,
        frames,
        times,
        _key_frames(frames, order),
        frozenset(order.damaged.tolist()),
        average_rate(table, packets, float(times[-1] - times[0])),
        varies(times, table.time_base),
        _notice(table, order, counted=own is None),
        order.needs_proxy,
    )


def _key_frames(frames: NDArray[np.int64], order: FrameOrder) -> NDArray[np.int64]:
    shown = frames[order.keys]
    return np.setdiff1d(shown[shown != NO_FRAME], order.damaged, assume_unique=True)


def _notice(table: PacketTable, order: FrameOrder, counted: bool) -> str:
    said = []
    hidden = int(table.discard.sum())
    count = len(order.packets) - len(order.damaged)
    if table.promised - hidden > count:
        rest = "damaged" if order.broken else "empty"
        said.append(
            f"The header promises {table.promised - hidden} frames, {count} decode; "
            f"the rest is {rest}."
        )
    elif order.broken:
        stored = len(table) - hidden
        said.append(f"The file holds {stored} frames, {count} decode; the rest is damaged.")
    if counted:
        said.append("Its time stamps are missing or jump back; times are counted from the rate.")
    return " ".join(said)
