"""What tests of project files share: snapshots of folders, and a process that is killed."""

import hashlib
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]

# edits a project and is killed in the middle: the log of changes stays beside the file
KILLED = """
import os, signal, sys
from pathlib import Path
from app.editing.history import commit
from app.editing.labels import AddLabel
from app.store.project import Project

project = Project.open(Path(sys.argv[1]))
for name in sys.argv[2:]:
    commit(project, AddLabel(name))
os.kill(os.getpid(), signal.SIGKILL)
"""


def snapshot(folder: Path) -> dict[str, str]:
    """The hash of every file below a folder, by its path."""
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def edit_and_die(path: Path, *names: str) -> None:
    """Add labels to a project in a process that is killed before it can close it."""
    subprocess.run([sys.executable, "-c", KILLED, str(path), *names], cwd=ROOT, check=False)
