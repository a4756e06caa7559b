"""Safetensors files: a length, a table in JSON, then the numbers."""

import json
from pathlib import Path
from typing import Any

from yowo_core.weights.byte_stream import Damaged
from yowo_core.weights.rebuild import Unreadable
from yowo_core.weights.stored import FileSpan, StoredTensor, contiguous, item_size

MOST_HEADER = 32 << 20
_TYPES = {
    "F64": "float64",
    "F32": "float32",
    "F16": "float16",
    "BF16": "bfloat16",
    "I64": "int64",
    "I32": "int32",
    "I16": "int16",
    "I8": "int8",
    "U64": "uint64",
    "U32": "uint32",
    "U16": "uint16",
    "U8": "uint8",
    "BOOL": "bool",
    "C64": "complex64",
}


def looks_like_safetensors(head: bytes, size: int) -> bool:
    """Whether a file may be one, by its first nine bytes and its size."""
    return len(head) > 8 and head[8:9] == b"{" and int.from_bytes(head[:8], "little") <= size


def read_safetensors(path: Path) -> tuple[dict[str, StoredTensor | Unreadable], dict[str, str]]:
    """Tensors and the texts that stand beside them."""
    size = path.stat().st_size
    with path.open("rb") as file:
        length = int.from_bytes(file.read(8), "little")
        if length > min(MOST_HEADER, size - 8):
            raise Damaged("ends in the middle of its table, or has one that is too long")
        table = _table(file.read(length))
    start, beside = 8 + length, table.pop("__metadata__", {})
    tensors = {name: _tensor(path, start, size, entry) for name, entry in table.items()}
    return tensors, _texts(beside)


def _table(raw: bytes) -> dict[str, Any]:
    try:
        table = json.loads(raw, object_pairs_hook=_once)
    except (ValueError, RecursionError) as error:
        raise Damaged("has a table that makes no sense") from error
    if not isinstance(table, dict):
        raise Damaged("has a table that makes no sense")
    return table


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) != len(pairs):
        raise Damaged("names a tensor twice")
    return made


def _texts(beside: object) -> dict[str, str]:
    if not isinstance(beside, dict) or any(not isinstance(v, str) for v in beside.values()):
        raise Damaged("has a table that makes no sense")
    return beside


def _tensor(path: Path, start: int, size: int, entry: object) -> StoredTensor | Unreadable:
    try:
        dtype, shape, (begin, end) = (entry[k] for k in ("dtype", "shape", "data_offsets"))  # type: ignore[index]  # checked by the except
        numbers = [begin, end, *shape]
    except (TypeError, KeyError, ValueError) as error:
        raise Damaged("has a table that makes no sense") from error
    if any(type(n) is not int or not 0 <= n < 1 << 48 for n in numbers):
        raise Damaged("has a tensor of an impossible shape")
    if begin > end or start + end > size:
        raise Damaged("ends in the middle of a tensor")
    if not isinstance(dtype, str) or dtype not in _TYPES:
        return Unreadable(f"numbers of a type that is not known here: {str(dtype)[:20]}")
    kind, axes = _TYPES[dtype], tuple(shape)
    made = StoredTensor(FileSpan(path, start + begin, end - begin), kind, 0, axes, contiguous(axes))
    if made.flaw() or made.span * item_size(kind) != end - begin:
        raise Damaged("has a tensor whose shape and bytes do not go together")
    return made
