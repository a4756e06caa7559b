"""Which lane a tube gets: as few lanes as it takes, and the same lane again after an edit."""

import heapq

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]

_ONE_BY_ONE = 256
"""With more new tubes than this all lanes are dealt out afresh."""


def pack_lanes(start: Ints, stop: Ints, gap: int, before: Ints, changed: NDArray[np.bool_]) -> Ints:
    """Lanes (T,) from 0 for tubes over [start, stop), at least gap frames between two in a lane.

    before: each tube's lane until now, or -1. Tubes that have not changed stay where they are;
    changed ones stay if they still fit, and new ones get the first lane with room. Dealt out
    afresh, they go by their start (of two equal ones the first given) into the first free lane.
    """
    moving = np.flatnonzero(changed | (before < 0))
    if len(moving) > min(_ONE_BY_ONE, len(start) // 2):
        return _first_fit(start, stop, gap)
    lanes = before.copy()
    lanes[moving] = -1
    for index in moving[np.argsort(start[moving], kind="stable")]:
        near = (start < stop[index] + gap) & (stop + gap > start[index])
        taken = set(lanes[near].tolist())
        wished = int(before[index])
        free = wished if wished >= 0 and wished not in taken else _lowest_not_in(taken)
        lanes[index] = free
    return np.unique(lanes, return_inverse=True)[1].astype(np.int64)


def stack_rows(spans: list[tuple[int, int]]) -> list[int]:
    """Rows from 0 for spans [start, stop) so that no two in a row overlap, earliest start first."""
    rows = [0] * len(spans)
    ends: list[int] = []
    for index in sorted(range(len(spans)), key=lambda i: spans[i][0]):
        start, stop = spans[index]
        row = next((r for r, end in enumerate(ends) if end <= start), len(ends))
        ends[row:] = [stop, *ends[row + 1 :]]
        rows[index] = row
    return rows


def _first_fit(start: Ints, stop: Ints, gap: int) -> Ints:
    lanes = np.zeros(len(start), dtype=np.int64)
    busy: list[tuple[int, int]] = []
    free: list[int] = []
    opened = 0
    for index in np.argsort(start, kind="stable").tolist():
        begin = int(start[index])
        while busy and busy[0][0] <= begin:
            heapq.heappush(free, heapq.heappop(busy)[1])
        if free:
            lane = heapq.heappop(free)
        else:
            lane, opened = opened, opened + 1
        lanes[index] = lane
        heapq.heappush(busy, (int(stop[index]) + gap, lane))
    return lanes


def _lowest_not_in(taken: set[int]) -> int:
    lane = 0
    while lane in taken:
        lane += 1
    return lane
