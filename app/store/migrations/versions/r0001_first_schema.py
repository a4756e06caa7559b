"""The first project file: videos, labels, tubes with boxes and spans, runs, models, history."""

import sqlalchemy as sa
from alembic import op

revision: str = "0001"
down_revision: str | None = None
branch_labels: str | None = None
depends_on: str | None = None


def upgrade() -> None:
    """Create every table in an empty file."""
    op.create_table(
        "authors",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("uid", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_authors")),
        sa.UniqueConstraint("name", name=op.f("uq_authors_name")),
        sa.UniqueConstraint("uid", name=op.f("uq_authors_uid")),
    )
    op.create_table(
        "project",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("uid", sa.Text(), nullable=False),
        sa.Column("created_at", sa.Text(), nullable=False),
        sa.Column("saved_at", sa.Text(), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_project")),
    )
    op.create_table(
        "history",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("uid", sa.Text(), nullable=False),
        sa.Column("at", sa.Text(), nullable=False),
        sa.Column("author_id", sa.Integer(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("before", sa.LargeBinary(), nullable=False),
        sa.Column("after", sa.LargeBinary(), nullable=False),
        sa.Column("touched", sa.Text(), nullable=False),
        sa.Column("undone", sa.Integer(), server_default="0", nullable=False),
        sa.ForeignKeyConstraint(["author_id"], ["authors.id"], name=op.f("fk_history_author_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_history")),
        sa.UniqueConstraint("uid", name=op.f("uq_history_uid")),
    )
    op.create_table(
        "labels",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("uid", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("color", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("state", sa.Integer(), server_default="0", nullable=False),
        sa.Column("author_id", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["author_id"], ["authors.id"], name=op.f("fk_labels_author_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_labels")),
        sa.UniqueConstraint("uid", name=op.f("uq_labels_uid")),
    )
    op.create_index(
        "ix_labels_live_name", "labels", ["name"], unique=True, sqlite_where=sa.text("state = 0")
    )
    op.create_table(
        "videos",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("uid", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("path_relative", sa.Text(), server_default="", nullable=False),
        sa.Column("path_absolute", sa.Text(), nullable=False),
        sa.Column("content_hash", sa.Text(), server_default="", nullable=False),
        sa.Column("size", sa.Integer(), server_default="0", nullable=False),
        sa.Column("width", sa.Integer(), server_default="0", nullable=False),
        sa.Column("height", sa.Integer(), server_default="0", nullable=False),
        sa.Column("frame_count", sa.Integer(), server_default="0", nullable=False),
        sa.Column("fps_num", sa.Integer(), server_default="0", nullable=False),
        sa.Column("fps_den", sa.Integer(), server_default="1", nullable=False),
        sa.Column("problem", sa.Text(), server_default="", nullable=False),
        sa.Column("state", sa.Integer(), server_default="0", nullable=False),
        sa.Column("author_id", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["author_id"], ["authors.id"], name=op.f("fk_videos_author_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_videos")),
        sa.UniqueConstraint("uid", name=op.f("uq_videos_uid")),
    )
    op.create_index(
        "ix_videos_live_name", "videos", ["name"], unique=True, sqlite_where=sa.text("state = 0")
    )
    op.create_table(
        "ranges",
        sa.Column("video_id", sa.Integer(), nullable=False),
        sa.Column("start", sa.Integer(), nullable=False),
        sa.Column("stop", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["video_id"], ["videos.id"], name=op.f("fk_ranges_video_id")),
        sa.PrimaryKeyConstraint("video_id", "start", name=op.f("pk_ranges")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "runs",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("uid", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("folder_relative", sa.Text(), server_default="", nullable=False),
        sa.Column("folder_absolute", sa.Text(), nullable=False),
        sa.Column("video_id", sa.Integer(), nullable=True),
        sa.Column("model_uid", sa.Text(), server_default="", nullable=False),
        sa.Column("author_id", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["author_id"], ["authors.id"], name=op.f("fk_runs_author_id")),
        sa.ForeignKeyConstraint(["video_id"], ["videos.id"], name=op.f("fk_runs_video_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_runs")),
        sa.UniqueConstraint("uid", name=op.f("uq_runs_uid")),
    )
    op.create_table(
        "models",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("uid", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("path_relative", sa.Text(), server_default="", nullable=False),
        sa.Column("path_absolute", sa.Text(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("labels", sa.Text(), nullable=False),
        sa.Column("metrics", sa.Text(), nullable=False),
        sa.Column("parent_uid", sa.Text(), server_default="", nullable=False),
        sa.Column("run_id", sa.Integer(), nullable=True),
        sa.Column("live", sa.Integer(), server_default="0", nullable=False),
        sa.Column("author_id", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["author_id"], ["authors.id"], name=op.f("fk_models_author_id")),
        sa.ForeignKeyConstraint(["run_id"], ["runs.id"], name=op.f("fk_models_run_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_models")),
        sa.UniqueConstraint("uid", name=op.f("uq_models_uid")),
    )
    op.create_table(
        "tubes",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("uid", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("video_id", sa.Integer(), nullable=False),
        sa.Column("first", sa.Integer(), nullable=False),
        sa.Column("last", sa.Integer(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("review", sa.Text(), nullable=False),
        sa.Column("person", sa.Text(), server_default="", nullable=False),
        sa.Column("model_uid", sa.Text(), server_default="", nullable=False),
        sa.Column("origin_uid", sa.Text(), server_default="", nullable=False),
        sa.Column("run_id", sa.Integer(), nullable=True),
        sa.Column("best_score", sa.Float(), nullable=True),
        sa.Column("ticks", sa.LargeBinary(), nullable=False),
        sa.Column("gaps", sa.Integer(), server_default="0", nullable=False),
        sa.Column("state", sa.Integer(), server_default="0", nullable=False),
        sa.Column("author_id", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.Text(), nullable=False),
        sa.Column("changed_by", sa.Integer(), nullable=True),
        sa.Column("changed_at", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["author_id"], ["authors.id"], name=op.f("fk_tubes_author_id")),
        sa.ForeignKeyConstraint(["changed_by"], ["authors.id"], name=op.f("fk_tubes_changed_by")),
        sa.ForeignKeyConstraint(["run_id"], ["runs.id"], name=op.f("fk_tubes_run_id")),
        sa.ForeignKeyConstraint(["video_id"], ["videos.id"], name=op.f("fk_tubes_video_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tubes")),
        sa.UniqueConstraint("number", name=op.f("uq_tubes_number")),
        sa.UniqueConstraint("uid", name=op.f("uq_tubes_uid")),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "ix_tubes_extent", "tubes", ["video_id", "state", "first", "last"], unique=False
    )
    op.create_index("ix_tubes_review", "tubes", ["state", "review"], unique=False)
    op.create_index("ix_tubes_run", "tubes", ["run_id"], unique=False)
    op.create_table(
        "boxes",
        sa.Column("tube_id", sa.Integer(), nullable=False),
        sa.Column("frame", sa.Integer(), nullable=False),
        sa.Column("x1", sa.Float(), nullable=False),
        sa.Column("y1", sa.Float(), nullable=False),
        sa.Column("x2", sa.Float(), nullable=False),
        sa.Column("y2", sa.Float(), nullable=False),
        sa.Column("source", sa.SmallInteger(), nullable=False),
        sa.Column("keyframe", sa.SmallInteger(), nullable=False),
        sa.Column("outside", sa.SmallInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tube_id"], ["tubes.id"], name=op.f("fk_boxes_tube_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("tube_id", "frame", name=op.f("pk_boxes")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "spans",
        sa.Column("tube_id", sa.Integer(), nullable=False),
        sa.Column("uid", sa.Text(), nullable=False),
        sa.Column("label_id", sa.Integer(), nullable=False),
        sa.Column("start", sa.Integer(), nullable=False),
        sa.Column("stop", sa.Integer(), nullable=False),
        sa.Column("score", sa.Float(), nullable=True),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("scores", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(["label_id"], ["labels.id"], name=op.f("fk_spans_label_id")),
        sa.ForeignKeyConstraint(
            ["tube_id"], ["tubes.id"], name=op.f("fk_spans_tube_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("tube_id", "uid", name=op.f("pk_spans")),
        sqlite_with_rowid=False,
    )
