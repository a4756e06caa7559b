"""Paths as a project keeps them: relative to its own folder when possible, and absolute."""

import os
from pathlib import Path


def stored(path: Path, base: Path) -> tuple[str, str]:
    """(relative to base with forward slashes, absolute); relative is empty on another drive."""
    absolute = path.absolute()
    try:
        relative = Path(os.path.relpath(absolute, base)).as_posix()
    except ValueError:  # Windows: no way from one drive to another
        relative = ""
    return relative, str(absolute)


def found(relative: str, absolute: str, base: Path) -> Path:
    """Where the file is: beside the moved project if it is there, else where it was."""
    near = Path(os.path.normpath(base / relative)) if relative else None
    return near if near is not None and near.exists() else Path(absolute)
