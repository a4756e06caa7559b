"""Where the program and its projects keep what they make."""

from datetime import datetime
from pathlib import Path

from yowo_core.machine import data_folder

__all__ = ["data_folder", "run_folder"]


def copies_folder() -> Path:
    """Where working copies of videos are kept."""
    return data_folder() / "working-copies"


def run_folder(project: Path, kind: str) -> Path:
    """A new folder for a run, beside its project: NAME.runs/KIND-DATE-TIME."""
    base = project.with_suffix(".runs")
    stamp = datetime.now().astimezone().strftime("%Y%m%d-%H%M%S")
    name, number = f"{kind}-{stamp}", 1
    while (base / name).exists():
        number += 1
        name = f"{kind}-{stamp}-{number}"
    return base / name
