"""Truncated, mutated and made-up weight files: a sentence each, soon, and never another error."""

import random
import stat
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from tests.yowo_core.weights.crafted import (
    Call,
    Named,
    Stored,
    pickled,
    tensor,
    write_legacy,
    write_zip,
)
from yowo_core.errors import CheckpointError
from yowo_core.weights import pickle_reader, state_dict, zip_entries
from yowo_core.weights.read import read_tensors

NUMBERS = np.arange(6, dtype=np.float32).reshape(2, 3)
GOOD = pickled({"a": tensor("0", NUMBERS), "b": tensor("0", NUMBERS.T)})


def _refused(path: Path, match: str) -> None:
    with pytest.raises(CheckpointError, match=match) as caught:
        read_tensors(path)
    assert str(path) in str(caught.value)


def _pickle(path: Path, data: bytes, match: str) -> None:
    """The same pickle in both forms."""
    numbers = {"0": NUMBERS.tobytes()} if b"Storage" in data else {}
    _refused(write_zip(path / "z.pth", data, numbers), match)
    _refused(write_legacy(path / "l.pth", data, numbers), match)


# --- no weights at all ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "match"),
    [
        (b"", "is empty"),
        (b"<!DOCTYPE html><html>", "a page of a web site"),
        (b"version https://git-lfs.github.com/spec/v1\n", "Git LFS"),
        (b"\x1f\x8b\x08\x00rest", "gzip"),
        (b"hello, world", "is no weight file that is known here"),
        (b"\x80\x02K\x01.", "is a pickle, but not one of torch.save"),
        (b"a" * 257 + b"ustar\x00", "tar archive"),
    ],
)
def test_other_files_are_named(tmp_path: Path, content: bytes, match: str) -> None:
    path = tmp_path / "x.pth"
    path.write_bytes(content)
    _refused(path, match)


def test_a_file_that_is_missing_and_a_folder(tmp_path: Path) -> None:
    _refused(tmp_path / "none.pth", "no such file")
    _refused(tmp_path, "no such file")


def test_an_archive_of_something_else(tmp_path: Path) -> None:
    path = tmp_path / "arrays.npz"
    np.savez(path, a=NUMBERS)
    _refused(path, "not one of torch.save")


# --- truncated --------------------------------------------------------------------------------


def _sample(path: Path, form: str) -> Path:
    state = {"a": torch.ones(20, 30), "n": torch.tensor(3)}
    if form == "safetensors":
        save_file(state, path)
    else:
        torch.save(
            {"state_dict": state, "epoch": 1}, path, _use_new_zipfile_serialization=form == "zip"
        )
    return path


@pytest.mark.parametrize("form", ["zip", "legacy", "safetensors"])
def test_a_truncated_file_is_refused_wherever_it_ends(tmp_path: Path, form: str) -> None:
    whole = _sample(tmp_path / "whole", form).read_bytes()
    assert read_tensors(tmp_path / "whole").tensors["a"].sum() == 600
    cut = tmp_path / "cut"
    for length in [*range(1, 60), *range(60, len(whole) - 1, 37), len(whole) - 1]:
        cut.write_bytes(whole[:length])
        _refused(cut, "cut")


# --- pickles ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("data", "match"),
    [
        (b"\x80\x02\x8b\xff\xff\xff\x7f.", "integer of 2,147,483,647 bytes"),
        (b"\x80\x02\x8b\xff\xff\xff\xff.", "integer of -1 bytes"),
        (b"L" + b"9" * 5000 + b"\n.", "makes no sense"),
        (b"I" + b"9" * 100_000 + b"\n.", "too long"),
        (b"\x80\x04\x8e" + b"\xff" * 8 + b".", "more than 64 MB"),
        (b"\x80\x04\x8d" + struct.pack("<q", 1 << 40) + b".", "more than 64 MB"),
        (b"\x80\x02X\xff\xff\xff\x02.", "in the middle"),
        (b"\x80\x02j\xff\xff\xff\xff.", "makes no sense"),
        (b"\x80\x02R.", "makes no sense"),
        (b"\x80\x02u.", "makes no sense"),
        (b"\x80\x02}(K\x01u.", "makes no sense"),
        (b"\x80\x02\xff.", "byte 0xff"),
        (b"\x80\x05\x97.", "byte 0x97"),
        (b"\x80\x02}X\x01\x00\x00\x00aK\x01sX\x01\x00\x00\x00aK\x02s.", "'a' twice"),
    ],
)
def test_pickles_that_make_no_sense(tmp_path: Path, data: bytes, match: str) -> None:
    _pickle(tmp_path, data, match)


