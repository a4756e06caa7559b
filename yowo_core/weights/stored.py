"""Where a tensor's numbers lie, and reading just those."""

import math
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from yowo_core.errors import CheckpointError

RAW = {  # name of the type -> numpy's code of its bytes, without byte order
    "float64": "f8",
    "float32": "f4",
    "float16": "f2",
    "bfloat16": "u2",
    "int64": "i8",
    "int32": "i4",
    "int16": "i2",
    "int8": "i1",
    "uint64": "u8",
    "uint32": "u4",
    "uint16": "u2",
    "uint8": "u1",
    "bool": "u1",
    "complex64": "c8",
    "complex128": "c16",
}
MOST_AXES = 32
MOST_NUMBERS = 1 << 40
SHARING = 4  # tensors may claim this many times the bytes that the file holds
SHARING_FREE = 64 << 20  # and this many bytes beyond


def item_size(dtype: str) -> int:
    """Bytes of one number."""
    return np.dtype(RAW[dtype]).itemsize


class Source(Protocol):
    """A row of bytes."""

    @property
    def size(self) -> int:
        """How many there are."""
        ...

    def read(self, start: int, size: int) -> bytearray:
        """Some of them; CheckpointError when they cannot be had."""
        ...


@dataclass(frozen=True)
class FileSpan:
    """Bytes of a file from `offset` on."""

    path: Path
    offset: int
    size: int

    def read(self, start: int, size: int) -> bytearray:
        """Bytes start to start + size of the span."""
        data = bytearray(size)
        try:
            with self.path.open("rb", buffering=0) as file:
                file.seek(self.offset + start)
                got = _fill(file.readinto, memoryview(data))
        except OSError as error:
            raise CheckpointError(
                f"{self.path} could not be read ({error.strerror}). Is it still there?"
            ) from error
        if got < size:
            raise CheckpointError(f"{self.path} became shorter while it was read. Read it again.")
        return data


def _fill(read_into: Any, view: memoryview) -> int:
    """One system call reads at most 2 GB."""
    done = 0
    while done < len(view):
        count = read_into(view[done:])
        if not count:
            break
        done += count
    return done


@dataclass(frozen=True)
class StoredTensor:
    """A view of a source: offset and strides in numbers, not bytes."""

    source: Source
    dtype: str
    offset: int
    shape: tuple[int, ...]
    strides: tuple[int, ...]
    big_endian: bool = False

    @cached_property
    def span(self) -> int:
        """Numbers from the first to the last that the view touches."""
        if 0 in self.shape:
            return 0
        return 1 + sum((n - 1) * s for n, s in zip(self.shape, self.strides, strict=True))

    def claimed_bytes(self) -> int:
        """What loading it needs at most, for reading and for the result."""
        return item_size(self.dtype) * max(self.span, math.prod(self.shape))

    def flaw(self) -> str:
        """What makes it impossible, in words; empty when it can be read."""
        if len(self.shape) != len(self.strides) or len(self.shape) > MOST_AXES:
            return "has a shape and strides that do not go together"
        if min((self.offset, *self.shape, *self.strides)) < 0:
            return "has a negative size, stride or offset"
        if math.prod(n for n in self.shape if n) > MOST_NUMBERS:
            return "has an impossible shape"
        needed = (self.offset + self.span) * item_size(self.dtype)
        if self.span and needed > self.source.size:
            return f"needs {needed:,} bytes of a storage that has {self.source.size:,}"
        return ""

    def load(self) -> NDArray[Any]:
        """A contiguous array of its own in this machine's byte order."""
        step = item_size(self.dtype)
        data = self.source.read(self.offset * step, self.span * step)
        raw = np.dtype(RAW[self.dtype]).newbyteorder(">" if self.big_endian else "<")
        flat = np.frombuffer(data, raw)
        return _meant(self._arranged(flat), self.dtype)

    def _arranged(self, flat: NDArray[Any]) -> NDArray[Any]:
        if not self.span:
            return np.empty(self.shape, flat.dtype)
        if self.strides == contiguous(self.shape):
            return flat.reshape(self.shape)
        steps = [s * flat.itemsize for s in self.strides]
        view = np.lib.stride_tricks.as_strided(flat, self.shape, steps, writeable=False)
        return np.array(view, order="C")


def _meant(raw: NDArray[Any], dtype: str) -> NDArray[Any]:
    if dtype == "bool":
        return np.asarray(raw != 0)
    if dtype == "bfloat16":
        wide: NDArray[Any] = raw.astype(np.uint32) << np.uint32(16)
        return wide.view(np.float32)
    return raw if raw.dtype.isnative else raw.astype(raw.dtype.newbyteorder("="))


def contiguous(shape: tuple[int, ...]) -> tuple[int, ...]:
    """Strides, in numbers, of an array whose last axis runs fastest."""
    strides = [1] * len(shape)
    for axis in range(len(shape) - 2, -1, -1):
        strides[axis] = strides[axis + 1] * shape[axis + 1]
    return tuple(strides)


def check_claims(path: Path, tensors: dict[str, StoredTensor]) -> None:
    """CheckpointError for a tensor outside its storage, or for views that together are a bomb."""
    for name, tensor in tensors.items():
        if flaw := tensor.flaw():
            raise CheckpointError(
                f"{path}: the tensor {name[:200]} {flaw}. "
                "The file is damaged or made up: get it again from its source."
            )
    sources = {id(t.source): t.source for t in tensors.values()}.values()
    spans = sum(s.size for s in sources if isinstance(s, FileSpan))
    held = min(spans, path.stat().st_size)  # spans may lie over each other
    held += sum(s.size for s in sources if not isinstance(s, FileSpan))
    claimed = sum(t.claimed_bytes() for t in tensors.values())
    if claimed > SHARING * held + SHARING_FREE:
        raise CheckpointError(
            f"{path}: its tensors claim {claimed:,} bytes of storages that hold {held:,}. "
            "Such a file is made to fill the memory: get the weights from another source."
        )
