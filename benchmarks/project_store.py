"""How long a project of many tubes takes to answer: run as `python -m benchmarks.project_store`.

Prints medians and 95th percentiles in milliseconds for what the window does on the GUI thread.
"""

import argparse
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from app.domain.project import NewVideo, RunKind
from app.editing.actions import ToggleAction
from app.editing.boxes import MoveBox
from app.editing.history import commit, going_to, redo, undo
from app.editing.labels import AddLabel, RenameLabel
from app.editing.media import AddVideos
from app.editing.tubes import AddTube
from app.store.project import Project
from yowo_core.annotations import ActionSpan, Tube

FRAMES = 216_000  # two hours at 30 frames a second
LENGTH = 100


def milliseconds(name: str, action: Callable[[int], object], repeats: int) -> None:
    """Time an action that gets the number of its turn, and print a line."""
    times = []
    for turn in range(repeats):
        start = time.perf_counter()
        action(turn)
        times.append((time.perf_counter() - start) * 1000)
    median, late, worst = np.percentile(times, [50, 95, 100])
    print(f"{name:<34} {median:8.2f} {late:8.2f} {worst:8.2f}  ({repeats} times)")


def predictions(count: int, generator: np.random.Generator) -> list[Tube]:
    """Tubes of 100 dense boxes with two actions, spread over two hours."""
    starts = generator.integers(0, FRAMES - LENGTH, count)
    walk = generator.normal(0, 2, (count, LENGTH, 1)).cumsum(axis=1) + 400
    shape = np.array([0.0, 0, 120, 240])
    return [
        Tube(
            str(i),
            np.arange(start, start + LENGTH),
            walk[i] + shape,
            spans=(
                ActionSpan(1, start, start + LENGTH, 0.7),
                ActionSpan(2, start + 20, start + 60, 0.4),
            ),
        )
        for i, start in enumerate(starts.tolist())
    ]


def human_tube() -> Tube:
    """Ten keyframes in the middle of the video."""
    frames = FRAMES // 2 + np.arange(10) * 10
    boxes = np.tile([100.0, 100, 220, 340], (10, 1)) + np.arange(10.0)[:, None]
    return Tube("x", frames, boxes, spans=(ActionSpan(1, int(frames[0]), int(frames[-1]) + 1),))


def import_all(project: Project, run_id: int, tubes: list[Tube]) -> None:
    """Import step by step as the window does, and print how long the steps take."""
    steps = project.importing(1, run_id, tubes)
    milliseconds("one step of the import", lambda _: next(steps), 50)
    start = time.perf_counter()
    worst = 0.0
    began = start
    for _change in steps:
        worst, began = max(worst, time.perf_counter() - began), time.perf_counter()
    seconds = time.perf_counter() - start
    print(f"the rest of the import: {seconds:.1f} s, longest step {worst * 1000:.1f} ms")


def measure(project: Project, tubes: int) -> None:
    """Fill the project and time queries and edits."""
    generator = np.random.default_rng(0)
    for edit in (
        AddVideos((NewVideo(project.path, 1280, 720, FRAMES),)),
        AddLabel("walk"),
        AddLabel("read"),
    ):
        commit(project, edit)
    run = project.add_run(RunKind.DETECT, "benchmark", project.path.parent, 1, "demo")
    import_all(project, run.id, predictions(tubes, generator))
    (tube_id,) = commit(project, AddTube(1, human_tube())).tubes
    (dense,) = (project.tubes(1)[tubes // 2].id,)
    frames = generator.integers(0, FRAMES, 2000).tolist()
    middle = FRAMES // 2
    milliseconds("boxes_at(), random frame", lambda i: project.boxes_at(1, frames[i], 0.3), 2000)
    milliseconds("boxes_at(), late frame", lambda i: project.boxes_at(1, FRAMES - 200 - i), 500)
    milliseconds("tubes()", lambda _: project.tubes(1), 10)
    milliseconds("tubes() of one id", lambda _: project.tubes(1, [tube_id]), 200)
    milliseconds("tube(), dense", lambda _: project.tube(dense), 200)
    milliseconds("review_counts()", lambda _: project.review_counts(), 50)
    milliseconds("training_counts()", lambda _: project.training_counts(), 50)

    def move(turn: int) -> None:
        commit(project, MoveBox(tube_id, middle + 15, (100.0, 100.0, 221.0 + turn, 341.0)))

    milliseconds("one edit: move a box", move, 200)
    toggle = ToggleAction(tube_id, 2, middle + 5)
    milliseconds("one edit: toggle an action", lambda _: commit(project, toggle), 200)
    milliseconds("undo", lambda _: undo(project), 200)
    milliseconds("redo", lambda _: redo(project), 200)


def measure_history(project: Project, edits: int) -> None:
    """Let the history have so many edits and time what grows with it, if anything does."""
    copy = (
        "WITH RECURSIVE more(n) AS (SELECT max(id) + 1 FROM history UNION ALL SELECT n + 1 "
        f"FROM more WHERE n < {edits}) INSERT INTO history (id, uid, at, author_id, title, before, "
        "after, touched) SELECT n, hex(randomblob(16)), at, author_id, 'Edit ' || n, before, "
        "after, touched FROM more, history WHERE id = (SELECT max(id) FROM history)"
    )
    commit(project, RenameLabel(1, "stroll"))
    with project.writing() as connection:
        connection.exec_driver_sql(copy)
    generator = np.random.default_rng(0)
    at = generator.integers(1, edits - 200, 200).tolist()
    print(f"with {edits} edits in the history:")
    milliseconds("undo", lambda _: undo(project), 100)
    milliseconds("redo", lambda _: redo(project), 100)
    milliseconds("where it stands", lambda _: project.history(), 200)
    milliseconds("200 edits, anywhere", lambda i: project.edits(at[i], at[i] + 199), 200)
    milliseconds("5,000 edits looked through", lambda _: project.edits(1, 5000, "words"), 20)
    for _change in going_to(project, edits - 1000):
        pass
    milliseconds("where it stands, 1,000 undone", lambda _: project.history(), 200)
    milliseconds("an edit after 1,000 undone", lambda i: commit(project, AddLabel(f"a{i}")), 1)
    start = time.perf_counter()
    project.close()
    again = Project.open(project.path)
    print(f"closed and opened: {(time.perf_counter() - start) * 1000:.0f} ms")
    again.close()


def main() -> None:
    """Measure in a folder that goes away afterwards."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tubes", type=int, default=10_000)
    parser.add_argument("--edits", type=int, default=100_000)
    given = parser.parse_args()
    tubes = given.tubes
    with tempfile.TemporaryDirectory() as folder:
        start = time.perf_counter()
        project = Project.create(Path(folder) / "benchmark.yowo")
        print(f"create: {(time.perf_counter() - start) * 1000:.0f} ms; {tubes} tubes x {LENGTH}")
        print(f"{'ms':<34} {'median':>8} {'p95':>8} {'worst':>8}")
        measure(project, tubes)
        size = project.path.stat().st_size
        measure_history(project, given.edits)
        print(f"file: {max(size, project.path.stat().st_size) / 1e6:.0f} MB")


if __name__ == "__main__":
    main()
