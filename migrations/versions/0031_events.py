"""The log of events, which other programs read.

Revision ID: 0031
"""

import sqlalchemy as sa
from alembic import op

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade():
    op.create_table(
        "events",
        sa.Column("id", ID, nullable=False),
        sa.Column("key", sa.String(length=16), nullable=False),
        sa.Column("type", sa.String(length=40), nullable=False),
        sa.Column("occurred_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("data", sa.Text(), nullable=False),
        sa.Column("invalidates", sa.Text(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_events"),
        sqlite_autoincrement=True,
    )
    op.create_index("uq_events_position", "events", ["position"], unique=True)
    op.create_index("ix_events_type", "events", ["type", "position"])
    new = {f"{it}_where": sa.text("position IS NULL") for it in ("sqlite", "postgresql")}
    op.create_index("ix_events_without_position", "events", ["id"], **new)
    op.create_index("ix_events_occurred_at", "events", ["occurred_at"])
    op.create_table(
        "events_end",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_events_end"),
    )