def test_a_memo_of_huge_indices_takes_no_memory(tmp_path: Path) -> None:
    data = b"\x80\x02" + b"".join(b"Nr" + struct.pack("<I", 2**32 - 1 - i) for i in range(99))
    _pickle(tmp_path, data + b".", "holds no weights")


@pytest.mark.parametrize("open_one", [b"(", b"]", b"}", b"](", b"\x8f"])
def test_deep_nesting_ends_in_a_sentence(tmp_path: Path, open_one: bytes) -> None:
    _pickle(tmp_path, b"\x80\x04" + open_one * 100_000 + b"N.", "holds no weights|makes no sense")


def test_deep_tuples_as_keys_are_not_hashed(tmp_path: Path) -> None:
    data = b"\x80\x02})" + b"\x85" * 100_000 + b"Ns."
    _pickle(tmp_path, data, "holds no weights")


def test_a_list_in_itself(tmp_path: Path) -> None:
    _pickle(tmp_path, b"\x80\x02]q\x00h\x00a.", "holds no weights")
    inside = b"\x80\x02}q\x00X\x05\x00\x00\x00modelh\x00s."
    _pickle(tmp_path, inside, "holds no weights")


def test_a_module_in_itself(tmp_path: Path) -> None:
    empty = pickled({"_parameters": {}, "_buffers": {}})[2:-1]
    state = empty + b"X\x08\x00\x00\x00_modules}X\x01\x00\x00\x00xh\x00ss"
    data = b"\x80\x02cnobody\nNet\n)\x81r\xff\x00\x00\x00" + state.replace(b"h\x00s", b"h\xffs")
    _pickle(tmp_path, data + b"b.", "nested deeper")


def test_ten_million_keys(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pickle_reader, "MOST_STEPS", 50_000)
    monkeypatch.setattr(pickle_reader.PickleReader.__init__, "__defaults__", (50_000,))
    many = pickled({f"k{i}": None for i in range(60_000)})
    _refused(write_zip(tmp_path / "z.pth", many), "more than 50,000 steps")


