"""A project with a video and two labels, for tests of the store."""

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from app.domain.project import NewVideo, RunKind
from app.editing.history import commit
from app.editing.labels import AddLabel
from app.editing.media import AddVideos
from app.editing.tubes import AddTube
from app.store.project import Project
from yowo_core.annotations import ActionSpan, Tube


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


@pytest.fixture(scope="session")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project with something in every table."""
    folder = tmp_path_factory.mktemp("filled")
    project = Project.create(folder / "a.yowo", "Ada")
    commit(project, AddVideos((NewVideo(folder / "a.mp4", 90, 90, 500),)))
    commit(project, AddLabel("walk"))
    run = project.add_run(RunKind.DETECT, "Analyse", folder / "run", 1, "demo")
    boxes = np.tile([1.0, 2, 30, 40], (60, 1))
    spans = (ActionSpan(1, 5, 50, 0.5, (0.5,) * 45),)
    tubes = [Tube(str(i), np.arange(i, i + 60), boxes, spans) for i in range(20)]
    project.import_predictions(1, run.id, tubes)
    for i in range(20):
        commit(project, AddTube(1, Tube("", np.arange(i, i + 60), boxes)))
    project.close()
    return project.path
