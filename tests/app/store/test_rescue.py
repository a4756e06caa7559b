"""What can be read of a damaged project comes out as a whole one."""

import random
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from app.editing.history import commit
from app.editing.labels import AddLabel
from app.errors import ProjectDamagedError, ProjectError
from app.store.project import Project
from app.store.rescue import rescue
from tests.app.store.files import edit_and_die, snapshot

TUBES = 40
BOXES = 60


def examined(path: Path) -> tuple[int, int]:
    """How many tubes and boxes a project has that is sound in every way."""
    project = Project.open(path)
    project.check()
    with project.reading() as connection:
        assert connection.exec_driver_sql("PRAGMA integrity_check").scalars().all() == ["ok"]
        assert connection.exec_driver_sql("PRAGMA foreign_key_check").all() == []
    found = [item for video in project.videos() for item in project.tubes(video.id)]
    boxes = 0
    for item in found:
        record = project.tube(item.id)
        assert record is not None
        assert (item.first, item.last) == (record.tube.start, record.tube.stop - 1)
        boxes += len(record.tube.frames)
    commit(project, AddLabel("goes on"))
    project.close()
    return len(found), boxes


def test_a_sound_project_comes_out_whole(filled: Path, tmp_path: Path) -> None:
    report = rescue(filled, tmp_path / "out.yowo")
    assert report.lost == {}
    assert report.read["tubes"] == TUBES
    assert examined(report.path) == (TUBES, TUBES * BOXES)
    before, after = Project.open(filled), Project.open(report.path)
    assert after.labels()[:1] == before.labels()
    assert after.videos()[0].path == before.videos()[0].path
    assert [t.spans for t in after.tubes(1)] == [t.spans for t in before.tubes(1)]
    assert after.runs()[0].uid == before.runs()[0].uid
    before.close()
    after.close()


def pages_of(path: Path, table: str) -> list[int]:
    """The numbers of a table's leaf pages."""
    with closing(sqlite3.connect(path)) as driver:
        query = "SELECT pageno FROM dbstat WHERE name = ? AND pagetype = 'leaf'"
        try:
            return [page for (page,) in driver.execute(query, (table,))]
        except sqlite3.OperationalError:
            pytest.skip("this SQLite does not tell which page is whose")


@pytest.mark.parametrize("table", ["boxes", "tubes", "spans", "labels", "videos", "authors"])
def test_a_page_that_is_gone_takes_only_its_rows_along(
    filled: Path, tmp_path: Path, table: str
) -> None:
    path = tmp_path / "a.yowo"
    content = bytearray(filled.read_bytes())
    page = pages_of(filled, table)[-1]
    content[(page - 1) * 4096 : page * 4096] = bytes(4096)
    path.write_bytes(content)
    with pytest.raises(ProjectDamagedError):
        Project.open(path)
    before = snapshot(tmp_path)
    report = rescue(path, tmp_path / "out.yowo")
    after = snapshot(tmp_path)
    assert after.pop("out.yowo")
    assert after == before
    tubes, boxes = examined(report.path)
    assert report.lost
    if table in ("spans", "labels", "videos", "authors"):
        assert (tubes, boxes) == (TUBES, TUBES * BOXES)
    else:
        assert tubes > TUBES / 2
        assert boxes > TUBES * BOXES / 2


@pytest.mark.parametrize("seed", range(10))
def test_random_damage_comes_out_sound_or_is_told(filled: Path, tmp_path: Path, seed: int) -> None:
    generator = random.Random(seed)
    content = bytearray(filled.read_bytes())
    for _ in range(generator.choice((1, 20, 200))):
        content[generator.randrange(len(content))] ^= 1 << generator.randrange(8)
    path = tmp_path / "a.yowo"
    path.write_bytes(content)
    try:
        report = rescue(path, tmp_path / "out.yowo")
    except ProjectError:
        assert not (tmp_path / "out.yowo").exists()
    else:
        tubes, boxes = examined(report.path)
        assert tubes <= TUBES
        assert boxes <= TUBES * BOXES
    assert path.read_bytes() == content


def test_a_file_without_header_or_end_is_rescued(filled: Path, tmp_path: Path) -> None:
    content = bytearray(filled.read_bytes())
    content[:16] = bytes(16)
    path = tmp_path / "a.yowo"
    path.write_bytes(content)
    assert examined(rescue(path, tmp_path / "b.yowo").path) == (TUBES, TUBES * BOXES)
    path.write_bytes(filled.read_bytes()[: len(content) * 9 // 10])
    tubes, boxes = examined(rescue(path, tmp_path / "c.yowo").path)
    assert 0 < tubes <= TUBES
    assert 0 < boxes < TUBES * BOXES


def test_the_log_of_a_damaged_project_is_rescued_too(tmp_path: Path) -> None:
    path = tmp_path / "a.yowo"
    Project.create(path).close()
    edit_and_die(path, "walk")
    project = Project.open(rescue(path, tmp_path / "b.yowo").path)
    assert [label.name for label in project.labels()] == ["walk"]
    project.close()


def test_what_holds_nothing_is_told(tmp_path: Path) -> None:
    path = tmp_path / "a.yowo"
    path.write_bytes(random.Random(0).randbytes(50_000))
    with pytest.raises(ProjectError, match=r"Nothing of .*a\.yowo can be read"):
        rescue(path, tmp_path / "b.yowo")
    assert not (tmp_path / "b.yowo").exists()
    Project.create(tmp_path / "c.yowo").close()
    with pytest.raises(ProjectError, match="is there already"):
        rescue(tmp_path / "a.yowo", tmp_path / "c.yowo")
