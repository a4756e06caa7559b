import subprocess
import sys
from pathlib import Path

import pytest

from app.store.project import Project

# commits one label after the other and says each on stdout only when it is committed
WRITER = """
import sys
from pathlib import Path
from app.editing.history import commit
from app.editing.labels import AddLabel
from app.store.project import Project

project = Project.open(Path(sys.argv[1]))
start = int(sys.argv[2])
for number in range(start, start + 100_000):
    commit(project, AddLabel(f"label {number}"))
    print(number, flush=True)
"""


@pytest.mark.parametrize("acknowledged", [1, 7, 40])
def test_kill_loses_nothing_that_was_acknowledged(project: Project, acknowledged: int) -> None:
    root = Path(__file__).resolve().parents[3]
    with subprocess.Popen(
        [sys.executable, "-c", WRITER, str(project.path), "0"],
        cwd=root,
        stdout=subprocess.PIPE,
        text=True,
    ) as writer:
        assert writer.stdout is not None
        said = [int(writer.stdout.readline()) for _ in range(acknowledged)]
        writer.kill()
        said += [int(line) for line in writer.stdout if line.endswith("\n")]
    kept = {label.name for label in project.labels()}
    assert {f"label {number}" for number in said} <= kept
    # an edit and its entry in the history are there together or not at all
    with project.reading() as connection:
        entries = connection.exec_driver_sql("SELECT count(*) FROM history").scalar()
        assert connection.exec_driver_sql("PRAGMA integrity_check").scalar() == "ok"
    assert entries == len(kept)
