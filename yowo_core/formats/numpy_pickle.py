"""Pickles of lists, dictionaries and numpy arrays, as data sets are published; nothing is run."""

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from yowo_core.errors import FormatError
from yowo_core.weights.byte_stream import ByteStream, Damaged
from yowo_core.weights.inert import Global, OddKey, Record
from yowo_core.weights.pickle_reader import PickleReader, Refused

_MOST_STEPS = 20_000_000
_NUMPY = ("numpy.core.multiarray", "numpy._core.multiarray")
_NUMERIC = ("numpy.core.numeric", "numpy._core.numeric")
_CODECS = ("_codecs", "encode")
_DEPTH = 40


def read_values(path: Path) -> Any:
    """The values of a pickle; FormatError when it is damaged or holds anything else."""
    try:
        with path.open("rb") as file:
            found = PickleReader(ByteStream(file), _MOST_STEPS).read()
        return _plain(found, _DEPTH)
    except OSError as error:
        raise FormatError(f"{path} cannot be read ({error.strerror}). Check the path.") from error
    except (Damaged, Refused, ValueError, TypeError, IndexError) as error:
        raise FormatError(
            f"{path} is no pickle of lists, dictionaries and numpy arrays ({error}). Nothing of "
            "it was run. Download or copy it again from its source."
        ) from error


def _plain(value: object, depth: int) -> Any:
    if depth < 0:
        raise ValueError("its values are nested too deeply")
    if isinstance(value, dict):
        return {_key(key, depth): _plain(held, depth - 1) for key, held in value.items()}
    if isinstance(value, list | tuple):
        return type(value)(_plain(held, depth - 1) for held in value)
    if isinstance(value, Record):
        return _of_numpy(value)
    if isinstance(value, Global | OddKey):
        raise TypeError(f"it names {value}")
    return value


def _key(key: object, depth: int) -> Any:
    """Numpy's own texts stand as records where they are keys."""
    return _plain(key.value, depth - 1) if isinstance(key, OddKey) else key


def _of_numpy(record: Record) -> Any:
    if any(record.is_call_of(module, "scalar") for module in _NUMPY):
        kind = _dtype(record.args[0])
        return np.frombuffer(_bytes(record.args[1]), kind, 1)[0].item()
    if any(record.is_call_of(module, "_reconstruct") for module in _NUMPY):
        return _array(record)
    if any(record.is_call_of(module, "_frombuffer") for module in _NUMERIC):
        raw, dtype, shape, order = record.args
        return _shaped(shape, _dtype(dtype), raw, by_column=order == "F")
    raise TypeError(f"it would call {record.what}")


def _array(record: Record) -> NDArray[Any]:
    """An array from its state: version, shape, type, whether columns come first, bytes."""
    state = record.state[-1]
    if not isinstance(state, tuple) or len(state) != 5:
        raise TypeError("an array has no state")
    _, shape, dtype, by_column, raw = state
    return _shaped(shape, _dtype(dtype), raw, by_column=bool(by_column))


def _shaped(shape: object, dtype: np.dtype[Any], raw: object, *, by_column: bool) -> NDArray[Any]:
    if not isinstance(shape, tuple) or not all(isinstance(n, int) for n in shape):
        raise TypeError("an array has no shape")
    flat = np.frombuffer(_bytes(raw), dtype)
    return flat.reshape(shape, order="F" if by_column else "C").copy()


def _dtype(value: object) -> np.dtype[Any]:
    """Numbers, flags and texts only: no objects, no structures."""
    if not isinstance(value, Record) or not value.is_call_of("numpy", "dtype"):
        raise TypeError("an array has no type")
    code = value.args[0]
    orders = [s[1] for s in value.state if isinstance(s, tuple) and len(s) > 1]
    if not isinstance(code, str) or code[0] not in "biufSU" or len(code) > 8:
        raise TypeError(f"an array is of type {code!r}")
    dtype = np.dtype(code)
    return dtype.newbyteorder(">") if ">" in orders else dtype


def _bytes(value: object) -> bytes:
    """Bytes, also as older writers hide them in a text of Latin letters."""
    if isinstance(value, bytes | bytearray):
        return bytes(value)
    if isinstance(value, str):
        return value.encode("latin-1")
    if isinstance(value, Record) and value.is_call_of(*_CODECS) and isinstance(value.args[0], str):
        return value.args[0].encode("latin-1")
    raise TypeError("an array has no bytes")
