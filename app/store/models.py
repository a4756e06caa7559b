"""The models that a project can play, one of them live."""

import json
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Row, select, update

from app.domain.project import ModelRecord, NewModel
from app.errors import ProjectError
from app.store import paths
from app.store.connection import insert_row
from app.store.schema import models
from app.store.stamp import Stamp


def records(connection: Connection, base: Path) -> list[ModelRecord]:
    """The project's models, the first one first; base is the project file's folder."""
    rows = connection.execute(select(models).order_by(models.c.id))
    return [_record(row, base) for row in rows]


def add(connection: Connection, model: NewModel, base: Path, by: Stamp) -> int:
    """Register a model and give its id; a uid that is known already is brought up to date."""
    relative, absolute = paths.stored(model.path, base)
    values = {
        "name": model.name,
        "path_relative": relative,
        "path_absolute": absolute,
        "sha256": model.sha256,
        "labels": json.dumps(list(model.labels)),
        "metrics": json.dumps(model.metrics),
        "parent_uid": model.parent_uid,
        "run_id": model.run_id,
    }
    known = connection.scalar(select(models.c.id).where(models.c.uid == model.uid))
    if known is not None:
        connection.execute(update(models).where(models.c.id == known).values(values))
        return int(known)
    made = {"uid": model.uid, "author_id": by.author_id, "created_at": by.at}
    return insert_row(connection, models, values | made)


def set_live(connection: Connection, model_id: int) -> None:
    """Make that model the one that plays; ProjectError when there is none."""
    if connection.scalar(select(models.c.id).where(models.c.id == model_id)) is None:
        raise ProjectError(f"The project has no model with the id {model_id}.")
    connection.execute(update(models).values(live=models.c.id == model_id))


def _record(row: Row[Any], base: Path) -> ModelRecord:
    return ModelRecord(
        id=row.id,
        uid=row.uid,
        name=row.name,
        path=paths.found(row.path_relative, row.path_absolute, base),
        sha256=row.sha256,
        labels=tuple(json.loads(row.labels)),
        created_at=row.created_at,
        parent_uid=row.parent_uid,
        run_id=row.run_id,
        metrics=json.loads(row.metrics),
        live=bool(row.live),
    )
