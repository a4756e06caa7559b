"""What is shown of a video without opening it: pixel aspect, rate, notices; when it was changed."""

import sqlalchemy as sa
from alembic import op

revision: str = "0002"
down_revision: str | None = "0001"
branch_labels: str | None = None
depends_on: str | None = None


def upgrade() -> None:
    """Add columns one by one: a batch would make the table anew, which its children would feel."""
    for name, default in (("modified_ns", 0), ("aspect_num", 1), ("aspect_den", 1), ("uneven", 0)):
        column = sa.Column(name, sa.Integer(), server_default=str(default), nullable=False)
        op.add_column("videos", column)
    for name in ("notice", "needs_proxy"):
        op.add_column("videos", sa.Column(name, sa.Text(), server_default="", nullable=False))
