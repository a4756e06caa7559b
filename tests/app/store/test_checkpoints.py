"""Copies of a project beside it: their names, which are due, and which go."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from app.editing.history import commit, undo
from app.editing.labels import AddLabel
from app.errors import ProjectError
from app.store import checkpoints
from app.store.checkpoints import checked_copy, folder_of, is_due, listed, make
from app.store.project import Project


def kept(project: Project, name: str, *, automatic: bool = False) -> Path:
    return make(project.path, project.copy_to, name, automatic=automatic).path


@pytest.mark.parametrize(
    "name",
    ["plain", 'a/b\\c:d*e?f"g<h>i|j%k', "two\nlines", "中文 ✂ é", "- 1.0, 'x'", "..", "100 %25"],
)
def test_any_name_comes_back(project: Project, name: str) -> None:
    path = kept(project, name)
    assert [c.name for c in listed(project.path)] == [name]
    assert path.parent == folder_of(project.path)
    assert not set(path.name) & set('\\/:*?"<>|\n')


def test_a_long_name_is_cut(project: Project) -> None:
    kept(project, "中" * 300)
    (found,) = listed(project.path)
    assert found.name == "中" * 40


def test_a_checkpoint_is_a_project_of_its_own_with_its_history(
    project: Project, video_id: int
) -> None:
    path = kept(project, "now")
    commit(project, AddLabel("later"))
    copy = Project.open(path)
    assert [label.name for label in copy.labels()] == ["walk", "read"]
    assert copy.videos()[0].path == project.videos()[0].path
    undo(copy)
    assert [label.name for label in copy.labels()] == ["walk"]
    copy.close()


def test_a_project_takes_a_checkpoint_over_in_one_step(
    project: Project, video_id: int, tmp_path: Path
) -> None:
    path = kept(project, "now")
    commit(project, AddLabel("later"))
    project.take_over(checked_copy(path, tmp_path / "work"))
    assert [label.name for label in project.labels()] == ["walk", "read"]
    assert project.history().undo == "Add label read"
    undo(project)
    project.close()
    again = Project.open(project.path)
    again.check()
    assert [label.name for label in again.labels()] == ["walk"]
    again.close()


def test_a_damaged_checkpoint_is_refused(project: Project, tmp_path: Path) -> None:
    path = kept(project, "now")
    path.write_bytes(path.read_bytes()[:9000])
    with pytest.raises(ProjectError, match="is damaged"):
        checked_copy(path, tmp_path / "work")


def test_automatic_ones_are_bounded_and_named_ones_stay(project: Project) -> None:
    kept(project, "mine")
    for number in range(checkpoints.KEPT + 3):
        kept(project, f"{number}", automatic=True)
    found = listed(project.path)
    assert [c.name for c in found if c.automatic] == [str(n) for n in range(9, 2, -1)]
    assert [c.name for c in found if not c.automatic] == ["mine"]


def test_one_is_due_a_day_after_the_last_when_something_changed(project: Project) -> None:
    now = datetime.now(UTC)

    def ago(**spans: float) -> str:
        return (now - timedelta(**spans)).isoformat(timespec="milliseconds")

    assert not is_due(project.path, "")
    assert not is_due(project.path, ago(hours=3))
    assert is_due(project.path, ago(hours=30))
    path = kept(project, "yesterday", automatic=True)
    assert not is_due(project.path, ago(hours=30))
    old = (now - timedelta(hours=26)).strftime("%Y%m%dT%H%M%S.000Z")
    path.rename(path.with_name(f"{old} auto yesterday.yowo"))
    assert is_due(project.path, ago(hours=1))
    assert not is_due(project.path, ago(hours=40))


def test_a_folder_that_cannot_be_made_is_told(project: Project) -> None:
    folder_of(project.path).write_text("a file")
    with pytest.raises(ProjectError, match=r"till\.yowo-checkpoints cannot be written"):
        kept(project, "now")


def test_other_files_in_the_folder_are_left_alone(project: Project) -> None:
    kept(project, "now", automatic=True)
    other = folder_of(project.path) / "notes.txt"
    other.write_text("mine")
    for number in range(checkpoints.KEPT):
        kept(project, str(number), automatic=True)
    assert other.read_text() == "mine"
    assert len(listed(project.path)) == checkpoints.KEPT
