"""What is no project, damaged or newer is refused in a sentence and left as it is."""

import random
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

from app.domain.project import NewVideo
from app.editing.history import commit, undo
from app.editing.labels import AddLabel
from app.editing.media import AddVideos
from app.editing.tubes import AddTube
from app.errors import AppError, EditError, ProjectDamagedError, ProjectError, ProjectLogError
from app.store import opening, soundness
from app.store.connection import IMMUTABLE, connect
from app.store.project import Project
from tests.app.store.files import edit_and_die, snapshot
from yowo_core.annotations import Tube


def other_database(path: Path) -> None:
    with closing(sqlite3.connect(path)) as driver:
        driver.execute("PRAGMA journal_mode = WAL")
        driver.execute("CREATE TABLE notes (text)")


def cut_short(path: Path) -> None:
    Project.create(path).close()
    path.write_bytes(path.read_bytes()[:20_000])


def without_tables(path: Path) -> None:
    with closing(sqlite3.connect(path)) as driver:
        driver.execute(f"PRAGMA application_id = {0x594F574F}")
        driver.execute("CREATE TABLE notes (text)")


def newer(path: Path) -> None:
    Project.create(path).close()
    with closing(sqlite3.connect(path)) as driver:
        driver.execute("UPDATE alembic_version SET version_num = '9042'")
        driver.commit()


def wrong_header(path: Path) -> None:
    Project.create(path).close()
    with path.open("r+b") as file:
        file.seek(68)
        file.write(b"ABCD")


def odd_review(path: Path) -> None:
    project = Project.create(path)
    commit(project, AddVideos((NewVideo(path.with_name("a.mp4"), frame_count=9),)))
    commit(project, AddTube(1, Tube("", np.arange(2), np.tile([1.0, 2, 3, 4], (2, 1)))))
    project.close()
    with closing(sqlite3.connect(path)) as driver:
        driver.execute("UPDATE tubes SET review = 'acceqted'")
        driver.commit()


@pytest.mark.parametrize(
    ("make", "sentence", "damaged"),
    [
        (lambda path: path.mkdir(), "is a folder; choose the .yowo file", False),
        (lambda path: path.touch(), "is empty; put back a copy", False),
        (lambda path: path.write_text("hello" * 99), "is no project of YOWO Studio", False),
        (lambda path: path.write_bytes(b"\0\0\0 ftypisom" * 999), "is no project", False),
        (other_database, "is a database of another program", False),
        (newer, "was written by a newer YOWO Studio (format 9042", False),
        (cut_short, "is damaged; put back a copy of it, or rescue", True),
        (without_tables, "is no project or is damaged", True),
        (wrong_header, "is damaged", True),
        (odd_review, "impossible values in 1 rows of tubes", True),
    ],
)
def test_what_cannot_be_opened_is_left_untouched(
    tmp_path: Path, make: Callable[[Path], object], sentence: str, damaged: bool
) -> None:
    path = tmp_path / "odd.yowo"
    make(path)
    before = snapshot(tmp_path)
    for to_read in (False, True):
        with pytest.raises(ProjectError) as caught:
            Project.open(path, to_read=to_read)
        assert str(caught.value).startswith(str(path))
        assert sentence in str(caught.value)
        assert isinstance(caught.value, ProjectDamagedError) == damaged
        assert snapshot(tmp_path) == before


def labels(path: Path) -> list[str]:
    project = Project.open(path)
    found = [label.name for label in project.labels()]
    project.close()
    return found


def test_after_a_kill_the_log_is_played_back(tmp_path: Path) -> None:
    path = tmp_path / "a.yowo"
    Project.create(path).close()
    edit_and_die(path, "walk", "read")
    assert sorted(p.name for p in tmp_path.iterdir()) == [
        "a.yowo",
        "a.yowo-open",
        "a.yowo-shm",
        "a.yowo-wal",
    ]
    assert labels(path) == ["walk", "read"]
    assert [p.name for p in tmp_path.iterdir()] == ["a.yowo"]


