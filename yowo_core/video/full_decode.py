"""One decode of a whole file, where its packets do not tell what its frames are."""

import zlib
from dataclasses import dataclass

import numpy as np
from av.video.frame import VideoFrame
from numpy.typing import NDArray

from yowo_core.video.addressing import TRIALS, spread_keys
from yowo_core.video.decoding import Decoder
from yowo_core.video.progress import Meter

_WINDOW = 8  # packets from a key packet on whose pictures are compared


@dataclass(frozen=True, eq=False)
class FullDecode:
    """What came out, in presentation order.

    packets: (N,) the packet of each frame. keys: (K,) packets, ascending, that hold a picture of
    their own and from which decoding gives the same pictures. broken: the decoder met damage.
    """

    packets: NDArray[np.int64]
    keys: NDArray[np.int64]
    broken: bool


def decode_fully(decoder: Decoder, meter: Meter) -> FullDecode:
    """Decode everything once, then try out a few key packets. Raises what the meter raises."""
    trials = spread_keys(decoder.table, TRIALS)
    watched = {key + n for key in trials for n in range(_WINDOW)}
    found, own, sums = list[int](), list[int](), dict[int, int]()
    decoder.start(0)
    while (item := decoder.pull()) is not None:
        found.append(item.packet)
        if item.picture.key_frame:
            own.append(item.packet)
        if item.packet in watched:
            sums[item.packet] = _checksum(item.picture)
        meter.say(item.packet, len(decoder.table))
    broken = decoder.errors > 0
    keys = np.intersect1d(decoder.table.keys, np.array(own, np.int64))
    if not broken and not all(_same(decoder, k, sums) for k in trials if k in keys):
        keys = keys[:0]
    return FullDecode(np.array(found, np.int64), keys, broken)


def _same(decoder: Decoder, key: int, sums: dict[int, int]) -> bool:
    """Whether decoding from a key packet on gives its picture and the same ones behind it."""
    decoder.start(key)
    begun = False
    while (item := decoder.pull()) is not None and item.packet < key + _WINDOW:
        begun = begun or item.packet == key
        if begun and sums.get(item.packet) != _checksum(item.picture):
            return False
    return begun


def _checksum(picture: VideoFrame) -> int:
    """Of the brightness, or of what stands in its place."""
    plane = picture.planes[0]
    rows = np.frombuffer(memoryview(plane), np.uint8)[: plane.line_size * plane.height]
    return zlib.crc32(rows.reshape(plane.height, -1)[:, : plane.width].tobytes())
