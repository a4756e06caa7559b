import os
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from app.editing.history import commit
from app.editing.labels import AddLabel
from app.errors import ProjectError
from app.store import connection as connection_module
from app.store.project import Project
from app.store.schema import REVISION


def test_a_new_project_is_one_file_that_opens_again(tmp_path: Path) -> None:
    path = tmp_path / "a b #1.yowo"
    project = Project.create(path, "Ada")
    uid = project.uid
    commit(project, AddLabel("walk"))
    project.close()
    assert list(tmp_path.iterdir()) == [path]
    again = Project.open(path, "Ben")
    assert again.uid == uid
    assert [label.name for label in again.labels()] == ["walk"]
    again.close()


def test_a_new_project_takes_no_files_place(tmp_path: Path) -> None:
    path = tmp_path / "mine.yowo"
    path.write_text("precious")
    with pytest.raises(ProjectError, match=r"mine\.yowo is there already"):
        Project.create(path)
    assert path.read_text() == "precious"


def test_a_new_project_needs_its_folder(tmp_path: Path) -> None:
    with pytest.raises(ProjectError, match=r"new\.yowo cannot be written: No such file"):
        Project.create(tmp_path / "missing" / "new.yowo")


def other_database(path: Path) -> None:
    with closing(sqlite3.connect(path)) as driver:
        driver.execute("CREATE TABLE notes (text)")


def cut_short(path: Path) -> None:
    Project.create(path).close()
    path.write_bytes(path.read_bytes()[:5000])


def without_tables(path: Path) -> None:
    with closing(sqlite3.connect(path)) as driver:
        driver.execute(f"PRAGMA application_id = {0x594F574F}")
        driver.execute("CREATE TABLE notes (text)")


@pytest.mark.parametrize(
    ("make", "sentence"),
    [
        (lambda path: None, "does not exist; check the name"),
        (lambda path: path.mkdir(), "is a folder; choose the .yowo file"),
        (lambda path: path.touch(), "is empty; put back a copy"),
        (lambda path: path.write_text("hello" * 99), "is no project of YOWO Studio"),
        (other_database, "is a database of another program"),
        (cut_short, "is damaged"),
        (without_tables, "is no project or is damaged"),
    ],
)
def test_what_is_no_project_is_refused_with_path_and_advice(
    tmp_path: Path, make: object, sentence: str
) -> None:
    path = tmp_path / "odd.yowo"
    assert callable(make)
    make(path)
    with pytest.raises(ProjectError) as caught:
        Project.open(path)
    assert str(caught.value).startswith(str(path))
    assert sentence in str(caught.value)


def test_a_database_of_another_program_is_not_touched(tmp_path: Path) -> None:
    path = tmp_path / "other.yowo"
    other_database(path)
    before = path.read_bytes()
    with pytest.raises(ProjectError):
        Project.open(path)
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]


def test_a_file_without_read_rights_is_refused(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "access", lambda path, mode: False)
    with pytest.raises(ProjectError, match=r"till\.yowo cannot be read; check its rights"):
        Project.open(project.path)


def test_a_project_of_a_newer_version_is_refused_untouched(project: Project) -> None:
    project.close()
    with closing(sqlite3.connect(project.path)) as driver:
        driver.execute("UPDATE alembic_version SET version_num = '0042'")
        driver.commit()
    with pytest.raises(ProjectError, match=rf"newer YOWO Studio \(format 0042, .*{REVISION}\)"):
        Project.open(project.path)
    with closing(sqlite3.connect(project.path)) as driver:
        assert driver.execute("SELECT version_num FROM alembic_version").fetchone() == ("0042",)


def test_a_project_that_another_program_writes_can_be_read_but_not_edited(
    project: Project, video_id: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection_module, "LOCK_WAIT_S", 0.05)
    with closing(sqlite3.connect(project.path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        assert [video.id for video in project.videos()] == [video_id]
        with pytest.raises(ProjectError, match=r"written by another program\. The change was not"):
            commit(project, AddLabel("run"))
        other.execute("ROLLBACK")
        assert "run" not in [label.name for label in project.labels()]
        commit(project, AddLabel("run"))
    assert "run" in [label.name for label in project.labels()]


def test_a_project_moves_with_its_videos(project: Project, video_id: int, tmp_path: Path) -> None:
    project.close()
    there = tmp_path / "elsewhere"
    there.mkdir()
    moved = project.path.rename(there / project.path.name)
    video = (tmp_path / "lunch.mp4").rename(there / "lunch.mp4")
    again = Project.open(moved)
    assert again.videos()[0].path == video
    assert again.videos()[0].problem == ""
    again.close()


def test_a_project_that_moves_alone_finds_its_videos_where_they_were(
    project: Project, video_id: int, tmp_path: Path
) -> None:
    project.close()
    (tmp_path / "deep" / "er").mkdir(parents=True)
    again = Project.open(project.path.rename(tmp_path / "deep" / "er" / "till.yowo"))
    assert again.videos()[0].path == tmp_path / "lunch.mp4"
    again.close()


def test_a_missing_video_is_a_problem_of_its_own(project: Project, video_id: int) -> None:
    file = project.path.parent / "lunch.mp4"
    file.unlink()
    assert str(file) in project.videos()[0].problem
    file.touch()
    assert project.videos()[0].problem == ""
    change = project.set_media_problem(video_id, "ends after 28 of 50 frames")
    assert change.media
    assert project.videos()[0].problem == "ends after 28 of 50 frames"
    with pytest.raises(ProjectError, match="no video with the id 99"):
        project.set_media_problem(99, "x")