def test_the_log_of_another_project_is_refused_and_can_be_put_aside(tmp_path: Path) -> None:
    mine, other = tmp_path / "mine.yowo", tmp_path / "other.yowo"
    for path, name in ((mine, "walk"), (other, "swim")):
        project = Project.create(path)
        commit(project, AddLabel(name))
        project.close()
    edit_and_die(other, "dive")
    shutil.copy(tmp_path / "other.yowo-wal", tmp_path / "mine.yowo-wal")
    before = snapshot(tmp_path)
    with pytest.raises(ProjectLogError, match=r"mine\.yowo-wal does not belong to .*mine\.yowo"):
        Project.open(mine)
    assert snapshot(tmp_path) == before
    project = Project.open(mine, without_log=True)
    assert [label.name for label in project.labels()] == ["walk"]
    project.close()
    kept = tmp_path / "mine.yowo-wal.aside-1"
    assert kept.read_bytes() == (tmp_path / "other.yowo-wal").read_bytes()
    assert labels(other) == ["swim", "dive"]


def test_an_older_copy_in_place_of_a_crashed_project_is_refused(tmp_path: Path) -> None:
    path, copy = tmp_path / "a.yowo", tmp_path / "backup"
    project = Project.create(path)
    commit(project, AddLabel("walk"))
    project.close()
    shutil.copy(path, copy)
    project = Project.open(path)
    commit(project, AddLabel("read"))
    project.close()
    edit_and_die(path, "run")
    shutil.copy(copy, path)
    before = snapshot(tmp_path)
    with pytest.raises(ProjectLogError, match="one of the two was replaced"):
        Project.open(path)
    assert snapshot(tmp_path) == before


def test_a_missing_log_is_told_before_anything_is_written(tmp_path: Path) -> None:
    path = tmp_path / "a.yowo"
    Project.create(path).close()
    edit_and_die(path, "walk")
    log = tmp_path / "a.yowo-wal"
    kept = log.rename(tmp_path / "elsewhere")
    before = snapshot(tmp_path)
    with pytest.raises(ProjectLogError, match=r"newest changes of .*a\.yowo are missing"):
        Project.open(path)
    assert snapshot(tmp_path) == before
    kept.rename(log)
    assert labels(path) == ["walk"]
    edit_and_die(path, "read")
    log.unlink()
    project = Project.open(path, without_log=True)
    assert [label.name for label in project.labels()] == ["walk"]
    project.close()
    assert labels(path) == ["walk"]


def test_a_log_that_is_no_log_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.yowo"
    Project.create(path).close()
    (tmp_path / "a.yowo-wal").write_bytes(random.Random(0).randbytes(9000))
    with pytest.raises(ProjectLogError, match="or the log is damaged"):
        Project.open(path)


def use_everything(path: Path) -> None:
    """Read and change whatever a window does."""
    project = Project.open(path)
    try:
        for video in project.videos():
            for tube in project.tubes(video.id):
                project.tube(tube.id)
            project.boxes_at(video.id, 20)
            project.in_review(video.id)
        project.annotation_set(confirmed_only=False)
        for ask in (project.labels, project.runs, project.models, project.history):
            ask()
        project.review_counts()
        project.training_counts()
        commit(project, AddLabel("new"))
        for _ in range(30):
            undo(project)
    finally:
        project.close()


@pytest.mark.parametrize("seed", range(30))
def test_random_damage_is_a_sentence_and_never_a_fault(
    filled: Path, tmp_path: Path, seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(opening, "CHECK_S", 60.0)
    generator = random.Random(seed)
    content = bytearray(filled.read_bytes())
    for _ in range(generator.choice((1, 5, 50))):
        content[generator.randrange(len(content))] ^= 1 << generator.randrange(8)
    path = tmp_path / "a.yowo"
    path.write_bytes(content)
    before = snapshot(tmp_path)
    found = refused(path)
    if isinstance(found, EditError):
        assert "history" in str(found)
    elif found is not None:
        assert str(path) in str(found)
        assert isinstance(found, ProjectDamagedError) or snapshot(tmp_path) == before


def refused(path: Path) -> AppError | None:
    """What the program says when it uses the project; any other error is a fault."""
    try:
        use_everything(path)
    except AppError as error:
        return error
    return None


def test_the_look_for_damage_minds_its_time_and_leaves_nothing_behind(filled: Path) -> None:
    with closing(connect(filled, IMMUTABLE)) as driver:
        counted = "WITH RECURSIVE n(i) AS (VALUES(1) UNION ALL SELECT i + 1 FROM n LIMIT 1000000)"
        with soundness.limited(driver, 0.01), pytest.raises(sqlite3.OperationalError):
            driver.execute(f"{counted} SELECT count(*) FROM n, n AS other").fetchone()
        assert driver.execute(f"{counted} SELECT count(*) FROM n").fetchone() == (1_000_000,)
        assert soundness.problem_of(driver, 60.0) == ""
        assert soundness.problem_of(driver) == ""
