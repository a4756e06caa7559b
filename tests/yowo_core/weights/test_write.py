"""What is written one tensor at a time is a safetensors file as any other."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from safetensors import safe_open

from yowo_core.errors import CheckpointError
from yowo_core.weights.write import Entry, write_safetensors


def test_what_is_written_comes_back(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    arrays: dict[str, NDArray[Any]] = {
        "a": rng.standard_normal((3, 4)).astype(np.float32),
        "b": np.array(7, np.int64),
        "c": rng.standard_normal((5, 2)).astype(np.float16).T,
        "d": np.zeros((0, 3), np.float32),
    }
    codes = {"float32": "F32", "float16": "F16", "int64": "I64"}
    entries = {
        name: Entry(codes[str(v.dtype)], v.shape, lambda v=v: v) for name, v in arrays.items()
    }
    write_safetensors(tmp_path / "x", entries, {"über": "ä"})
    with safe_open(tmp_path / "x", framework="numpy") as file:
        assert file.metadata() == {"über": "ä"}
        for name, value in arrays.items():
            read = file.get_tensor(name)
            assert (read.dtype, read.shape) == (value.dtype, value.shape)
            np.testing.assert_array_equal(read, value)


def test_a_failure_leaves_the_older_file(tmp_path: Path) -> None:
    (tmp_path / "x").write_text("before")

    def broken() -> object:
        raise CheckpointError("gone")

    entry = Entry("F32", (1,), broken)  # type: ignore[arg-type]
    with pytest.raises(CheckpointError, match="gone"):
        write_safetensors(tmp_path / "x", {"a": entry}, {})
    assert [p.name for p in tmp_path.iterdir()] == ["x"]
    assert (tmp_path / "x").read_text() == "before"
    with pytest.raises(CheckpointError, match="cannot be written"):
        write_safetensors(tmp_path / "none" / "x", {}, {})
