"""Weekly series of lessons.

Revision ID: 0004
"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
IN_A_SERIES = sa.text("series_id IS NOT NULL")


def upgrade():
    # Added in place, not by batch_alter_table: that would write the table anew and lose SQLite's triggers.
    op.add_column("bookings", sa.Column("series_id", ID, nullable=True))
    op.create_index(
        "ix_bookings_series",
        "bookings",
        ["series_id", "starts_at"],
        sqlite_where=IN_A_SERIES,
        postgresql_where=IN_A_SERIES,
    )
