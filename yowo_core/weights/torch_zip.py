"""Files of `torch.save` since torch 1.6: a zip archive with a pickle and one entry a storage."""

import io
from pathlib import Path

from yowo_core.errors import CheckpointError
from yowo_core.weights.byte_stream import MOST_BYTES, ByteStream, Damaged
from yowo_core.weights.inert import Reference
from yowo_core.weights.pickle_reader import PickleReader
from yowo_core.weights.rebuild import FindStorage, Storage, storage_type
from yowo_core.weights.stored import Source, item_size
from yowo_core.weights.zip_entries import zip_entries

MAGIC = b"PK\x03\x04"


def read_torch_zip(path: Path) -> tuple[object, FindStorage]:
    """The value of the archive's pickle, and how to find the storages to which it refers."""
    entries = zip_entries(path)
    root = _root(path, entries)
    pickled = entries[f"{root}data.pkl"]
    if pickled.size > MOST_BYTES:
        raise Damaged(f"holds more than {MOST_BYTES >> 20} MB beside its tensors")
    data = io.BytesIO(pickled.read(0, pickled.size))
    value = PickleReader(ByteStream(data)).read()
    order = entries.get(f"{root}byteorder")
    big = order is not None and order.read(0, min(order.size, 3)) == b"big"
    return value, _Storages(path, root, entries, big).find


def _root(path: Path, entries: dict[str, Source]) -> str:
    """The folder inside the archive, with its slash."""
    found = [name for name in entries if name == "data.pkl" or name.endswith("/data.pkl")]
    if len(found) != 1:
        raise CheckpointError(
            f"{path} is a zip archive, but not one of torch.save: it holds {len(found)} entries "
            "data.pkl instead of one. If weights are packed in it, unpack it and choose those."
        )
    root = found[0].removesuffix("data.pkl")
    if f"{root}constants.pkl" in entries:
        raise CheckpointError(
            f"{path} is a TorchScript program, not a file of weights. Load it where it was made "
            "and save its state dict."
        )
    return root


class _Storages:
    def __init__(self, path: Path, root: str, entries: dict[str, Source], big: bool) -> None:
        self._path, self._root, self._entries, self._big = path, root, entries, big

    def find(self, reference: Reference) -> Storage:
        key = reference.key
        dtype = storage_type(key)
        assert isinstance(key, tuple)
        source = self._entries.get(f"{self._root}data/{key[2]}") if _plain(key[2]) else None
        if source is None:
            raise Damaged(f"refers to a storage {str(key[2])[:50]} that it does not hold")
        if not isinstance(key[4], int) or key[4] < 0:
            raise Damaged("refers to a storage of no size")
        if dtype and key[4] * item_size(dtype) > source.size:
            raise Damaged(
                f"promises a storage of {str(key[4])[:20]} numbers in {source.size:,} bytes"
            )
        return Storage(source, dtype, self._big)


def _plain(key: object) -> bool:
    return isinstance(key, str | int) and len(str(key)) < 100
