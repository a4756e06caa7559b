import sqlite3
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError, OperationalError

from app.errors import ProjectDamagedError, ProjectError
from app.store.connection import make_engine, writing_engine
from app.store.project import Project
from app.store.sentences import sentences


def test_a_failed_transaction_takes_tables_back_too(tmp_path: Path) -> None:
    (tmp_path / "x.db").touch()
    engine = make_engine(tmp_path / "x.db")

    def create_and_fail() -> None:
        with engine.begin() as connection:
            connection.execute(text("CREATE TABLE a (b)"))
            connection.execute(text("SELECT * FROM c"))

    with pytest.raises(OperationalError, match="no such table"):
        create_and_fail()
    with engine.begin() as connection:
        assert connection.scalar(text("SELECT count(*) FROM sqlite_master")) == 0
    engine.dispose()


def test_pragmas_of_a_project(project: Project) -> None:
    with project.reading() as connection:
        pragmas = {
            name: connection.exec_driver_sql(f"PRAGMA {name}").scalar()
            for name in ("journal_mode", "synchronous", "foreign_keys")
        }
    assert pragmas == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1}


def test_a_writing_transaction_holds_the_file_from_its_start(tmp_path: Path) -> None:
    (tmp_path / "x.db").touch()
    engine = make_engine(tmp_path / "x.db")
    with writing_engine(engine).begin():
        other = sqlite3.connect(tmp_path / "x.db", timeout=0.01)
        with pytest.raises(sqlite3.OperationalError, match="locked"):
            other.execute("BEGIN IMMEDIATE")
        other.close()
    engine.dispose()


def test_a_broken_constraint_is_our_bug_and_not_a_sentence(project: Project, video_id: int) -> None:
    insert = text("INSERT INTO boxes VALUES (99, 0, 0, 0, 1, 1, 0, 1, 0)")
    with pytest.raises(IntegrityError), project.writing() as connection:
        connection.execute(insert)


@pytest.mark.parametrize(
    ("message", "sentence", "advice"),
    [
        ("database is locked", "/a/b.yowo is being written by another program.", "try again"),
        ("attempt to write a readonly database", "/a/b.yowo is write-protected.", "allow writing"),
        ("database or disk is full", "The disk is full: /a/b.yowo cannot", "free some space"),
        ("disk I/O error", "/a/b.yowo cannot be read or written: its disk", "check the disk"),
        ("unable to open database file", "/a/b.yowo cannot be opened.", "its folder must exist"),
    ],
)
def test_sqlites_messages_become_sentences_with_advice(
    message: str, sentence: str, advice: str
) -> None:
    for writing, middle in ((False, " "), (True, " The change was not saved and nothing else")):
        with pytest.raises(ProjectError) as caught, sentences(Path("/a/b.yowo"), writing=writing):
            raise sqlite3.OperationalError(message)
        said = str(caught.value)
        assert said.startswith(sentence)
        assert middle in said
        assert advice.casefold() in said.casefold()
        assert not isinstance(caught.value, ProjectDamagedError)


def test_what_sqlite_says_otherwise_is_damage() -> None:
    said = pytest.raises(ProjectDamagedError, match=r"b\.yowo is damaged; .* says: something new")
    with said, sentences(Path("/a/b.yowo")):
        raise sqlite3.OperationalError("something new")
