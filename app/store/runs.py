"""Background runs as the project knows them."""

from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Row, delete, select, update

from app.domain.project import RunKind, RunRecord, RunState
from app.errors import ProjectError
from app.store import paths
from app.store.connection import insert_row
from app.store.schema import models, runs, videos
from app.store.stamp import Stamp, new_uid


def records(connection: Connection, base: Path) -> list[RunRecord]:
    """The project's runs, the first one first; base is the project file's folder."""
    rows = connection.execute(select(runs).order_by(runs.c.id))
    return [_record(row, base) for row in rows]


def record(connection: Connection, run_id: int, base: Path) -> RunRecord:
    """The run with that id; ProjectError when there is none."""
    row = connection.execute(select(runs).where(runs.c.id == run_id)).first()
    if row is None:
        raise ProjectError(f"The project has no run with the id {run_id}.")
    return _record(row, base)


def add(connection: Connection, run: RunRecord, base: Path, by: Stamp) -> int:
    """Add a run, whose id, uid and time are ignored, and give its id."""
    if run.video_id is not None and not connection.scalar(
        select(videos.c.id).where(videos.c.id == run.video_id)
    ):
        raise ProjectError(f"The project has no video with the id {run.video_id}.")
    relative, absolute = paths.stored(run.folder, base)
    values = {
        "uid": new_uid(),
        "kind": run.kind.value,
        "title": run.title,
        "state": run.state.value,
        "folder_relative": relative,
        "folder_absolute": absolute,
        "video_id": run.video_id,
        "model_uid": run.model_uid,
        "author_id": by.author_id,
        "created_at": by.at,
    }
    return insert_row(connection, runs, values)


def set_state(connection: Connection, run_id: int, state: RunState) -> None:
    """Note how a run stands."""
    done = connection.execute(update(runs).where(runs.c.id == run_id).values(state=state.value))
    if not done.rowcount:
        raise ProjectError(f"The project has no run with the id {run_id}.")


def delete_run(connection: Connection, run_id: int) -> None:
    """Forget a run that left no tube; models that came of it stay."""
    connection.execute(update(models).where(models.c.run_id == run_id).values(run_id=None))
    connection.execute(delete(runs).where(runs.c.id == run_id))


def _record(row: Row[Any], base: Path) -> RunRecord:
    return RunRecord(
        id=row.id,
        uid=row.uid,
        kind=RunKind(row.kind),
        title=row.title,
        state=RunState(row.state),
        folder=paths.found(row.folder_relative, row.folder_absolute, base),
        created_at=row.created_at,
        video_id=row.video_id,
        model_uid=row.model_uid,
    )
