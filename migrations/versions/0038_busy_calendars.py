"""Calendars from elsewhere, and when they say that a teacher is busy.

Revision ID: 0038
"""

import sqlalchemy as sa
from alembic import op

revision = "0038"
down_revision = "0037"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade():
    op.create_table(
        "busy_calendars",
        sa.Column("id", ID, nullable=False),
        sa.Column("teacher_id", ID, nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("looked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("failing_since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("problem", sa.String(length=300), nullable=True),
        sa.Column("told_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("etag", sa.Text(), nullable=True),
        sa.Column("last_modified", sa.Text(), nullable=True),
        sa.Column("digest", sa.String(length=64), nullable=True),
        sa.Column("computed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("time_zone", sa.String(length=64), nullable=True),
        sa.Column("covers_until", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["teacher_id"], ["users.id"], name="fk_busy_calendars_teacher_id_users"),
        sa.PrimaryKeyConstraint("id", name="pk_busy_calendars"),
    )
    op.create_index("ix_busy_calendars_teacher_id", "busy_calendars", ["teacher_id"])
    op.create_index("ix_busy_calendars_looked_at", "busy_calendars", ["looked_at"])
    op.create_table(
        "busy_times",
        sa.Column("id", ID, nullable=False),
        sa.Column("teacher_id", ID, nullable=False),
        sa.Column("calendar_id", ID, nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("starts_at < ends_at", name="ck_busy_times_ends_after_start"),
        sa.ForeignKeyConstraint(
            ["calendar_id"], ["busy_calendars.id"], name="fk_busy_times_calendar_id_busy_calendars"
        ),
        sa.ForeignKeyConstraint(["teacher_id"], ["users.id"], name="fk_busy_times_teacher_id_users"),
        sa.PrimaryKeyConstraint("id", name="pk_busy_times"),
    )
    op.create_index("ix_busy_times_teacher_id_ends_at", "busy_times", ["teacher_id", "ends_at"])
    op.create_index("ix_busy_times_calendar_id_ends_at", "busy_times", ["calendar_id", "ends_at"])
