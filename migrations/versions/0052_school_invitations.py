"""Invitations by mail of those who run the school.

Revision ID: 0052
"""

import sqlalchemy as sa
from alembic import op

revision = "0052"
down_revision = "0051"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade():
    op.create_table(
        "school_invitations",
        sa.Column("id", ID, nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("role", sa.String(length=10), nullable=False),
        sa.Column("invited_by_id", ID, nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("role IN ('student', 'teacher', 'office', 'admin')", name="ck_school_invitations_role"),
        sa.ForeignKeyConstraint(["invited_by_id"], ["users.id"], name="fk_school_invitations_invited_by_id_users"),
        sa.PrimaryKeyConstraint("id", name="pk_school_invitations"),
        sa.UniqueConstraint("email", name="uq_school_invitations_email"),
        sa.UniqueConstraint("digest", name="uq_school_invitations_digest"),
    )
    op.create_index("ix_school_invitations_invited_by_id", "school_invitations", ["invited_by_id"])
