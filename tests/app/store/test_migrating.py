import shutil
import sqlite3
from contextlib import closing
from fractions import Fraction
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from app.editing.history import commit
from app.editing.labels import AddLabel
from app.errors import ProjectError
from app.store.connection import make_engine
from app.store.making import bring_up_to_date
from app.store.migrating import SCRIPTS, upgrade
from app.store.project import Project
from app.store.schema import REVISION, metadata

NEXT = f"{int(REVISION) + 1:04d}"
SAFE = """
    with op.batch_alter_table("videos", recreate="always") as batch:
        batch.add_column(sa.Column("rotation", sa.Integer(), server_default="0", nullable=False))
"""
LOSES_ROWS = '    op.execute("DELETE FROM labels WHERE id = 1")\n'
BREAKS_REFERENCES = '    op.execute("UPDATE ranges SET video_id = 77")\n'


def scripts_with(folder: Path, body: str) -> Path:
    """The project's scripts and one more revision, NEXT."""
    scripts = folder / "scripts"
    shutil.copytree(SCRIPTS, scripts, ignore=shutil.ignore_patterns("__pycache__"))
    (scripts / "versions" / f"r{NEXT}_next.py").write_text(
        "import sqlalchemy as sa\nfrom alembic import op\n\n"
        f'revision = "{NEXT}"\ndown_revision = "{REVISION}"\n\n\n'
        f"def upgrade() -> None:\n{body}"
    )
    return scripts


@pytest.fixture
def old_file(project: Project, video_id: int) -> Path:
    """A closed project of this format with a labelled range."""
    with project.writing() as connection:
        connection.exec_driver_sql("INSERT INTO ranges VALUES (?, 0, 10)", (video_id,))
    project.close()
    return project.path


def version(path: Path) -> str:
    with closing(sqlite3.connect(path)) as driver:
        return str(driver.execute("SELECT version_num FROM alembic_version").fetchone()[0])


@pytest.fixture
def by_scripts(tmp_path: Path) -> Path:
    """A file whose tables the scripts made."""
    path = tmp_path / "scripts.db"
    path.touch()
    engine = make_engine(path)
    with engine.begin() as connection:
        upgrade(connection)
    engine.dispose()
    return path


def test_scripts_make_the_tables_that_the_program_expects(by_scripts: Path) -> None:
    engine = make_engine(by_scripts)
    with engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []
    engine.dispose()


def tables(path: Path) -> dict[str, object]:
    """Everything that SQLite knows of the tables, whatever the order of their columns."""
    found: dict[str, object] = {}
    with closing(sqlite3.connect(path)) as driver:
        query = "SELECT name, sql FROM sqlite_master WHERE type = 'table'"
        for name, sql in driver.execute(query).fetchall():
            columns = driver.execute(f"SELECT * FROM pragma_table_info('{name}')")
            keys = driver.execute(f"SELECT * FROM pragma_foreign_key_list('{name}')")
            found[name] = {
                "columns": sorted(row[1:] for row in columns.fetchall()),
                "keys": sorted(row[2:] for row in keys.fetchall()),
                "words": [word in sql for word in ("AUTOINCREMENT", "WITHOUT ROWID")],
            }
        query = "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql NOT NULL"
        found |= {name: " ".join(sql.split()) for name, sql in driver.execute(query)}
    return found


def test_a_new_project_has_the_tables_that_the_scripts_make(
    project: Project, by_scripts: Path
) -> None:
    project.close()
    made, expected = tables(project.path), tables(by_scripts)
    assert len(expected) > 15
    assert made == expected


def test_the_program_knows_the_last_script() -> None:
    config = Config()
    config.set_main_option("script_location", str(SCRIPTS))
    assert ScriptDirectory.from_config(config).get_heads() == [REVISION]


def test_an_older_file_is_migrated_and_kept_beside(old_file: Path, tmp_path: Path) -> None:
    before = old_file.read_bytes()
    bring_up_to_date(old_file, scripts_with(tmp_path, SAFE), NEXT)
    assert version(old_file) == NEXT
    with closing(sqlite3.connect(old_file)) as driver:
        assert driver.execute("SELECT name, rotation FROM videos").fetchall() == [("lunch.mp4", 0)]
        assert driver.execute("SELECT * FROM ranges").fetchall() == [(1, 0, 10)]
        assert driver.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    kept = old_file.with_name("till.yowo.format-" + REVISION)
    assert version(kept) == REVISION
    assert len(kept.read_bytes()) == len(before)
    assert not old_file.with_name("till.yowo.migrating").exists()


def test_what_the_log_of_changes_holds_is_migrated_too(old_file: Path, tmp_path: Path) -> None:
    project = Project.open(old_file)
    commit(project, AddLabel("run"))
    crashed = tmp_path / "crashed"
    crashed.mkdir()
    for name in ("till.yowo", "till.yowo-wal"):
        shutil.copy(tmp_path / name, crashed / name)
    project.close()
    bring_up_to_date(crashed / "till.yowo", scripts_with(tmp_path, SAFE), NEXT)
    with closing(sqlite3.connect(crashed / "till.yowo")) as driver:
        names = driver.execute("SELECT name FROM labels ORDER BY id").fetchall()
    assert names == [("walk",), ("read",), ("run",)]


@pytest.mark.parametrize(
    ("body", "what"), [(LOSES_ROWS, "rows of labels"), (BREAKS_REFERENCES, "references of ranges")]
)
def test_a_migration_that_would_lose_something_leaves_the_file_alone(
    old_file: Path, tmp_path: Path, body: str, what: str
) -> None:
    with pytest.raises(ProjectError, match=f"{what} would be lost. The project is unchanged"):
        bring_up_to_date(old_file, scripts_with(tmp_path, body), NEXT)
    assert version(old_file) == REVISION
    project = Project.open(old_file)
    assert [label.name for label in project.labels()] == ["walk", "read"]
    project.close()
    assert sorted(p.name for p in tmp_path.glob("till*")) == ["till.yowo"]


def test_a_file_that_is_open_elsewhere_is_not_migrated(old_file: Path, tmp_path: Path) -> None:
    engine = make_engine(old_file)
    with engine.begin() as connection:
        connection.exec_driver_sql("SELECT * FROM labels")
        with pytest.raises(ProjectError, match="written by another program"):
            bring_up_to_date(old_file, scripts_with(tmp_path, SAFE), NEXT)
    engine.dispose()
    assert version(old_file) == REVISION


FACTS = ("modified_ns", "aspect_num", "aspect_den", "uneven", "notice", "needs_proxy")
"""Columns of videos that came with 0002."""


def test_a_project_of_the_first_format_keeps_its_videos_and_their_ranges(old_file: Path) -> None:
    with closing(sqlite3.connect(old_file)) as driver:
        for column in FACTS:
            driver.execute(f"ALTER TABLE videos DROP COLUMN {column}")
        driver.execute("DROP INDEX ix_history_undone")  # came with 0003
        driver.execute("UPDATE alembic_version SET version_num = '0001'")
        driver.commit()
    project = Project.open(old_file)
    (video,) = project.videos()
    project.close()
    assert (video.name, video.frame_count, video.sample_aspect) == ("lunch.mp4", 1000, Fraction(1))
    assert [(r.start, r.stop) for r in video.ranges] == [(0, 10)]
    assert version(old_file) == REVISION
    assert version(old_file.with_name("till.yowo.format-0001")) == "0001"
