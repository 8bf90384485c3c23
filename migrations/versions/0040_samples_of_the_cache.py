"""What the cache has counted, and which of its alerts are raised.

Revision ID: 0040
"""

import sqlalchemy as sa
from alembic import op

revision = "0040"
down_revision = "0039"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True)


def upgrade():
    op.create_table(
        "cache_samples",
        sa.Column("minute", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("source", sa.String(length=80), nullable=False),
        sa.Column("counted", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("minute", "source", name="pk_cache_samples"),
    )
    op.create_table(
        "cache_alerts",
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("raised", sa.Boolean(), nullable=False),
        sa.Column("streak", sa.Integer(), nullable=False),
        sa.Column("value", sa.Float(), nullable=True),
        sa.Column("judged_at", INSTANT, nullable=False),
        sa.Column("changed_at", INSTANT, nullable=True),
        sa.PrimaryKeyConstraint("name", name="pk_cache_alerts"),
    )
