"""Paths of files with any name come back byte by byte, also beside a project that was moved."""

import os
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.project import NewVideo
from app.editing.history import commit
from app.editing.media import AddVideos
from app.store import paths
from app.store.project import Project

BASE = Path("/projects/one")
LINUX = pytest.mark.skipif(
    sys.platform != "linux", reason="only Linux keeps names that are no text"
)
NAMES = st.binary(min_size=1, max_size=60).filter(
    lambda raw: not set(raw) & {0, 0x2F} and raw not in (b".", b"..")
)


@LINUX
@given(folder=NAMES, name=NAMES)
def test_every_byte_of_a_name_is_kept_in_text_that_any_file_holds(
    folder: bytes, name: bytes
) -> None:
    path = BASE / os.fsdecode(folder) / os.fsdecode(name)
    relative, absolute = paths.stored(path, BASE)
    for text in (relative, absolute):
        text.encode("utf-8")
    assert os.fsencode(paths.found("", absolute, BASE)) == os.fsencode(path)
    near = paths.found(relative, "/gone", BASE)
    assert near == Path("/gone")  # nothing is there, but the text could be read


@LINUX
@pytest.mark.parametrize(
    "name",
    [
        b"caf\xe9.mp4",
        b"-x.mp4",
        b"file:%41.mp4",
        "e\u0301.mp4".encode(),
        b"a\nb,\"c'.mp4",
        b"x" * 255,
    ],
)
def test_a_video_of_any_name_is_found_beside_the_moved_project(name: bytes, tmp_path: Path) -> None:
    first = tmp_path / "first"
    first.mkdir()
    file = first / os.fsdecode(name)
    file.write_bytes(b"1")
    project = Project.create(first / "a.yowo", "Ada")
    commit(project, AddVideos((NewVideo(file),)))
    assert project.videos()[0].path == file
    project.close()
    first.rename(tmp_path / "second")
    project = Project.open(tmp_path / "second" / "a.yowo", "Ada")
    (video,) = project.videos()
    project.close()
    assert video.path == tmp_path / "second" / os.fsdecode(name)
    assert video.problem == ""
    assert video.name.encode()
