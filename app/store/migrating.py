"""Bring the tables of a file to this version with Alembic's scripts, set up in code."""

from importlib import resources
from pathlib import Path
from typing import Final

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, inspect, text

from app.errors import ProjectError
from app.store.connection import make_engine

# scripts are read as files, from an installed package as from a frozen program's folder
SCRIPTS: Final = Path(str(resources.files("app.store.migrations")))


def upgrade(connection: Connection, scripts: Path = SCRIPTS) -> None:
    """Run the scripts that the file has not seen yet, inside the connection's transaction."""
    config = Config()
    config.set_main_option("script_location", str(scripts).replace("%", "%%"))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


def upgrade_copy(path: Path, scripts: Path = SCRIPTS) -> None:
    """Migrate that file, a copy of a project; ProjectError when rows would get lost.

    Foreign keys are off: a batch operation makes a table anew, and dropping the old one would
    delete its rows' children. So references and row counts are compared afterwards.
    """
    engine = make_engine(path, foreign_keys=False)
    try:
        with engine.begin() as connection:
            before = _row_counts(connection)
            upgrade(connection, scripts)
            _check(connection, path, before)
    finally:
        engine.dispose()


def _row_counts(connection: Connection) -> dict[str, int]:
    tables = inspect(connection).get_table_names()
    return {
        name: connection.scalar(text(f'SELECT count(*) FROM "{name}"')) or 0
        for name in tables
        if name != "alembic_version"
    }


def _check(connection: Connection, path: Path, before: dict[str, int]) -> None:
    """Refuse a migration that broke a reference or lost rows of a table that still exists."""
    broken = connection.exec_driver_sql("PRAGMA foreign_key_check").fetchall()
    after = _row_counts(connection)
    lost = [name for name, count in before.items() if after.get(name, count) < count]
    if broken or lost:
        what = f"rows of {', '.join(lost)}" if lost else f"references of {broken[0][0]}"
        raise ProjectError(
            f"{path} could not be brought to this version: {what} would be lost. "
            "The project is unchanged; open it with the version that wrote it."
        )
