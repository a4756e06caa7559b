"""From the records of a torch pickle to tensors in their storages."""

from collections.abc import Callable
from dataclasses import dataclass

from yowo_core.weights.byte_stream import Damaged
from yowo_core.weights.inert import Global, Record, Reference
from yowo_core.weights.stored import RAW, Source, StoredTensor

STORAGES = {
    "DoubleStorage": "float64",
    "FloatStorage": "float32",
    "HalfStorage": "float16",
    "BFloat16Storage": "bfloat16",
    "LongStorage": "int64",
    "IntStorage": "int32",
    "ShortStorage": "int16",
    "CharStorage": "int8",
    "ByteStorage": "uint8",
    "BoolStorage": "bool",
    "ComplexFloatStorage": "complex64",
    "ComplexDoubleStorage": "complex128",
    "UntypedStorage": "uint8",
}
_TYPES = {"double": "float64", "float": "float32", "half": "float16", "long": "int64"}
_TYPES |= {"int": "int32", "short": "int16"}
_DEEPEST = 4


@dataclass(frozen=True)
class Storage:
    """Bytes of one torch storage and the type of its numbers, empty for a type unknown here."""

    source: Source
    dtype: str
    big_endian: bool = False


@dataclass(frozen=True)
class Unreadable:
    """A tensor that is left out, and why."""

    reason: str


FindStorage = Callable[[Reference], Storage]


def storage_type(key: object) -> str:
    """Type of the numbers of a storage that a persistent id names; empty when unknown here.

    CUDA's storages (`torch.cuda.FloatStorage`) hold the same numbers.
    """
    if not isinstance(key, tuple) or len(key) < 5 or key[0] != "storage":
        raise Damaged("refers to something that is no torch storage")
    named = key[1]
    if not isinstance(named, Global) or named.module.split(".", 1)[0] != "torch":
        raise Damaged("refers to a storage of no type")
    return STORAGES.get(named.name, "")


def is_tensor(value: object) -> bool:
    """Whether a record stands for a tensor of some kind."""
    if not isinstance(value, Record) or not isinstance(value.what, Global):
        return False
    what = value.what
    return what.module in {"torch._utils", "torch._tensor"} and what.name.startswith("_rebuild_")


def tensor_of(value: object, find: FindStorage, depth: int = 0) -> StoredTensor | Unreadable:
    """The tensor for which a record stands; Damaged when its parts make no sense."""
    if not isinstance(value, Record) or depth > _DEEPEST:
        raise Damaged("holds a tensor that makes no sense")
    args = value.args
    if value.is_call_of("torch._utils", "_rebuild_parameter", "_rebuild_parameter_with_state"):
        return tensor_of(args[0] if args else None, find, depth + 1)
    if value.is_call_of("torch._tensor", "_rebuild_from_type_v2"):
        return tensor_of(_inner(args), find, depth + 1)
    if value.is_call_of("torch._utils", "_rebuild_tensor", "_rebuild_tensor_v2"):
        return _view(args, "", find)
    if value.is_call_of("torch._utils", "_rebuild_tensor_v3"):
        return _view(args, _named_type(args), find)
    return Unreadable("a quantised, sparse or otherwise special tensor")


def _inner(args: tuple[object, ...]) -> object:
    if len(args) < 3 or not isinstance(args[2], tuple):
        return None
    return Record(args[0], args[2])


def _named_type(args: tuple[object, ...]) -> str:
    named = args[6] if len(args) > 6 else None
    if not isinstance(named, Global) or named.module != "torch":
        raise Damaged("holds a tensor of no type")
    return _TYPES.get(named.name, named.name)


def _view(args: tuple[object, ...], dtype: str, find: FindStorage) -> StoredTensor | Unreadable:
    if len(args) < 4 or not isinstance(args[0], Reference) or not isinstance(args[1], int):
        raise Damaged("holds a tensor that makes no sense")
    shape, strides = _integers(args[2]), _integers(args[3])
    storage = find(args[0])
    dtype = dtype or storage.dtype
    if dtype not in RAW:
        return Unreadable(f"numbers of a type that is not known here {dtype}".rstrip())
    return StoredTensor(storage.source, dtype, args[1], shape, strides, storage.big_endian)


def _integers(value: object) -> tuple[int, ...]:
    if isinstance(value, Record) and value.is_call_of("torch", "Size") and value.args:
        value = value.args[0]
    if not isinstance(value, tuple | list):
        raise Damaged("holds a tensor without a shape")
    if any(not isinstance(n, int) or n.bit_length() > 48 for n in value):
        raise Damaged("holds a tensor of an impossible shape")
    return tuple(int(n) for n in value)
