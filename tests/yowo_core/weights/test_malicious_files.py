"""Pickles that run a command when they are loaded in the usual way; here nothing may happen."""

import io
import os
import pickle
import pickletools
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

from tests.yowo_core.weights.crafted import (
    Call,
    Named,
    legacy_parts,
    pickled,
    tensor,
    write_legacy,
    write_zip,
)
from yowo_core.errors import CheckpointError
from yowo_core.weights.inert import Global
from yowo_core.weights.read import read_tensors
from yowo_core.weights.refused import could_run

NUMBERS = np.ones(2, np.float32)


class _Runs:
    def __init__(self, mark: Path) -> None:
        self.mark = mark

    def __reduce_ex__(self, protocol: Any) -> Any:
        return os.system, (f"touch {self.mark}",)


def _text(value: object) -> bytes:
    return b"S" + repr(str(value)).encode() + b"\n"


def _by_inst(mark: Path) -> bytes:
    return b"(" + _text(f"touch {mark}") + b"ios\nsystem\n."


def _by_obj(mark: Path) -> bytes:
    return b"(cos\nsystem\n" + _text(f"touch {mark}") + b"o."


def _by_newobj(mark: Path) -> bytes:
    call = pickled((f"touch {mark}",))[2:-1]
    return b"\x80\x02cposix\nsystem\n" + call + b"\x81."


def _by_stack_global(mark: Path) -> bytes:
    names = b"\x8c\x05posix\x8c\x06system\x93"
    return b"\x80\x04" + names + pickled((f"touch {mark}",))[2:-1] + b"R."


def _by_dotted_name(mark: Path) -> bytes:
    names = b"\x8c\x13torch.serialization\x8c\x09os.system\x93"
    return b"\x80\x04" + names + pickled((f"touch {mark}",))[2:-1] + b"R."


def _by_eval(mark: Path) -> bytes:
    return pickled(Call(Named("builtins", "eval"), (f"open({str(mark)!r}, 'w')",)))


def _by_open(mark: Path) -> bytes:
    return pickled(Call(Named("io", "open"), (str(mark), "w")))


def _by_subprocess(mark: Path) -> bytes:
    return pickled({"model": Call(Named("subprocess", "Popen"), (["touch", str(mark)],))})


def _by_getattr(mark: Path) -> bytes:
    system = Call(Named("builtins", "getattr"), (Named("os", "path"), "os"))
    return pickled(Call(Named("functools", "partial"), (system, f"touch {mark}")))


def _by_map(mark: Path) -> bytes:
    return pickled(Call(Named("builtins", "map"), (Named("os", "system"), [f"touch {mark}"])))


def _by_copyreg(mark: Path) -> bytes:
    remember = Call(Named("copyreg", "add_extension"), ("os", "system", 1))
    return pickled([remember])[:-2] + b"\x82\x01" + pickled((f"touch {mark}",))[2:-1] + b"R."


def _by_extension(mark: Path) -> bytes:
    return b"\x80\x02\x82\x01" + pickled((f"touch {mark}",))[2:-1] + b"R."


def _by_setstate(mark: Path) -> bytes:
    module = Call(Named("types", "FunctionType"), ())
    return pickled(Call(Named("copyreg", "_reconstructor"), (module,), {"run": str(mark)}))


def _by_reduce_ex(mark: Path) -> bytes:
    return pickle.dumps({"state_dict": _Runs(mark)}, 2)


def _inside_a_tensor(mark: Path) -> bytes:
    run = Call(Named("os", "system"), (f"touch {mark}",))
    return pickled({"a": Call(Named("torch._utils", "_rebuild_parameter"), (run, True, {}))})


def _inside_a_module(mark: Path) -> bytes:
    run = Call(Named("os", "system"), (f"touch {mark}",))
    state = {"_parameters": {"a": tensor("0", NUMBERS)}, "_buffers": {}, "_modules": {"x": run}}
    return pickled({"model": Call(Named("ultralytics.nn.tasks", "DetectionModel"), (), state)})


def _inside_the_optimiser(mark: Path) -> bytes:
    run = Call(Named("os", "system"), (f"touch {mark}",))
    return pickled({"state_dict": {"a": tensor("0", NUMBERS)}, "optimizer": [run]})


def _as_a_key(mark: Path) -> bytes:
    run = pickled(Call(Named("os", "system"), (f"touch {mark}",)))[2:-1]
    return b"\x80\x02}" + run + b"K\x01s."


def _thrown_away(mark: Path) -> bytes:
    run = pickled(Call(Named("os", "system"), (f"touch {mark}",)))[2:-1]
    return b"\x80\x02" + run + b"0" + pickled({"a": tensor("0", NUMBERS)})[2:]


def _in_a_persistent_id(mark: Path) -> bytes:
    return b"\x80\x02" + pickled(Call(Named("os", "system"), (f"touch {mark}",)))[2:-1] + b"Q."


TRICKS = [
    _by_inst,
    _by_obj,
    _by_newobj,
    _by_stack_global,
    _by_dotted_name,
    _by_eval,
    _by_open,
    _by_subprocess,
    _by_getattr,
    _by_map,
    _by_copyreg,
    _by_extension,
    _by_setstate,
    _by_reduce_ex,
    _inside_a_tensor,
    _inside_a_module,
    _inside_the_optimiser,
    _as_a_key,
    _thrown_away,
    _in_a_persistent_id,
]
EVERY_TRICK = pytest.mark.parametrize("trick", TRICKS, ids=lambda t: t.__name__.strip("_"))
Trick = Callable[[Path], bytes]


