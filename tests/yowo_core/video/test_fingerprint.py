"""The content hash follows the content, not the name, and stays quick for large files."""

import hashlib
import os
import time
from pathlib import Path

import pytest

from yowo_core.errors import VideoError
from yowo_core.video.fingerprint import WHOLE_BELOW, content_hash


def test_a_small_file_is_hashed_whole_with_its_size(tmp_path: Path) -> None:
    path = tmp_path / "a.mp4"
    path.write_bytes(b"moving pictures")
    expected = hashlib.sha256(b"15\nmoving pictures").hexdigest()
    assert content_hash(path) == f"sha256:{expected}"
    assert content_hash(str(path.rename(tmp_path / "b.mp4"))) == f"sha256:{expected}"


def test_one_changed_byte_anywhere_changes_the_hash(tmp_path: Path) -> None:
    content = bytearray(os.urandom(3 * 1024 * 1024 + 17))
    path = tmp_path / "a.mp4"
    seen = set()
    for place in (None, 0, 1024 * 1024 - 1, 1024 * 1024, len(content) - 1):
        if place is not None:
            content[place] ^= 1
        path.write_bytes(content)
        seen.add(content_hash(path))
    assert len(seen) == 5


def sparse(path: Path, size: int) -> Path:
    with path.open("wb") as stream:
        stream.truncate(size)
    return path


def test_the_size_at_which_sampling_begins(tmp_path: Path) -> None:
    whole = content_hash(sparse(tmp_path / "whole", WHOLE_BELOW))
    sampled = content_hash(sparse(tmp_path / "sampled", WHOLE_BELOW + 1))
    assert whole.startswith("sha256:")
    assert sampled.startswith("sample-sha256:")


def test_a_large_file_is_sampled_from_end_to_end(tmp_path: Path) -> None:
    size = 200 * 1024 * 1024
    path = sparse(tmp_path / "large", size)
    seen = {content_hash(path), content_hash(sparse(tmp_path / "longer", size + 1))}
    middle_block = 31 * (size - 256 * 1024) // 63
    for place in (0, 1024 * 1024 - 1, middle_block, size - 1024 * 1024, size - 1):
        with path.open("r+b") as stream:
            stream.seek(place)
            stream.write(b"x")
        seen.add(content_hash(path))
    assert len(seen) == 7


def test_twenty_gigabytes_take_less_than_a_second(tmp_path: Path) -> None:
    path = sparse(tmp_path / "huge", 20 * 1024**3)
    began = time.perf_counter()
    content_hash(path)
    assert time.perf_counter() - began < 1.0


def test_an_unreadable_file_is_named(tmp_path: Path) -> None:
    for path in (tmp_path / "gone.mp4", tmp_path):
        with pytest.raises(VideoError, match=str(path)):
            content_hash(path)
