"""Where the program and its projects keep what they make."""

import os
import sys
from datetime import datetime
from pathlib import Path


def data_folder() -> Path:
    """The platform's folder for a program's data, or what YOWO_DATA names."""
    home = Path.home()
    if os.environ.get("YOWO_DATA"):
        return Path(os.environ["YOWO_DATA"])
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA") or home / "AppData" / "Local") / "yowo-studio"
    if sys.platform == "darwin":
        return home / "Library" / "Application Support" / "yowo-studio"
    return Path(os.environ.get("XDG_DATA_HOME") or home / ".local" / "share") / "yowo-studio"


def run_folder(project: Path, kind: str) -> Path:
    """A new folder for a run, beside its project: NAME.runs/KIND-DATE-TIME."""
    base = project.with_suffix(".runs")
    stamp = datetime.now().astimezone().strftime("%Y%m%d-%H%M%S")
    name, number = f"{kind}-{stamp}", 1
    while (base / name).exists():
        number += 1
        name = f"{kind}-{stamp}-{number}"
    return base / name
