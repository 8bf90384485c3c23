"""Proofs of payments.

Revision ID: 0030
"""

import sqlalchemy as sa
from alembic import op

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TYPES = "'image/png', 'image/jpeg', 'image/webp', 'application/pdf'"


def upgrade():
    op.create_table(
        "payment_proofs",
        sa.Column("payment_id", ID, nullable=False, autoincrement=False),
        sa.Column("media_type", sa.String(length=20), nullable=False),
        sa.Column("stored_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.CheckConstraint(f"media_type IN ({TYPES})", name="ck_payment_proofs_media_type"),
        sa.ForeignKeyConstraint(["payment_id"], ["payments.id"], name="fk_payment_proofs_payment_id_payments"),
        sa.PrimaryKeyConstraint("payment_id", name="pk_payment_proofs"),
    )
