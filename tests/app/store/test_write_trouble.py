"""Full disks, folders that turn read-only, files that go away: nothing saved is lost."""

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from app.domain.project import Change
from app.editing.history import commit, undo
from app.editing.labels import AddLabel
from app.editing.tubes import AddTube
from app.errors import ProjectError, ProjectGoneError
from app.store.project import Project
from tests.app.store.files import ROOT
from yowo_core.annotations import Tube


def long_tube(project: Project) -> Change:
    """Draw a tube of 900 boxes: dozens of pages."""
    frames = np.arange(900)
    boxes = np.random.default_rng(0).uniform(0, 50, (900, 4))
    boxes[:, 2:] += 60.0
    return commit(project, AddTube(1, Tube("", frames, boxes)))


def names(project: Project) -> list[str]:
    return [label.name for label in project.labels()]


def pragma(project: Project, text: str) -> None:
    with project.reading() as connection:
        connection.exec_driver_sql(f"PRAGMA {text}")


def filled_up(project: Project) -> int:
    """Draw tubes until there is no room; how many were drawn."""
    for drawn in range(1000):
        try:
            long_tube(project)
        except ProjectError:
            return drawn
    raise AssertionError("the disk is never full")


def test_on_a_full_disk_reading_goes_on_and_later_edits_work_again(
    project: Project, video_id: int
) -> None:
    pragma(project, "max_page_count = 120")
    drawn = filled_up(project)
    assert drawn > 0
    assert len(project.tubes(video_id)) == drawn
    assert project.history().undo == f"Add #{drawn}"
    with pytest.raises(ProjectError, match=r"The disk is full: .* free some space and repeat it"):
        long_tube(project)
    pragma(project, "max_page_count = 1073741823")
    long_tube(project)
    for _ in range(drawn + 1):
        undo(project)
    assert project.tubes(video_id) == []
    assert project.history().undo == "Add label read"


@pytest.fixture
def small_disk() -> Iterator[Path]:
    """A folder on a disk of its own of one MiB."""
    folder = Path(tempfile.mkdtemp())
    size = ["mount", "-t", "tmpfs", "-o", "size=1m,nr_inodes=100", "tmpfs", str(folder)]
    try:
        mounted = subprocess.run(size, capture_output=True, check=False).returncode == 0
    except FileNotFoundError:
        mounted = False
    if not mounted:
        folder.rmdir()
        pytest.skip("only root can mount a small disk")
    yield folder
    subprocess.run(["umount", "--lazy", str(folder)], check=True)
    folder.rmdir()


def test_on_a_disk_that_is_really_full_the_project_stays_whole(small_disk: Path) -> None:
    project = Project.create(small_disk / "a.yowo", "Ada")
    commit(project, AddLabel("walk"))
    filler = small_disk / "filler"
    with filler.open("wb", buffering=0) as file:
        while True:
            try:
                file.write(bytes(4096))
            except OSError:
                break
    said = []
    for number in range(3):
        with pytest.raises(ProjectError) as caught:
            commit(project, AddLabel(f"lost {number} {'x' * 50_000}"))
        said.append(str(caught.value))
    assert all("The change was not saved and nothing else is lost" in text for text in said)
    assert names(project) == ["walk"]
    filler.unlink()
    commit(project, AddLabel("read"))
    project.close()
    again = Project.open(project.path)
    assert names(again) == ["walk", "read"]
    again.close()


def test_a_project_that_turns_read_only_is_read_on(project: Project, video_id: int) -> None:
    pragma(project, "query_only = 1")
    with pytest.raises(ProjectError, match=r"is write-protected\. The change was not saved"):
        commit(project, AddLabel("run"))
    assert names(project) == ["walk", "read"]
    pragma(project, "query_only = 0")
    commit(project, AddLabel("run"))
    assert names(project) == ["walk", "read", "run"]


@pytest.mark.parametrize("replaced", [False, True])
def test_a_file_that_goes_away_is_told_at_the_next_edit_and_can_be_saved(
    project: Project, video_id: int, tmp_path: Path, replaced: bool
) -> None:
    project.path.rename(tmp_path / "elsewhere")
    if replaced:
        project.path.write_bytes(b"another file")
    how = "replaced" if replaced else "deleted"
    with pytest.raises(ProjectGoneError, match=rf"till\.yowo was {how} by another program"):
        commit(project, AddLabel("run"))
    assert names(project) == ["walk", "read"]
    project.copy_to(tmp_path / "kept.yowo")
    project.close()
    if replaced:
        assert project.path.read_bytes() == b"another file"
    kept = Project.open(tmp_path / "kept.yowo")
    assert names(kept) == ["walk", "read"]
    commit(kept, AddLabel("run"))
    kept.close()


def test_a_log_that_goes_away_is_told_too(project: Project, video_id: int) -> None:
    project.path.with_name("till.yowo-wal").unlink()
    with pytest.raises(ProjectGoneError):
        commit(project, AddLabel("run"))


def test_a_copy_that_cannot_be_written_leaves_nothing(project: Project, tmp_path: Path) -> None:
    with pytest.raises(ProjectError, match=r"missing/kept\.yowo cannot be"):
        project.copy_to(tmp_path / "missing" / "kept.yowo")


# opens projects where nothing may be written; whoever is root becomes nobody first
PROTECTED = """
import os, sys
from pathlib import Path
from app.editing.history import commit
from app.editing.labels import AddLabel
from app.errors import ProjectError
from app.store.project import Project

folder = Path(sys.argv[1])
for name in ("file", "folder"):
    (folder / name).mkdir()
    project = Project.create(folder / name / "a.yowo", "Ada")
    commit(project, AddLabel("walk"))
    project.close()
Project.open(project.path, to_read=True).close()
(folder / "file" / "a.yowo").chmod(0o444)
(folder / "file").chmod(0o777)
(folder / "folder" / "a.yowo").chmod(0o666)
(folder / "folder").chmod(0o555)
if os.getuid() == 0:
    os.setuid(65534)
for name in ("file", "folder"):
    project = Project.open(folder / name / "a.yowo")
    print(project.read_only)
    print(*(label.name for label in project.labels()))
    try:
        commit(project, AddLabel("read"))
    except ProjectError as error:
        print(error)
    project.close()
    print(*sorted(p.name for p in (folder / name).iterdir()))
"""


@pytest.mark.skipif(sys.platform == "win32", reason="rights of folders are another thing there")
def test_what_cannot_be_written_is_shown_to_read() -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)
        done = subprocess.run(
            [sys.executable, "-c", PROTECTED, name],
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=False,
            env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"},
        )
        (folder / "folder").chmod(0o755)
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    whys = (f"{folder}/file/a.yowo is write-protected.", f"{folder}/folder cannot be written (")
    for why, said in zip(whys, (lines[:4], lines[4:]), strict=True):
        assert said[0].startswith(why)
        assert said[0].endswith("to change it, copy it to another folder.")
        assert said[1] == "walk"
        assert said[2] == f"{said[0]} The change was not made."
        assert said[3] == "a.yowo"
