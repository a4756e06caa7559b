"""A folder is one program's as long as that program lives, and no longer."""

import subprocess
import sys
from pathlib import Path

import pytest

from yowo_core.errors import DataError
from yowo_core.folder_lock import is_locked, locked

HOLD = """
import sys
from pathlib import Path
from yowo_core.folder_lock import locked
with locked(Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.readline()
"""


def test_another_program_waits_or_is_told_and_a_killed_one_lets_go(tmp_path: Path) -> None:
    assert not is_locked(tmp_path)
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(tmp_path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        cwd=Path(__file__).parents[2],
    )
    with holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"held\n"
        assert is_locked(tmp_path)
        with pytest.raises(DataError, match="Another program works in"), locked(tmp_path):
            pass
        holder.kill()
        with locked(tmp_path, wait=60):
            assert is_locked(tmp_path)
    assert not is_locked(tmp_path)


def test_a_folder_that_is_gone_is_nobody_s(tmp_path: Path) -> None:
    assert not is_locked(tmp_path / "gone")
