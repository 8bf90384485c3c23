"""The school's logo.

Revision ID: 0056
"""

import sqlalchemy as sa
from alembic import op

revision = "0056"
down_revision = "0055"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TYPES = "media_type IN ('image/png', 'image/jpeg', 'image/webp')"


def upgrade():
    op.create_table(
        "school_logo",
        sa.Column("id", ID, nullable=False),
        sa.Column("digest", sa.String(length=32), nullable=False),
        sa.Column("media_type", sa.String(length=20), nullable=False),
        sa.Column("stored_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.CheckConstraint("id = 1", name="ck_school_logo_only_row"),
        sa.CheckConstraint(TYPES, name="ck_school_logo_media_type"),
        sa.PrimaryKeyConstraint("id", name="pk_school_logo"),
    )
