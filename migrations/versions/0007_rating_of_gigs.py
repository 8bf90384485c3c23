"""The rating of a gig's teacher, beside the gig, so that an index has the gigs in that order.

Revision ID: 0007
"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade():
    # In place, not by batch_alter_table: that would write the table anew and lose SQLite's triggers.
    op.add_column("gigs", sa.Column("teacher_rating", sa.Integer(), server_default="0", nullable=False))
    op.execute(
        "UPDATE gigs SET teacher_rating = (SELECT CAST(rating_sum AS BIGINT) * 10000 / rating_count FROM users "
        "WHERE users.id = gigs.teacher_id) WHERE teacher_id IN (SELECT id FROM users WHERE rating_count > 0)"
    )
    op.create_index("ix_gigs_public_rating", "gigs", ["status", "visibility", "teacher_rating", "id"])
