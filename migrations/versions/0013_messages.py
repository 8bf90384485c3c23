"""Messages beside a lesson.

Revision ID: 0013
"""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
UNREAD = "read_at IS NULL"


def upgrade():
    op.create_table(
        "messages",
        sa.Column("id", ID, nullable=False),
        sa.Column("booking_id", ID, nullable=False),
        sa.Column("author_id", ID, nullable=False),
        sa.Column("recipient_id", ID, nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("told_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["booking_id"], ["bookings.id"], name="fk_messages_booking_id_bookings"),
        sa.ForeignKeyConstraint(["author_id"], ["users.id"], name="fk_messages_author_id_users"),
        sa.ForeignKeyConstraint(["recipient_id"], ["users.id"], name="fk_messages_recipient_id_users"),
        sa.PrimaryKeyConstraint("id", name="pk_messages"),
    )
    op.create_index("ix_messages_booking", "messages", ["booking_id", "id"])
    op.create_index("ix_messages_author", "messages", ["author_id", "recipient_id"])
    narrowed = {f"{it}_where": sa.text(UNREAD) for it in ("sqlite", "postgresql")}
    op.create_index("ix_messages_unread", "messages", ["recipient_id", "booking_id"], **narrowed)
