"""Indexes kept on disk by the content of their file, so that a second opening is at once."""

import os
import zipfile
import zlib
from contextlib import suppress
from dataclasses import dataclass, fields
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np

from yowo_core.machine import keep_within
from yowo_core.video.fingerprint import content_hash
from yowo_core.video.index import FrameOrder
from yowo_core.video.packets import Columns, PacketTable

LIMIT = 512 * 1024 * 1024  # bytes of all indexes in a folder
_VERSION = 1  # another number makes all kept indexes be built anew
_WORTH_KEEPING = 5_000  # packets; reading fewer takes no longer than loading them
_RISING = (
    "pts",
    "dts",
    "pos",
    "packets",
    "keys",
)  # kept as differences, which take a tenth of the space
_ORDER = ("packets", "keys", "damaged")
_UNREADABLE = (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile, zlib.error)


@dataclass(frozen=True, eq=False)
class Kept:
    """What was found out about a file when it was opened before."""

    table: PacketTable
    order: FrameOrder


class IndexStore:
    """The place of one video's index in a folder; without a folder nothing is kept.

    An index that is damaged, or of another version of the program, counts as none.
    """

    def __init__(self, folder: Path | None, video: Path) -> None:
        self._place: Path | None = None
        if folder is not None:
            self._place = folder / f"{content_hash(video).replace(':', '-')}.npz"

    def load(self) -> Kept | None:
        """What was kept, or None."""
        if self._place is None:
            return None
        try:
            with self._place.open("rb") as file, np.load(file, allow_pickle=False) as stored:
                kept = _unpacked(stored)
            os.utime(self._place)  # the oldest goes first: this one is in use
        except _UNREADABLE:
            return None
        return kept

    def save(self, kept: Kept) -> None:
        """Keep an index that took long to make. A full disk costs the next opening its time."""
        if self._place is None or not (kept.order.decoded or len(kept.table) > _WORTH_KEEPING):
            return
        draft = self._place.with_suffix(f".{os.getpid()}.part")
        try:
            draft.parent.mkdir(parents=True, exist_ok=True)
            with draft.open("wb") as stream:
                np.savez_compressed(stream, allow_pickle=False, **_packed(kept))
            draft.replace(self._place)
            keep_within(self._place.parent, "*sha256-*.npz", LIMIT)
        except OSError:
            with suppress(OSError):
                draft.unlink(missing_ok=True)


def _packed(kept: Kept) -> dict[str, Any]:
    table, order = kept.table, kept.order
    arrays = {f.name: getattr(table, f.name) for f in fields(Columns)}
    arrays |= {name: getattr(order, name) for name in _ORDER}
    for name in _RISING:
        arrays[name] = np.diff(arrays[name], prepend=np.int64(0))
    numbers = [*table.time_base.as_integer_ratio(), *table.rate.as_integer_ratio()]
    numbers += [table.reordered, table.promised, order.broken, order.decoded, _VERSION]
    texts = [table.container, table.codec, order.needs_proxy]
    return arrays | {"numbers": np.array(numbers, np.int64), "texts": np.array(texts)}


def _unpacked(stored: Any) -> Kept:
    *ratios, reordered, promised, broken, decoded, version = stored["numbers"].tolist()
    if version != _VERSION:
        raise ValueError(version)
    container, codec, needs_proxy = stored["texts"].tolist()
    arrays = {name: stored[name] for name in (*(f.name for f in fields(Columns)), *_ORDER)}
    for name in _RISING:
        arrays[name] = np.cumsum(arrays[name])
    numbers = {name: arrays.pop(name) for name in _ORDER}
    order = FrameOrder(
        **numbers, broken=bool(broken), decoded=bool(decoded), needs_proxy=needs_proxy
    )
    rates = Fraction(ratios[0], ratios[1]), Fraction(ratios[2], ratios[3])
    table = PacketTable(
        **arrays,
        time_base=rates[0],
        rate=rates[1],
        container=container,
        codec=codec,
        reordered=bool(reordered),
        promised=promised,
    )
    return Kept(table, order)