def _assert_refused(path: Path, mark: Path) -> None:
    with pytest.raises(CheckpointError, match=r"Nothing of it was run"):
        read_tensors(path)
    assert not mark.exists()


@EVERY_TRICK
def test_nothing_runs_in_a_zip(tmp_path: Path, trick: Trick) -> None:
    mark = tmp_path / "touched"
    data = trick(mark)
    _assert_refused(write_zip(tmp_path / "m.pth", data, {"0": NUMBERS.tobytes()}), mark)


@EVERY_TRICK
@pytest.mark.parametrize("place", range(5))
def test_nothing_runs_in_any_pickle_of_the_old_form(
    tmp_path: Path, trick: Trick, place: int
) -> None:
    mark = tmp_path / "touched"
    parts = legacy_parts(pickled({"a": tensor("0", NUMBERS)}), {"0": NUMBERS.tobytes()})
    parts[place] = trick(mark)
    path = tmp_path / "m.pth"
    path.write_bytes(b"".join(parts))
    _assert_refused(path, mark)


def test_the_commands_do_run_where_a_pickle_is_loaded_in_the_usual_way(tmp_path: Path) -> None:
    """Otherwise the tests above would prove nothing."""
    for trick in (
        _by_inst,
        _by_obj,
        _by_stack_global,
        _by_eval,
        _by_open,
        _by_reduce_ex,
        _as_a_key,
    ):
        mark, data = tmp_path / trick.__name__, tmp_path / "data.pkl"
        data.write_bytes(trick(mark))
        load = f"import pickle; pickle.load(open({str(data)!r}, 'rb'))"
        subprocess.run([sys.executable, "-W", "ignore", "-c", load], check=False, timeout=60)
        assert mark.exists()


def test_the_sentence_names_what_would_have_run(tmp_path: Path) -> None:
    path = write_zip(tmp_path / "m.pth", pickled(Call(Named("os", "system"), ("true",))))
    with pytest.raises(CheckpointError, match=r"m\.pth: its pickle names os\.system, which could"):
        read_tensors(path)


def test_a_class_that_is_installed_is_neither_made_nor_told_its_state(tmp_path: Path) -> None:
    mark = tmp_path / "touched"

    class Watched(nn.Module):
        def __setstate__(self, state: Any) -> None:
            mark.touch()

        def __new__(cls, *args: Any) -> Any:
            mark.touch()
            return super().__new__(cls)

    Watched.__qualname__ = "Watched"
    module = sys.modules[__name__]
    module.Watched = Watched  # type: ignore[attr-defined]
    state = {"_parameters": {"a": tensor("0", NUMBERS)}, "_buffers": {}, "_modules": {}}
    made = Call(Named(__name__, "Watched"), (), state)
    path = write_zip(tmp_path / "m.pt", pickled({"model": made}), {"0": NUMBERS.tobytes()})
    assert list(read_tensors(path).tensors) == ["a"]
    assert not mark.exists()


def test_reading_imports_nothing(tmp_path: Path) -> None:
    state = {"_parameters": {"a": tensor("0", NUMBERS)}, "_buffers": {}, "_modules": {}}
    whole = {
        "model": Call(Named("turtle_of_nobody.nn", "Net"), (), state),
        "x": Named("torch", "x"),
    }
    path = write_zip(tmp_path / "m.pt", pickled(whole), {"0": NUMBERS.tobytes()})
    code = (
        "import sys; from pathlib import Path; from yowo_core.weights.read import read_tensors; "
        f"print(list(read_tensors(Path({str(path)!r})).tensors), 'torch' in sys.modules)"
    )
    run = subprocess.run(
        [sys.executable, "-c", code], stdout=subprocess.PIPE, check=True, timeout=60
    )
    assert run.stdout.split(b"\n")[0] == b"['a'] False"


def _globals(data: bytes) -> list[str]:
    return [str(arg) for op, arg, _ in pickletools.genops(data) if op.name == "GLOBAL"]


def test_no_name_that_ordinary_checkpoints_use_is_refused() -> None:
    network = nn.Sequential(nn.Conv2d(1, 1, 1), nn.BatchNorm2d(1))
    buffer = io.BytesIO()
    whole = {
        "model": network,
        "score": np.float64(0.5),
        "o": torch.optim.Adam(network.parameters()),
    }
    torch.save(whole, buffer)
    with zipfile.ZipFile(buffer) as archive:
        data = archive.read("archive/data.pkl")
    names = [tuple(name.split(" ")) for name in _globals(data)]
    assert len(names) > 5
    assert not [name for name in names if could_run(Global(*name))]


def test_a_legacy_file_after_a_good_one_is_whole(tmp_path: Path) -> None:
    """The frame into which the tricks are put is a file that can be read."""
    data = pickled({"a": tensor("0", NUMBERS)})
    path = write_legacy(tmp_path / "good.pth", data, {"0": NUMBERS.tobytes()})
    assert read_tensors(path).tensors["a"].tolist() == [1, 1]
