"""The text of our CSV as rows of cells: whatever breaks the table is named and left out."""

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from yowo_core.errors import FormatError
from yowo_core.formats.problems import Problem

COLUMNS = (
    "video",
    "tube_id",
    "person_id",
    "frame",
    "time",
    "x1",
    "y1",
    "x2",
    "y2",
    "action",
    "score",
    "keyframe",
    "outside",
    "source",
    "model",
    "review",
)
REQUIRED = ("video", "frame", "x1", "y1", "x2", "y2", "action")

_CHUNK = 200  # rows turned into columns at a time: more live lists set off the garbage collector
_BOM = "\ufeff"


@dataclass(frozen=True, eq=False)
class Cells:
    """The table as text: header names the columns, columns[name] holds N cells, lines (N,) where
    each row begins in the file."""

    header: tuple[str, ...]
    lines: list[int]
    columns: dict[str, list[str]]

    def column(self, name: str) -> list[str]:
        """The N cells of a column, empty ones where the file does not have it."""
        return self.columns.get(name) or [""] * len(self.lines)

    @property
    def unknown(self) -> tuple[str, ...]:
        """The columns that are not ours."""
        return tuple(name for name in self.header if name not in COLUMNS)


def read_cells(path: Path, problems: list[Problem]) -> Cells:
    """All rows with as many cells as the header; the others are added to the problems.

    FormatError when the file cannot be read, is empty, is no UTF-8 text, or lacks a column that
    every row needs.
    """
    records = _records(_text(path), problems)
    header = _header(path, next(records, (1, []))[1])
    lines: list[int] = []
    columns: list[list[str]] = [[] for _ in header]
    full = _full_rows(records, len(header), problems)
    while part := list(islice(full, _CHUNK)):
        lines += [line for line, _ in part]
        for column, cells in zip(columns, zip(*(row for _, row in part), strict=True), strict=True):
            column.extend(cells)
    return Cells(header, lines, dict(zip(header, columns, strict=True)))


def _full_rows(
    records: Iterator[tuple[int, list[str]]], width: int, problems: list[Problem]
) -> Iterator[tuple[int, list[str]]]:
    """The records of the header's width, without blank ones; others are added to the problems."""
    for line, row in records:
        if len(row) == width and row[0]:
            yield line, row
        elif not "".join(row).strip():
            continue  # spreadsheets end files with lines of commas
        elif len(row) == width:
            yield line, row
        else:
            problems.append(
                Problem(line, f"{len(row)} cells, but the header has {width}; row left out.")
            )


def _text(path: Path) -> str:
    try:
        data = path.read_bytes()
    except OSError as error:
        raise FormatError(f"{path} cannot be read: {error.strerror or error}.") from error
    if not data.strip():
        raise FormatError(
            f"{path} is empty. The first line of a label file is {','.join(COLUMNS)}."
        )
    if b"\0" in data:
        raise FormatError(
            f"{path} is no text file. Choose a CSV file with the columns {_named(REQUIRED)}."
        )
    try:
        return data.decode("utf-8").removeprefix(_BOM)
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise FormatError(
            f"{path}, line {line}: byte {data[error.start]:#04x} is not UTF-8. "
            "Save the file again as UTF-8."
        ) from error


def _records(text: str, problems: list[Problem]) -> Iterator[tuple[int, list[str]]]:
    """Every record with its first line; one that breaks the quoting is reported and passed."""
    lines = list(io.StringIO(text, newline=""))
    begin = 0
    while begin < len(lines):
        reader = csv.reader(iter(lines[begin:]), strict=True)
        done = 0
        try:
            for row in reader:
                yield begin + done + 1, row
                done = reader.line_num
            return
        except csv.Error as error:
            problems.append(Problem(begin + done + 1, f"broken quoting ({error}); line left out."))
            begin += done + 1


def _header(path: Path, cells: list[str]) -> tuple[str, ...]:
    header = tuple(cell.strip() for cell in cells)
    missing = [name for name in REQUIRED if name not in header]
    if missing:
        hint = " The cells must be separated by commas." if len(header) == 1 else ""
        raise FormatError(
            f"{path}, line 1: no column {_named(missing)} among {_named(header)}. "
            f"The first line must name {_named(REQUIRED)}.{hint}"
        )
    twice = [name for name in dict.fromkeys(header) if header.count(name) > 1]
    if twice:
        raise FormatError(
            f"{path}, line 1: {_named(twice)} is named twice. Rename one of the columns."
        )
    return header


def _named(names: Sequence[str]) -> str:
    return ", ".join(repr(name) for name in names[:20])[:300] or "nothing"
