"""Lessons that a teacher or an administrator has entered for a student.

Revision ID: 0019
"""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade():
    # Columns that may be NULL are added in place, so SQLite keeps the triggers of the table.
    op.add_column("bookings", sa.Column("entered_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("bookings", sa.Column("seen_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("bookings", sa.Column("student_alias", sa.String(length=80), nullable=True))


def downgrade():
    for name in ("student_alias", "seen_at", "entered_at"):
        op.drop_column("bookings", name)
