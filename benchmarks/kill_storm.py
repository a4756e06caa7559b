"""Kill a program in a storm of edits, again and again: `python -m benchmarks.kill_storm`.

A child process edits a project as fast as it can and says each edit on a pipe once it is made;
then it is killed with SIGKILL. Nothing that was said may be missing, the file must be sound, and
undo must work. In every other round the child imports predictions; of an import that was cut off
nothing may be seen, and opening clears it away.
"""

import argparse
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Final

import numpy as np

from app.domain.project import NewVideo, RunKind
from app.editing.boxes import MoveBox
from app.editing.history import NOTHING, commit, redo, undo
from app.editing.labels import AddLabel
from app.editing.media import AddVideos
from app.editing.tubes import AddTube, SetReview
from app.store.project import Project
from yowo_core.annotations import ActionSpan, Review, Tube

ROOT: Final = Path(__file__).resolve().parents[1]
LENGTH: Final = 150
TUBES: Final = 40  # of one import


@dataclass
class Storm:
    """What the rounds so far found."""

    kills: int = 0
    said: int = 0
    imports: int = 0
    cut_off: int = 0
    lost: list[str] = field(default_factory=list)
    unsound: list[str] = field(default_factory=list)
    open_ms: list[float] = field(default_factory=list)


def make_project(path: Path) -> None:
    """A project with a video and a label."""
    with closing(Project.create(path, "storm")) as project:
        commit(project, AddVideos((NewVideo(path.with_name("a.mp4"), 1280, 720, 5000),)))
        commit(project, AddLabel("walk"))


def edits(project: Project, start: int) -> Iterator[str]:
    """Draw a tube, move its box, review it, take the review back and repeat it; and so on."""
    number = start
    while True:
        boxes = np.tile([1.0, 2, 30, 40], (2, 1))
        change = commit(project, AddTube(1, Tube(f"{number:032x}", np.array([0, 9]), boxes)))
        (tube,) = change.tubes
        yield f"tube {number}"
        commit(project, MoveBox(tube, 0, (float(number), 2.0, number + 30.0, 40.0)))
        yield f"box {number}"
        commit(project, SetReview((tube,), Review.UNSURE))
        yield f"review {number}"
        undo(project)
        yield f"undone {number}"
        redo(project)
        yield f"redone {number}"
        number += 1


def imports(project: Project) -> Iterator[str]:
    """Import predictions, run after run."""
    boxes = np.tile([1.0, 2, 30, 40], (LENGTH, 1))
    spans = (ActionSpan(1, 0, LENGTH, 0.5),)
    tubes = [Tube(str(i), np.arange(LENGTH), boxes, spans) for i in range(TUBES)]
    while True:
        run = project.add_run(RunKind.DETECT, "storm", project.path.parent / "run", 1)
        yield "begun"
        project.import_predictions(1, run.id, tubes)
        yield f"run {run.id}"


def act(path: Path, start: int, *, importing: bool) -> None:
    """The child: work until it is killed, saying what is done."""
    project = Project.open(path, "storm")
    for _step in project.clearing():
        pass
    for said in imports(project) if importing else edits(project, start):
        sys.stdout.write(f"{said}\n")
        sys.stdout.flush()


def killed(path: Path, start: int, seconds: float, *, importing: bool) -> list[str]:
    """What a child said before it was killed, so many seconds after its first word."""
    command = [sys.executable, "-m", "benchmarks.kill_storm", "--child", str(path), str(start)]
    command += ["--imports"] if importing else []
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None
        said = [_line(child.stdout)]
        time.sleep(seconds)
        child.kill()
        said += [line.rstrip("\n") for line in child.stdout if line.endswith("\n")]
    return [line for line in said if line]


