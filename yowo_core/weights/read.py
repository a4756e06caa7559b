"""Reads the tensors out of any weight file: `read_tensors`."""

from collections.abc import Mapping
from pathlib import Path

from yowo_core.errors import CheckpointError
from yowo_core.weights.byte_stream import Damaged, refuse_damaged
from yowo_core.weights.darknet import looks_like_darknet, read_darknet
from yowo_core.weights.pickle_reader import Refused
from yowo_core.weights.rebuild import FindStorage, Unreadable, tensor_of
from yowo_core.weights.safetensors_file import looks_like_safetensors, read_safetensors
from yowo_core.weights.state_dict import Found, find_weights
from yowo_core.weights.stored import StoredTensor, check_claims
from yowo_core.weights.tensor_file import Container, LazyTensors, TensorFile
from yowo_core.weights.torch_legacy import read_torch_legacy
from yowo_core.weights.torch_zip import MAGIC, read_torch_zip

PARALLEL = "module."  # DataParallel puts it before every name
_HEAD = 512
_NO_WEIGHTS = {
    b"<": "a page of a web site, so the download gave no file",
    b"version https://git-lfs": "a pointer of Git LFS, not the file itself: fetch it with git lfs",
    b"\x89HDF": "an HDF5 file (Keras, Matlab), which is not read here",
    b"\x93NUMPY": "a single numpy array",
    b"\x1f\x8b": "packed with gzip: unpack it first",
}


def read_tensors(path: Path) -> TensorFile:
    """Tensors and facts of a weight file of torch (any age), safetensors or darknet.

    Nothing of the file is run, imported or unpacked to the disk: a pickle is read as data, and one
    that names a function which could run a program is refused. Tensors stay in the file until
    they are looked up (`TensorFile.tensors[name]`), so optimisers and other ballast cost nothing.

    Raises CheckpointError with what is wrong and what to do: no such file, truncated, a bomb, a
    refused pickle, no weights in it.
    """
    head, size = _start(path)
    try:
        return _read(path, head, size)
    except Damaged as damage:
        raise refuse_damaged(path, damage) from damage
    except Refused as refused:
        raise CheckpointError(
            f"{path}: its pickle {refused}. Nothing of it was run. No weight file needs that: "
            "do not load it with another program, and get the weights from a source you trust."
        ) from refused
    except OSError as error:
        raise CheckpointError(f"{path} could not be read ({error.strerror}).") from error


def _start(path: Path) -> tuple[bytes, int]:
    if not path.is_file():
        raise CheckpointError(f"{path}: no such file. Check the path or choose another.")
    try:
        with path.open("rb") as file:
            head = file.read(_HEAD)
    except OSError as error:
        raise CheckpointError(f"{path} could not be read ({error.strerror}).") from error
    if not head:
        raise CheckpointError(f"{path} is empty. Download or copy it again from its source.")
    return head, path.stat().st_size


def _read(path: Path, head: bytes, size: int) -> TensorFile:
    if head.startswith(MAGIC):
        return _of_torch(path, "torch zip", *read_torch_zip(path))
    if looks_like_safetensors(head, size):  # no pickle has these nine bytes
        tensors, texts = read_safetensors(path)
        return _made(path, "safetensors", Found("bare", {}, {**texts}), tensors)
    if looks_like_darknet(path, head, size):
        stored, facts = read_darknet(path, head, size)
        return _made(path, "darknet", Found("bare", {}, {**facts}), stored)
    _refuse_other(path, head)
    return _of_torch(path, "torch legacy", *read_torch_legacy(path))


def _refuse_other(path: Path, head: bytes) -> None:
    for start, what in _NO_WEIGHTS.items():
        if head.lstrip().startswith(start):
            raise CheckpointError(f"{path} is no weight file: it is {what}.")
    if head[257:262] == b"ustar":
        raise CheckpointError(
            f"{path} is a tar archive, packed or from a torch before 0.2. Unpack it, or load and "
            "save it again with a newer torch."
        )
    if head[:1] not in {b"\x80", b"L", b"(", b"c", b"]", b"}", b"i"}:
        raise CheckpointError(
            f"{path} is no weight file that is known here: torch's .pth and .pt, .safetensors and "
            f"darknet's .weights are. It begins with {head[:8]!r}."
        )


def _of_torch(path: Path, container: Container, value: object, find: FindStorage) -> TensorFile:
    found = find_weights(value)
    if found is None:
        raise CheckpointError(
            f"{path} holds no weights{_held(value)}. Choose the file with the network's state dict."
        )
    tensors = {name: tensor_of(record, find) for name, record in found.records.items()}
    return _made(path, container, found, tensors)


def _held(value: object) -> str:
    if not isinstance(value, dict) or not value:
        return ""
    names = [key[:50] for key in value if isinstance(key, str)]
    return f": it holds {', '.join(names[:5])}{' ...' if len(names) > 5 else ''}" if names else ""


def _made(
    path: Path,
    container: Container,
    found: Found,
    tensors: Mapping[str, StoredTensor | Unreadable],
) -> TensorFile:
    stored = {k: v for k, v in tensors.items() if isinstance(v, StoredTensor)}
    left = {k: v.reason for k, v in tensors.items() if isinstance(v, Unreadable)}
    if not stored:
        raise CheckpointError(f"{path} holds no tensor that can be read here.")
    check_claims(path, stored)
    prefix = PARALLEL if all(name.startswith(PARALLEL) for name in stored) else ""
    named = {name.removeprefix(prefix): tensor for name, tensor in stored.items()}
    return TensorFile(
        container, found.place, prefix, LazyTensors(named), found.facts, found.left_out | left
    )
