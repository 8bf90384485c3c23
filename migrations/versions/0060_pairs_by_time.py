"""The index of a teacher's lessons with a student has them by time, so that those of one month are found in it.

Revision ID: 0060
"""

from alembic import op

revision = "0060"
down_revision = "0059"
branch_labels = None
depends_on = None


def upgrade():
    op.drop_index("ix_bookings_pair", "bookings")
    op.create_index("ix_bookings_pair", "bookings", ["teacher_id", "student_id", "starts_at"])
