"""Reads names of classes: one a line, or a label map of AVA in any of its spellings."""

import csv
import json
import re
from pathlib import Path
from typing import Any

from yowo_core.errors import FormatError

MOST_BYTES = 4 << 20
_BLOCK = re.compile(r"\b(?:item|label)\s*\{([^{}]*)\}")
_NAME = re.compile(r'\b(?:display_)?name\s*:\s*(?:"((?:[^"\\]|\\.)*)"|\'((?:[^\'\\]|\\.)*)\')')
_ID = re.compile(r"\b(?:label_)?id\s*:\s*(\d+)")
_HEADED = {"label_id", "action_id", "class_id", "id"}


def read_names(path: Path) -> dict[int, str]:
    """Names by id. Formats that know no ids count from 0, in the order of the file.

    One name a line; AVA's pbtxt (`label` or `item`); CSV with the id and the name of each class;
    JSON: a list of names, pairs of id and name, names by id, or any of these under `labels`.
    FormatError for another content, an id or name that is there twice, a name that is empty.
    """
    text = _text(path)
    if path.suffix.lower() == ".json":
        rows = _of_json(path, text)
    elif _BLOCK.search(text):
        rows = _of_blocks(path, text)
    elif path.suffix.lower() == ".csv":
        rows = _of_csv(path, text)
    else:
        names = [line.strip() for line in text.splitlines()]
        rows = list(enumerate(name for name in names if name))
    return _checked(path, rows)


def class_names(path: Path, classes: int = 0) -> tuple[str, ...]:
    """Names in the order of a network's outputs, which has that many classes.

    A map with gaps, such as AVA's 60 of 80 actions, goes in its order into a network with as many
    classes as it has names. In a network with more the places without a name are called class-N.
    """
    found = read_names(path)
    dense = tuple(name for _, name in sorted(found.items()))
    first = min(found.keys() & {0}, default=1)
    room = max(found) + 1 - first
    if len(found) == classes or room == len(found) or room > classes:
        return dense
    return tuple(found.get(place + first, f"class-{place + 1}") for place in range(classes))


def _text(path: Path) -> str:
    try:
        if path.stat().st_size > MOST_BYTES:
            raise FormatError(f"{path} is too long for names of classes. Choose another file.")
        return path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise FormatError(f"{path} cannot be read ({error.strerror or error}).") from error
    except UnicodeDecodeError as error:
        raise FormatError(f"{path} is no text in UTF-8. Save it as UTF-8.") from error


def _of_blocks(path: Path, text: str) -> list[tuple[int, str]]:
    rows = []
    for block in _BLOCK.finditer(text):
        name, number = _NAME.search(block[1]), _ID.search(block[1])
        if name is None or number is None:
            line = text.count("\n", 0, block.start()) + 1
            raise FormatError(f"{path}:{line}: a class without a name or without an id.")
        rows.append((int(number[1]), _unescaped(name[1] if name[2] is None else name[2])))
    return rows


def _unescaped(text: str) -> str:
    return re.sub(r"\\(.)", lambda m: {"n": "\n", "r": "\r"}.get(m[1], m[1]), text)


def _of_csv(path: Path, text: str) -> list[tuple[int, str]]:
    rows = [row for row in csv.reader(text.splitlines()) if any(cell.strip() for cell in row)]
    if rows and rows[0][0].strip().lower() in _HEADED:
        rows = rows[1:]
    if all(len(row) == 1 for row in rows):
        return [(place, row[0].strip()) for place, row in enumerate(rows)]
    found = []
    for number, row in enumerate(rows, start=1):
        if len(row) < 2 or not row[0].strip().isdecimal():
            raise FormatError(f"{path}: row {number} is no id with a name behind a comma.")
        found.append((int(row[0]), row[1].strip()))
    return found


def _of_json(path: Path, text: str) -> list[tuple[int, str]]:
    try:
        value: Any = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise FormatError(f"{path} is no JSON ({str(error)[:100]}).") from error
    if isinstance(value, dict) and "labels" in value:
        value = value["labels"]
    if isinstance(value, dict):
        return [_row(path, pair) for pair in value.items()]
    if isinstance(value, list) and all(isinstance(item, str) for item in value):
        return list(enumerate(value))
    if isinstance(value, list):
        return [_row(path, item) for item in value]
    raise FormatError(f"{path} holds no list of names and no names by id.")


def _row(path: Path, item: object) -> tuple[int, str]:
    """An id and a name, in either order, or as an entry with both."""
    if isinstance(item, dict):
        item = (item.get("id"), item.get("name"))
    pair = list(item) if isinstance(item, list | tuple) and len(item) == 2 else [None, None]
    if isinstance(pair[1], int) and not isinstance(pair[1], bool):
        pair.reverse()
    number = int(str(pair[0])) if str(pair[0]).isdecimal() else -1
    if number < 0 or not isinstance(pair[1], str):
        raise FormatError(f"{path}: {str(item)[:80]} is no id with a name.")
    return number, pair[1]


def _checked(path: Path, rows: list[tuple[int, str]]) -> dict[int, str]:
    found: dict[int, str] = {}
    for number, name in rows:
        if not name.strip():
            raise FormatError(f"{path}: the class {number} has an empty name.")
        if number in found or name in found.values():
            twice = f"id {number}" if number in found else f"name {name!r}"
            raise FormatError(f"{path}: the {twice} is there twice. Every class needs its own.")
        found[number] = name
    if not found:
        raise FormatError(f"{path} names no class.")
    return found
