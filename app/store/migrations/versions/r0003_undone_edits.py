"""The edits that are taken back are found without looking at all the others."""

import sqlalchemy as sa
from alembic import op

revision: str = "0003"
down_revision: str | None = "0002"
branch_labels: str | None = None
depends_on: str | None = None


def upgrade() -> None:
    """Add the index."""
    op.create_index("ix_history_undone", "history", ["id"], sqlite_where=sa.text("undone = 1"))
