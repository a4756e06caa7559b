"""Writes a safetensors file one tensor after the other, so that no second copy of all is needed."""

import json
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Protocol

import numpy as np
from numpy.typing import NDArray

from yowo_core.errors import CheckpointError

CODES: dict[str, np.dtype[Any]] = {
    "F32": np.dtype("<f4"),
    "F16": np.dtype("<f2"),
    "I64": np.dtype("<i8"),
}
"""The types that are written, by their name in the file."""


class Load(Protocol):
    """Gives the numbers of a tensor when it is written."""

    def __call__(self) -> NDArray[Any]:
        """An array of the shape that was stated."""
        ...


@dataclass(frozen=True)
class Entry:
    """A tensor to be written: one of CODES, its shape, and its numbers when asked for."""

    code: str
    shape: tuple[int, ...]
    load: Load

    @property
    def size(self) -> int:
        """Bytes in the file."""
        return CODES[self.code].itemsize * int(np.prod(self.shape, dtype=np.int64))


def write_safetensors(
    path: Path, entries: Mapping[str, Entry], metadata: Mapping[str, str]
) -> None:
    """Write tensors and the texts beside them, all or nothing; an older file stays until then.

    Memory holds one tensor at a time. CheckpointError when the disk will not have it.
    """
    partial = path.with_name(f".{path.name}.{os.getpid()}.partial")
    try:
        with partial.open("wb") as file:
            file.write(_header(entries, metadata))
            _write_numbers(file, entries.values())
            file.flush()
            os.fsync(file.fileno())
        partial.replace(path)
    except OSError as error:
        raise CheckpointError(
            f"{path} cannot be written: {error.strerror or error}. Choose another place."
        ) from error
    finally:
        partial.unlink(missing_ok=True)


def _header(entries: Mapping[str, Entry], metadata: Mapping[str, str]) -> bytes:
    table: dict[str, Any] = {"__metadata__": dict(metadata)}
    start = 0
    for name, entry in entries.items():
        end = start + entry.size
        table[name] = {"dtype": entry.code, "shape": entry.shape, "data_offsets": (start, end)}
        start = end
    text = json.dumps(table, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)  # numbers start at a multiple of 8, as readers map them
    return len(text).to_bytes(8, "little") + text


def _write_numbers(file: IO[bytes], entries: Iterable[Entry]) -> None:
    for entry in entries:
        array = np.asarray(entry.load(), CODES[entry.code], order="C")
        assert array.shape == entry.shape
        file.write(array.reshape(-1).view(np.uint8).data)
