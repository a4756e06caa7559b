"""Weight files made by hand: pickles of any content in the two forms of torch.save."""

import io
import pickle
import struct
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

MAGIC = 0x1950A86A20F9469CFC6C


class Named:
    """Pickles as the bare name of a class or function, which need not exist."""

    def __init__(self, module: str, name: str) -> None:
        self.module, self.name = module, name


class Call:
    """Pickles as a call with arguments and, if given, a state to set afterwards."""

    def __init__(self, what: Named, args: tuple[object, ...], state: object = None) -> None:
        self.what, self.args, self.state = what, args, state


class Stored:
    """Pickles as a reference to a storage."""

    def __init__(self, key: tuple[object, ...]) -> None:
        self.key = key


_InPython: Any = pickle._Pickler  # can be taught, the one in C not


class _Writer(_InPython):  # type: ignore[misc]
    dispatch: ClassVar[dict[type, Any]] = dict(_InPython.dispatch)

    def persistent_id(self, value: object) -> object:
        return value.key if isinstance(value, Stored) else None

    def named(self, value: Named) -> None:
        self.write(b"c" + value.module.encode() + b"\n" + value.name.encode() + b"\n")

    def call(self, value: Call) -> None:
        self.save(value.what)
        self.save(value.args)
        self.write(b"R")
        if value.state is not None:
            self.save(value.state)
            self.write(b"b")

    dispatch[Named] = named
    dispatch[Call] = call


def pickled(value: object, protocol: int = 2) -> bytes:
    file = io.BytesIO()
    _Writer(file, protocol).dump(value)
    return file.getvalue()


def tensor(key: str, array: NDArray[np.float32]) -> Call:
    """A tensor of float32 in the storage of that key."""
    steps = tuple(s // 4 for s in array.strides)
    kind = ("storage", Named("torch", "FloatStorage"), key, "cuda:0", array.size)
    args: tuple[object, ...] = (Stored(kind), 0, array.shape, steps, False, {})
    return Call(Named("torch._utils", "_rebuild_tensor_v2"), args)


def write_zip(path: Path, data: bytes, storages: dict[str, bytes] | None = None) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("archive/data.pkl", data)
        archive.writestr("archive/version", "3\n")
        for key, numbers in (storages or {}).items():
            archive.writestr(f"archive/data/{key}", numbers)
    return path


def legacy_parts(data: bytes, storages: dict[str, bytes] | None = None) -> list[bytes]:
    """The five pickles of the old form, then its storages of float32."""
    stores = storages or {}
    about = {"protocol_version": 1001, "little_endian": True, "type_sizes": {"int": 4}}
    parts = [pickled(MAGIC), pickled(1001), pickled(about), data, pickled(sorted(stores))]
    return parts + [struct.pack("<q", len(v) // 4) + v for _, v in sorted(stores.items())]


def write_legacy(path: Path, data: bytes, storages: dict[str, bytes] | None = None) -> Path:
    path.write_bytes(b"".join(legacy_parts(data, storages)))
    return path


_KINDS = {"float16": "HalfStorage", "float32": "FloatStorage", "int64": "LongStorage"}


def module_tree(arrays: Mapping[str, NDArray[Any]], storages: dict[str, bytes]) -> Call:
    """A pickled tree of modules as Ultralytics saves one; the numbers go into storages."""
    root = _module("DetectionModel", _empty())
    for i, (name, array) in enumerate(arrays.items()):
        *way, leaf = name.split(".")
        at: Any = root
        for step in way:
            at = at.state["_modules"].setdefault(step, _module("Block", _empty()))
        running = leaf.startswith(("running", "num_batches"))
        group = at.state["_buffers" if running else "_parameters"]
        group[leaf] = _parameter(str(i), array, storages)
    return root


def _module(name: str, state: dict[str, Any]) -> Call:
    return Call(Named("ultralytics.nn.modules", name), (), state)


def _empty() -> dict[str, Any]:
    return {"training": False, "_parameters": {}, "_buffers": {}, "_modules": {}}


def _parameter(key: str, array: NDArray[Any], storages: dict[str, bytes]) -> Call:
    storages[key] = array.tobytes()
    kind = Named("torch", _KINDS[str(array.dtype)])
    stored = Stored(("storage", kind, key, "cpu", array.size))
    steps = tuple(s // array.itemsize for s in array.strides)
    args: tuple[object, ...] = (stored, 0, array.shape, steps, False, {})
    rebuilt = Call(Named("torch._utils", "_rebuild_tensor_v2"), args)
    return Call(Named("torch._utils", "_rebuild_parameter"), (rebuilt, True, {}))