def test_more_tensors_than_any_network_has(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(state_dict, "MOST_TENSORS", 100)
    many = pickled({f"k{i}": tensor("0", NUMBERS) for i in range(101)})
    _pickle(tmp_path, many, "names 101 tensors")


# --- tensors ----------------------------------------------------------------------------------


def _view(offset: object, shape: object, strides: object, numbers: int = 6) -> bytes:
    key = Stored(("storage", Named("torch", "FloatStorage"), "0", "cpu", numbers))
    made = Call(
        Named("torch._utils", "_rebuild_tensor_v2"), (key, offset, shape, strides, False, {})
    )
    return pickled({"a": made})


@pytest.mark.parametrize(
    ("data", "match"),
    [
        (_view(0, (7,), (1,)), "needs 28 bytes of a storage that has 24"),
        (_view(3, (2, 3), (3, 1)), "needs 36 bytes"),
        (_view(0, (2, 3), (9, 1)), "needs 48 bytes"),
        (_view(-1, (2,), (1,)), "negative"),
        (_view(5, (2,), (-1,)), "negative"),
        (_view(0, (-2,), (1,)), "negative"),
        (_view(0, (2, 3), (1,)), "do not go together"),
        (_view(0, (1,) * 40, (1,) * 40), "do not go together"),
        (_view(0, (1 << 50,), (0,)), "impossible shape"),
        (_view(0, (0, 1 << 40, 1 << 40), (1, 1, 1)), "impossible shape"),
        (_view(0, (1 << 30,), (0,)), "made to fill the memory"),
        (_view(0, "ab", (1,)), "without a shape"),
        (_view(0, (2,), (1,), 1 << 40), "storage"),
        (_view(0, (2,), (1,), -6), "storage"),
    ],
)
def test_tensors_that_claim_what_is_not_there(tmp_path: Path, data: bytes, match: str) -> None:
    _pickle(tmp_path, data, match)


def test_many_expanded_views_are_a_bomb_together(tmp_path: Path) -> None:
    numbers = np.lib.stride_tricks.as_strided(NUMBERS, (1 << 20,), (0,))
    made = tensor("0", NUMBERS)
    args: tuple[object, ...] = (made.args[0], 0, numbers.shape, (0,), False, {})
    state = {f"k{i}": Call(made.what, args) for i in range(100)}
    _pickle(tmp_path, pickled(state), "made to fill the memory")


def test_a_storage_that_is_missing(tmp_path: Path) -> None:
    _refused(write_zip(tmp_path / "z.pth", GOOD), "a storage 0 that it does not hold")
    _refused(write_legacy(tmp_path / "l.pth", GOOD), "a storage that it does not hold")


def test_a_legacy_storage_of_another_length_than_promised(tmp_path: Path) -> None:
    path = write_legacy(tmp_path / "l.pth", GOOD, {"0": NUMBERS.tobytes() * 2})
    _refused(path, "12 numbers where 6 are promised")


# --- zip archives -----------------------------------------------------------------------------


def _archive(path: Path, add: Callable[[zipfile.ZipFile], None]) -> Path:
    write_zip(path, GOOD, {"0": NUMBERS.tobytes()})
    with zipfile.ZipFile(path, "a") as archive:
        add(archive)
    return path


def test_a_zip_bomb_is_not_unpacked(tmp_path: Path) -> None:
    def add(archive: zipfile.ZipFile) -> None:
        archive.writestr("archive/data/1", bytes(80 << 20), zipfile.ZIP_DEFLATED)

    _refused(_archive(tmp_path / "bomb.pth", add), "zip bomb.*would unpack to 83,")


def test_an_entry_that_unpacks_to_more_than_it_says(tmp_path: Path) -> None:
    path = tmp_path / "lie.pth"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("archive/data.pkl", GOOD)
        archive.writestr("archive/data/0", NUMBERS.tobytes() + bytes(5000))
    data = path.read_bytes()
    path.write_bytes(data.replace(struct.pack("<I", 5024), struct.pack("<I", 24)))
    file = read_tensors(path)
    with pytest.raises(CheckpointError, match="not as long as it says"):
        file.tensors["a"]


def test_a_deflated_archive_is_read(tmp_path: Path) -> None:
    path = tmp_path / "packed.pth"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("archive/data.pkl", GOOD)
        archive.writestr("archive/data/0", NUMBERS.tobytes())
    assert np.array_equal(read_tensors(path).tensors["b"], NUMBERS.T)


def test_a_big_endian_archive_is_read(tmp_path: Path) -> None:
    path = write_zip(tmp_path / "big.pth", GOOD, {"0": NUMBERS.astype(">f4").tobytes()})
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("archive/byteorder", "big")
    assert np.array_equal(read_tensors(path).tensors["a"], NUMBERS)


@pytest.mark.parametrize(
    "name", ["../evil", "/etc/evil", "archive/../../evil", "C:/evil", "a\\..\\b"]
)
def test_names_that_lead_out_of_an_archive(tmp_path: Path, name: str) -> None:
    _refused(_archive(tmp_path / "z.pth", lambda a: a.writestr(name, b"x")), "lead out of it")


def test_links_in_an_archive(tmp_path: Path) -> None:
    link = zipfile.ZipInfo("archive/data/9")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    _refused(_archive(tmp_path / "z.pth", lambda a: a.writestr(link, b"/etc/passwd")), "a link")


@pytest.mark.filterwarnings("ignore:Duplicate name")
@pytest.mark.parametrize("name", ["archive/data/0", "archive/data.pkl"])
def test_one_name_twice(tmp_path: Path, name: str) -> None:
    _refused(_archive(tmp_path / "z.pth", lambda a: a.writestr(name, b"x")), "twice")


def test_two_checkpoints_in_one_archive(tmp_path: Path) -> None:
    path = _archive(tmp_path / "z.pth", lambda a: a.writestr("other/data.pkl", GOOD))
    _refused(path, "2 entries data.pkl")


@pytest.mark.filterwarnings("ignore:.*is deprecated:DeprecationWarning")
def test_a_program_of_torchscript(tmp_path: Path) -> None:
    path = tmp_path / "script.pt"
    trace: Any = torch.jit.trace
    trace(torch.nn.Linear(2, 2), torch.ones(1, 2)).save(str(path))
    _refused(path, "TorchScript")


def test_too_many_entries(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(zip_entries, "MOST_ENTRIES", 2)
    _refused(write_zip(tmp_path / "z.pth", GOOD, {"0": NUMBERS.tobytes()}), "lists 3 entries")


# --- safetensors ------------------------------------------------------------------------------


def _safetensors(path: Path, table: bytes, numbers: bytes = b"") -> Path:
    path.write_bytes(struct.pack("<Q", len(table)) + table + numbers)
    return path


@pytest.mark.parametrize(
    ("table", "match"),
    [
        (b'{"a":{"dtype":"F32","shape":[9],"data_offsets":[0,8]}}', "do not go together"),
        (b'{"a":{"dtype":"F32","shape":[2],"data_offsets":[8,16]}}', "middle of a tensor"),
        (b'{"a":{"dtype":"F32","shape":[2],"data_offsets":[8,0]}}', "middle of a tensor"),
        (b'{"a":{"dtype":"F32","shape":[-2],"data_offsets":[0,8]}}', "impossible shape"),
        (b'{"a":{"dtype":"F32","shape":[2.0],"data_offsets":[0,8]}}', "impossible shape"),
        (b'{"a":{"shape":[2],"data_offsets":[0,8]}}', "makes no sense"),
        (b'{"a":3}', "makes no sense"),
        (b'{"a":1,"a":1}', "twice"),
        (b"{" * 100_000, "makes no sense"),
        (b'{"a":' + b"9" * 5000 + b"}", "makes no sense"),
        (b'{"__metadata__":{}}', "no tensor that can be read"),
        (b'{"a":{"dtype":"F4","shape":[2],"data_offsets":[0,8]}}', "no tensor that can be read"),
    ],
)
def test_tables_of_safetensors_that_make_no_sense(tmp_path: Path, table: bytes, match: str) -> None:
    _refused(_safetensors(tmp_path / "x.safetensors", table, bytes(8)), match)


# --- anything ---------------------------------------------------------------------------------


def _mutated(data: bytes, chance: random.Random) -> bytes:
    changed = bytearray(data)
    for _ in range(chance.randint(1, 6)):
        place = chance.randrange(len(changed))
        kind = chance.randrange(4)
        if kind == 0:
            changed[place] = chance.randrange(256)
        elif kind == 1:
            del changed[place : place + chance.randint(1, 9)]
        elif kind == 2:
            changed[place:place] = chance.randbytes(chance.randint(1, 9))
        else:
            changed[place : place + 8] = chance.choice((b"\xff" * 8, b"\x00" * 8, b"\x7f" * 4))
    return bytes(changed)


@pytest.mark.parametrize("form", ["zip", "legacy", "safetensors"])
def test_mutated_files_are_read_or_refused_and_nothing_else(tmp_path: Path, form: str) -> None:
    whole = _sample(tmp_path / "whole", form).read_bytes()
    chance, path, outcomes = random.Random(7), tmp_path / "mutated", [0, 0]
    for _ in range(500):
        path.write_bytes(_mutated(whole, chance) or b"x")
        try:
            tensors = read_tensors(path).tensors
            assert all(tensors[name].nbytes < 1 << 27 for name in tensors)
            outcomes[0] += 1
        except CheckpointError:
            outcomes[1] += 1
    assert min(outcomes) > 20


def test_mutated_pickles_are_read_or_refused_and_nothing_else(tmp_path: Path) -> None:
    chance, path, refused = random.Random(11), tmp_path / "mutated", 0
    for _ in range(1000):
        write_legacy(path, _mutated(GOOD, chance), {"0": NUMBERS.tobytes()})
        try:
            tensors = read_tensors(path).tensors
            assert sum(tensors[name].nbytes for name in tensors) < 1 << 27
        except CheckpointError:
            refused += 1
    assert 300 < refused < 1000
