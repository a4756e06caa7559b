"""Files of `torch.save` before torch 1.6: five pickles, then the storages one after the other."""

from collections.abc import Iterable
from pathlib import Path

from yowo_core.errors import CheckpointError
from yowo_core.weights.byte_stream import ByteStream, Damaged
from yowo_core.weights.inert import Reference
from yowo_core.weights.pickle_reader import MOST_STEPS, PickleReader
from yowo_core.weights.rebuild import FindStorage, Storage, storage_type
from yowo_core.weights.stored import FileSpan, item_size

MAGIC = 0x1950A86A20F9469CFC6C
PROTOCOL = 1001
_COUNT_BYTES = 8


def read_torch_legacy(path: Path) -> tuple[object, FindStorage]:
    """The value that was saved, and how to find the storages to which it refers."""
    with path.open("rb") as file:
        stream = ByteStream(file)
        _check_magic(path, PickleReader(stream).read())
        if PickleReader(stream).read() != PROTOCOL:
            raise Damaged("is of a version of torch's old format that is not known here")
        about = PickleReader(stream).read()
        reader = PickleReader(stream, MOST_STEPS)
        value = reader.read()
        keys = PickleReader(stream).read()
        start = file.tell()
    big = isinstance(about, dict) and about.get("little_endian") is False
    if not isinstance(keys, list) or not all(isinstance(k, str) for k in keys):
        raise Damaged("has no list of its storages")
    storages = _Storages(path, start, big, keys, reader.references)
    return value, storages.find


def _check_magic(path: Path, first: object) -> None:
    if isinstance(first, int) and first == MAGIC:
        return
    raise CheckpointError(
        f"{path} is a pickle, but not one of torch.save. Nothing of it was run. "
        "Load it where it was made and save its state dict with torch.save or safetensors."
    )


class _Storages:
    """Where each storage lies: a count of eight bytes and its numbers, in the order of the keys."""

    def __init__(
        self, path: Path, start: int, big: bool, keys: list[str], references: Iterable[Reference]
    ) -> None:
        self._big = big
        types = {_root_key(r): (storage_type(r.key), _numbers(r)) for r in references if _is_one(r)}
        self._found: dict[str, Storage] = {}
        for key in keys:
            if key not in types or key in self._found:
                raise Damaged(f"lists a storage {key[:50]} that nothing uses, or lists it twice")
            dtype, numbers = types[key]
            if not dtype:
                raise Damaged("holds a storage of a type that is not known here")
            self._found[key], start = self._section(path, start, dtype, numbers)

    def _section(self, path: Path, start: int, dtype: str, numbers: int) -> tuple[Storage, int]:
        size = path.stat().st_size
        head = FileSpan(path, start, _COUNT_BYTES)
        if start + _COUNT_BYTES > size:
            raise Damaged("ends before its last storage")
        count = int.from_bytes(head.read(0, _COUNT_BYTES), "big" if self._big else "little")
        if count != numbers:
            raise Damaged(f"has a storage of {count:,} numbers where {numbers:,} are promised")
        span = FileSpan(path, start + _COUNT_BYTES, count * item_size(dtype))
        if span.offset + span.size > size:
            raise Damaged("ends in the middle of a storage")
        return Storage(span, dtype, self._big), span.offset + span.size

    def find(self, reference: Reference) -> Storage:
        dtype = storage_type(reference.key)
        whole = self._found.get(_root_key(reference))
        if whole is None or whole.dtype != dtype:
            raise Damaged("refers to a storage that it does not hold")
        part = _part(reference)
        if part is None:
            return whole
        step = item_size(dtype)
        source = whole.source
        if min(part) < 0 or sum(part) * step > source.size or not isinstance(source, FileSpan):
            raise Damaged("refers to a part of a storage outside of it")
        span = FileSpan(source.path, source.offset + part[0] * step, part[1] * step)
        return Storage(span, dtype, whole.big_endian)


def _is_one(reference: Reference) -> bool:
    return isinstance(reference.key, tuple) and reference.key[:1] == ("storage",)


def _root_key(reference: Reference) -> str:
    key = reference.key
    return key[2] if isinstance(key, tuple) and len(key) > 2 and isinstance(key[2], str) else ""


def _numbers(reference: Reference) -> int:
    key = reference.key
    count = key[4] if isinstance(key, tuple) and len(key) > 4 else None
    if not isinstance(count, int) or count < 0 or count.bit_length() > 48:
        raise Damaged("refers to a storage of no size")
    return count


def _part(reference: Reference) -> tuple[int, int] | None:
    """Offset and size, in numbers, of a storage that is part of another."""
    key = reference.key
    part = key[5] if isinstance(key, tuple) and len(key) > 5 else None
    if part is None:
        return None
    if not isinstance(part, tuple) or len(part) != 3:
        raise Damaged("refers to a part of a storage outside of it")
    offset, size = part[1], part[2]
    if not isinstance(offset, int) or not isinstance(size, int):
        raise Damaged("refers to a part of a storage outside of it")
    return offset, size