def examine(path: Path, said: list[str], storm: Storm) -> None:
    """Open the project and compare it with what was said."""
    start = time.perf_counter()
    project = Project.open(path, "examiner")
    storm.open_ms.append((time.perf_counter() - start) * 1000)
    with closing(project):
        storm.cut_off += _count(project, "SELECT count(DISTINCT run_id) FROM tubes WHERE state = 2")
        for _step in project.clearing():
            pass
        storm.unsound += _unsound(project)
        storm.lost += [line for line in said if not _there(project, line)]
        before = project.history()
        if undo(project) == NOTHING or redo(project) == NOTHING:
            storm.unsound.append("undo or redo does nothing")
        after = project.history()
        if (after.undo, after.redo) != (before.undo, before.redo):
            storm.unsound.append(f"undo and redo lead to {after} instead of {before}")


def run(path: Path, kills: int, seed: int = 0) -> Storm:
    """So many kills, half of them in a storm of edits, half during imports."""
    generator = random.Random(seed)
    storm = Storm()
    make_project(path)
    for kill in range(kills):
        importing = kill % 2 == 1
        start = 1000 * (kill + 1)
        said = killed(path, start, generator.uniform(0.0, 0.4), importing=importing)
        storm.kills += 1
        storm.said += 0 if importing else len(said)
        storm.imports += sum(line.startswith("run") for line in said)
        examine(path, said, storm)
    return storm


def _line(pipe: IO[str]) -> str:
    return pipe.readline().rstrip("\n")


def _count(project: Project, sql: str) -> int:
    with project.reading() as connection:
        return int(connection.exec_driver_sql(sql).scalar() or 0)


def _unsound(project: Project) -> list[str]:
    with project.reading() as connection:
        said = connection.exec_driver_sql("PRAGMA integrity_check").scalars().all()
        broken = connection.exec_driver_sql("PRAGMA foreign_key_check").all()
    left = _count(project, "SELECT count(*) FROM tubes WHERE state = 2")
    found = [line for line in said if line != "ok"]
    found += [f"foreign keys: {broken}"] if broken else []
    return found + ([f"{left} tubes of a cut off import"] if left else [])


def _there(project: Project, line: str) -> bool:
    """Whether what was said is in the project, or a later edit of the same tube."""
    what, _, number = line.partition(" ")
    if what == "begun":
        return True
    if what == "run":
        shown = f"SELECT count(*) FROM tubes WHERE run_id = {int(number)} AND state = 0"
        stored = f"SELECT count(*) FROM boxes JOIN tubes ON id = tube_id WHERE run_id = {number}"
        return (_count(project, shown), _count(project, stored)) == (TUBES, TUBES * LENGTH)
    tube = f"SELECT id FROM tubes WHERE uid = '{int(number):032x}' AND state = 0"
    box = f"SELECT x1 FROM boxes WHERE frame = 0 AND tube_id = ({tube})"
    review = f"SELECT review FROM tubes WHERE uid = '{int(number):032x}'"
    with project.reading() as connection:
        found = [connection.exec_driver_sql(q).scalar() for q in (tube, box, review)]
    if what == "tube":
        return found[0] is not None
    if what == "box":
        return found[1] == float(number)
    return what != "redone" or found[2] == Review.UNSURE.value


def main() -> None:
    """Be the child, or kill children and print what came of it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--child", nargs=2, help=argparse.SUPPRESS)
    parser.add_argument("--imports", action="store_true", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.child:
        act(Path(given.child[0]), int(given.child[1]), importing=given.imports)
        return
    with tempfile.TemporaryDirectory() as folder:
        storm = run(Path(folder) / "storm.yowo", given.kills, given.seed)
    print(f"{storm.kills} kills: {storm.said} edits and {storm.imports} imports were said")
    print(f"{storm.cut_off} imports were cut off and cleared away")
    print(f"lost: {storm.lost or 'nothing'}; unsound: {storm.unsound or 'nothing'}")
    median, worst = np.percentile(storm.open_ms, [50, 100])
    print(f"opening afterwards: median {median:.0f} ms, longest {worst:.0f} ms")
    sys.exit(bool(storm.lost or storm.unsound))


if __name__ == "__main__":
    main()
