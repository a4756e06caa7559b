"""Two windows on one project: one writes, the other is told who does and may read."""

import json
import os
import platform
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path

import pytest

from app.editing.history import commit
from app.editing.labels import AddLabel
from app.errors import ProjectError, ProjectInUseError
from app.store import claim as claim_module
from app.store.claim import Claim, Owner, note_path
from app.store.project import Project
from tests.app.store.files import ROOT

# opens a project, says so, and holds it until it is told something or killed
HOLDER = """
import sys
from pathlib import Path
from app.store.project import Project

project = Project.open(Path(sys.argv[1]), "Ben")
print("open", flush=True)
sys.stdin.readline()
project.close()
"""

# prints the labels twice, the second time when it is told to
READER = """
import sys
from pathlib import Path
from app.store.project import Project

project = Project.open(Path(sys.argv[1]), to_read=True)
for _turn in range(2):
    print(" ".join(label.name for label in project.labels()), flush=True)
    sys.stdin.readline()
project.close()
"""


# makes so many edits, each time it gets hold of the project, and says each
WRITER = """
import sys, time
from pathlib import Path
from app.editing.history import commit
from app.editing.labels import AddLabel
from app.errors import ProjectInUseError
from app.store.project import Project

number = 0
while number < int(sys.argv[3]):
    try:
        project = Project.open(Path(sys.argv[1]), sys.argv[2])
    except ProjectInUseError:
        time.sleep(0.001)
        continue
    commit(project, AddLabel(f"{sys.argv[2]} {number}"))
    project.close()
    print(f"{sys.argv[2]} {number}", flush=True)
    number += 1
"""


@contextmanager
def held(path: Path) -> Iterator["subprocess.Popen[str]"]:
    """Another process that has the project open."""
    with subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(path)],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "open\n"
        yield holder
        holder.kill()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    project = Project.create(tmp_path / "a.yowo", "Ada")
    commit(project, AddLabel("walk"))
    project.close()
    return project.path


def test_a_second_process_is_told_who_has_it_and_may_read(path: Path) -> None:
    with held(path) as holder:
        with pytest.raises(ProjectInUseError) as caught:
            Project.open(path)
        assert f"{path} is open already on this computer by" in str(caught.value)
        reader = Project.open(path, to_read=True)
        assert [label.name for label in reader.labels()] == ["walk"]
        with pytest.raises(ProjectError, match=r"a\.yowo is open here only to read\. The change"):
            commit(reader, AddLabel("read"))
        reader.close()
        assert holder.stdin is not None
        holder.stdin.write("done\n")
        holder.stdin.flush()
        assert holder.wait(20) == 0
    project = Project.open(path)
    assert [label.name for label in project.labels()] == ["walk"]
    project.close()
    assert [p.name for p in path.parent.iterdir()] == ["a.yowo"]


def test_a_killed_process_lets_go_at_once(path: Path) -> None:
    with held(path) as holder:
        holder.kill()
        holder.wait(20)
    Project.open(path).close()


def test_a_reader_sees_what_the_writer_does(path: Path) -> None:
    project = Project.open(path)
    with subprocess.Popen(
        [sys.executable, "-c", READER, str(path)],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as reader:
        assert reader.stdin is not None
        assert reader.stdout is not None
        assert reader.stdout.readline() == "walk\n"
        commit(project, AddLabel("read"))
        reader.stdin.write("again\n")
        reader.stdin.flush()
        assert reader.stdout.readline() == "walk read\n"
    project.close()


def test_two_processes_that_fight_for_a_project_lose_nothing(path: Path) -> None:
    fighters = [
        subprocess.Popen(
            [sys.executable, "-c", WRITER, str(path), name, "20"],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            text=True,
        )
        for name in ("Ada", "Ben")
    ]
    said = [line for f in fighters for line in f.communicate(timeout=100)[0].splitlines()]
    project = Project.open(path)
    names = [label.name for label in project.labels()]
    assert sorted(names) == sorted(["walk", *said])
    assert len(said) == 40
    with project.reading() as connection:
        assert connection.exec_driver_sql("PRAGMA integrity_check").scalar() == "ok"
        assert connection.exec_driver_sql("SELECT count(*) FROM history").scalar() == len(names)
    project.close()


def test_this_program_does_not_open_a_project_twice(path: Path) -> None:
    project = Project.open(path)
    with pytest.raises(ProjectInUseError, match="open already in this program"):
        Project.open(path)
    link = path.with_name("link.yowo")
    link.symlink_to(path)
    with pytest.raises(ProjectInUseError, match="open already in this program"):
        Project.open(link)
    project.close()
    Project.open(link).close()


def note(path: Path, computer: str, age: float) -> None:
    """The note of a program on some computer, last touched so many seconds ago."""
    owner = Owner(computer, "ben", 4711, "2026-11-20T13:03:00+00:00")
    file = note_path(path)
    file.write_text(json.dumps(asdict(owner)))
    then = file.stat().st_mtime - age
    os.utime(file, (then, then))


def test_the_note_of_another_computer_counts_while_it_is_fresh(path: Path) -> None:
    note(path, "kitchen", 30)
    with pytest.raises(ProjectInUseError, match=r"open already on kitchen by ben since 2026-11-20"):
        Project.open(path)
    with pytest.raises(ProjectInUseError):  # asking does not make it fresher
        Project.open(path)
    assert claim_module.owner_of(path).startswith("on kitchen by ben")
    note(path, "kitchen", 200)
    Project.open(path).close()
    note(path, platform.node(), 1)
    Project.open(path).close()


def test_an_owner_keeps_its_note_fresh(path: Path) -> None:
    claim = Claim(path)
    os.utime(note_path(path), (0, 0))
    claim.touch()
    assert note_path(path).stat().st_mtime > 0
    claim.release()
    assert not note_path(path).exists()


def test_without_locks_the_note_alone_keeps_others_away(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(claim_module, "_lock", lambda number: False)
    note(path, platform.node(), 30)
    with pytest.raises(ProjectInUseError, match="on this computer by ben"):
        Project.open(path)
    note(path, platform.node(), 200)
    Project.open(path).close()


def test_a_note_that_nobody_can_read_is_nobodys(path: Path) -> None:
    note_path(path).write_text("{ damaged")
    Project.open(path).close()
    assert not note_path(path).exists()
