"""Weight files made from the lists of keys in shared/fixtures, in their makers' wrappings.

Their tensors have the real shapes, but the numbers are holes of the file: zeros that take no
space on the disk. In files made with torch each tensor is filled with its place in the list.
"""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from tests.yowo_core.weights.crafted import MAGIC, Call, Named, Stored, pickled

Entry = tuple[str, tuple[int, ...], str]
Wrap = Callable[[dict[str, Any]], object]
_STORAGES = {"float32": ("FloatStorage", 4), "float16": ("HalfStorage", 2)}
_STORAGES |= {"int64": ("LongStorage", 8), "float64": ("DoubleStorage", 8)}


def entries(shared: Path, name: str) -> list[Entry]:
    """Key, shape and type of every tensor of a published file."""
    rows = json.loads((shared / "fixtures" / f"{name}.json").read_text(encoding="utf-8"))
    return [(key, tuple(shape), kind) for key, shape, kind in rows]


def write_holes(path: Path, rows: list[Entry], wrap: Wrap = lambda state: state) -> Path:
    """A file in the form of torch before 1.6 whose storages are holes."""
    state = {key: _record(f"{i:06d}", shape, kind) for i, (key, shape, kind) in enumerate(rows)}
    keys = [f"{i:06d}" for i in range(len(rows))]
    about = {"protocol_version": 1001, "little_endian": True, "type_sizes": {"int": 4}}
    with path.open("wb") as file:
        for value in (MAGIC, 1001, about, wrap(state), keys):
            file.write(pickled(value))
        for _, shape, kind in rows:
            count = int(np.prod(shape, dtype=np.int64))
            file.write(count.to_bytes(8, "little"))
            file.seek(count * _STORAGES[kind][1], 1)
        file.truncate()
    return path


def _record(key: str, shape: tuple[int, ...], kind: str) -> Call:
    count = int(np.prod(shape, dtype=np.int64))
    stored = Stored(("storage", Named("torch", _STORAGES[kind][0]), key, "cuda:0", count, None))
    steps = [int(np.prod(shape[axis + 1 :], dtype=np.int64)) for axis in range(len(shape))]
    args: tuple[object, ...] = (stored, 0, shape, tuple(steps), False, {})
    return Call(Named("torch._utils", "_rebuild_tensor_v2"), args)


def counted(rows: list[Entry]) -> dict[str, Tensor]:
    """Tensors whose every value is their place in the list; each is one number on the disk."""
    return {
        key: torch.full((1,), float(place)).to(getattr(torch, kind)).expand(shape)
        if shape
        else torch.tensor(place)
        for place, (key, shape, kind) in enumerate(rows)
    }


def namespace(**values: object) -> Call:
    """A pickled argparse.Namespace, which torch refuses without being told otherwise."""
    made = Call(Named("argparse", "Namespace"), ())
    made.state = values
    return made


def write_torch(path: Path, rows: list[Entry], wrap: Wrap = lambda state: state) -> Path:
    """A file as torch.save writes it, of `counted` tensors."""
    torch.save(wrap(counted(rows)), path)
    return path
