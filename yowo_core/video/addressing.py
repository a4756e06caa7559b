"""Whether any frame of a video can be reached in little time, tried out when it is opened."""

import numpy as np

from yowo_core.video.decoding import Decoder
from yowo_core.video.packets import PacketTable

_TRIALS = 4
_MANY = 20_000  # packets: reading past fewer takes no longer than decoding from a key frame
_LONGEST = 1_000_000_000  # pixels decoded for one step: two to four seconds on two cores


def spread_keys(table: PacketTable, count: int) -> list[int]:
    """The numbers of so many key packets, evenly spread over the file, the last among them."""
    keys = table.keys
    places = {place * (len(keys) - 1) // count for place in range(1, count + 1)}
    return [int(keys[place]) for place in sorted(places)] if len(keys) else []


def why_slow(decoder: Decoder) -> str:
    """A sentence on why single frames take seconds to reach; '' where they do not."""
    table = decoder.table
    far = _longest_way(table)
    if far * decoder.pixels > _LONGEST:
        return (
            f"Only few of its frames can be decoded by themselves: one step may mean decoding "
            f"{far} frames."
        )
    if len(table) > _MANY and not all(decoder.finds(k) for k in spread_keys(table, _TRIALS)):
        return "It can only be read from its beginning on: every jump means reading up to there."
    return ""


def _longest_way(table: PacketTable) -> int:
    """Packets from a key packet, or from the beginning, to the one before the next."""
    edges = np.concatenate([[0], table.keys, [len(table)]])
    return int(np.diff(edges).max())
