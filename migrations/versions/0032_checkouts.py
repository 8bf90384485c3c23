"""Payments by card: what students began, and what the provider said of it.

Revision ID: 0032
"""

import sqlalchemy as sa
from alembic import op

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INSTANT = sa.DateTime(timezone=True)


def upgrade():
    op.create_table(
        "checkouts",
        sa.Column("id", ID, nullable=False),
        sa.Column("token", sa.String(length=32), nullable=False),
        sa.Column("booking_id", ID, nullable=False),
        sa.Column("amount_cents", sa.Integer(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("status", sa.String(length=10), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("url", sa.Text(), nullable=True),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("expires_at", INSTANT, nullable=False),
        sa.CheckConstraint("status IN ('preparing', 'open', 'paid', 'expired', 'failed')", name="ck_checkouts_status"),
        sa.CheckConstraint("amount_cents >= 1", name="ck_checkouts_amount_cents"),
        sa.ForeignKeyConstraint(["booking_id"], ["bookings.id"], name="fk_checkouts_booking_id_bookings"),
        sa.PrimaryKeyConstraint("id", name="pk_checkouts"),
        sa.UniqueConstraint("token", name="uq_checkouts_token"),
    )
    op.create_index("ix_checkouts_booking", "checkouts", ["booking_id", "id"])
    op.create_table(
        "checkout_notices",
        sa.Column("id", sa.String(length=255), nullable=False),
        sa.Column("checkout_id", ID, nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("reference", sa.String(length=140), nullable=False),
        sa.Column("amount_cents", sa.Integer(), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.CheckConstraint("kind IN ('paid', 'expired', 'failed', 'refunded')", name="ck_checkout_notices_kind"),
        sa.ForeignKeyConstraint(["checkout_id"], ["checkouts.id"], name="fk_checkout_notices_checkout_id_checkouts"),
        sa.PrimaryKeyConstraint("id", name="pk_checkout_notices"),
    )
    op.create_index("ix_checkout_notices_checkout", "checkout_notices", ["checkout_id", "at"])
