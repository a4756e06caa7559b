"""The file of an open project: transactions, and whether it is still the file that was opened."""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Final, Self

from sqlalchemy import Connection

from app.errors import ProjectDamagedError, ProjectError, ProjectGoneError
from app.store import making, marks, opening, soundness
from app.store.claim import Claim, note_path
from app.store.connection import (
    IMMUTABLE,
    READ_ONLY,
    connect,
    driver_of,
    make_engine,
    writing_engine,
)
from app.store.schema import REVISION
from app.store.sentences import DAMAGED, sentences
from yowo_core.errors import DataError

_ONLY_READ: Final = "So the project can only be read; to change it, copy it to another folder."
_ODD_VALUE: Final = (ValueError, KeyError, IndexError, TypeError, ArithmeticError)


class ProjectFile:
    """An open file; every transaction may be made from any thread.

    read_only: a sentence about why it cannot be written, "" when it can. checked: whether all of
    it was looked through for damage.
    """

    def __init__(self, path: Path, claim: Claim | None = None, read_only: str = "") -> None:
        self.path, self.read_only, self.checked = path.absolute(), read_only, True
        self._claim = claim
        self._engine = make_engine(self.path, "mode=rw" if claim else _mode_to_read(path))
        self._durable = writing_engine(self._engine)
        self._soon = writing_engine(self._engine, durable=False)
        self._watch = connect(self.path, _mode_to_read(path)) if read_only else None
        with self.reading() as connection:  # the log is there from now on
            connection.exec_driver_sql("SELECT id FROM project").all()
        self._files = _identities(self.path)
        if claim is not None:
            claim.say_logged()

    @classmethod
    def open(cls, path: Path, *, without_log: bool = False) -> Self:
        """The project in that file, brought to this version's format if it is older.

        In a write-protected folder it can only be read. without_log puts a log aside that is
        not the file's, and goes on without one that is missing.
        """
        _check_kind(path)
        if not os.access(path, os.W_OK):
            return cls.open_to_read(path, f"{path} is write-protected. {_ONLY_READ}")
        try:
            claim = Claim(path)
        except OSError as error:
            why = f"{path.parent} cannot be written ({error.strerror})."
            return cls.open_to_read(path, f"{why} {_ONLY_READ}")
        try:
            opened = cls._claimed(path, claim, without_log=without_log)
        except BaseException:
            claim.give_back()
            raise
        return opened

    @classmethod
    def open_to_read(cls, path: Path, why: str) -> Self:
        """The project in that file without the right to change it; others may go on writing."""
        opening.check_kind(path)
        checked = opening.check_soundness(path)
        with sentences(path), opening.looked_at(path) as driver:
            version = opening.version_of(driver, path)
        if version < REVISION:
            raise ProjectError(
                f"{path} is of an older format ({version}) and has to be rewritten to be shown. "
                "Copy it to a folder where it can be written."
            )
        opened = cls(path, None, why)
        opened.checked = checked
        return opened

    def close(self) -> None:
        """Let go of the file; all changes are in it, and it alone is the project."""
        if self._watch is not None:
            self._watch.close()
        self._engine.dispose()
        if self._claim is not None:
            self._claim.release()

    def touch(self) -> None:
        """Say from time to time that the project is open here."""
        if self._claim is not None:
            self._claim.touch()

    def version(self) -> int:
        """A number that changes when another program changes what is only read here."""
        if self._watch is None:
            return 0
        with sentences(self.path):
            return int(self._watch.execute("PRAGMA data_version").fetchone()[0])

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A transaction that sees the project as it is at its first statement."""
        with sentences(self.path), self._odd_values(), self._engine.connect() as connection:
            try:
                yield connection
            except DataError as error:
                raise ProjectDamagedError(f"{self.path} {DAMAGED} ({error}).") from error

    @contextmanager
    def writing(self, *, durable: bool = True) -> Iterator[Connection]:
        """A transaction that is written when the block ends, and not at all when it fails.

        durable: it is on the disk then; else no later than the next one that is durable.
        """
        self._check_writable()
        with (
            sentences(self.path, writing=True),
            self._odd_values(),
            (self._durable if durable else self._soon).begin() as connection,
        ):
            driver = driver_of(connection)
            before = driver.total_changes
            yield connection
            if driver.total_changes != before:
                (mark,) = driver.execute("PRAGMA user_version").fetchone()
                driver.execute(f"PRAGMA user_version = {marks.following(mark)}")

    def copy_to(self, path: Path) -> None:
        """Write all of the project, as it is now, to another file; what is there is replaced.

        Works for a file that was deleted while it is open, too.
        """
        work = path.with_name(f"{path.name}.partial")
        try:
            with sentences(path, writing=True), self._engine.connect() as connection:
                work.unlink(missing_ok=True)
                with closing(sqlite3.connect(work)) as target:
                    driver_of(connection).backup(target)
            work.replace(path)
        except OSError as error:
            raise ProjectError(f"{path} cannot be written: {error.strerror}.") from error
        finally:
            work.unlink(missing_ok=True)

    def take_over(self, path: Path) -> None:
        """Let the project be what is in another project file, in one transaction."""
        self._check_writable()
        with (
            sentences(self.path, writing=True),
            closing(connect(path, IMMUTABLE)) as source,
            self._engine.connect() as connection,
        ):
            source.backup(driver_of(connection))

    def check(self) -> None:
        """Look through all of it for damage; ProjectDamagedError when there is some."""
        with sentences(self.path), closing(connect(self.path, _mode_to_read(self.path))) as driver:
            problem = soundness.problem_of(driver)
        if problem:
            raise ProjectDamagedError(f"{self.path} {DAMAGED} ({problem}).")

    @classmethod
    def _claimed(cls, path: Path, claim: Claim, *, without_log: bool) -> Self:
        if without_log:
            opening.set_log_aside(path)
        opening.check_log(path, expected=claim.log_expected and not without_log)
        checked = opening.check_soundness(path)
        making.bring_up_to_date(path)
        making.use_wal(path)
        opened = cls(path, claim)
        opened.checked = checked
        return opened

    def _check_writable(self) -> None:
        """Refuse to write what would be lost: SQLite would go on with a file that has no name."""
        if self.read_only:
            raise ProjectError(f"{self.read_only} The change was not made.")
        if _identities(self.path) != self._files:
            how = "replaced" if self.path.exists() else "deleted"
            raise ProjectGoneError(
                f"{self.path} was {how} by another program while it is open here. The change was "
                "not saved; everything before it is still here: save it as a copy."
            )

    @contextmanager
    def _odd_values(self) -> Iterator[None]:
        """Tell values that no edit can have written from a fault of the program."""
        try:
            yield
        except _ODD_VALUE as error:
            with closing(connect(self.path, _mode_to_read(self.path))) as driver:
                found = soundness.impossible_values(driver)
            if found:
                raise ProjectDamagedError(f"{self.path} {DAMAGED} ({found}).") from error
            raise


def _check_kind(path: Path) -> None:
    """Refuse what is no project; a file that somebody writes just then may only look damaged."""
    try:
        opening.check_kind(path)
    except ProjectDamagedError:
        if note_path(path).exists():
            Claim(path).give_back()
        raise


def _mode_to_read(path: Path) -> str:
    """With a log somebody may be writing; without one there is nothing to be looked after."""
    return READ_ONLY if marks.log_path(path).exists() else IMMUTABLE


def _identities(path: Path) -> tuple[tuple[int, int] | None, ...]:
    """Which files now bear the names of the project and of its log."""
    return tuple(_identity(name) for name in (path, marks.log_path(path)))


def _identity(path: Path) -> tuple[int, int] | None:
    try:
        facts = os.stat(path)  # noqa: PTH116 asked before every edit, and a third faster so
    except OSError:
        return None
    return facts.st_dev, facts.st_ino
