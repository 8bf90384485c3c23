"""Which teachers the school has approved.

Revision ID: 0055

Whoever teaches already goes on teaching: who has published a gig counts as approved.
"""

import sqlalchemy as sa
from alembic import op

revision = "0055"
down_revision = "0054"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade():
    # In place, not by batch_alter_table: that would write the table anew.
    op.execute(
        "ALTER TABLE school ADD COLUMN teaching VARCHAR(10) DEFAULT 'open' NOT NULL "
        "CONSTRAINT ck_school_teaching CHECK (teaching IN ('open', 'approved'))"
    )
    op.create_table(
        "teaching",
        sa.Column("user_id", ID, nullable=False),
        sa.Column("status", sa.String(length=10), nullable=False),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("status IN ('asked', 'approved', 'declined', 'ended')", name="ck_teaching_status"),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name="fk_teaching_user_id_users"),
        sa.PrimaryKeyConstraint("user_id", name="pk_teaching"),
    )
    op.create_index("ix_teaching_status_asked_at", "teaching", ["status", "asked_at"])
    op.execute(
        "INSERT INTO teaching (user_id, status, message, reason) "
        "SELECT DISTINCT teacher_id, 'approved', '', '' FROM gigs WHERE status IN ('published', 'paused')"
    )
