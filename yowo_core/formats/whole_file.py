"""Writes a file whole or not at all."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TextIO

from yowo_core.errors import FormatError


@contextmanager
def replacing(path: Path) -> Iterator[TextIO]:
    """A UTF-8 text file that takes path's place when the block ends well.

    Lines are written as given. When the block fails, or the disk does, an older file stays as it
    was; FormatError says why in the system's words.
    """
    draft = _draft(path)
    with _told(path), _gone(draft):
        with draft.open("w", encoding="utf-8", newline="") as file:
            yield file
            _put_down(file)
        draft.replace(path)


@contextmanager
def replacing_both(path: Path, beside: Path) -> Iterator[tuple[TextIO, TextIO]]:
    """Two text files that take their places together when the block ends well; see `replacing`.

    Both are whole on the disk before the first one moves; when the second cannot move, the first
    one goes back.
    """
    drafts, kept = (_draft(path), _draft(beside)), _draft(beside, "old")
    with _told(path), _gone(*drafts, kept):
        with _opened(drafts[0]) as table, _opened(drafts[1]) as facts:
            yield table, facts
            _put_down(table)
            _put_down(facts)
        if beside.is_file():
            shutil.copy2(beside, kept)
        try:
            drafts[1].replace(beside)
            drafts[0].replace(path)
        except OSError:
            _go_back(beside, kept)
            raise


def _go_back(path: Path, kept: Path) -> None:
    """What was there before, or nothing."""
    with suppress(OSError):
        if kept.is_file():
            kept.replace(path)
        elif path.is_file():
            path.unlink()


def _opened(path: Path) -> TextIO:
    return path.open("w", encoding="utf-8", newline="")


def _put_down(file: TextIO) -> None:
    """Let the disk have all of it; a full one shows here."""
    file.flush()
    os.fsync(file.fileno())


def _draft(path: Path, kind: str = "part") -> Path:
    """A hidden place beside path; short, because names have a longest length."""
    return path.with_name(f".yowo-{os.getpid()}-{abs(hash(path.name)):x}.{kind}")


@contextmanager
def _gone(*drafts: Path) -> Iterator[None]:
    """Leave none of these files behind."""
    try:
        yield
    finally:
        for draft in drafts:
            with suppress(OSError):
                draft.unlink(missing_ok=True)


@contextmanager
def _told(path: Path) -> Iterator[None]:
    """Turn the system's errors into a sentence."""
    try:
        yield
    except OSError as error:
        raise FormatError(
            f"{path} cannot be written: {error.strerror or error}. Choose another place."
        ) from error
    except UnicodeEncodeError as error:
        raise FormatError(
            f"{path} cannot be written: {error.object[:80]!a} holds bytes that are no text. "
            "Rename that file or label."
        ) from error
