"""Checkpoints: whole copies of a project in a folder beside it, with their names in file names."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final
from urllib.parse import quote, unquote

from app.domain.safekeeping import Checkpoint
from app.errors import ProjectError
from app.store.making import bring_up_to_date
from app.store.opening import check_kind, check_soundness

KEPT: Final = 7  # automatic ones; named ones are a person's to delete
DAILY: Final = timedelta(days=1)
_NAME_BYTES: Final = 120  # of the file name, whose limit is 255
_FILE: Final = re.compile(r"(\d{8}T\d{6}\.\d{3}Z) (auto|named) (.*)\.yowo")
_STAMP: Final = "%Y%m%dT%H%M%S.%f"
# what some system does not take in a file name, and our own sign
_PLAIN: Final = "".join(chr(c) for c in range(32, 127) if chr(c) not in '\\/:*?"<>|%.')


def folder_of(project: Path) -> Path:
    """Where the checkpoints of a project lie."""
    return project.with_name(f"{project.name}-checkpoints")


def listed(project: Path) -> list[Checkpoint]:
    """A project's checkpoints, the newest first."""
    try:
        names = sorted(folder_of(project).iterdir(), reverse=True)
    except OSError:
        return []
    return [found for path in names if (found := _read(path)) is not None]


def make(
    project: Path, copy_to: Callable[[Path], None], name: str, *, automatic: bool = False
) -> Checkpoint:
    """Copy the project into its folder of checkpoints; ProjectError when that cannot be written."""
    folder = folder_of(project)
    now = datetime.now(UTC)
    kind = "auto" if automatic else "named"
    stamp = f"{now.strftime(_STAMP)[:-3]}Z"
    path = folder / f"{stamp} {kind} {_quoted(name)}.yowo"
    try:
        folder.mkdir(exist_ok=True)
    except OSError as error:
        raise ProjectError(
            f"{folder} cannot be written ({error.strerror}): no checkpoint was made."
        ) from error
    copy_to(path)
    if automatic:
        _thin_out(project)
    made = _read(path)
    if made is None:
        raise ValueError(path)
    return made


def is_due(project: Path, saved_at: str) -> bool:
    """Whether a project changed since its newest checkpoint, which is more than a day old."""
    if not saved_at:
        return False
    newest = next((c.at for c in listed(project)), "")
    changed, now = datetime.fromisoformat(saved_at), datetime.now(UTC)
    if not newest:
        return now - changed > DAILY
    last = datetime.fromisoformat(newest)
    return changed > last and now - last > DAILY


def checked_copy(checkpoint: Path, work: Path) -> Path:
    """A copy of a checkpoint in this version's format, found sound; ProjectError otherwise."""
    check_kind(checkpoint)
    check_soundness(checkpoint)
    work.write_bytes(checkpoint.read_bytes())
    bring_up_to_date(work)
    return work


def _thin_out(project: Path) -> None:
    """Delete the oldest automatic ones."""
    for old in [c for c in listed(project) if c.automatic][KEPT:]:
        old.path.unlink(missing_ok=True)


def _read(path: Path) -> Checkpoint | None:
    found = _FILE.fullmatch(path.name)
    if found is None:
        return None
    stamp, kind, name = found.groups()
    at = datetime.strptime(stamp[:-1], _STAMP).replace(tzinfo=UTC)
    return Checkpoint(path, unquote(name), at.isoformat(timespec="milliseconds"), kind == "auto")


def _quoted(name: str) -> str:
    """The name as it may stand in a file name, cut where it would be too long."""
    text = ""
    for letter in name.strip():
        more = letter if letter in _PLAIN or letter.isalnum() else quote(letter, safe="")
        if len((text + more).encode()) > _NAME_BYTES:
            break
        text += more
    return text or "checkpoint"
