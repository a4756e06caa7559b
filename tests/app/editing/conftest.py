"""A project with a video and two labels, for tests of edits."""

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import pytest

from app.domain.project import NewVideo
from app.editing.history import commit
from app.editing.labels import AddLabel
from app.editing.media import AddVideos
from app.store.project import Project


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    """An open, empty project of Ada's."""
    opened = Project.create(tmp_path / "till.yowo", "Ada")
    yield opened
    opened.close()


@pytest.fixture
def video_id(project: Project) -> int:
    """A video of 1000 frames; the labels walk (1) and read (2) are there too."""
    file = project.path.parent / "lunch.mp4"
    file.write_bytes(b"not looked into")
    facts = NewVideo(file, 1280, 720, 1000, Fraction(30000, 1001), "hash-of-lunch", 15)
    for edit in (AddVideos((facts,)), AddLabel("walk"), AddLabel("read", "#00ff00")):
        commit(project, edit)
    return project.videos()[0].id
