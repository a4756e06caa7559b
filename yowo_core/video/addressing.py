"""Whether any frame of a video can be reached in little time, tried out when it is opened."""

import numpy as np
from numpy.typing import NDArray

from yowo_core.video.decoding import Decoder
from yowo_core.video.packets import PacketTable

TRIALS = 4
_LEADING = 16  # frames that may come before a key packet's own
_FOLLOWING = 8  # frames from a key packet on that are looked at
_MANY = 20_000  # packets: reading past fewer takes no longer than decoding from a key frame
_LONGEST = 2_000_000_000  # pixels decoded for one step: two cores take 1.5 to 4 seconds


def spread_keys(table: PacketTable, count: int) -> list[int]:
    """The numbers of so many key packets, evenly spread over the file, the last among them."""
    keys = table.keys
    places = {place * (len(keys) - 1) // count for place in range(1, count + 1)}
    return [int(keys[place]) for place in sorted(places)] if len(keys) else []


def order_holds(decoder: Decoder, shown: NDArray[np.int64]) -> bool:
    """Whether a few key packets really begin with a key picture and the next ones follow in order.

    shown: packets in the order in which their pictures are expected. It is another where a
    packet holds only every other line of a picture, and the next packet the rest.
    """
    places = (np.flatnonzero(shown == key) for key in spread_keys(decoder.table, TRIALS))
    return all(
        _follows(decoder, shown[place[0] : place[0] + _FOLLOWING].tolist())
        for place in places
        if len(place)
    )


def _follows(decoder: Decoder, expected: list[int]) -> bool:
    decoder.start(expected[0])
    seen = list[int]()
    for _ in range(_LEADING + len(expected)):
        found = decoder.pull()
        if decoder.errors:
            return True  # damage says nothing of the others
        if found is None or len(seen) == len(expected):
            break
        if found.packet == expected[0] and not found.picture.key_frame:
            return False
        if seen or found.packet == expected[0]:
            seen.append(found.packet)
    return seen == expected


def why_slow(decoder: Decoder, keys: NDArray[np.int64], frames: int) -> str:
    """A sentence on why single frames take seconds to reach; '' where they do not.

    keys: frames of all these at which decoding may start, ascending.
    """
    far = int(np.diff(np.concatenate([[0], keys, [frames]])).max())
    if far * decoder.pixels > _LONGEST:
        return (
            "Only few of its frames can be decoded by themselves: one step may mean decoding "
            f"{far} frames."
        )
    table = decoder.table
    if len(table) > _MANY and not all(decoder.finds(k) for k in spread_keys(table, TRIALS)):
        return "It can only be read from its beginning on: every jump means reading up to there."
    return ""
