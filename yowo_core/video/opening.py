"""From a path to a decoder with its index: kept from before, or made now."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from yowo_core.video.addressing import spread_keys, why_slow
from yowo_core.video.container import stamp_of
from yowo_core.video.decoding import Decoder
from yowo_core.video.index import FrameIndex, frame_order, index_of
from yowo_core.video.index_store import IndexStore, Kept
from yowo_core.video.progress import Meter, Progress

_LOOKED_AT = 4  # places at which a kept index is held against the file


def open_indexed(
    path: Path, progress: Progress | None, index_folder: Path | None
) -> tuple[Decoder, FrameIndex]:
    """The opened file and where its frames are.

    Raises VideoError for a file that cannot be read as a video, and what progress raises.
    """
    stamp_of(path)  # a missing file is told as such before it is hashed
    meter, store = Meter(progress), IndexStore(index_folder, path)
    kept = store.load()
    if kept is not None:
        decoder = Decoder(path, meter, kept.table)
        with _closed_on_error(decoder):
            if _fits(decoder):
                meter.finish()
                return decoder, index_of(kept.table, kept.order)
        decoder.close()
    return _build(path, meter, store)


def _build(path: Path, meter: Meter, store: IndexStore) -> tuple[Decoder, FrameIndex]:
    decoder = Decoder(path, meter)
    with _closed_on_error(decoder):
        order = frame_order(path, decoder, meter)
        index = index_of(decoder.table, order)
        slow = why_slow(decoder, index.keys, len(index))
        order, index = replace(order, needs_proxy=slow), replace(index, needs_proxy=slow)
        store.save(Kept(decoder.table, order))
        meter.finish()
    return decoder, index


@contextmanager
def _closed_on_error(decoder: Decoder) -> Iterator[None]:
    try:
        yield
    except BaseException:
        decoder.close()
        raise


def _fits(decoder: Decoder) -> bool:
    """Whether a kept table belongs to the file: a large one is known by samples only."""
    return all(decoder.agrees(key) for key in (0, *spread_keys(decoder.table, _LOOKED_AT)))
