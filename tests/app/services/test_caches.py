"""Caches are measured and emptied, and nothing else is touched."""

from pathlib import Path

import pytest

from app.services.caches import Cache, caches, empty, measure


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("YOWO_CACHE", str(tmp_path / "cache"))
    (tmp_path / "cache" / "onnx").mkdir(parents=True)
    (tmp_path / "cache" / "onnx" / "a.onnx").write_bytes(b"x" * 3000)
    (tmp_path / "cache" / "onnx" / "a.onnx.data").write_bytes(b"x" * 96)
    (tmp_path / "cache" / "other").write_bytes(b"mine")
    monkeypatch.setenv("YOWO_DATA", str(tmp_path / "data"))
    (tmp_path / "data" / "working-copies").mkdir(parents=True)
    (tmp_path / "data" / "working-copies" / "a.mov").write_bytes(b"x" * 20)
    return tmp_path / "cache"


def test_they_are_measured(folder: Path) -> None:
    indexes, graphs, copies = measure(caches())
    assert (indexes.files, indexes.size) == (0, 0)
    assert (graphs.files, graphs.size) == (2, 3096)
    assert graphs.cache.folder == folder / "onnx"
    assert (copies.files, copies.size) == (1, 20)


def test_one_is_emptied_and_nothing_else(folder: Path) -> None:
    done = empty(caches()[1])
    assert (done.filling.files, done.filling.size, done.problem) == (0, 0, "")
    assert [path.name for path in folder.rglob("*") if path.is_file()] == ["other"]


def test_what_cannot_be_deleted_stays_and_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a").write_bytes(b"12")
    (tmp_path / "b").write_bytes(b"345")

    def refuse(path: Path, missing_ok: bool = False) -> None:
        if path.name == "b":
            raise PermissionError(13, "in use")
        path.__class__.chmod(path, 0o600)
        __import__("os").remove(path)

    monkeypatch.setattr(Path, "unlink", refuse)
    done = empty(Cache("t", "m", tmp_path))
    assert (done.filling.files, done.filling.size) == (1, 3)
    assert done.problem == "1 could not be deleted: b (in use)."
