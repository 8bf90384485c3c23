"""What calling a lesson off costs: the gig's terms, and what a booking took over from them.

Revision ID: 0003
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

BOUNDS = {"free_cancellation_hours": 720, "late_cancellation_percent": 100}


def upgrade():
    # In place, not by batch_alter_table: that would write the table anew and lose SQLite's triggers.
    for table in ("gigs", "bookings"):
        for name, most in BOUNDS.items():
            op.execute(
                f"ALTER TABLE {table} ADD COLUMN {name} INTEGER DEFAULT 0 NOT NULL "
                f"CONSTRAINT ck_{table}_{name} CHECK ({name} BETWEEN 0 AND {most})"
            )
    op.add_column("bookings", sa.Column("fee_since", sa.DateTime(timezone=True), nullable=True))
    op.add_column("bookings", sa.Column("cancellation_fee_cents", sa.Integer(), nullable=True))
    op.execute("UPDATE bookings SET cancellation_fee_cents = 0 WHERE status = 'cancelled'")
