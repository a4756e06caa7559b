"""Two files that appear together, whole or not at all."""

import os
import resource
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from yowo_core.errors import FormatError
from yowo_core.formats.whole_file import replacing_both


def write_both(folder: Path, size: int = 10) -> None:
    with replacing_both(folder / "a.csv", folder / "a.json") as (table, facts):
        table.write("n" * size)
        facts.write("new")


def content(folder: Path) -> dict[str, str]:
    return {p.name: p.read_text(encoding="utf-8") for p in folder.iterdir() if p.is_file()}


def test_both_appear(tmp_path: Path) -> None:
    write_both(tmp_path)
    assert content(tmp_path) == {"a.csv": "n" * 10, "a.json": "new"}


@contextmanager
def small_disk() -> Iterator[None]:
    """No fixture: the report of the tests may itself go to a file that is larger."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (4096, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


@pytest.mark.skipif(sys.platform == "win32", reason="no limit on the size of files there")
def test_no_room_leaves_the_old_files(tmp_path: Path) -> None:
    write_both(tmp_path)
    refused = pytest.raises(FormatError, match=r"a\.csv cannot be written: File too large")
    with small_disk(), refused:
        write_both(tmp_path, 10_000)
    assert content(tmp_path) == {"a.csv": "n" * 10, "a.json": "new"}


def test_when_one_cannot_move_the_other_goes_back(tmp_path: Path) -> None:
    (tmp_path / "a.csv").mkdir()
    (tmp_path / "a.json").write_text("old", encoding="utf-8")
    with pytest.raises(FormatError, match=r"a\.csv cannot be written"):
        write_both(tmp_path)
    assert content(tmp_path) == {"a.json": "old"}
    (tmp_path / "a.json").unlink()
    with pytest.raises(FormatError):
        write_both(tmp_path)
    assert content(tmp_path) == {}


def test_a_folder_without_rights_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_given: object, **_more: object) -> object:
        raise PermissionError(13, os.strerror(13))

    monkeypatch.setattr(Path, "open", refuse)
    with pytest.raises(FormatError, match="Permission denied"):
        write_both(tmp_path)
    monkeypatch.undo()
    assert content(tmp_path) == {}


def test_a_name_as_long_as_names_can_be(tmp_path: Path) -> None:
    name = "\u00e9" * 124
    with replacing_both(tmp_path / f"{name}.csv", tmp_path / f"{name}.jsn") as (table, facts):
        table.write("a")
        facts.write("b")
    assert content(tmp_path) == {f"{name}.csv": "a", f"{name}.jsn": "b"}
