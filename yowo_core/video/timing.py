"""When frames are shown: their own times, their average rate, and whether it varies."""

from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from yowo_core.video.packets import UNKNOWN, PacketTable

_USUAL_RATE = Fraction(25)  # where a raw stream names none


def own_times(table: PacketTable, packets: NDArray[np.int64]) -> NDArray[np.float64] | None:
    """(N,) seconds of these packets' frames; None when one is unknown or they do not ascend."""
    pts = table.pts[packets]
    if UNKNOWN in pts or not bool(np.all(np.diff(pts) > 0)):
        return None
    # one rounding only: a frame of the 60th tenth of a second is at 6.0, not a hair beside it
    base = table.time_base
    return np.asarray(pts * base.numerator / base.denominator)


def counted_times(table: PacketTable, count: int) -> NDArray[np.float64]:
    """(count,) seconds from 0 on at the header's rate."""
    return np.arange(count) / float(table.rate or _USUAL_RATE)


def average_rate(table: PacketTable, packets: NDArray[np.int64], seconds: float) -> Fraction:
    """Frames a second of these packets' frames, the first and last of which lie seconds apart.

    Exact where every gap is the same; else the header's rate if it is within 0.5 % of what was
    measured (times rounded to milliseconds); else what was measured.
    """
    if len(packets) < 2:
        return table.rate
    gaps = np.diff(table.pts[packets])
    if gaps[0] > 0 and bool(np.all(gaps == gaps[0])):
        return 1 / (int(gaps[0]) * table.time_base)
    measured = (len(packets) - 1) / seconds
    if table.rate and abs(measured / float(table.rate) - 1) < 0.005:
        return table.rate
    return Fraction(measured).limit_denominator(1001)


def varies(times: NDArray[np.float64], time_base: Fraction) -> bool:
    """Whether gaps between frames differ by more than rounding to the time base explains."""
    if len(times) < 3:
        return False
    gaps = np.diff(times)
    usual = float(np.median(gaps))
    return bool(np.abs(gaps - usual).max() > max(1.5 * float(time_base), 0.01 * usual))
