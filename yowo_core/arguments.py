"""File names of any kind on a command line: with a leading dash, or with bytes that are no text."""

import os
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Final
from urllib.parse import quote_from_bytes, unquote_to_bytes

_URI: Final = "file:"


def spelled_out(arguments: Sequence[str], options: Collection[str]) -> list[str]:
    """The arguments with names of files in a form that no parser takes for an option.

    -x.mp4 becomes ./-x.mp4 where there is such a file and no option of that name. A file URI
    becomes its path. What follows a bare -- is left as it is.
    """
    end = arguments.index("--") if "--" in arguments else len(arguments)
    return [*(_plain(item, options) for item in arguments[:end]), *arguments[end:]]


def as_argument(text: str) -> str:
    """An argument for a program that is started through Qt, whose text holds Unicode only."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return _URI + quote_from_bytes(os.fsencode(text))
    return text


def _plain(argument: str, options: Collection[str]) -> str:
    if argument.startswith(f"{_URI}/"):
        return os.fsdecode(unquote_to_bytes(_local(argument.removeprefix(_URI))))
    option = argument.split("=", maxsplit=1)[0] in options
    if argument.startswith("-") and not option and _is_there(argument):
        return os.path.join(os.curdir, argument)  # noqa: PTH118 pathlib drops the leading ./
    return argument


def _local(path: str) -> str:
    """file:/a, file:///a and file://localhost/a mean the same; on Windows /C:/a is C:/a."""
    for start in ("//localhost/", "///"):
        path = f"/{path.removeprefix(start)}" if path.startswith(start) else path
    return path[1:] if os.name == "nt" and path[2:3] == ":" else path


def _is_there(name: str) -> bool:
    try:
        return Path(name).exists()
    except OSError:  # longer than names can be
        return False
