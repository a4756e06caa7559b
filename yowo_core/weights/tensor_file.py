"""What a weight file holds: tensors that are read when asked for, and facts about them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from yowo_core.weights.stored import StoredTensor

Container = Literal["torch zip", "torch legacy", "safetensors", "darknet"]
Fact = str | int | float | bool | tuple[str, ...]


@dataclass(frozen=True)
class TensorInfo:
    """Shape and type of a tensor as they stand in the file (`float32`, `bfloat16`, `int64` ...)."""

    shape: tuple[int, ...]
    dtype: str


class LazyTensors(Mapping[str, NDArray[Any]]):
    """Tensors by name in the order of the file; each look-up reads that one from the disk.

    The arrays are contiguous, writable, in this machine's byte order, and the caller's own.
    bfloat16, which numpy does not have, comes as float32 with the same values.
    Looking one up raises CheckpointError when the file has changed or gone meanwhile.
    """

    def __init__(self, stored: Mapping[str, StoredTensor]) -> None:
        self._stored = dict(stored)

    def __getitem__(self, name: str) -> NDArray[Any]:
        return self._stored[name].load()

    def __contains__(self, name: object) -> bool:
        return name in self._stored

    def __iter__(self) -> Iterator[str]:
        return iter(self._stored)

    def __len__(self) -> int:
        return len(self._stored)

    def info(self) -> dict[str, TensorInfo]:
        """Shape and type of every tensor, without reading any."""
        return {k: TensorInfo(v.shape, v.dtype) for k, v in self._stored.items()}

    def parameters(self) -> int:
        """Numbers in all tensors together, running statistics and counters included."""
        return sum(int(np.prod(v.shape, dtype=np.int64)) for v in self._stored.values())


@dataclass(frozen=True)
class TensorFile:
    """One weight file, read without running anything of it.

    container: how the file is built.
    place: the entry that held the weights, such as `state_dict`, `model` or `ema`, also
        `ema.module` when it lies deeper; `bare` when the file is nothing but the weights.
    prefix: `module.` when every name began with it; the names of `tensors` are without it.
    facts: what else the file says, such as `epoch`, `arch`, `args.dataset` or class `names`.
    left_out: what was not taken, each with the reason.
    """

    container: Container
    place: str
    prefix: str
    tensors: LazyTensors
    facts: Mapping[str, Fact]
    left_out: Mapping[str, str]
