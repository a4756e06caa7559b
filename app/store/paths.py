"""Paths as a project keeps them: relative to its own folder when possible, and absolute.

A name with bytes that are no text, as Linux allows, is kept as a file URI, which says every byte.
"""

import os
from pathlib import Path
from typing import Final
from urllib.parse import quote_from_bytes, unquote_to_bytes

_URI: Final = "file:"


def stored(path: Path, base: Path) -> tuple[str, str]:
    """(relative to base with forward slashes, absolute); relative is empty on another drive."""
    absolute = path.absolute()
    try:
        relative = Path(os.path.relpath(absolute, base)).as_posix()
    except ValueError:  # Windows: no way from one drive to another
        relative = ""
    return _text(relative), _text(str(absolute))


def found(relative: str, absolute: str, base: Path) -> Path:
    """Where the file is: beside the moved project if it is there, else where it was."""
    near = Path(os.path.normpath(base / _path(relative))) if relative else None
    return near if near is not None and near.exists() else Path(_path(absolute))


def _text(path: str) -> str:
    if path.startswith(_URI):  # a folder of that name, which must not be taken for the other form
        return f"./{path}"
    try:
        path.encode()
    except UnicodeEncodeError:
        return _URI + quote_from_bytes(os.fsencode(path))
    return path


def _path(text: str) -> str:
    return os.fsdecode(unquote_to_bytes(text.removeprefix(_URI))) if text.startswith(_URI) else text
